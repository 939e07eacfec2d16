import { quantize } from '../codegen/quantize.js';
import type { Dataset } from '../dataset/dataset.js';
import { integerPredictions, shareEqual } from '../cli/predictions.js';
import type { AccumulatorRequest, WeightBits } from '../model/network.js';
import { crossValidate } from '../trainer/cross-validation.js';
import { evaluateFloat } from '../trainer/evaluate.js';
import { resolveOptions, type TrainOptions } from '../trainer/options.js';

/** How accuracy is compared: rows never seen, five folds, the mean over five seeds, default options but for the integers. */

const FOLDS = 5;
const SEEDS = [1, 2, 3, 4, 5];
/** Data sets of images, and of as many features, get 32 hidden neurons. */
const IMAGE_FEATURES = 64;

const integers = (
  weightBits: WeightBits,
  activationBits: 7 | 8,
  accumulator: AccumulatorRequest,
): Partial<TrainOptions> => ({ precision: { weightBits, activationBits, accumulator } });

export const SCHEMES = {
  'floating point': { fixedPoint: false },
  default: {},
  'w8 a8': integers(8, 8, 32),
  'w4 a8': integers(4, 8, 32),
  'ternary a8': integers(2, 8, 32),
  'w8 a7, 16-bit sums': integers(8, 7, 16),
  'w4 a7': integers(4, 7, 'auto'),
  'ternary a7': integers(2, 7, 'auto'),
} as const satisfies Readonly<Record<string, Partial<TrainOptions>>>;

export type Scheme = keyof typeof SCHEMES;

/** The share of right rows over all folds and seeds: of the integers, or of the float network where it knows of none. */
export function accuracy(data: Dataset, scheme: Scheme): number {
  const hidden = data.features.length >= IMAGE_FEATURES ? [32] : undefined;
  let right = 0;
  let rows = 0;
  for (const seed of SEEDS) {
    const options = resolveOptions({ ...SCHEMES[scheme], hidden, seed }, data);
    for (const { network, test } of crossValidate(data, FOLDS, options)) {
      rows += test.rows;
      right += options.fixedPoint
        ? test.rows * shareEqual(integerPredictions(quantize(network).model, test), test.labels)!
        : test.rows * evaluateFloat(network, test).accuracy;
    }
  }
  return right / rows;
}
