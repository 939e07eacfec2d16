import type { InputScaling } from '../model/network.js';
import { entryOf } from '../model/network.js';

/** values (rows, features), at `rows` -> standardised x (rows.length, features): (value − mean) / deviation, of values kept within lowest..highest */
export function standardizeRows(
  values: Float64Array | Uint8Array,
  features: number,
  scaling: InputScaling,
  rows: ArrayLike<number>,
  x: Float64Array,
): void {
  const { mean, deviation, lowest, highest } = scaling;
  for (let r = 0, k = 0; r < rows.length; r++) {
    const from = rows[r] * features;
    for (let i = 0; i < features; i++, k++) {
      const value = Math.min(Math.max(values[from + i], entryOf(lowest, i)), entryOf(highest, i));
      x[k] = (value - entryOf(mean, i)) / entryOf(deviation, i);
    }
  }
}

/** source (all rows, width), at `rows` -> target (rows.length, width) */
export function gatherRows(
  source: Uint8Array,
  width: number,
  rows: ArrayLike<number>,
  target: Float64Array,
): void {
  for (let r = 0, k = 0; r < rows.length; r++) {
    const from = rows[r] * width;
    for (let i = 0; i < width; i++, k++) target[k] = source[from + i];
  }
}
