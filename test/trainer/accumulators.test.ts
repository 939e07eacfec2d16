import { describe, expect, it } from 'vitest';
import type { Grid } from '../../model/activation-stage.js';
import type { DenseLayer, Precision } from '../../model/network.js';
import { quantizeDense } from '../../model/quantization.js';
import { createRandom } from '../../model/random.js';
import { accumulatorRange, narrowestAccumulator } from '../../model/range-proof.js';
import { chooseAccumulator } from '../../trainer/accumulators.js';
import { fit, integerAccuracy, quantize, table } from './helpers.js';

const INPUT: Grid = { scale: 0.03, zeroPoint: Int32Array.of(0), maximum: 127 };
const AUTO: Precision = { weightBits: 8, activationBits: 7, accumulator: 'auto' };

function denseLayer(inputs: number, outputs: number, weight: (k: number) => number): DenseLayer {
  const weights = Float64Array.from({ length: inputs * outputs }, (_, k) => weight(k));
  const range = { low: -1, high: 1 };
  return { inputs, outputs, activation: 'relu', weights, bias: new Float64Array(outputs), range };
}

const normal = (inputs: number): DenseLayer => {
  const random = createRandom(inputs);
  return denseLayer(inputs, 8, () => random.normal());
};

/** Of the weights' squares, straight from the definition. */
function lost(layer: DenseLayer, precision: Precision): number {
  const { integers, weightScale } = quantizeDense(layer, INPUT, precision);
  const error = layer.weights.map(
    (w, k) => w - weightScale[Math.floor(k / layer.inputs)] * integers.weights[k],
  );
  const squares = (values: Float64Array): number => values.reduce((sum, x) => sum + x * x, 0);
  return squares(error) / squares(layer.weights);
}

describe('the width of a layer’s accumulators', () => {
  it('is the narrowest that takes no more than an eighth from the squares of its weights', () => {
    const chosen = [4, 16, 64, 200, 400, 600, 800, 1000, 2000, 3000].map((inputs) => {
      const layer = normal(inputs);
      const bits = chooseAccumulator(layer, INPUT, AUTO)!;
      expect(bits, `${inputs} inputs`).toBe(lost(layer, { ...AUTO, accumulator: 16 }) <= 1 / 8 ? 16 : 24);
      const { integers } = quantizeDense({ ...layer, accumulator: bits }, INPUT, AUTO);
      expect(narrowestAccumulator(accumulatorRange(integers))).toBe(bits);
      return bits;
    });
    expect(new Set(chosen)).toEqual(new Set([16, 24]));
  });

  it('is what the weights need without any loss, where that is less', () => {
    expect(
      chooseAccumulator(
        denseLayer(2, 1, () => 1),
        INPUT,
        AUTO,
      ),
    ).toBe(16);
    const wide = denseLayer(65_000, 1, () => 1); // 65,000 · 127 · 127 needs 31 bits, and 24 leave ±1 to weights of 127
    expect(chooseAccumulator(wide, INPUT, AUTO)).toBe(24);
    const uneven = denseLayer(65_000, 1, (k) => (k % 100 === 0 ? 1 : 0.1));
    expect(chooseAccumulator(uneven, INPUT, AUTO)).toBe(32);
  });

  it('allows ternary weights the loss they have anyway', () => {
    const ternary: Precision = { ...AUTO, weightBits: 2 };
    const layer = normal(200);
    expect(lost(layer, ternary)).toBeGreaterThan(1 / 8);
    expect(chooseAccumulator(layer, INPUT, ternary)).toBe(16);
  });

  it('is left to whoever asks for one', () => {
    for (const accumulator of [16, 24, 32] as const) {
      expect(chooseAccumulator(normal(3000), INPUT, { ...AUTO, accumulator })).toBeUndefined();
    }
  });

  it('is recorded layer by layer, and widened where 16 bits would ruin the network', () => {
    const random = createRandom(3);
    const centre = Float64Array.from({ length: 2 * 3000 }, () => 0.1 * random.normal());
    const rows = Array.from({ length: 160 }, (_, r) => [
      ...Array.from({ length: 3000 }, (_, i) =>
        Math.round(100 * (centre[(r % 2) * 3000 + i] + random.normal())),
      ),
      r % 2,
    ]);
    const data = table(rows);
    const options = { hidden: [4], outputs: 2, epochs: 6 };
    const { network } = fit(data, options);
    expect(network.layers.map(({ accumulator }) => accumulator)).toEqual([24, 16]);
    expect(quantize(network).layers.map(({ accumulatorBits }) => accumulatorBits)).toEqual([24, 16]);
    expect(integerAccuracy(network, data)).toBeGreaterThan(0.97);
    const narrow = {
      ...network,
      layers: network.layers.map((layer) => ({ ...layer, accumulator: 16 as const })),
    };
    expect(integerAccuracy(narrow, data)).toBeLessThan(integerAccuracy(network, data));
    const blind = fit(data, { ...options, fixedPoint: false }).network;
    expect(blind.layers.map(({ accumulator }) => accumulator)).toEqual([undefined, undefined]);
  });
});
