import type { Dataset } from '../dataset/dataset.js';
import { decide } from '../model/infer.js';
import { inferRows } from '../model/infer-rows.js';
import type { QuantizedModel } from '../model/quantized-model.js';

/** Classes (rows,) that the integer model gives to every row. */
export function integerPredictions(model: QuantizedModel, data: Dataset): Uint16Array {
  const outputs = inferRows(model, data.values);
  const size = outputs.length / data.rows;
  return Uint16Array.from({ length: data.rows }, (_, row) =>
    decide(model, outputs.subarray(row * size, (row + 1) * size)),
  );
}

/** The share of rows in which two lists of classes agree; null where there are no rows to compare. */
export function shareEqual(a: ArrayLike<number> | null, b: ArrayLike<number> | null): number | null {
  if (!a || !b || a.length === 0) return null;
  let equal = 0;
  for (let row = 0; row < a.length; row++) if (a[row] === b[row]) equal++;
  return equal / a.length;
}
