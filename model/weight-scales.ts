import { foldedReach } from './activation-stage.js';
import type { DenseLayer, WeightBits } from './network.js';
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

/** (outputs,) the scales at which each neuron's largest weight is the largest integer. */
function scalesOfLargest({ inputs, outputs, weights }: DenseLayer, limit: number): Float64Array {
  return Float64Array.from({ length: outputs }, (_, n) => {
    let magnitude = 0;
    for (let i = n * inputs; i < (n + 1) * inputs; i++) magnitude = Math.max(magnitude, Math.abs(weights[i]));
    return magnitude / limit;
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

/** (outputs,) one scale per neuron; the output layer has one for all, so that its accumulators compare. */
export function weightScales(layer: DenseLayer, inputScale: number, weightBits: WeightBits): Float64Array {
  const limit = weightMaximum(weightBits);
  const reach = foldedReach(layer);
  const scales = weightBits === 2 ? ternaryScales(layer) : scalesOfLargest(layer, limit);
  let largest = 0;
  for (let n = 0; n < layer.outputs; n++) {
    scales[n] = Math.max(scales[n], Math.max(Math.abs(layer.bias[n]), reach) / (inputScale * BIAS_LIMIT));
    largest = Math.max(largest, scales[n]);
  }
  if (largest === 0) return scales.fill(1 / limit); // an all-zero layer: any scale is exact
  if (layer.range === null) return scales.fill(largest);
  return scales.map((scale) => Math.max(scale, largest * SCALE_FLOOR));
}
