import { t } from '../../model/messages.js';
import { classScores, scorePredictions, type ClassScore } from '../../trainer/evaluate.js';
import { scoreTargets, type TargetScore } from '../../trainer/regression-scores.js';
import { shareEqual } from '../predictions.js';
import { measure, r2Text } from '../score-lines.js';
import { percent } from '../text-table.js';
import type { MeasuredPart, Subject } from './subject.js';

/** How right the rows of a part are, in integers and in floating point. */
export type PartScores = ClassPart | TargetPart;

export interface ClassPart {
  readonly task: 'classification';
  readonly rows: number;
  readonly accuracy: number;
  /** Null without a network. */
  readonly floatAccuracy: number | null;
  readonly agreement: number | null;
  /** confusion[actual][predicted], of the integers. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly ClassScore[];
}

export interface TargetPart {
  readonly task: 'regression';
  readonly rows: number;
  readonly integer: readonly TargetScore[];
  readonly float: readonly TargetScore[] | null;
  /** (targets,) root of the mean squared difference of both. */
  readonly difference: readonly number[] | null;
}

export function partScores({ model }: Subject, { data, predictions }: MeasuredPart): PartScores {
  const { rows } = data;
  const { classes, floatClasses, values, floatValues } = predictions;
  if (model.targets && data.targets && values) {
    const { names } = model.targets;
    return {
      task: 'regression',
      rows,
      integer: scoreTargets(names, data.targets.values, values),
      float: floatValues && scoreTargets(names, data.targets.values, floatValues),
      difference: floatValues && scoreTargets(names, floatValues, values).map(({ rmse }) => rmse),
    };
  }
  if (!classes || !data.labels) throw new Error('rows of a report have labels or targets');
  const { accuracy, confusion } = scorePredictions(data.labels, classes, model.classes.length);
  return {
    task: 'classification',
    rows,
    accuracy,
    floatAccuracy: shareEqual(floatClasses, data.labels),
    agreement: shareEqual(floatClasses, classes),
    confusion,
    classes: classScores(confusion),
  };
}

/** Value and label of what to say first about a part. */
export function scoreTexts(scores: PartScores, part: string): [string, string][] {
  const rows = t`${part} rows`;
  if (scores.task === 'regression') {
    return scores.integer.slice(0, 2).flatMap(({ target, rmse, r2 }): [string, string][] => [
      [measure(rmse), t`RMSE of ${target}, ${rows}, integers`],
      [r2Text(r2), t`R² of ${target}, ${rows}, integers`],
    ]);
  }
  const texts: [string, string][] = [[percent(scores.accuracy), t`of ${rows} right, integers`]];
  if (scores.floatAccuracy !== null)
    texts.push([percent(scores.floatAccuracy), t`of ${rows} right, floating point`]);
  if (scores.agreement !== null) texts.push([percent(scores.agreement), t`of ${rows} alike in both`]);
  return texts;
}
