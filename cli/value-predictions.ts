import type { Dataset } from '../dataset/dataset.js';
import { checkFeatures } from '../dataset/feature-check.js';
import { inferRows } from '../model/infer-rows.js';
import { t } from '../model/messages.js';
import type { Network, TargetScaling } from '../model/network.js';
import { rejectData } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { predictTargets } from '../trainer/regression-scores.js';
import { integerValues } from './comparison.js';

/** The numbers that a regression predicts for every row. */
export interface ValuePrediction {
  /** Counted from 1, as in the data without its header. */
  readonly row: number;
  readonly values: readonly number[];
  /** What the data say, where they have targets. */
  readonly actual?: readonly number[];
  /** Raw integers of the model; none in floating point. */
  readonly outputs?: readonly number[];
}

/**
 * `source`: an integer model, or a network that predicts in floating point. Throws a `Problem` for a classification and
 * for rows of other features.
 */
export function predictValues(
  source: { readonly model: QuantizedModel } | { readonly network: Network },
  data: Dataset,
): ValuePrediction[] {
  const isInteger = 'model' in source;
  const { targets } = isInteger ? source.model : source.network;
  if (!targets) rejectData('no-targets', t`this is a classification; only a regression predicts numbers`);
  checkFeatures(data, isInteger ? source.model.input.features : source.network.features);
  const values = isInteger ? integerValues(source.model, data) : predictTargets(source.network, data.values);
  const raw = isInteger ? inferRows(source.model, data.values) : null;
  const count = values.length / data.rows;
  const rowOf = (all: ArrayLike<number>, r: number): number[] =>
    Array.from({ length: count }, (_, k) => all[r * count + k]);
  return Array.from({ length: data.rows }, (_, r) => ({
    row: r + 1,
    values: rowOf(values, r),
    ...(data.targets && { actual: rowOf(data.targets.values, r) }),
    ...(raw && { outputs: rowOf(raw, r) }),
  }));
}

/** Heading and a line for each prediction, as cells; with `decimals`, each value has its board's digits. */
export function valueCells(
  predictions: readonly ValuePrediction[],
  names: TargetScaling['names'],
  decimals: TargetScaling['decimals'] | null,
): string[][] {
  const shown = (value: number, k: number): string =>
    decimals ? value.toFixed(Math.min(Math.max(decimals[k], 0), 100)) : String(value);
  const hasActual = predictions[0]?.actual !== undefined;
  return [
    [t`row`, ...names, ...(hasActual ? names.map((name) => t`${name} in the data`) : [])],
    ...predictions.map(({ row, values, actual = [] }) => [
      String(row),
      ...values.map(shown),
      ...actual.map(String),
    ]),
  ];
}
