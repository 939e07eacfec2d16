import path from 'node:path';
import { expect, it } from 'vitest';
import { accuracy, type Scheme } from '../../bench/accuracy-figures.js';
import { loadDataset } from '../../dataset/load.js';
import { evaluateFloat } from '../../trainer/evaluate.js';
import { fit, integerAccuracy, loadIris, quantize } from './helpers.js';

/**
 * Floors for accuracy on rows never seen: five-fold means over five seeds with default options. They lie some rows
 * below what `npm run bench:accuracy` measures. Wine: Aeberhard and Forina, UCI Machine Learning Repository, CC BY 4.0.
 */

const WINE = path.join(import.meta.dirname, 'fixtures', 'wine.csv');
const DATA = { iris: loadIris, wine: () => loadDataset([WINE], {}) };

const FLOORS: readonly (readonly [keyof typeof DATA, Scheme, number])[] = [
  ['iris', 'floating point', 0.955],
  ['iris', 'default', 0.955],
  ['iris', 'w8 a8', 0.955],
  ['iris', 'w4 a8', 0.955],
  ['iris', 'ternary a8', 0.947],
  ['iris', 'w8 a7, 16-bit sums', 0.955],
  ['iris', 'w4 a7', 0.955],
  ['iris', 'ternary a7', 0.947],
  ['wine', 'floating point', 0.97],
  ['wine', 'default', 0.97],
  ['wine', 'w8 a8', 0.97],
  ['wine', 'w4 a8', 0.97],
  ['wine', 'ternary a8', 0.965],
  ['wine', 'w8 a7, 16-bit sums', 0.97],
  ['wine', 'w4 a7', 0.97],
  ['wine', 'ternary a7', 0.965],
];

it.each(FLOORS)('%s, %s: at least %d on unseen rows', async (name, scheme, floor) => {
  expect(accuracy(await DATA[name](), scheme)).toBeGreaterThanOrEqual(floor);
});

it('proves 16 bits enough for every layer of a network trained on iris or wine by default', async () => {
  for (const load of Object.values(DATA)) {
    const { network } = fit(await load(), {});
    expect(network.layers.map(({ accumulator }) => accumulator)).toEqual([16, 16]);
    expect(quantize(network).layers.map(({ accumulatorBits }) => accumulatorBits)).toEqual([16, 16]);
  }
});

it('keeps of ternary weights what the board computes with: three values a neuron, in floating point too', async () => {
  const iris = await loadIris();
  const precision = { weightBits: 2, activationBits: 7, accumulator: 'auto' } as const;
  const { network } = fit(iris, { precision });
  const { layers } = quantize(network);
  network.layers.forEach(({ inputs, outputs, weights }, l) => {
    for (let n = 0; n < outputs; n++) {
      const row = weights.subarray(n * inputs, (n + 1) * inputs);
      const scale = Math.max(...row.map(Math.abs));
      const integers = layers[l].weights.subarray(n * inputs, (n + 1) * inputs);
      expect([...row]).toEqual(Array.from(integers, (weight) => weight * scale));
    }
  });
  const float = evaluateFloat(network, iris).accuracy;
  expect(Math.abs(float - integerAccuracy(network, iris))).toBeLessThanOrEqual(0.02);
  expect(float).toBeGreaterThan(0.94);
});
