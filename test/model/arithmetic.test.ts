import { describe, expect, test } from 'vitest';
import { quantizeFeature, requantize } from '../../model/arithmetic.js';
import { decide, infer, predict } from '../../model/infer.js';
import { createRandom } from '../../model/random.js';
import { accumulatorRange, proveAccumulator } from '../../model/range-proof.js';
import type { Problem } from '../../model/problem.js';
import { modelFileText } from '../../model/model-file.js';
import type { QuantizedModel, QuantizedTargets } from '../../model/quantized-model.js';
import { highestInput, randomModel, randomRows } from '../support/random-model.js';

/** The independent truth: the same definitions in BigInt, where nothing can round or overflow. */

const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));
const clampBig = (x: bigint, low: bigint, high: bigint): bigint => (x < low ? low : x > high ? high : x);

function requantizeBig(accumulator: number, multiplier: number, shift: number, maximum: number): number {
  const scaled = floorDiv(
    BigInt(accumulator) * BigInt(multiplier) + (1n << BigInt(shift - 1)),
    1n << BigInt(shift),
  );
  return Number(clampBig(scaled, 0n, BigInt(maximum)));
}

function inferBig(model: QuantizedModel, raw: ArrayLike<number>): number[] {
  const { input } = model;
  let x = input.features.map((_, i) => {
    const k = input.low.length === 1 ? 0 : i;
    const t = clampBig(BigInt(raw[i]) - BigInt(input.low[k]), 0n, BigInt(input.span[k]));
    return (t * BigInt(input.multiplier[k]) + 32768n) >> 16n;
  });
  for (const layer of model.layers) {
    const sums = Array.from(layer.bias, (bias, n) =>
      x.reduce((sum, value, i) => sum + value * BigInt(layer.weights[n * layer.inputs + i]), BigInt(bias)),
    );
    const q = layer.requantization;
    if (!q) return sums.map(Number);
    x = sums.map((sum, n) => {
      const index = requantizeBig(Number(sum), q.multiplier[n], q.shift, q.maximum);
      return BigInt(layer.table ? layer.table[index] : index);
    });
  }
  throw new Error('no output layer');
}

const valuesBig = (targets: QuantizedTargets, outputs: Int32Array): number[] =>
  Array.from(outputs, (output, n) => {
    const { low, multiplier, rounding, shift, base } = targets;
    const distance = BigInt(output) - BigInt(low[n]);
    expect(distance >= 0n && distance < 1n << 32n).toBe(true);
    const units = (distance * BigInt(multiplier[n]) + BigInt(rounding[n])) >> BigInt(shift[n]);
    return Number(BigInt(base[n]) + units);
  });

const EDGES = [
  -2147483648, -2147483647, -65536, -32769, -129, -128, -1, 0, 1, 127, 128, 255, 256, 32767, 65535, 8388607,
  2147483647,
];

describe('requantize', () => {
  test.each([8, 16, 24])('is floor division with one rounding, at every edge, for a shift of %d', (shift) => {
    for (const accumulator of EDGES) {
      for (const multiplier of [1, 2, 255, 256, 257, 32768, 65535]) {
        for (const maximum of [1, 127, 255]) {
          expect(requantize(accumulator, multiplier, shift, maximum)).toBe(
            requantizeBig(accumulator, multiplier, shift, maximum),
          );
        }
      }
    }
  });
});

test.each([
  [0, 0, 0, 0, 0],
  [5, 5, 10, 65536, 0],
  [15, 5, 10, 65536, 10],
  [16, 5, 10, 65536, 10],
  [-2147483648, 2147483647, 65535, 255, 0],
  [2147483647, -2147483648, 65535, 255, 255],
  [1, 0, 255, 32640, 0],
  [2, 0, 255, 32640, 1],
])('quantizeFeature(%d, %d, %d, %d) is %d', (raw, low, span, multiplier, q) => {
  expect(quantizeFeature(raw, low, span, multiplier)).toBe(q);
});

test('the integer reference equals its BigInt definition on random models, and no sum leaves the proven range', () => {
  const random = createRandom(7);
  for (let k = 0; k < 200; k++) {
    const model = randomModel(random);
    expect(highestInput(model)).toBeLessThanOrEqual(model.input.maximum);
    expect(modelFileText(model).hash).toMatch(/^[0-9a-f]{64}$/);
    const features = model.input.features.length;
    const raw = randomRows(random, model, 6);
    for (let r = 0; r < 6; r++) {
      const row = raw.subarray(r * features, (r + 1) * features);
      const { class: label, outputs, values } = predict(model, row);
      expect([...outputs]).toEqual(inferBig(model, row));
      const range = accumulatorRange(model.layers[model.layers.length - 1]);
      for (const output of outputs) {
        expect(output).toBeGreaterThanOrEqual(range.lowest);
        expect(output).toBeLessThanOrEqual(range.highest);
      }
      expect([...values]).toEqual(model.targets ? valuesBig(model.targets, outputs) : []);
      for (const value of values) expect(value | 0).toBe(value);
      if (model.decision === 'value') {
        expect(label).toBe(0);
        continue;
      }
      const best = model.decision === 'sign' ? Number(outputs[0] > 0) : outputs.indexOf(Math.max(...outputs));
      expect(label).toBe(best);
    }
  }
});

describe('the proof of an accumulator', () => {
  const layer = (weights: number[], bias: number) => ({
    inputs: weights.length,
    outputs: 1,
    inputMaximum: 127,
    weights,
    bias: [bias],
  });

  test.each([
    [[127, -127], 0, 16, -16129, 16129],
    [[127, 127], 32767 - 32258, 16, 509, 32767],
    [[127, 127], 32768 - 32258, 24, 510, 32768],
    [[-127, -127], -32768 + 32258, 16, -32768, -510],
    [[-127, -127], -32769 + 32258, 24, -32769, -511],
    [[1], 8388607 - 127, 24, 8388480, 8388607],
    [[1], 8388608 - 127, 32, 8388481, 8388608],
    [[1], 2147483647 - 127, 32, 2147483520, 2147483647],
    [[0], -2147483648, 32, -2147483648, -2147483648],
  ])('weights %j, bias %d need %d bits', (weights, bias, bits, lowest, highest) => {
    const proof = proveAccumulator(layer(weights, bias), 0, 'auto');
    expect(proof).toMatchObject({ bits, range: { lowest, highest } });
  });

  test('is tight: both ends are reached by an input', () => {
    const random = createRandom(3);
    for (let k = 0; k < 100; k++) {
      const model = randomModel(random, 1, 20);
      const [dense] = model.layers;
      const range = accumulatorRange(dense);
      const reach = (sign: number) =>
        Array.from({ length: dense.outputs }, (_, n) => {
          const x = Uint8Array.from({ length: dense.inputs }, (_, i) =>
            Math.sign(dense.weights[n * dense.inputs + i]) === sign ? dense.inputMaximum : 0,
          );
          return infer(model, x)[n];
        });
      expect(Math.max(...reach(1))).toBe(range.highest);
      expect(Math.min(...reach(-1))).toBe(range.lowest);
    }
  });

  test.each([
    [
      [127, 127],
      32768 - 32258,
      16,
      'use --accumulator auto (this layer needs 24 bits), or train with --accumulator 16',
    ],
    [[1], 2147483647, 'auto', 'train with L2'],
  ] as const)(
    'weights %j, bias %d are refused for %s bits, naming layer, neuron and bound',
    (weights, bias, request, hint) => {
      try {
        proveAccumulator(layer([...weights], bias), 2, request);
        expect.unreachable();
      } catch (error) {
        expect((error as Problem).details).toMatchObject({ kind: 'data', code: 'accumulator-overflow' });
        expect((error as Problem).message).toMatch(/layer 3, neuron 0: .*\d+\.\.\d+/);
        expect((error as Problem).details.hint).toContain(hint);
      }
    },
  );
});

test.each([
  [[5, 5, 5], 0],
  [[-1, 7, 7], 1],
  [[-2147483648, -2147483648], 0],
  [[0, 0, 1], 2],
])('decide(%j) is %d', (outputs, label) => {
  expect(decide({ decision: 'argmax' } as QuantizedModel, Int32Array.from(outputs))).toBe(label);
});

test.each([
  [-1, 0],
  [0, 0],
  [1, 1],
])('a lone output of %d means class %d', (output, label) => {
  expect(decide({ decision: 'sign' } as QuantizedModel, Int32Array.of(output))).toBe(label);
});
