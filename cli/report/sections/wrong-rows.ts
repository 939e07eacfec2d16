import { t } from '../../../model/messages.js';
import { scoreTargets } from '../../../trainer/regression-scores.js';
import { counted, grouped, minus } from '../../text-table.js';
import { markup, table, type HtmlPart } from '../markup.js';
import { greyPicture } from '../picture.js';
import { imageSizeOf } from '../image-size.js';
import { partName, tellingPart, type MeasuredPart, type Subject } from '../subject.js';
import type { Section } from './section.js';

const MOST_ROWS = 40;
const MOST_FEATURES = 8;
const MOST_OUTPUTS = 10;
/** More digits that a column needs somewhere are not written everywhere. */
const MOST_DECIMALS = 6;

interface Shown {
  readonly part: MeasuredPart;
  readonly row: number; // counted from 0 within the part
}

/** The features of a row: as they stand in the data, or as a picture. */
function featureCells(subject: Subject, { part, row }: Shown): HtmlPart[] {
  const { features, values, decimals } = part.data;
  const own = values.subarray(row * features.length, (row + 1) * features.length);
  const size = imageSizeOf(subject);
  if (size) return [greyPicture(size, own, t`row ${part.rowNumbers[row]}`)];
  return Array.from(own.subarray(0, MOST_FEATURES), (value, c) =>
    minus(decimals[c] <= MOST_DECIMALS ? value.toFixed(decimals[c]) : String(value)),
  );
}

function featureHeading(subject: Subject): string[] {
  const { features } = subject.model.input;
  if (imageSizeOf(subject)) return [t`image`];
  return features.slice(0, MOST_FEATURES);
}

function outputText({ predictions }: MeasuredPart, row: number, outputs: number): string {
  const raw = predictions.outputs.subarray(row * outputs, (row + 1) * outputs);
  return [...raw.subarray(0, MOST_OUTPUTS)].join(' ') + (outputs > MOST_OUTPUTS ? ' …' : '');
}

const counting = (subject: Subject): string =>
  imageSizeOf(subject) ? t`Images count from 1.` : t`Rows count from 1, without the header.`;

const moreFeatures = ({ model }: Subject): HtmlPart =>
  model.input.features.length > MOST_FEATURES
    ? markup`<p class="note">${t`Only the first ${MOST_FEATURES} of ${grouped(model.input.features.length)} features are shown.`}</p>`
    : null;

/** At most MOST_ROWS, evenly out of all: rows of one class may stand together. */
const some = (all: readonly Shown[]): Shown[] =>
  Array.from(
    { length: Math.min(all.length, MOST_ROWS) },
    (_, k) => all[Math.floor((k * all.length) / Math.min(all.length, MOST_ROWS))],
  );

function wrongClasses(subject: Subject): ReturnType<Section> {
  const { model, parts } = subject;
  const outputs = model.layers[model.layers.length - 1].outputs;
  const isWrong = ({ data, predictions }: MeasuredPart, row: number): boolean =>
    predictions.classes?.[row] !== data.labels?.[row];
  // Rows of the test come first: those of the training say less.
  const shown = parts
    .toReversed()
    .flatMap((part) =>
      Array.from({ length: part.data.rows }, (_, row) => ({ part, row })).filter(({ row }) =>
        isWrong(part, row),
      ),
    );
  const rows = some(shown).map(({ part, row }): HtmlPart[] => {
    const { classes, floatClasses } = part.predictions;
    const taken = classes ? model.classes[classes[row]] : '–';
    const inFloat = floatClasses ? model.classes[floatClasses[row]] : '–';
    return [
      grouped(part.rowNumbers[row]),
      partName(part),
      part.data.labels ? model.classes[part.data.labels[row]] : '–',
      markup`<b class="bad">${taken}</b>`,
      ...featureCells(subject, { part, row }),
      inFloat,
      markup`<code class="line">${outputText(part, row, outputs)}</code>`,
    ];
  });
  const heading = [t`row`, t`part`, t`is`, t`taken for`];
  const featureNames = featureHeading(subject);
  const all = counted(shown.length, 'row');
  const about =
    shown.length === 0
      ? t`None.`
      : `${shown.length > rows.length ? t`${all}; ${rows.length} of them are shown.` : `${all}.`} ${counting(subject)}`;
  return {
    title: t`Rows that are wrong`,
    body: markup`<p id="wrong-rows">${about}</p>
${
  shown.length === 0
    ? null
    : table([...heading, ...featureNames, t`in floating point`, t`raw outputs`], rows, [
        'right',
        ...heading.slice(1).map(() => 'left' as const),
        ...featureNames.map(() => (imageSizeOf(subject) ? 'left' : 'right')),
        'left',
      ])
}${shown.length === 0 || imageSizeOf(subject) ? null : moreFeatures(subject)}`,
  };
}

function worstValues(subject: Subject): ReturnType<Section> {
  const { parts, model } = subject;
  const names = model.targets?.names ?? [];
  const count = names.length;
  // Targets of different units are compared by their usual error.
  const { data, predictions } = tellingPart(parts);
  const usual =
    data.targets && predictions.values
      ? scoreTargets(names, data.targets.values, predictions.values).map(({ rmse }) => rmse || 1)
      : [];
  const errors = parts.flatMap((part) => {
    const { targets } = part.data;
    const { values } = part.predictions;
    if (!targets || !values) return [];
    return Array.from({ length: part.data.rows }, (_, row) => {
      const distance = (k: number): number =>
        Math.abs(values[row * count + k] - targets.values[row * count + k]);
      const worst = usual.reduce((most, error, k) => Math.max(most, distance(k) / error), 0);
      return { part, row, targets: targets.values, values, worst };
    });
  });
  errors.sort((a, b) => b.worst - a.worst);
  const rows = errors.slice(0, MOST_ROWS / 2).map(({ part, row, targets, values }): HtmlPart[] => [
    grouped(part.rowNumbers[row]),
    partName(part),
    ...names.flatMap((_, k) => {
      const [actual, value] = [targets[row * count + k], values[row * count + k]];
      const digits = Math.min(
        Math.max(part.data.targets?.decimals[k] ?? 0, model.targets?.decimals[k] ?? 0, 0),
        100,
      );
      const [said, found, error] = [actual, value, value - actual].map((number) =>
        minus(number.toFixed(digits)),
      );
      return [said, found, markup`<b>${error}</b>`];
    }),
    ...featureCells(subject, { part, row }),
  ]);
  const heading = [t`row`, t`part`, ...names.flatMap((name) => [name, t`predicted`, t`error`])];
  return {
    title: t`Rows with the largest errors`,
    body: markup`<p id="wrong-rows" class="note">${counting(subject)}</p>
${table([...heading, ...featureHeading(subject)], rows, ['right', 'left', 'right'])}${moreFeatures(subject)}`,
  };
}

export const wrongRows: Section = (subject) => {
  if (subject.parts.length === 0) return null;
  return subject.model.targets ? worstValues(subject) : wrongClasses(subject);
};
