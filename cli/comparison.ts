import type { Dataset } from '../dataset/dataset.js';
import { checkFeatures } from '../dataset/feature-check.js';
import { inferRows } from '../model/infer-rows.js';
import { scaleOutputs } from '../model/infer.js';
import type { Network } from '../model/network.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { unitValues } from '../model/target-scaling.js';
import { evaluateFloat } from '../trainer/evaluate.js';
import { predictTargets, scoreTargets, targetsOf, type TargetScore } from '../trainer/regression-scores.js';
import { integerPredictions, shareEqual } from './predictions.js';

/** How a network and its integer model do on the same rows. */
export type Comparison = ClassComparison | TargetComparison;

export interface ClassComparison {
  readonly task: 'classification';
  readonly rows: number;
  /** Shares of the rows that get the right class. */
  readonly float: number;
  readonly integer: number;
  /** Share of the rows that get the same class from both. */
  readonly agreement: number;
}

export interface TargetComparison {
  readonly task: 'regression';
  readonly rows: number;
  readonly float: readonly TargetScore[];
  readonly integer: readonly TargetScore[];
  /** (targets,) root of the mean squared difference between both, in the target's unit. */
  readonly difference: readonly number[];
}

/** The targets (rows, targets), in their own units, that the integer model gives to every row. */
export function integerValues(model: QuantizedModel, data: Dataset): Float64Array {
  const { targets } = model;
  if (!targets) throw new Error('a classification has no targets');
  const { names, decimals } = targets;
  const outputs = inferRows(model, data.values);
  const values = new Int32Array(outputs.length);
  for (let k = 0; k < outputs.length; k += names.length) {
    values.set(scaleOutputs(targets, outputs.subarray(k, k + names.length)), k);
  }
  return unitValues(decimals, values);
}

/** Throws a `Problem` where the data have neither labels nor targets, or other features. */
export function compareOnRows(network: Network, model: QuantizedModel, data: Dataset): Comparison {
  const { rows } = data;
  checkFeatures(data, network.features);
  if (model.targets) {
    const { names } = model.targets;
    const actual = targetsOf(data);
    const float = predictTargets(network, data.values);
    const integer = integerValues(model, data);
    return {
      task: 'regression',
      rows,
      float: scoreTargets(names, actual, float),
      integer: scoreTargets(names, actual, integer),
      difference: scoreTargets(names, float, integer).map(({ rmse }) => rmse),
    };
  }
  const { predictions, accuracy } = evaluateFloat(network, data);
  const integer = integerPredictions(model, data);
  return {
    task: 'classification',
    rows,
    float: accuracy,
    integer: shareEqual(integer, data.labels) ?? 0,
    agreement: shareEqual(integer, predictions) ?? 1,
  };
}
