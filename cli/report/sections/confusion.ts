import { t } from '../../../model/messages.js';
import { grouped, percent } from '../../text-table.js';
import { markup, table } from '../markup.js';
import { COLOURS, figure, figures, Plot } from '../plot.js';
import { partScores, type ClassPart } from '../scores.js';
import { partName, tellingPart } from '../subject.js';
import type { Section } from './section.js';

/** More classes leave no room for numbers in the cells, and still more none for names. */
const MOST_NUMBERED = 14;
const MOST_NAMED = 40;
/** Characters of a class's name beside the matrix. */
const NAME_LENGTH = 14;
const SIZE = 380;

const shortened = (name: string): string =>
  name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name;

function matrix(names: readonly string[], { confusion }: ClassPart, part: string) {
  const cells = confusion.flatMap((counts, actual) => {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count, taken) => ({ actual, taken, count, share: rows === 0 ? 0 : count / rows }));
  });
  const label = (k: number): string => (names.length > MOST_NAMED ? '' : shortened(names[k]));
  const longest = Math.max(...names.map((name) => shortened(name).length));
  const isCrowded = longest * names.length > 46;
  const margin = Math.min(110, 14 + 7 * longest);
  return figure({
    id: 'confusion',
    title: t`Confusion matrix, ${part} rows`,
    legend: [
      [COLOURS.first, t`right`],
      [COLOURS.bad, t`wrong`],
    ],
    caption: t`Rows of the matrix are what a row is, columns what it was taken for, in integers.`,
    plot: {
      width: SIZE,
      height: SIZE,
      marginLeft: margin,
      marginBottom: isCrowded ? margin : 36,
      marginTop: 8,
      marginRight: 8,
      x: { label: null, tickFormat: label, tickRotate: isCrowded ? -60 : 0, tickSize: 0 },
      y: { label: null, tickFormat: label, tickSize: 0 },
      marks: [
        Plot.cell(cells, {
          x: 'taken',
          y: 'actual',
          fill: (cell: (typeof cells)[number]) => (cell.actual === cell.taken ? COLOURS.first : COLOURS.bad),
          // Never so strong that the number on it could not be read, and never unseen where there is a row.
          fillOpacity: ({ count, share }: (typeof cells)[number]) => (count === 0 ? 0 : 0.12 + 0.43 * share),
          inset: names.length > MOST_NAMED ? 0 : 1,
        }),
        ...(names.length > MOST_NUMBERED
          ? []
          : [
              Plot.text(cells, {
                x: 'taken',
                y: 'actual',
                text: ({ count }: (typeof cells)[number]) => (count === 0 ? '·' : grouped(count)),
                fontSize: names.length > 8 ? 10 : 13,
              }),
            ]),
      ],
    },
  });
}

const bar = (share: number) =>
  markup`<div class="share"><div style="width:${(100 * share).toFixed(1)}%"></div></div>`;

export const confusion: Section = (subject) => {
  const { model, parts } = subject;
  if (parts.length === 0 || model.targets) return null;
  const part = tellingPart(parts);
  const scores = partScores(subject, part);
  if (scores.task !== 'classification') return null;
  const rows = scores.classes.map(({ precision, recall, f1, rows: count }, k) => [
    model.classes[k],
    grouped(count),
    percent(precision),
    percent(recall),
    percent(f1),
    bar(f1),
  ]);
  return {
    title: t`Classes`,
    body: markup`${figures([
      matrix(model.classes, scores, partName(part)),
      markup`<div id="class-scores">${table([t`class`, t`rows`, t`precision`, t`recall`, 'F1', ''], rows, [
        'left',
        'right',
        'right',
        'right',
        'right',
        'left',
      ])}
<p class="note">${t`Precision: of the rows taken for a class, the share that is of it. Recall: of the rows of a class, the share taken for it. F1: their harmonic mean. All of the ${partName(part)} rows, in integers.`}</p></div>`,
    ])}`,
  };
};
