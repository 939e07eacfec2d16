import type { Grid } from '../model/activation-stage.js';
import type { DenseLayer } from '../model/network.js';
import type { QuantizedDense } from '../model/quantization.js';
import { quantizeDense } from '../model/quantization.js';
import type { AccumulatorBits } from '../model/quantized-model.js';
import type { WeightRule } from '../model/weight-scales.js';
import { ACCUMULATOR_WIDTHS, accumulatorRange, narrowestAccumulator } from '../model/range-proof.js';

/**
 * The share of a layer's Σw² that may be lost to narrower sums. Training makes up for it: MNIST loses a tenth at 16 bits
 * and no accuracy, as 4-bit weights do with 1/50; at a quarter rows never seen begin to suffer, though no training row
 * does. docs/arithmetic.md has the figures.
 */
export const MOST_LOST = 1 / 8;

/** Σ(w − ŵ)² / Σw² */
export function lostShare(
  { inputs, weights }: DenseLayer,
  { integers, weightScale }: QuantizedDense,
): number {
  let lost = 0;
  let total = 0;
  for (let n = 0, k = 0; n < weightScale.length; n++) {
    let ofNeuron = 0;
    let totalOfNeuron = 0;
    for (let i = 0; i < inputs; i++, k++) {
      const error = weights[k] - weightScale[n] * integers.weights[k];
      ofNeuron += error * error;
      totalOfNeuron += weights[k] * weights[k];
    }
    lost += ofNeuron;
    total += totalOfNeuron;
  }
  return total > 0 ? lost / total : 0;
}

/**
 * The narrowest width of a layer's accumulators that costs its weights no more than `MOST_LOST`, beyond what their own
 * width costs; where weights saturate, the narrowest that costs nothing: see `trainingRule`. Undefined where the
 * precision asks for a width. `input` is the grid of the layer's inputs.
 */
export function chooseAccumulator(
  layer: DenseLayer,
  input: Grid,
  precision: WeightRule,
): AccumulatorBits | undefined {
  if (precision.accumulator !== 'auto') return undefined;
  const free = quantizeDense(layer, input, precision);
  const needed = narrowestAccumulator(accumulatorRange(free.integers)) ?? 32;
  const most = lostShare(layer, free) + MOST_LOST;
  const suits = (accumulator: AccumulatorBits): boolean =>
    precision.clip === undefined &&
    lostShare(layer, quantizeDense({ ...layer, accumulator }, input, precision)) <= most;
  return ACCUMULATOR_WIDTHS.find((bits) => bits >= needed || suits(bits));
}
