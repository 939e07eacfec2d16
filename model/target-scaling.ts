import { round, scaleOutput } from './arithmetic.js';
import { powerOfTen } from './elementary.js';
import { t } from './messages.js';
import type { TargetScaling } from './network.js';
import { rejectData } from './problem.js';
import type { QuantizedDense } from './quantization.js';
import { MOST_MULTIPLIER, type QuantizedTargets } from './quantized-model.js';
import { neuronRange } from './range-proof.js';

/** The outputs of a regression: standardised numbers on the computer, integers in the target's own unit on a board. */

/** z (rows, targets), standardised -> the targets' values (rows, targets), in their own units */
export function targetValues({ mean, deviation }: TargetScaling, z: Float64Array): Float64Array {
  const count = mean.length;
  return z.map((value, k) => mean[k % count] + deviation[k % count] * value);
}

/** Integers in units of 10^-decimals (rows, targets) -> the numbers they stand for (rows, targets) */
export function unitValues(decimals: readonly number[], values: Int32Array): Float64Array {
  const units = decimals.map(powerOfTen);
  return Float64Array.from(values, (value, k) => value / units[k % units.length]);
}

const WIDEST_SHIFT = 31;
const isInt32 = (value: number): boolean => value >= -2147483648 && value <= 2147483647;

/**
 * The integers that turn the output layer's accumulators into values. `inputScale` is that of the layer's inputs. The
 * slope is rounded to 20 bits, and the constant then chosen so that no error is left at the mean: away from it, values
 * drift by less than a millionth of the distance, or one unit over the whole 32 bits. Throws a `Problem`
 * (`value-overflow`) where an accumulator within its proven range would give a value that 32 bits do not hold.
 */
export function quantizeTargets(
  targets: TargetScaling,
  dense: QuantizedDense,
  inputScale: number,
): QuantizedTargets {
  const { names, decimals, mean, deviation } = targets;
  const count = names.length;
  const low = new Int32Array(count);
  const multiplier = new Int32Array(count);
  const rounding = new Int32Array(count);
  const shift = new Int32Array(count);
  const base = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    const { lowest, highest } = neuronRange(dense.integers, n);
    const unit = powerOfTen(decimals[n]);
    const slope = unit * deviation[n] * inputScale * dense.weightScale[n]; // units per step of the accumulator
    let s = WIDEST_SHIFT;
    while (s > 0 && round(slope * 2 ** s) > MOST_MULTIPLIER) s--;
    const m = round(slope * 2 ** s);
    const start = unit * mean[n] + (m / 2 ** s) * (lowest - dense.accumulatorOffset[n]) + 0.5;
    const whole = Math.floor(start);
    const part = Math.floor((start - whole) * 2 ** s);
    const most = scaleOutput(highest, lowest, m, part, s, whole);
    if (m > MOST_MULTIPLIER || !isInt32(whole) || !isInt32(most)) {
      rejectData(
        'value-overflow',
        t`target "${names[n]}": its values can reach ${whole}..${most} in units of 10^${-decimals[n]}, which 32 bits do not hold`,
        { hint: t`train with L2 regularisation (--l2 0.001), or write the target in a larger unit` },
      );
    }
    low[n] = lowest;
    multiplier[n] = m;
    rounding[n] = part;
    shift[n] = s;
    base[n] = whole;
  }
  return { names, decimals, low, multiplier, rounding, shift, base };
}
