import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { isRegression, type LoadOptions } from './row-collector.js';
import { quoted, suggestion } from '../model/suggestion.js';

/** Which columns the caller names: those to use, those to leave alone. */

const COLUMN_NUMBER = /^\d+$/;
/** Features of data without a header are named by their columns, counted from 1. */
const NUMBERED_FEATURE = /^x([1-9]\d*)$/;

const usage = (code: string, message: string, hint: string): never => {
  throw new Problem({ kind: 'usage', code, message, hint });
};

/** The column that a name means, or a number counted from 1; -1 for neither. */
export function findColumn(cells: readonly string[], name: string, isHeader: boolean): number {
  const byName = isHeader ? cells.indexOf(name) : -1;
  if (byName >= 0) return byName;
  return COLUMN_NUMBER.test(name) && Number(name) - 1 in cells ? Number(name) - 1 : -1;
}

function findColumns(
  flag: string,
  names: readonly string[],
  cells: readonly string[],
  isHeader: boolean,
): number[] {
  const columns = names.map((name) => {
    const column = findColumn(cells, name, isHeader);
    const hint = isHeader
      ? suggestion(name, cells)
      : t`the data has no header: give numbers from 1 to ${cells.length}, or add a header`;
    return column >= 0
      ? column
      : usage('unknown-column', t`${flag}: there is no column ${quoted(name)}`, hint);
  });
  const twice = columns.findIndex((column, i) => columns.indexOf(column) !== i);
  if (twice >= 0)
    usage('column-twice', t`${flag} names column ${quoted(names[twice])} twice`, t`name it once`);
  return columns;
}

/** What `--label` names: one column, or in a regression a list with commas; a column with a comma in its name wins. */
export function labelNames(cells: readonly string[], options: LoadOptions): string[] {
  const { label } = options;
  if (label === undefined) return [];
  return isRegression(options) && !cells.includes(label) ? label.split(',') : [label];
}

/** Columns counted from 0. */
export interface ColumnChoice {
  /** The only features, in the caller's order; null for all columns that are free. */
  readonly features: readonly number[] | null;
  /** Neither features nor the label. */
  readonly ignored: ReadonlySet<number>;
}

/** Throws a usage `Problem` for a name that no column has, and for a label column that is also named as another. */
export function chooseColumns(
  cells: readonly string[],
  options: LoadOptions,
  isHeader: boolean,
): ColumnChoice {
  // Data for a trained network need not have what it leaves out.
  const mayMiss = options.reference !== undefined && isHeader;
  const find = (flag: string, names: readonly string[] | undefined): number[] | null => {
    const wanted = mayMiss ? names?.filter((name) => findColumn(cells, name, isHeader) >= 0) : names;
    return wanted ? findColumns(flag, wanted, cells, isHeader) : null;
  };
  const features = find('--features', options.features);
  const ignored = new Set(find('--ignore', options.ignore));
  for (const name of labelNames(cells, options)) {
    const label = findColumn(cells, name, isHeader);
    const flag = features?.includes(label) ? '--features' : ignored.has(label) ? '--ignore' : null;
    if (flag === null) continue;
    const message = t`column ${quoted(name)} is named by --label and by ${flag}`;
    usage('contradiction', message, t`leave it out of ${flag}`);
  }
  return { features, ignored };
}

/** True where the words of `--label`, `--features` or `--ignore` show that these cells are a header. */
export function isNamedByOptions(cells: readonly string[], options: LoadOptions): boolean {
  const { features = [], ignore = [] } = options;
  const names = [...labelNames(cells, options), ...features, ...ignore];
  return names.some((name) => !COLUMN_NUMBER.test(name) && cells.includes(name));
}

/**
 * The columns of features that were chosen by number from data without a header, as their names tell: `x2`, `x3` are
 * columns 2 and 3 though there are two. Null where the names tell nothing.
 */
export function numberedColumns(features: readonly string[], count: number): number[] | null {
  const columns = features.map((name) => Number(NUMBERED_FEATURE.exec(name)?.[1] ?? 0) - 1);
  if (columns.every((column, i) => column === i)) return null;
  return columns.every((column) => column >= 0 && column < count) ? columns : null;
}

/** The name of a feature without a header. `isChosen` where some columns were left out: see `numberedColumns`. */
export const numberedName = (column: number, index: number, isChosen: boolean): string =>
  `x${(isChosen ? column : index) + 1}`;
