import { t } from '../model/messages.js';
import { LIMITS } from '../model/quantized-model.js';
import { rejectCell } from './cell-fault.js';
import { findColumn, labelNames } from './column-choice.js';
import { isRegression, type LoadOptions } from './row-collector.js';
import { quoted, quotedList, suggestion } from '../model/suggestion.js';

/** Which columns hold the class, or the targets. */

/** The column that `--label` means: a name where there is one, else a number counted from 1. */
function namedLabel(cells: readonly string[], label: string, header: boolean): number {
  const column = findColumn(cells, label, header);
  if (column >= 0) return column;
  const [why, hint] = header
    ? ['', suggestion(label, cells)]
    : [
        t`, and the file has no header`,
        t`give its number, 1 to ${cells.length}, to --label, or add a header line`,
      ];
  return rejectCell(0, 'missing-label-column', t`there is no label column ${quoted(label)}${why}`, hint);
}

/** The column of a target by the name that it had in training. */
function namedTarget(cells: readonly string[], name: string): number {
  const column = cells.indexOf(name);
  if (column >= 0) return column;
  const message = t`there is no column ${quoted(name)}, which the network was trained to predict`;
  const hint = t`${suggestion(name, cells)} (or name the column with --label)`;
  return rejectCell(0, 'missing-label-column', message, hint);
}

function checkTargets(columns: readonly number[], known: readonly string[] | null): void {
  const twice = columns.find((column, k) => columns.indexOf(column) !== k);
  if (twice !== undefined) {
    const message = t`--label names column ${twice + 1} twice; expected each target once`;
    rejectCell(twice, 'duplicate-label-column', message, t`name every target column once`);
  }
  if (known && columns.length !== known.length) {
    const message = t`--label names ${columns.length} columns; the network has ${known.length} targets, ${quotedList(known)}`;
    const hint = t`name the columns in the order of the targets, or leave --label out`;
    rejectCell(0, 'wrong-label-count', message, hint);
  }
  if (columns.length > LIMITS.targets) {
    const message = t`${columns.length} targets; at most ${LIMITS.targets} are possible`;
    rejectCell(0, 'too-many-targets', message, t`name fewer columns`);
  }
}

/** The last columns that are neither features nor ignored; fewer where there are not so many. */
const lastFree = (cells: readonly string[], taken: ReadonlySet<number>, count: number): number[] =>
  [...cells.keys()].filter((column) => !taken.has(column)).slice(-count);

/**
 * The columns of the labels, and the names of a regression's targets; `targets` is null in a classification. They are
 * those that `--label` names, or the reference's targets by name, or the last that are not `taken` by something else.
 */
export function labelColumnsOf(
  cells: readonly string[],
  header: boolean,
  options: LoadOptions,
  taken: ReadonlySet<number>,
): { labelColumns: readonly number[]; targets: readonly string[] | null } {
  const known = options.reference?.targets?.names ?? null;
  const hasTargets = isRegression(options);
  if (options.onlyNamedLabel && options.label === undefined) return { labelColumns: [], targets: null };
  const isByName = options.label === undefined && known !== null && header;
  const columns = isByName
    ? known.map((name) => namedTarget(cells, name))
    : options.label !== undefined
      ? labelNames(cells, options).map((name) => namedLabel(cells, name, header))
      : lastFree(cells, taken, known?.length ?? 1);
  if (columns.length === 0 && !options.labelsOptional) {
    const hint = hasTargets
      ? t`add a column with the number to predict`
      : t`add a column with the class of every row`;
    rejectCell(cells.length, 'missing-label-column', t`there is no label column`, hint);
  }
  if (!hasTargets) return { labelColumns: columns, targets: null };
  if (options.label !== undefined) checkTargets(columns, known);
  const nameOf = (column: number, k: number): string =>
    header ? cells[column] : columns.length === 1 ? 'y' : `y${k + 1}`;
  return { labelColumns: columns, targets: known ?? columns.map(nameOf) };
}
