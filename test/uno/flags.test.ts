import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { generateFirmware } from '../../codegen/generate.js';
import { kernelNames } from '../../codegen/kernels.js';
import { findBoard } from '../../model/board.js';
import { predict } from '../../model/infer.js';
import { createRandom } from '../../model/random.js';
import { AVR_CHIPS, powerOn, flashImage } from '../../harness/avr-chip.js';
import { randomModel, randomRows } from '../support/random-model.js';

/** The AVR kernels under every way of compiling them: no warning, no register or frame pointer lost. */

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-avr-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = createRandom(4);
const networks = [
  [4, 8, 3],
  [17, 23, 11, 12],
  [64, 32, 10],
].map((widths) => benchModel({ name: 'flags', widths, zeros: 0.3 }));
const models = [...networks, ...Array.from({ length: 18 }, () => randomModel(random, 4, 20))];
const PASSED = 0x50;
const FAILED = 0x46;

/**
 * One model and one row; the program sends one byte, whether the outputs are right. They are volatile because
 * link-time optimisation merges equal constants, even one in RAM with one in flash.
 */
const firmwares = models.map((model, k) => {
  const directory = path.join(folder, `m${k}`);
  mkdirSync(directory);
  const uno = findBoard('uno');
  const board = k % 2 === 0 ? uno : { ...uno, flashBytes: null };
  const request = {
    model,
    modelHash: '0'.repeat(64),
    board,
    format: 'c',
    name: 'm',
    folderName: 'm',
  } as const;
  const firmware = generateFirmware({ ...request, constantTime: k % 3 === 0 });
  for (const { path: file, content } of firmware.files)
    if (!file.includes('/')) writeFileSync(path.join(directory, file), content);
  const raw = randomRows(random, model, 4).subarray(3 * model.input.features.length);
  const { class: label, outputs, values } = predict(model, raw);
  const compare = model.targets ? 'm_predict(raw, got), 1' : `m_predict(raw, got) == ${label}`;
  const literals = (values: ArrayLike<number>): string =>
    Array.from(values, (v) => (v === -2147483648 ? '(-2147483647L - 1)' : `${v}L`)).join(', ');
  const main = `
#include <avr/io.h>
#include "m.h"
static const m_raw_t raw[] = {${literals(raw)}};
static volatile const int32_t expected[] = {${literals(model.targets ? values : outputs)}};
static int32_t got[M_OUTPUTS];
int main(void)
{
    uint8_t ok = (${compare});
    uint16_t k;
    for (k = 0; k < M_OUTPUTS; k++) {
        ok = (uint8_t)(ok && got[k] == expected[k]);
    }
    UCSR0B = 1 << TXEN0;
    UDR0 = ok ? ${PASSED} : ${FAILED};
    for (;;) {
    }
}
`;
  writeFileSync(path.join(directory, 'main.c'), main);
  return { directory, kernels: firmware.kernels };
});

test('these models take every kernel there is', () => {
  expect([...new Set(firmwares.flatMap(({ kernels }) => kernels))].sort()).toEqual(kernelNames('avr').sort());
});

test.each([
  ['c', ['-std=c99', '-O0']],
  ['c', ['-std=gnu99', '-O1', '-fno-omit-frame-pointer']],
  ['c', ['-std=c99', '-Os', '-mcall-prologues', '-funsigned-char']],
  ['c', ['-std=gnu11', '-O3', '-flto', '-ffast-math']],
  ['c++', ['-std=c++11', '-O0']],
  ['c++', ['-std=gnu++11', '-Os', '-flto', '-fsigned-char']],
] as const)('%s %j', { timeout: 120_000 }, async (language, flags) => {
  for (const { directory } of firmwares) {
    const elf = path.join(directory, 'm.elf');
    const strict = ['-Wall', '-Wextra', '-Werror', '-Wshadow'];
    const sources = ['m.c', 'main.c'].map((file) => path.join(directory, file));
    const all = ['-mmcu=atmega328p', ...strict, ...flags, '-x', language, ...sources, '-o', elf];
    await run('avr-gcc', all);
    await run('avr-objcopy', ['-O', 'ihex', elf, `${elf}.hex`]);
    const chip = powerOn(
      flashImage(readFileSync(`${elf}.hex`, 'utf8'), AVR_CHIPS.atmega328p),
      16e6,
      AVR_CHIPS.atmega328p,
    );
    let answer: number | null = null;
    chip.usart.onByteTransmit = (byte) => (answer = byte);
    for (let k = 0; k < 200 && answer === null; k++) chip.run(20_000, () => answer !== null);
    expect(answer, directory).toBe(PASSED);
  }
});
