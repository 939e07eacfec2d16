import type { Targets } from '../dataset/dataset.js';
import { powerOfTen } from '../model/elementary.js';
import type { TargetScaling } from '../model/network.js';
import { describeColumn } from './standardization.js';

/** The unit of a board's answers, as a share of the target's deviation: finer than any network is right. */
const COARSEST_UNIT = 1 / 100;
/** Digits beyond these are noise. */
const FINEST_UNIT = 1 / 100_000;
/** Values this many deviations from the mean must fit 32 bits. */
const REACH = 1000;
const LARGEST_VALUE = 2147483647;

/** The data's own decimals where they make a unit neither too coarse nor too fine; whole numbers are not made coarser. */
function valueDecimals(own: number, mean: number, deviation: number): number {
  const fits = (decimals: number): boolean =>
    (Math.abs(mean) + REACH * deviation) * powerOfTen(decimals) <= LARGEST_VALUE;
  let decimals = own;
  while (decimals < 300 && 1 / powerOfTen(decimals) > COARSEST_UNIT * deviation) decimals++;
  while (decimals > 0 && 1 / powerOfTen(decimals) < FINEST_UNIT * deviation) decimals--;
  while (decimals > -300 && !fits(decimals)) decimals--;
  return decimals;
}

/** How the targets are standardised, learnt from `targets` (rows, K), which must be the training part's alone. */
export function learnTargets({ names, values, decimals }: Targets): TargetScaling {
  const count = names.length;
  const columns = names.map((_, k) => describeColumn(values, k, count, values.length / count));
  return {
    names,
    decimals: columns.map(({ mean, deviation }, k) => valueDecimals(decimals[k], mean, deviation)),
    mean: columns.map(({ mean }) => mean),
    deviation: columns.map(({ deviation }) => deviation),
  };
}

/** values (rows, K) -> (value − mean) / deviation, (rows, K) */
export function standardizeTargets(values: Float64Array, { mean, deviation }: TargetScaling): Float64Array {
  const count = mean.length;
  return values.map((value, k) => (value - mean[k % count]) / deviation[k % count]);
}
