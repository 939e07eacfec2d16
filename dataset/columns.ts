import { t } from '../model/messages.js';
import { LIMITS } from '../model/quantized-model.js';
import { rejectCell } from './cell-fault.js';
import {
  chooseColumns,
  findColumn,
  isNamedByOptions,
  labelNames,
  numberedColumns,
  numberedName,
} from './column-choice.js';
import type { ColumnChoice } from './column-choice.js';
import { labelColumnsOf } from './label-columns.js';
import { isRegression, type LoadOptions } from './row-collector.js';
import { numberMending, parseEitherNumber } from './number-cell.js';
import { quoted, quotedList, suggestion } from '../model/suggestion.js';

/** Which column is what. */
export interface Columns {
  /** Names of all columns; null without a header. */
  readonly header: readonly string[] | null;
  readonly count: number;
  readonly features: readonly string[];
  readonly featureColumns: Uint32Array; // (features,) counted from 0
  /** None in data without labels; several only where they are targets. */
  readonly labelColumns: readonly number[];
  /** Names of a regression's targets, one per label column; null in a classification. */
  readonly targets: readonly string[] | null;
  /** The features are those of a trained network: none can be left out. */
  readonly isTrained: boolean;
}

const isNumber = (cell: string): boolean => !Number.isNaN(parseEitherNumber(cell));

/** `column 3` or `column "petal_width"` */
export function columnName(columns: Columns, column: number): string {
  return t`column ${columns.header ? quoted(columns.header[column]) : column + 1}`;
}

/** True where the data, in their first row, consist of the reference's features and nothing else. */
const isUnlabelled = (cells: readonly string[], options: LoadOptions): boolean =>
  options.labelsOptional === true && cells.length === options.reference?.features.length;

/** The columns that have to be numbers, should the cells be a row of data. */
function numberColumns(cells: readonly string[], options: LoadOptions): readonly number[] {
  const numbered = options.reference && numberedColumns(options.reference.features, cells.length);
  const find = (names: readonly string[] = []): number[] =>
    names.map((name) => findColumn(cells, name, false)).filter((column) => column >= 0);
  const chosen = numbered ?? find(options.features);
  if (chosen.length > 0) return chosen;
  const ignored = find(options.ignore);
  const own = [...cells.keys()].filter((i) => !ignored.includes(i));
  if (isRegression(options) || isUnlabelled(cells, options)) return own; // a target is a number too
  const byNumber = Number(options.label) - 1;
  const label = byNumber in cells ? byNumber : own.at(-1);
  return own.filter((i) => i !== label);
}

/** How to mend a first row that is half numbers. */
function headerHint(found: string, column: number, { reference }: LoadOptions): string {
  const mending = numberMending(found);
  if (reference) return t`${mending ?? t`mend the cell`}; if this row is a header, say --header`;
  return t`${mending ?? t`mend the cell; if this column holds the labels, name it with --label`}; if this row is a header, say --header; to leave the column out, --ignore ${column + 1}`;
}

/**
 * The first row is a header when its cells that would have to be numbers are none. A row that is half numbers is
 * either a header or a damaged row: taking it for a header would drop data without a word, so it is refused.
 */
function hasHeader(cells: readonly string[], options: LoadOptions): boolean {
  if (options.header !== undefined) return options.header;
  if (isNamedByOptions(cells, options)) return true;
  if (options.reference?.features.every((name) => cells.includes(name))) return true;
  const mustBeNumbers = numberColumns(cells, options);
  const text = mustBeNumbers.filter((i) => !isNumber(cells[i]));
  if (text.length === 0 || text.length === mustBeNumbers.length) return text.length > 0;
  const column = text[0];
  const found = cells[column];
  return rejectCell(
    column,
    found === '' ? 'empty-cell' : 'cell-not-a-number',
    found === ''
      ? t`column ${column + 1} is empty; expected a number`
      : t`column ${column + 1}: found ${quoted(found)} beside numbers; expected a number`,
    headerHint(found, column, options),
  );
}

/** Names of columns that nobody asks for may be empty, or the same. */
function checkHeader(
  cells: readonly string[],
  { features, ignored }: ColumnChoice,
  options: LoadOptions,
): void {
  const seen = new Map<string, number>();
  const { reference } = options;
  const labels = labelNames(cells, options);
  const names = reference && [...labels, ...reference.features, ...(reference.targets?.names ?? [])];
  cells.forEach((name, i) => {
    if (ignored.has(i) || (features && !labels.includes(name) && !features.includes(i))) return;
    if (names && !names.includes(name)) return;
    if (name === '') {
      const hint =
        cells[0] === 'sep='
          ? t`delete this line: only spreadsheets read it; the separator is found without it`
          : t`give every column a name, or leave it out: --ignore ${i + 1}`;
      rejectCell(i, 'empty-column-name', t`column ${i + 1} has no name`, hint);
    }
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      const message = t`columns ${earlier + 1} and ${i + 1} are both named ${quoted(name)}`;
      rejectCell(i, 'duplicate-column', message, t`give every column a name of its own`);
    }
    seen.set(name, i);
  });
}

/** The column of every feature of the reference, in the reference's order; other columns are left alone. */
function matchByName(cells: readonly string[], features: readonly string[]): Uint32Array {
  const columns = new Map(cells.map((name, i) => [name, i]));
  return Uint32Array.from(features, (name) => {
    const column = columns.get(name);
    if (column !== undefined) return column;
    const known = new Set(features);
    const strangers = cells.filter((cell) => !known.has(cell));
    const message = t`there is no column ${quoted(name)}, which the network was trained with`;
    const hint = t`${suggestion(name, strangers.length > 0 ? strangers : cells)} (in the header)`;
    return rejectCell(0, 'missing-column', message, hint);
  });
}

/**
 * Decides from the first record which column is what. Throws a `CellFault` for empty or duplicate names, a
 * missing label column or feature, and for columns that no network could take; a usage `Problem` for columns that the
 * caller names and that are not there.
 */
export function decideColumns(cells: readonly string[], options: LoadOptions): Columns {
  const count = cells.length;
  if (count > LIMITS.features + 1) {
    const message = t`${count} columns; at most ${LIMITS.features} features and a label are possible`;
    rejectCell(LIMITS.features + 1, 'too-many-columns', message, t`leave some columns out`);
  }
  const isHeader = hasHeader(cells, options);
  const choice = chooseColumns(cells, options, isHeader);
  if (isHeader) checkHeader(cells, choice, options);
  const header = isHeader ? cells : null;
  const expected = options.reference?.features;
  const named =
    expected &&
    (isHeader ? matchByName(cells, expected) : (choice.features ?? numberedColumns(expected, count)));
  const mayEndInLabel =
    options.onlyNamedLabel &&
    options.label === undefined &&
    count === (expected?.length ?? 0) + (options.reference?.targets?.names.length ?? 1);
  const chosen =
    named ?? choice.features ?? (mayEndInLabel ? [...cells.keys()].slice(0, expected?.length) : null);
  const hasNone = isUnlabelled(cells, options);
  const taken = new Set([...choice.ignored, ...(chosen ?? [])]);
  const labels = hasNone
    ? { labelColumns: [], targets: null }
    : labelColumnsOf(cells, isHeader, options, taken);
  const { labelColumns, targets } = labels;
  const free = [...cells.keys()].filter(
    (column) => !labelColumns.includes(column) && !choice.ignored.has(column),
  );
  const featureColumns = Uint32Array.from(chosen ?? free);
  if (expected && expected.length !== featureColumns.length) {
    const all = expected.length + (targets?.length ?? 1);
    const wanted = options.labelsOptional ? t`${expected.length} or ${all}` : all;
    const last = targets ? quotedList(targets) : t`the label`;
    const message = t`${count} columns; expected ${wanted}: ${quotedList(expected)} and ${last}`;
    const hint = t`use data with the columns of the training data, or add a header that names them`;
    rejectCell(Math.min(count, expected.length + 1), 'wrong-cell-count', message, hint);
  }
  if (featureColumns.length === 0) {
    const hint = t`columns are separated by commas, semicolons or tabs`;
    const found = count === 1 ? t`one column only` : t`${count} columns, none of them a feature`;
    rejectCell(count, 'wrong-cell-count', t`${found}; expected features and a label`, hint);
  }
  const isChosen = choice.features !== null || choice.ignored.size > 0;
  const nameOf = (column: number, i: number): string => header?.[column] ?? numberedName(column, i, isChosen);
  const features = expected ?? Array.from(featureColumns, nameOf);
  return { header, count, features, featureColumns, isTrained: expected !== undefined, ...labels };
}
