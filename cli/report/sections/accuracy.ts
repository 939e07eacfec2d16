import { t } from '../../../model/messages.js';
import { measure, r2Text } from '../../score-lines.js';
import { grouped, percent } from '../../text-table.js';
import { markup, phrase, table, type Html } from '../markup.js';
import { partScores, type ClassPart, type TargetPart } from '../scores.js';
import { partName, type Subject } from '../subject.js';
import type { Section } from './section.js';

const explanation = (): Html =>
  markup`<p class="note">${phrase`Integers are what the board computes, bit for bit; <code>neurona verify</code> proves it on the device itself.`}</p>`;

function classTable(parts: readonly (readonly [string, ClassPart])[]) {
  const rows = parts.map(([name, { rows, accuracy, floatAccuracy, agreement }]) => [
    name,
    grouped(rows),
    percent(floatAccuracy),
    percent(accuracy),
    percent(agreement),
  ]);
  return table([t`rows`, t`count`, t`floating point`, t`integers`, t`same class from both`], rows);
}

function targetTable(parts: readonly (readonly [string, TargetPart])[]) {
  const rows = parts.flatMap(([name, { integer, float, difference }]) =>
    integer.flatMap(({ target, rmse, mae, r2 }, k) => {
      const score = float?.[k];
      return [
        ...(score
          ? [[name, target, t`floating point`, measure(score.rmse), measure(score.mae), r2Text(score.r2), '']]
          : []),
        [
          name,
          target,
          t`integers`,
          measure(rmse),
          measure(mae),
          r2Text(r2),
          difference ? measure(difference[k]) : '',
        ],
      ];
    }),
  );
  const heading = [t`rows`, t`target`, t`numbers`, 'RMSE', 'MAE', 'R²', t`integers differ by`];
  return table(heading, rows, ['left', 'left', 'left', 'right']);
}

const scoresOf = (subject: Subject) =>
  subject.parts.map((part) => [partName(part), partScores(subject, part)] as const);

export const accuracy: Section = (subject) => {
  if (subject.parts.length === 0) return null;
  const all = scoresOf(subject);
  const classes = all.flatMap(([name, scores]) =>
    scores.task === 'classification' ? [[name, scores] as const] : [],
  );
  const targets = all.flatMap(([name, scores]) =>
    scores.task === 'regression' ? [[name, scores] as const] : [],
  );
  return {
    title: t`Floating point against integers`,
    body: markup`${classes.length > 0 ? classTable(classes) : targetTable(targets)}${explanation()}`,
  };
};
