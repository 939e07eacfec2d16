import type { Dataset } from '../dataset/dataset.js';
import { predict } from '../model/infer.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { rawFeatures } from '../model/raw-features.js';

/** Classes (rows,) that the integer reference gives to every row. */
export function integerPredictions(model: QuantizedModel, data: Dataset): Uint16Array {
  const features = data.features.length;
  const raw = rawFeatures(data.values, features, model.input);
  return Uint16Array.from(
    { length: data.rows },
    (_, row) => predict(model, raw.subarray(row * features, (row + 1) * features)).class,
  );
}

/** The share of rows in which two lists of classes agree; null where there are no rows to compare. */
export function shareEqual(a: ArrayLike<number> | null, b: ArrayLike<number> | null): number | null {
  if (!a || !b || a.length === 0) return null;
  let equal = 0;
  for (let row = 0; row < a.length; row++) if (a[row] === b[row]) equal++;
  return equal / a.length;
}
