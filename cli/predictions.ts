import type { Dataset } from '../dataset/dataset.js';
import { decide } from '../model/infer.js';
import { inferRows } from '../model/infer-rows.js';
import { decideClass, type Network } from '../model/network.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { predictFloat } from '../trainer/evaluate.js';
import { activateOutput } from '../trainer/forward.js';

/** What a network or a model says of every row. */
export interface Decided<T> {
  readonly outputs: T; // (rows, outputs)
  readonly classes: Uint16Array; // (rows,)
}

/** Raw integer outputs and classes, exactly as the board computes them. */
export function decideInIntegers(model: QuantizedModel, data: Dataset): Decided<Int32Array> {
  const outputs = inferRows(model, data.values);
  const size = outputs.length / data.rows;
  const classOf = (_: unknown, row: number): number =>
    decide(model, outputs.subarray(row * size, (row + 1) * size));
  return { outputs, classes: Uint16Array.from({ length: data.rows }, classOf) };
}

/** Output activations and classes in floating point. */
export function decideInFloat(network: Network, data: Dataset): Decided<Float64Array> {
  const layer = network.layers[network.layers.length - 1];
  const z = predictFloat(network, data.values);
  const outputs = new Float64Array(z.length);
  activateOutput(layer, z, data.rows, outputs);
  const size = layer.outputs;
  const classOf = (_: unknown, row: number): number =>
    decideClass(z.subarray(row * size, (row + 1) * size), layer.activation);
  return { outputs, classes: Uint16Array.from({ length: data.rows }, classOf) };
}

/** Classes (rows,) that the integer model gives to every row. */
export const integerPredictions = (model: QuantizedModel, data: Dataset): Uint16Array =>
  decideInIntegers(model, data).classes;

/** The share of rows in which two lists of classes agree; null where there are no rows to compare. */
export function shareEqual(a: ArrayLike<number> | null, b: ArrayLike<number> | null): number | null {
  if (!a || !b || a.length === 0) return null;
  let equal = 0;
  for (let row = 0; row < a.length; row++) if (a[row] === b[row]) equal++;
  return equal / a.length;
}
