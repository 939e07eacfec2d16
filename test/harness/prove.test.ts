import { expect, test, vi } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { generateFirmware } from '../../codegen/generate.js';
import { proveModel, type Proof } from '../../harness/prove.js';
import { findProgram } from '../../harness/toolchains.js';
import { findBoard } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** Frama-C finds nothing in what is generated, and finds what is planted. */

function prove(
  model: QuantizedModel,
  board: string,
  plant = (source: string): string => source,
): Promise<Proof> {
  const { files } = generateFirmware({
    model,
    modelHash: modelFileText(model).hash,
    board: findBoard(board),
    format: 'c',
    name: 'tiny',
    folderName: 'prove',
    constantTime: false,
  });
  const [header, source] = ['tiny.h', 'tiny.c'].map(
    (name) => files.find((file) => file.path === name)!.content,
  );
  return proveModel('tiny', header, plant(source), model.input.rawType, model.targets !== null);
}

test.each([
  ['classes', tinyModel(), 'host'],
  ['classes', tinyModel(), 'esp32'],
  ['blocks of two sums in a word', benchModel({ name: 'wide', widths: [2, 10], zeros: 0 }), 'esp32-c3'],
  ['four inputs at a time', tinyModel(), 'nano33ble'],
  ['numbers', tinyRegression(), 'uno'],
] as const)('%s: the C has no undefined behaviour (%#)', async (_, model, board) => {
  expect((await prove(model, board)).statements).toBeGreaterThan(50);
});

test.each([
  ['an access beyond an array', 'from++;', 'from += 9;'],
  ['an overflow', '(int32_t)raw,', '(int32_t)raw * 100000,'],
])('%s is found', async (_, sound, broken) => {
  const plant = (source: string): string => {
    expect(source).toContain(sound);
    return source.replace(sound, broken);
  };
  await expect(prove(tinyModel(), 'host', plant)).rejects.toThrow('[eva:alarm]');
});

test('without Frama-C it is named, with the command that installs it', async () => {
  expect(findProgram('frama-c')).not.toBeNull();
  vi.stubEnv('PATH', '/nowhere');
  await expect(prove(tinyModel(), 'host')).rejects.toMatchObject({
    details: { code: 'missing-tool', hint: 'on Debian or Ubuntu: sudo apt-get install frama-c-base' },
  });
  vi.unstubAllEnvs();
});
