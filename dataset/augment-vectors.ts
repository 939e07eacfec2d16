import type { Random } from '../model/random.js';

/** How much rows are changed. */
export interface VectorJitter {
  /** Standard deviation of the normal noise that every value gets, in units of its feature. */
  readonly noise: number;
  /** Every row is multiplied by a number of its own, uniform within 1 ± scale. */
  readonly scale: number;
  /** To all values of a row a number of its own is added, uniform within ± shift units of each feature. */
  readonly shift: number;
}

/**
 * Adds noise to rows, and scales and shifts each as a whole. `values` and `output` hold (rows, features) values and may
 * be the same array; `units` (features,) says what 1 of noise and shift is. Throws a `RangeError` for options that are negative or not finite.
 */
export function augmentVectors(
  values: Float64Array,
  output: Float64Array,
  rows: number,
  features: number,
  random: Random,
  { noise, scale, shift }: VectorJitter,
  units: ArrayLike<number>,
): void {
  if (![noise, scale, shift].every((x) => Number.isFinite(x) && x >= 0))
    throw new RangeError('noise, scale and shift are finite and not negative');
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const factor = 1 + scale * (2 * random.uniform() - 1);
    const offset = shift * (2 * random.uniform() - 1);
    for (let feature = 0; feature < features; feature++, at++) {
      const error = noise > 0 ? noise * random.normal() : 0;
      output[at] = values[at] * factor + units[feature] * (offset + error);
    }
  }
}
