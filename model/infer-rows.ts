import { quantizeFeature, requantize } from './arithmetic.js';
import { entryOf } from './network.js';
import type { QuantizedInput, QuantizedLayer, QuantizedModel } from './quantized-model.js';
import { rawFeatures } from './raw-features.js';

/** The integer reference over many rows: what `infer.ts` gives row by row, bit for bit (tested), many times as fast. */

/** Rows that are converted at once; more would only take memory. */
const CHUNK = 1024;
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** values (rows, features) -> the integers that the board makes of them (rows, features) */
export function quantizeRows(
  values: Float64Array | Uint8Array,
  features: number,
  integers: QuantizedInput,
): Uint8Array {
  const { low, span, multiplier } = integers;
  const q = new Uint8Array(values.length);
  if (values instanceof Uint8Array && low.length === 1 && values.length > EVERY_BYTE.length) {
    const table = quantizeRows(EVERY_BYTE, 1, integers);
    for (let k = 0; k < values.length; k++) q[k] = table[values[k]];
    return q;
  }
  for (let from = 0; from < values.length; from += CHUNK * features) {
    const raw = rawFeatures(values.subarray(from, from + CHUNK * features), features, integers);
    for (let k = 0, i = 0; k < raw.length; k++, i = i + 1 === features ? 0 : i + 1) {
      q[from + k] = quantizeFeature(raw[k], entryOf(low, i), entryOf(span, i), entryOf(multiplier, i));
    }
  }
  return q;
}

/** W (n,i) @ x (i,) + bias (n,) for x (rows, i) -> accumulators (rows, n). Zero inputs are skipped: they change no sum. */
function accumulateRows(layer: QuantizedLayer, x: Uint8Array): Int32Array {
  const { inputs, outputs, weights, bias } = layer;
  const rows = x.length / inputs;
  const accumulators = new Int32Array(rows * outputs);
  const index = new Int32Array(inputs);
  const value = new Int32Array(inputs);
  const sums = new Int32Array(outputs + 3);
  for (let r = 0; r < rows; r++) {
    let count = 0;
    for (let i = 0, k = r * inputs; i < inputs; i++, k++) {
      if (x[k] === 0) continue;
      index[count] = i;
      value[count++] = x[k];
    }
    for (let n = 0; n < outputs; n += 4) {
      // Four neurons share what is read of the inputs. Wrapping is harmless: the sum with its bias is proven to fit.
      const row0 = n * inputs;
      const row1 = Math.min(n + 1, outputs - 1) * inputs;
      const row2 = Math.min(n + 2, outputs - 1) * inputs;
      const row3 = Math.min(n + 3, outputs - 1) * inputs;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let k = 0; k < count; k++) {
        const i = index[k];
        const v = value[k];
        sum0 = (sum0 + weights[row0 + i] * v) | 0;
        sum1 = (sum1 + weights[row1 + i] * v) | 0;
        sum2 = (sum2 + weights[row2 + i] * v) | 0;
        sum3 = (sum3 + weights[row3 + i] * v) | 0;
      }
      sums[n] = sum0;
      sums[n + 1] = sum1;
      sums[n + 2] = sum2;
      sums[n + 3] = sum3;
    }
    for (let n = 0; n < outputs; n++) accumulators[r * outputs + n] = bias[n] + sums[n];
  }
  return accumulators;
}

/** accumulators (rows, n) -> activations (rows, n), each 0..255 */
function activateRows(layer: QuantizedLayer, accumulators: Int32Array): Uint8Array {
  const { multiplier, shift, maximum } = layer.requantization!;
  const { table, outputs } = layer;
  const x = new Uint8Array(accumulators.length);
  for (let k = 0, n = 0; k < x.length; k++, n = n + 1 === outputs ? 0 : n + 1) {
    const index = requantize(accumulators[k], multiplier[n], shift, maximum);
    x[k] = table ? table[index] : index;
  }
  return x;
}

/** values (rows, features), in their own units -> raw outputs (rows, outputs), the last layer's accumulators */
export function inferRows(model: QuantizedModel, values: Float64Array | Uint8Array): Int32Array {
  const { layers, input } = model;
  const features = input.features.length;
  const last = layers.length - 1;
  const size = layers[last].outputs;
  const outputs = new Int32Array((values.length / features) * size);
  for (let from = 0; from * features < values.length; from += CHUNK) {
    let x = quantizeRows(values.subarray(from * features, (from + CHUNK) * features), features, input);
    for (let l = 0; l < last; l++) x = activateRows(layers[l], accumulateRows(layers[l], x));
    outputs.set(accumulateRows(layers[last], x), from * size);
  }
  return outputs;
}
