import type { DenseLayer, InputScaling } from '../model/network.js';
import { quantizeDense, quantizeInputScaling } from '../model/quantization.js';
import type { WeightRule } from '../model/weight-scales.js';

/**
 * The layers with the real numbers that their integer weights stand for, as `round` leaves them. Ternary weights, and
 * those that saturate, are far from the ones that training moves behind them; in floating point too, a network is what training went forward with.
 * Quantising the result gives the same integer weights.
 */
export function keepIntegerWeights(
  layers: readonly DenseLayer[],
  scaling: InputScaling,
  features: readonly string[],
  rule: WeightRule,
  round: (value: number) => number,
): DenseLayer[] {
  let { grid } = quantizeInputScaling(scaling, features, rule.activationBits);
  return layers.map((layer) => {
    const dense = quantizeDense(layer, grid, rule);
    grid = dense.grid ?? grid;
    const weights = Float64Array.from(dense.integers.weights, (weight, k) =>
      round(weight * dense.weightScale[Math.floor(k / layer.inputs)]),
    );
    return { ...layer, weights };
  });
}
