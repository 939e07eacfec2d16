import { expect, test, vi } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { generateFirmware } from '../../codegen/generate.js';
import { proveModel, type Proof } from '../../harness/prove.js';
import { findProgram } from '../../harness/find-program.js';
import { findBoard } from '../../model/board.js';
import { neuronRange } from '../../model/range-proof.js';
import { quantizeProbability } from '../../model/probability.js';
import { modelFileText } from '../../model/model-file.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { randomModel } from '../support/random-model.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** Frama-C raises no alarm for what is generated, and finds what is planted. */

function prove(
  model: QuantizedModel,
  board: string,
  plant = (source: string): string => source,
  constantTime = false,
): Promise<Proof> {
  const { files } = generateFirmware({
    model,
    modelHash: modelFileText(model).hash,
    board: findBoard(board),
    format: 'c',
    name: 'tiny',
    folderName: 'prove',
    constantTime,
  });
  const [header, source] = ['tiny.h', 'tiny.c'].map(
    (name) => files.find((file) => file.path === name)!.content,
  );
  return proveModel('tiny', header, plant(source), model, findBoard(board).core);
}

/** Features of 32 bits, at both of whose ends inputs saturate; sums that reach an end of 32 bits; a lone output. */
function wideModel(): QuantizedModel {
  const { input, layers } = tinyModel();
  const [hidden] = layers;
  const lone = { ...layers[1], outputs: 1, weights: Int8Array.of(7, -7, 5) };
  const output = {
    ...lone,
    weightBits: 8,
    accumulatorBits: 32,
    bias: Int32Array.of(2147483647 - 12 * 127),
  } as const;
  return tinyModel({
    input: { ...input, rawType: 'int32', low: Int32Array.of(-2147483648, 2147483647) },
    layers: [hidden, output],
    decision: 'sign',
    probability: quantizeProbability('sigmoid', 1e-8),
  });
}

const small = (weightBits: 8 | 4 | 2): QuantizedModel =>
  benchModel({ name: 'small', widths: [5, 6, 3], zeros: 0.3 }, weightBits);

/** Sums in pairs, of which Eva knows no more than that each has 16 bits, and units in which such a sum could leave 32. */
function pairedRegression(): QuantizedModel {
  const classes = benchModel({ name: 'paired', widths: [1, 8, 2], zeros: 0 });
  const low = [0, 1].map((n) => neuronRange(classes.layers[1], n).lowest);
  return {
    ...classes,
    classes: [],
    targets: {
      names: ['light', 'heat'],
      decimals: [2, 8],
      low: Int32Array.from(low),
      multiplier: Int32Array.of(683_705, 663_866),
      rounding: Int32Array.of(117_560, 794_230),
      shift: Int32Array.of(17, 21),
      base: Int32Array.of(-38_000, -1200),
    },
    decision: 'value',
    probability: undefined,
  };
}
/** Zeros are skipped, input by input: told apart, these would be more states than there is time for. */
const skipping = benchModel({ name: 'skipping', widths: [3, 20, 12, 6, 3], zeros: 0.5 }, 4);
/** So many classes that their names take as many states. */
const manyClasses = benchModel({ name: 'many', widths: [4, 14], zeros: 0 });
const accented = tinyModel({ classes: ['señal', '日本'] });

test.each([
  ['a table, weights of 4 bits, probabilities', tinyModel(), 'host'],
  ['the same in words', tinyModel(), 'esp32'],
  ['blocks of two sums in a word', benchModel({ name: 'wide', widths: [2, 10], zeros: 0 }), 'esp32-c3'],
  ['four inputs at a time', tinyModel(), 'nano33ble'],
  ['numbers', tinyRegression(), 'uno'],
  ['numbers of sums in pairs', pairedRegression(), 'esp32-c3'],
  ['numbers of sums in pairs', pairedRegression(), 'uno'],
  ['names beyond ASCII', accented, 'esp32'],
  ['names beyond ASCII', accented, 'uno'],
  ['features and sums of 32 bits, a lone output', wideModel(), 'host'],
  ['weights of 8 bits', small(8), 'uno'],
  ['packed weights of 4 bits', small(4), 'esp8266'],
  ['packed weights of 2 bits', small(2), 'host'],
  ['packed weights of 2 bits in words', small(2), 'pico'],
  ['four layers', skipping, 'esp32-c3'],
  ['names of many classes', manyClasses, 'host'],
] as const)('%s: the C has no undefined behaviour (%#)', async (_, model, board) => {
  expect((await prove(model, board)).statements).toBeGreaterThan(50);
});

const random = createRandom(777);
test.each(
  ['uno', 'mega', 'host', 'esp32', 'esp32-c3', 'pico', 'nano33ble', 'esp8266'].map((board, k) => ({
    board,
    model: randomModel(random, 5, 16),
    constantTime: k % 2 === 1,
  })),
)('a random model on $board: the C has no undefined behaviour', async ({ board, model, constantTime }) => {
  expect((await prove(model, board, undefined, constantTime)).statements).toBeGreaterThan(50);
});

test.each([
  ['an access beyond an array', 'from++;', 'from += 9;'],
  ['an overflow', '(int32_t)raw,', '(int32_t)raw * 100000,'],
  ['an overflow of a sum', 'accumulator + product', 'accumulator + 90000000 * product'],
  ['a conversion that loses a value', '= (int16_t)((int16_t)x[i] *', '= (int16_t)(40 * (int16_t)x[i] *'],
  ['a division by nothing', 'sum = 0xffffU', 'sum = 0U'],
  [
    'a half of a word that is read as signed',
    'half <= 32767U ? (int32_t)half : (int32_t)half - 65536',
    'half',
    tinyModel(),
    'esp32',
  ],
  ['a value beyond 32 bits', '(int64_t)units)', '9000000 * (int64_t)units)', tinyRegression(), 'host'],
  ['an overflow of an int of 16 bits', '+= x[i] * weight[0]', '+= 3 * x[i] * weight[0]', tinyModel(), 'uno'],
] as const)('%s is found', async (_, sound, broken, model: QuantizedModel = tinyModel(), board = 'host') => {
  const plant = (source: string): string => {
    expect(source).toContain(sound);
    return source.replace(sound, broken);
  };
  await expect(prove(model, board, plant)).rejects.toThrow(/frama-c: tiny\.c:\d+: /);
});

test('without Frama-C it is named, with the command that installs it', async () => {
  expect(findProgram('frama-c')).not.toBeNull();
  vi.stubEnv('PATH', '/nowhere');
  await expect(prove(tinyModel(), 'host')).rejects.toMatchObject({
    details: { code: 'missing-tool', hint: 'on Debian or Ubuntu: sudo apt-get install frama-c-base' },
  });
  vi.unstubAllEnvs();
});
