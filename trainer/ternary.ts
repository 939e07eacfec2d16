import type { DenseLayer, InputScaling, Precision } from '../model/network.js';
import { quantizeDense, quantizeInputScaling } from '../model/quantization.js';

/**
 * The layers with the real numbers that their integer weights stand for, as `round` leaves them. Ternary weights are
 * far from those that training moves behind them; in floating point too, a network is what training went forward with.
 * Quantising the result gives the same integer weights.
 */
export function keepIntegerWeights(
  layers: readonly DenseLayer[],
  scaling: InputScaling,
  features: readonly string[],
  precision: Precision,
  round: (value: number) => number,
): DenseLayer[] {
  let { grid } = quantizeInputScaling(scaling, features, precision.activationBits);
  return layers.map((layer) => {
    const dense = quantizeDense(layer, grid, precision);
    grid = dense.grid ?? grid;
    const scale = dense.weightScale.map(round);
    const weights = Float64Array.from(
      dense.integers.weights,
      (weight, k) => weight * scale[Math.floor(k / layer.inputs)],
    );
    return { ...layer, weights };
  });
}
