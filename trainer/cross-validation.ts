import type { Dataset } from '../dataset/dataset.js';
import { stratifiedFolds } from '../dataset/split.js';
import type { Network } from '../model/network.js';
import type { TrainOptions } from './options.js';
import { train } from './train.js';

/** One fold: the network trained on the other folds, and the rows it has never seen. */
export interface Fold {
  readonly network: Network;
  readonly test: Dataset;
}

/**
 * k-fold cross-validation, with the classes in equal shares where there are classes, split by `options.seed`. Throws
 * the `Problem`s of `train` and of `stratifiedFolds`.
 */
export function crossValidate(data: Dataset, folds: number, options: TrainOptions): Fold[] {
  return stratifiedFolds(data, folds, options.seed).map(({ train: rest, test }) => ({
    network: train(rest, options).network,
    test,
  }));
}
