import type { Dataset } from '../dataset/dataset.js';
import { t } from '../model/messages.js';
import type { TargetScaling } from '../model/network.js';
import { rejectData } from '../model/problem.js';
import { balancedWeights } from './cost.js';
import type { TrainOptions } from './options.js';
import { standardizeTargets } from './target-scaling.js';

/** What the outputs should be: the classes of the rows, or the standardised targets of a regression. */
export interface Aims {
  readonly labels: Uint16Array | null; // (rows,)
  readonly targets: Float64Array | null; // (rows, K)
  /** (classes,) what rows weigh; null: all the same. */
  readonly classWeights: Float64Array | null;
}

function checkTargets({ targets, rows }: Dataset): void {
  targets?.names.forEach((name, k) => {
    const count = targets.names.length;
    const first = targets.values[k];
    for (let r = 1; r < rows; r++) if (targets.values[r * count + k] !== first) return;
    rejectData(
      'constant-target',
      t`target "${name}" is ${first} in all ${rows} training rows: there is nothing to learn`,
      {
        hint: t`add rows with other values, or name the target column with --label`,
      },
    );
  });
}

/**
 * Throws a `Problem` for rows that nothing can be learnt from: without labels or targets (`no-labels`), of a single
 * class (`one-class`), or with a target that never changes (`constant-target`).
 */
export function checkAims(data: Dataset): void {
  if (data.targets) return checkTargets(data);
  if (!data.labels) rejectData('no-labels', t`the data has no label column to learn from`);
  if (new Set(data.labels).size < 2) {
    const message = t`all ${data.rows} training rows have the same class: there is nothing to tell apart`;
    rejectData('one-class', message, {
      hint: t`add rows of another class, or name the label column with --label`,
    });
  }
}

/** The aims of the training part, from which `classWeights` are learnt. */
export function trainingAims(part: Dataset, targets: TargetScaling | null, options: TrainOptions): Aims {
  const isBalanced = options.classWeights === 'balanced' && part.labels;
  const classWeights = isBalanced ? balancedWeights(isBalanced, part.classes.length) : null;
  return aimsOf(part, targets, classWeights);
}

export function aimsOf(
  data: Dataset,
  targets: TargetScaling | null,
  classWeights: Float64Array | null,
): Aims {
  const values = data.targets && targets ? standardizeTargets(data.targets.values, targets) : null;
  return { labels: data.labels, targets: values, classWeights };
}
