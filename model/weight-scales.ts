import { foldedReach } from './activation-stage.js';
import type { DenseLayer, Precision } from './network.js';
import { weightMaximum } from './quantized-model.js';

/** Neurons with weights this much smaller than the layer's largest share its scale's floor. */
const SCALE_FLOOR = 1 / 256;
/**
 * The largest bias, and the largest constant of an activation, in accumulator units: a scale so fine that they exceed
 * it would describe a neuron whose weights move z by less than 1/1000 of its bias.
 */
const BIAS_LIMIT = 2 ** 24;
/** Weights below this share of the mean magnitude do not count in a ternary scale: Li and Liu, arXiv:1605.04711. */
const TERNARY_THRESHOLD = 0.7;

/** How weights become integers. */
export interface WeightRule extends Precision {
  /** Weights beyond this many root mean squares of their neuron saturate; where it is left out, none do. */
  readonly clip?: number;
}

/**
 * The few largest of 4-bit weights would coarsen the grid of all others, and training makes up for their saturation.
 * MNIST 256-64-64-64-10, cost after 12 epochs: 0.083 without, 0.079 at 3.2, 0.076 at 2.5, 0.074 at 2. Neurons of up to
 * four inputs are not concerned.
 */
const CLIP = 2;

/**
 * The rule while training. A network whose weights saturated keeps what their integers stand for: of these no weight
 * is beyond its neuron's largest integer, and quantising them again without `clip` gives the same integers. That would
 * not hold if narrow accumulators made scales coarser: where they are asked for, nothing saturates, and where weights
 * saturate, accumulators are as wide as the weights want.
 */
export function trainingRule(precision: Precision): WeightRule {
  const { weightBits, accumulator } = precision;
  return weightBits === 4 && accumulator === 'auto' ? { ...precision, clip: CLIP } : precision;
}

/** (outputs,) the scales at which each neuron's largest weight, or where it saturates, is the largest integer. */
function scalesOfLargest(
  { inputs, outputs, weights }: DenseLayer,
  limit: number,
  clip: number,
): Float64Array {
  return Float64Array.from({ length: outputs }, (_, n) => {
    let magnitude = 0;
    let squares = 0;
    for (let i = n * inputs; i < (n + 1) * inputs; i++) {
      magnitude = Math.max(magnitude, Math.abs(weights[i]));
      squares += weights[i] * weights[i];
    }
    return (clip < Infinity ? Math.min(magnitude, clip * Math.sqrt(squares / inputs)) : magnitude) / limit;
  });
}

/**
 * (outputs,) the ternary weight networks' scale: the mean magnitude of the weights above the threshold, neuron by
 * neuron, or over all neurons of the output layer. Sums go neuron by neuron, as the training engine's do.
 */
function ternaryScales({ inputs, outputs, weights, range }: DenseLayer): Float64Array {
  const isOutput = range === null;
  const sum = new Float64Array(outputs);
  for (let n = 0; n < outputs; n++) {
    for (let i = n * inputs; i < (n + 1) * inputs; i++) sum[n] += Math.abs(weights[i]);
  }
  const total = sum.reduce((a, b) => a + b, 0);
  const large = new Float64Array(outputs);
  const count = new Float64Array(outputs);
  for (let n = 0; n < outputs; n++) {
    const mean = isOutput ? total / (inputs * outputs) : sum[n] / inputs;
    const threshold = TERNARY_THRESHOLD * mean;
    for (let i = n * inputs; i < (n + 1) * inputs; i++) {
      const magnitude = Math.abs(weights[i]);
      if (magnitude <= threshold) continue;
      large[n] += magnitude;
      count[n]++;
    }
  }
  if (!isOutput) return large.map((magnitude, n) => magnitude / Math.max(count[n], 1));
  const all = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
  return large.fill(all(large) / Math.max(all(count), 1));
}

/**
 * Whether the neurons of a layer share one weight scale: those of the output layer, whose accumulators compare with each
 * other, and those whose activations are all to be the same part of their accumulators.
 */
export const hasCommonScale = ({ range, activationShift }: DenseLayer): boolean =>
  range === null || activationShift !== undefined;

/** (outputs,) one scale per neuron, or the same for all. */
export function weightScales(layer: DenseLayer, inputScale: number, rule: WeightRule): Float64Array {
  const { weightBits, clip = Infinity } = rule;
  const limit = weightMaximum(weightBits);
  const reach = foldedReach(layer);
  const scales = weightBits === 2 ? ternaryScales(layer) : scalesOfLargest(layer, limit, clip);
  let largest = 0;
  for (let n = 0; n < layer.outputs; n++) {
    scales[n] = Math.max(scales[n], Math.max(Math.abs(layer.bias[n]), reach) / (inputScale * BIAS_LIMIT));
    largest = Math.max(largest, scales[n]);
  }
  if (largest === 0) return scales.fill(1 / limit); // an all-zero layer: any scale is exact
  if (hasCommonScale(layer)) return scales.fill(largest);
  return scales.map((scale) => Math.max(scale, largest * SCALE_FLOOR));
}
