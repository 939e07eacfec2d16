import type { Dataset } from '../dataset/dataset.js';
import { stratifiedFolds } from '../dataset/split.js';
import type { Network } from '../model/network.js';
import type { Evaluation } from './evaluate.js';
import { evaluateFloat } from './evaluate.js';
import type { TrainOptions } from './options.js';
import { train } from './train.js';

/** One fold: the network trained on the other folds, and the rows it has never seen. */
export interface Fold {
  readonly network: Network;
  readonly test: Dataset;
  /** Of the float network on `test`. */
  readonly evaluation: Evaluation;
}

/**
 * k-fold cross-validation with the classes in equal shares, split by `options.seed`. `accuracy` is that of the float
 * networks over all test rows together. Throws the `Problem`s of `train` and of `stratifiedFolds`.
 */
export function crossValidate(
  data: Dataset,
  folds: number,
  options: TrainOptions,
): { folds: Fold[]; accuracy: number } {
  let right = 0;
  let tested = 0;
  const results = stratifiedFolds(data, folds, options.seed).map(({ train: rest, test }) => {
    const { network } = train(rest, options);
    const evaluation = evaluateFloat(network, test);
    right += evaluation.accuracy * test.rows;
    tested += test.rows;
    return { network, test, evaluation };
  });
  return { folds: results, accuracy: right / tested };
}
