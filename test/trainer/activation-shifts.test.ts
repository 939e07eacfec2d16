import { expect, it } from 'vitest';
import { stageOf, type Grid } from '../../model/activation-stage.js';
import type { DenseLayer, Precision } from '../../model/network.js';
import { quantizeDense } from '../../model/quantization.js';
import { createRandom } from '../../model/random.js';
import { accumulatorRange } from '../../model/range-proof.js';
import { chooseActivationShift } from '../../trainer/activation-shifts.js';

const INPUT: Grid = { scale: 0.03, zeroPoint: Int32Array.of(0), maximum: 127 };
const PRECISION: Precision = { weightBits: 8, activationBits: 7, accumulator: 16 };

/** `reach`: how far z goes, in its deviations; all neurons alike, or each twice as large as the one before. */
function layerOf(
  inputs: number,
  reach: number,
  activation: DenseLayer['activation'],
  doubling = false,
): DenseLayer {
  const random = createRandom(inputs);
  const outputs = 8;
  const weights = Float64Array.from({ length: inputs * outputs }, (_, k) => {
    return random.normal() * (doubling ? 2 ** -Math.floor(k / inputs) : 1);
  });
  const high = reach * 0.03 * 64 * Math.sqrt(inputs);
  return {
    inputs,
    outputs,
    activation,
    weights,
    bias: new Float64Array(outputs),
    range: { low: -high, high },
  };
}

it('ReLU takes the largest power of two at which activations become no more than three times as coarse', () => {
  const found = [0.3, 0.6, 1, 2, 4, 8].map((reach) => {
    const layer = layerOf(20, reach, 'relu');
    const shift = chooseActivationShift(layer, INPUT, PRECISION);
    const base = stageOf(layer, 7, 0).scale;
    const coarser = ([8, 7, 6, 5] as const).map((activationShift) => {
      return quantizeDense({ ...layer, activationShift }, INPUT, PRECISION).grid!.scale / base;
    });
    expect(shift, `${reach}`).toBe(([8, 7, 6, 5] as const)[coarser.findIndex((ratio) => ratio <= 3)]);
    if (!shift) return shift;
    const { integers, grid } = quantizeDense({ ...layer, activationShift: shift }, INPUT, PRECISION);
    const { multiplier, shift: bits, maximum } = integers.requantization!;
    expect([...multiplier]).toEqual(new Array(8).fill(2 ** (bits - shift)));
    const { highest } = accumulatorRange(integers);
    expect(highest).toBeLessThanOrEqual(32767);
    expect(maximum).toBe(Math.min(127, Math.floor((highest + 2 ** (shift - 1)) / 2 ** shift)));
    expect(grid!.maximum).toBe(maximum);
    return shift;
  });
  expect(new Set(found).size).toBeGreaterThan(2);
});

it('a table keeps its scale', () => {
  const steep = layerOf(20, 2, 'tanh');
  const layer = { ...steep, weights: steep.weights.map((w) => w / 8), range: { low: -3, high: 3 } };
  const activationShift = chooseActivationShift(layer, INPUT, PRECISION)!;
  expect(activationShift).toBeLessThan(8);
  const shifted = quantizeDense({ ...layer, activationShift }, INPUT, PRECISION);
  expect(shifted.integers.table).toEqual(quantizeDense(layer, INPUT, PRECISION).integers.table);
  expect(shifted.integers.requantization!.maximum).toBe(255);
});

it('neurons of very different sizes keep multipliers, and so does whatever is not made for it', () => {
  expect(chooseActivationShift(layerOf(200, 2, 'relu', true), INPUT, PRECISION)).toBeUndefined();
  const layer = layerOf(20, 2, 'relu');
  expect(chooseActivationShift(layer, INPUT, PRECISION)).toBeDefined();
  for (const other of [{ weightBits: 4 }, { activationBits: 8 }, { accumulator: 24 }] as const) {
    expect(chooseActivationShift(layer, INPUT, { ...PRECISION, ...other })).toBeUndefined();
  }
  expect(chooseActivationShift({ ...layer, activation: 'hard-tanh' }, INPUT, PRECISION)).toBeUndefined();
});
