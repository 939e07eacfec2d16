import type { Dataset } from '../../dataset/dataset.js';
import { inferRows, quantizeRows } from '../../model/infer-rows.js';
import { accumulate, activate } from '../../model/infer.js';
import type { Network } from '../../model/network.js';
import { quantizeInputScaling } from '../../model/quantization.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { allocateFixedPoint, forwardFixedPoint, quantizeLayers } from '../../trainer/fixed-point.js';
import { allocatePass, forwardProp } from '../../trainer/forward.js';
import { gatherRows, standardizeRows } from '../../trainer/samples.js';
import { predictTargets } from '../../trainer/regression-scores.js';
import { integerValues } from '../comparison.js';
import { decideInFloat, decideInIntegers } from '../predictions.js';

/** What a report knows of rows: decisions over all of them, and what happens inside the layers over a sample. */

/** Rows whose activations are looked at one by one; more would not change a histogram. */
const MOST_SAMPLED = 2000;

/** Evenly over all rows, in their order. */
function sampleRows(rows: number): Uint32Array {
  const count = Math.min(rows, MOST_SAMPLED);
  return Uint32Array.from({ length: count }, (_, k) => Math.floor((k * rows) / count));
}

export interface LayerActivity {
  /** The integers that the layer reads, q of 0..inputMaximum: how often each one was seen. */
  readonly inputCounts: Uint32Array;
  /** Units of its input that were the same in every row. */
  readonly constantInputs: number;
  /** The least and the largest accumulator that was seen. */
  readonly lowest: number;
  readonly highest: number;
}

/** What the layers do with rows, in integers: as on the board. */
export function layerActivity(model: QuantizedModel, data: Dataset): LayerActivity[] {
  const features = model.input.features.length;
  const q = quantizeRows(data.values, features, model.input);
  const seen = model.layers.map(({ inputs, inputMaximum }) => ({
    inputCounts: new Uint32Array(inputMaximum + 1),
    first: null as Uint8Array | null,
    changed: new Uint8Array(inputs),
    lowest: Infinity,
    highest: -Infinity,
  }));
  for (const row of sampleRows(data.rows)) {
    let x = q.subarray(row * features, (row + 1) * features);
    model.layers.forEach((layer, l) => {
      const activity = seen[l];
      const first = (activity.first ??= x.slice());
      x.forEach((value, i) => {
        activity.inputCounts[value]++;
        if (value !== first[i]) activity.changed[i] = 1;
      });
      const accumulators = accumulate(layer, x);
      for (const accumulator of accumulators) {
        activity.lowest = Math.min(activity.lowest, accumulator);
        activity.highest = Math.max(activity.highest, accumulator);
      }
      if (layer.requantization) x = activate(layer, accumulators);
    });
  }
  return seen.map(({ inputCounts, changed, lowest, highest }) => ({
    inputCounts,
    constantInputs: changed.reduce((count, flag) => count + 1 - flag, 0),
    lowest,
    highest,
  }));
}

export interface LayerError {
  /** Root of the mean square over units and rows: of the values in floating point, and of what integers differ by. */
  readonly signal: number;
  readonly error: number;
}

/**
 * How far the integers are from floating point after each layer, over a sample of rows: inputs first, then activations
 * of hidden layers, last the pre-activations z of the output.
 */
export function layerErrors(network: Network, data: Dataset): LayerError[] {
  const { layers, input, features, precision } = network;
  const rows = sampleRows(data.rows);
  const { integers, grid } = quantizeInputScaling(input, features, precision.activationBits);
  const fixed = allocateFixedPoint(layers, rows.length);
  const pass = allocatePass(layers, rows.length);
  gatherRows(quantizeRows(data.values, features.length, integers), features.length, rows, fixed.q[0]);
  forwardFixedPoint(quantizeLayers(layers, grid, precision, fixed), fixed, rows.length);
  standardizeRows(data.values, features.length, input, rows, pass.a[0]);
  forwardProp(layers, pass, rows.length);
  const last = layers.length - 1;
  const pairs = [
    [pass.a[0], fixed.pass.a[0]],
    ...layers.map((_, l) =>
      l === last ? [pass.z[l], fixed.pass.z[l]] : [pass.a[l + 1], fixed.pass.a[l + 1]],
    ),
  ];
  return pairs.map(([float, integer]) => {
    let signal = 0;
    let error = 0;
    for (let k = 0; k < float.length; k++) {
      signal += (float[k] * float[k]) / float.length;
      error += ((float[k] - integer[k]) * (float[k] - integer[k])) / float.length;
    }
    return { signal: Math.sqrt(signal), error: Math.sqrt(error) };
  });
}

/** What a model, and its network where there is one, say of rows. */
export interface Predictions {
  readonly outputs: Int32Array; // (rows, outputs), raw
  /** (rows,) in a classification. */
  readonly classes: Uint16Array | null;
  readonly floatClasses: Uint16Array | null;
  /** (rows, targets) in a regression. */
  readonly values: Float64Array | null;
  readonly floatValues: Float64Array | null;
}

export function predictRows(model: QuantizedModel, network: Network | null, data: Dataset): Predictions {
  if (model.targets) {
    return {
      outputs: inferRows(model, data.values),
      classes: null,
      floatClasses: null,
      values: integerValues(model, data),
      floatValues: network && predictTargets(network, data.values),
    };
  }
  const { outputs, classes } = decideInIntegers(model, data);
  const floatClasses = network && decideInFloat(network, data).classes;
  return { outputs, classes, floatClasses, values: null, floatValues: null };
}
