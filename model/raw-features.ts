import { clamp, round } from './arithmetic.js';
import { powerOfTen } from './elementary.js';
import { t } from './messages.js';
import { entryOf, RAW_TYPES, type RawType } from './network.js';
import { rejectData } from './problem.js';

/**
 * Features as the integers a board receives: round(feature · 10^decimals), saturated to the raw type.
 * values (rows, features) -> raw (rows, features). Throws a `Problem` (`other-features`) for a row that is cut short.
 */
export function rawFeatures(
  values: ArrayLike<number>,
  features: number,
  scaling: { readonly rawType: RawType; readonly decimals: readonly number[] },
): Int32Array {
  if (values.length % features !== 0)
    rejectData('other-features', t`${values.length} numbers are no rows of ${features} features`);
  const { lowest, highest } = RAW_TYPES[scaling.rawType];
  const units = Float64Array.from({ length: features }, (_, i) => powerOfTen(entryOf(scaling.decimals, i)));
  const raw = new Int32Array(values.length);
  for (let k = 0; k < values.length; k++)
    raw[k] = clamp(round(values[k] * units[k % features]), lowest, highest);
  return raw;
}
