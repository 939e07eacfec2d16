import { describe, expect, it } from 'vitest';
import type { ActivationName } from '../../model/activations.js';
import type { DenseLayer, PreActivationRange } from '../../model/network.js';
import { createRandom } from '../../model/random.js';
import { saturatedShares } from '../../trainer/saturation.js';
import { learnScaling } from '../../trainer/standardization.js';
import { fit, table } from './helpers.js';

/** Rows on one diagonal, but for a tenth of those that calibration does not see: they lie on the other. */
function diagonals(rows: number, seed: number) {
  const random = createRandom(5);
  const points = Array.from({ length: rows }, (_, r) => {
    const x = Math.round(1000 * (2 * random.uniform() - 1));
    return [x, -x, r & 1];
  });
  const order = Uint32Array.from(points, (_, r) => r);
  createRandom(seed).shuffle(order); // constant initial weights draw nothing before
  order.subarray(8192).forEach((row, k) => {
    if (k % 10 === 0) points[row][1] *= -1;
  });
  return table(points);
}

describe('saturation of hidden layers', () => {
  const data = table(Array.from({ length: 201 }, (_, k) => [k - 100, k % 2]));
  const { scaling } = learnScaling(data, 8);
  const deviation = scaling.deviation[0];

  /** One hidden neuron that sees z = 5 · x / 100, calibrated to a range. */
  function layersWith(activation: ActivationName, range: PreActivationRange): DenseLayer[] {
    const one = { inputs: 1, outputs: 1, bias: Float64Array.of(0) };
    return [
      { ...one, activation, range, weights: Float64Array.of((5 * deviation) / 100) },
      { ...one, activation: 'sigmoid', range: null, weights: Float64Array.of(1) },
    ];
  }

  it.each<[string, ActivationName, PreActivationRange, number, number]>([
    ['all of relu within', 'relu', { low: -5, high: 5.1 }, 0, 0],
    ['relu up to half its way', 'relu', { low: -5, high: 2.5 }, 49 / 201, 51 / 201],
    ['identity in the middle fifth', 'identity', { low: -1, high: 1 }, 157 / 201, 161 / 201],
    ['sigmoid where it still rises', 'sigmoid', { low: -1, high: 1 }, 157 / 201, 161 / 201],
    ['sigmoid where it is flat', 'sigmoid', { low: -20, high: 4.8 }, 0, 0],
    ['hard tanh, flat by nature', 'hard-tanh', { low: -1, high: 1 }, 0, 0],
    ['step', 'step', { low: 0, high: 0.1 }, 0, 0],
  ])('counts what is clipped and not what is flat: %s', (_, activation, range, least, most) => {
    const precision = { weightBits: 8, activationBits: 8, accumulator: 'auto' } as const;
    const [share] = saturatedShares(data, scaling, layersWith(activation, range), precision);
    expect(share).toBeGreaterThanOrEqual(least);
    expect(share).toBeLessThanOrEqual(most);
  });

  it.each([
    { rows: 14_000, says: /^layer 1: \d.* % of the activations .* saturate$/ },
    { rows: 8_000, says: null },
  ])('is reported per layer where rows lie beyond those that calibration saw: $rows', ({ rows, says }) => {
    const given = { hidden: [4, 3], epochs: 1, init: 'constant', seed: 3 } as const;
    const { saturation, warnings } = fit(diagonals(rows, 3), given);
    expect(saturation).toHaveLength(2);
    expect(saturation.every((share) => (says ? share > 0.01 && share < 0.1 : share === 0))).toBe(true);
    const about = warnings.filter((warning) => warning.includes('saturate'));
    if (!says) return expect(about).toEqual([]);
    expect(about[0]).toMatch(says);
    expect(about[1]).toContain('layer 2');
  });
});
