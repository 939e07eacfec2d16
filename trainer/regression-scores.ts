import type { Dataset } from '../dataset/dataset.js';
import { t } from '../model/messages.js';
import type { Network } from '../model/network.js';
import { rejectData } from '../model/problem.js';
import { targetValues } from '../model/target-scaling.js';
import { predictFloat } from './evaluate.js';

/** How near the predictions of one target come, in the target's own unit. */
export interface TargetScore {
  readonly target: string;
  /** The root of the mean squared error. */
  readonly rmse: number;
  /** The mean of the errors' magnitudes. */
  readonly mae: number;
  /** 1 − Σ(y − ŷ)² / Σ(y − ȳ)²: 1 is perfect, 0 no better than the mean; null where the target never changes. */
  readonly r2: number | null;
}

/** Compares `predicted` with `actual`, both (rows, targets), for each of the targets. Sums cannot overflow. */
export function scoreTargets(
  names: readonly string[],
  actual: Float64Array,
  predicted: Float64Array,
): TargetScore[] {
  const count = names.length;
  const rows = actual.length / count;
  return names.map((target, k) => {
    let mean = 0;
    for (let i = k; i < actual.length; i += count) mean += actual[i] / rows;
    let magnitudes = 0;
    let errors = 0;
    let spread = 0;
    let [lowest, highest] = [Infinity, -Infinity];
    for (let i = k; i < actual.length; i += count) {
      const error = actual[i] - predicted[i];
      magnitudes += Math.abs(error) / rows;
      errors += (error * error) / rows;
      spread += ((actual[i] - mean) * (actual[i] - mean)) / rows;
      lowest = Math.min(lowest, actual[i]);
      highest = Math.max(highest, actual[i]);
    }
    const r2 = highest > lowest ? 1 - errors / spread : null;
    return { target, rmse: Math.sqrt(errors), mae: magnitudes, r2 };
  });
}

/** The float network's predictions (rows, targets), in the targets' own units. */
export function predictTargets(network: Network, values: Float64Array | Uint8Array): Float64Array {
  if (!network.targets) throw new Error('a classification has no targets');
  return targetValues(network.targets, predictFloat(network, values));
}

/** The values (rows, targets) to compare with. Throws a `Problem` where the data have none. */
export function targetsOf(data: Dataset): Float64Array {
  return data.targets?.values ?? rejectData('no-labels', t`the data has no target column to compare with`);
}
