import { LIMITS } from '../model/quantized-model.js';
import { rejectCell } from './cell-fault.js';
import { isRegression, type LoadOptions } from './row-collector.js';
import { numberHint, parseNumber } from './number-cell.js';
import { quoted, quotedList, suggestion } from './suggestion.js';

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
}

const isNumber = (cell: string): boolean => !Number.isNaN(parseNumber(cell));

/** `column 3` or `column "petal_width"` */
export function columnName(columns: Columns, column: number): string {
  return `column ${columns.header ? quoted(columns.header[column]) : column + 1}`;
}

/** True where the data, in their first row, consist of the reference's features and nothing else. */
const isUnlabelled = (cells: readonly string[], options: LoadOptions): boolean =>
  options.labelsOptional === true && cells.length === options.reference?.features.length;

/** What `--label` names: one column, or in a regression a list with commas; a column whose name has one comes first. */
function labelList(label: string, cells: readonly string[], options: LoadOptions): string[] {
  return isRegression(options) && !cells.includes(label) ? label.split(',') : [label];
}

/**
 * The first row is a header when its cells that would have to be numbers are none. A row that is half numbers is
 * either a header or a damaged row: taking it for a header would drop data without a word, so it is refused.
 */
function hasHeader(cells: readonly string[], options: LoadOptions): boolean {
  if (options.header !== undefined) return options.header;
  const named = options.label === undefined ? [] : labelList(options.label, cells, options);
  if (named.some((name) => !/^\d+$/.test(name) && cells.includes(name))) return true;
  if (options.reference?.features.every((name) => cells.includes(name))) return true;
  const byNumber = Number(options.label) - 1;
  const hasNone = isRegression(options) || isUnlabelled(cells, options); // a target must be a number too
  const label = hasNone ? -1 : byNumber in cells ? byNumber : cells.length - 1;
  const mustBeNumbers = cells.map((_, i) => i).filter((i) => i !== label);
  const text = mustBeNumbers.filter((i) => !isNumber(cells[i]));
  if (text.length === 0 || text.length === mustBeNumbers.length) return text.length > 0;
  const column = text[0];
  const found = cells[column];
  return rejectCell(
    column,
    found === '' ? 'empty-cell' : 'cell-not-a-number',
    found === ''
      ? `column ${column + 1} is empty; expected a number`
      : `column ${column + 1}: found ${quoted(found)} beside numbers; expected a number`,
    `${numberHint(found)}; if this row is a header, say --header`,
  );
}

function checkHeader(cells: readonly string[]): void {
  const seen = new Map<string, number>();
  cells.forEach((name, i) => {
    if (name === '') {
      const hint = 'give every column a name, or delete the column';
      rejectCell(i, 'empty-column-name', `column ${i + 1} has no name`, hint);
    }
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      const message = `columns ${earlier + 1} and ${i + 1} are both named ${quoted(name)}`;
      rejectCell(i, 'duplicate-column', message, 'give every column a name of its own');
    }
    seen.set(name, i);
  });
}

/** The column that `--label` means: a name where there is one, else a number counted from 1. */
function namedLabel(cells: readonly string[], label: string, header: boolean): number {
  const byName = header ? cells.indexOf(label) : -1;
  if (byName >= 0) return byName;
  if (/^\d+$/.test(label) && Number(label) - 1 in cells) return Number(label) - 1;
  const [why, hint] = header
    ? ['', suggestion(label, cells)]
    : [
        ', and the file has no header',
        `give its number, 1 to ${cells.length}, to --label, or add a header line`,
      ];
  return rejectCell(0, 'missing-label-column', `there is no label column ${quoted(label)}${why}`, hint);
}

/** The columns of a regression's targets: those named, or the reference's by name, or the last. */
function targetColumnsOf(cells: readonly string[], header: boolean, options: LoadOptions): number[] {
  const known = options.reference?.targets?.names ?? null;
  if (options.label === undefined && known && header) return known.map((name) => namedTarget(cells, name));
  const count = known?.length ?? 1;
  const columns =
    options.label === undefined
      ? Array.from({ length: count }, (_, k) => Math.max(cells.length - count + k, 0))
      : labelList(options.label, cells, options).map((name) => namedLabel(cells, name, header));
  const twice = columns.find((column, k) => columns.indexOf(column) !== k);
  if (twice !== undefined) {
    const message = `--label names column ${twice + 1} twice; expected each target once`;
    rejectCell(twice, 'duplicate-label-column', message, 'name every target column once');
  }
  if (known && columns.length !== known.length) {
    const message = `--label names ${columns.length} columns; the network has ${known.length} targets, ${quotedList(known)}`;
    rejectCell(
      0,
      'wrong-label-count',
      message,
      'name the columns in the order of the targets, or leave it out',
    );
  }
  if (columns.length > LIMITS.targets) {
    const message = `${columns.length} targets; at most ${LIMITS.targets} are possible`;
    rejectCell(0, 'too-many-targets', message, 'name fewer columns');
  }
  return columns;
}

function namedTarget(cells: readonly string[], name: string): number {
  const column = cells.indexOf(name);
  if (column >= 0) return column;
  const message = `there is no column ${quoted(name)}, which the network was trained to predict`;
  const hint = `${suggestion(name, cells)} (or name the column with --label)`;
  return rejectCell(0, 'missing-label-column', message, hint);
}

/** By default the label is the last column; of a reference's data with a header, the last that is no feature. */
function labelColumnOf(cells: readonly string[], header: boolean, options: LoadOptions): number {
  if (options.label !== undefined) return namedLabel(cells, options.label, header);
  if (!options.reference || !header) return cells.length - 1;
  const features = new Set(options.reference.features);
  const label = cells.findLastIndex((name) => !features.has(name));
  if (label >= 0) return label;
  const hint = 'add a column with the class of every row';
  return rejectCell(cells.length, 'missing-label-column', 'there is no label column', hint);
}

/** The column of every feature of the reference, in the reference's order; other columns are left alone. */
function matchByName(cells: readonly string[], features: readonly string[]): Uint32Array {
  const columns = new Map(cells.map((name, i) => [name, i]));
  return Uint32Array.from(features, (name) => {
    const column = columns.get(name);
    if (column !== undefined) return column;
    const known = new Set(features);
    const strangers = cells.filter((cell) => !known.has(cell));
    const message = `there is no column ${quoted(name)}, which the network was trained with`;
    const hint = `${suggestion(name, strangers.length > 0 ? strangers : cells)} (in the header)`;
    return rejectCell(0, 'missing-column', message, hint);
  });
}

/**
 * Decides from the first record which column is what. Throws a `CellFault` for empty or duplicate names, a
 * missing label column or feature, and for columns that no network could take.
 */
export function decideColumns(cells: readonly string[], options: LoadOptions): Columns {
  const count = cells.length;
  if (count > LIMITS.features + 1) {
    const message = `${count} columns; at most ${LIMITS.features} features and a label are possible`;
    rejectCell(LIMITS.features + 1, 'too-many-columns', message, 'leave some columns out');
  }
  const isHeader = hasHeader(cells, options);
  if (isHeader) checkHeader(cells);
  const header = isHeader ? cells : null;
  const hasTargets = isRegression(options);
  const labelColumns = isUnlabelled(cells, options)
    ? []
    : hasTargets
      ? targetColumnsOf(cells, isHeader, options)
      : [labelColumnOf(cells, isHeader, options)];
  const targetName = (column: number, k: number): string =>
    header?.[column] ?? (labelColumns.length === 1 ? 'y' : `y${k + 1}`);
  const targets = hasTargets ? (options.reference?.targets?.names ?? labelColumns.map(targetName)) : null;
  const labels = { labelColumns, targets };
  const expected = options.reference?.features;
  if (expected && isHeader) {
    const featureColumns = matchByName(cells, expected);
    return { header, count, features: expected, featureColumns, ...labels };
  }
  const featureColumns = Uint32Array.from(cells.keys()).filter((column) => !labelColumns.includes(column));
  if (expected && expected.length !== featureColumns.length) {
    const all = expected.length + (targets?.length ?? 1);
    const wanted = options.labelsOptional ? `${expected.length} or ${all}` : all;
    const last = targets ? quotedList(targets) : 'the label';
    const message = `${count} columns; expected ${wanted}: ${quotedList(expected)} and ${last}`;
    const hint = 'use data with the columns of the training data, or add a header that names them';
    rejectCell(Math.min(count, expected.length + 1), 'wrong-cell-count', message, hint);
  }
  if (featureColumns.length === 0) {
    const hint = 'columns are separated by commas, semicolons or tabs';
    const found = count === 1 ? 'one column only' : `${count} columns, all of them labels`;
    rejectCell(count, 'wrong-cell-count', `${found}; expected features and a label`, hint);
  }
  const features = expected ?? Array.from(featureColumns, (column, i) => header?.[column] ?? `x${i + 1}`);
  return { header, count, features, featureColumns, ...labels };
}
