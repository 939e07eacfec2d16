import { quantizeFeature, requantize, scaleOutput } from './arithmetic.js';
import { t } from './messages.js';
import { entryOf } from './network.js';
import { rejectData } from './problem.js';
import type { QuantizedInput, QuantizedLayer, QuantizedModel, QuantizedTargets } from './quantized-model.js';

/** The integer reference: what every board must compute, bit for bit. */

/** raw (features,) -> x (features,), each 0..input.maximum */
export function quantizeInputs(input: QuantizedInput, raw: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: input.features.length }, (_, i) =>
    quantizeFeature(raw[i], entryOf(input.low, i), entryOf(input.span, i), entryOf(input.multiplier, i)),
  );
}

/** W (n,i) @ x (i,) + bias (n,) -> accumulators (n,) */
export function accumulate(layer: QuantizedLayer, x: Uint8Array): Int32Array {
  const { inputs, weights } = layer;
  return layer.bias.map((bias, n) => {
    let accumulator = bias;
    for (let i = 0; i < inputs; i++) accumulator += weights[n * inputs + i] * x[i];
    return accumulator;
  });
}

/** accumulators (n,) -> activations (n,), each 0..255; only for layers with a requantisation */
export function activate(layer: QuantizedLayer, accumulators: Int32Array): Uint8Array {
  const { multiplier, shift, maximum } = layer.requantization!;
  return Uint8Array.from(accumulators, (accumulator, n) => {
    const index = requantize(accumulator, multiplier[n], shift, maximum);
    return layer.table ? layer.table[index] : index;
  });
}

/** x (features,), already quantised -> raw outputs (outputs,), the last layer's accumulators */
export function infer(model: QuantizedModel, x: Uint8Array): Int32Array {
  const last = model.layers.length - 1;
  for (let l = 0; l < last; l++) x = activate(model.layers[l], accumulate(model.layers[l], x));
  return accumulate(model.layers[last], x);
}

/** Ties go to the lowest class. A regression has no classes: always 0. */
export function decide(model: QuantizedModel, outputs: Int32Array): number {
  if (model.decision === 'value') return 0;
  if (model.decision === 'sign') return outputs[0] > 0 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < outputs.length; k++) if (outputs[k] > outputs[best]) best = k;
  return best;
}

/** raw outputs (targets,) -> the numbers they stand for (targets,), each in units of 10^-decimals */
export function scaleOutputs(targets: QuantizedTargets, outputs: Int32Array): Int32Array {
  const { low, multiplier, rounding, shift, base } = targets;
  return outputs.map((raw, n) => scaleOutput(raw, low[n], multiplier[n], rounding[n], shift[n], base[n]));
}

export interface Prediction {
  /** 0 in a regression. */
  readonly class: number;
  readonly outputs: Int32Array; // (outputs,), raw
  /** (outputs,), in units of 10^-decimals; empty in a classification. */
  readonly values: Int32Array;
}

const NO_VALUES = new Int32Array(0);

/**
 * raw (features,) -> class, raw outputs and the numbers they stand for. Throws a `Problem` (`other-features`) where it is
 * not one integer for each feature.
 */
export function predict(model: QuantizedModel, raw: ArrayLike<number>): Prediction {
  const features = model.input.features.length;
  const isRow =
    raw.length === features && (raw instanceof Int32Array || Array.from(raw).every(Number.isInteger));
  if (!isRow) {
    rejectData('other-features', t`the model takes ${features} integers; got ${Array.from(raw).join(', ')}`, {
      hint: t`rawFeatures makes them of readings`,
    });
  }
  const outputs = infer(model, quantizeInputs(model.input, raw));
  const values = model.targets ? scaleOutputs(model.targets, outputs) : NO_VALUES;
  return { class: decide(model, outputs), outputs, values };
}
