import type { Hash } from 'node:crypto';
import { m, say, t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { rejectCell } from './cell-fault.js';
import { columnName, type Columns } from './columns.js';
import { endPosition, readCsv, type Delimiter } from './csv.js';
import { numberMending, parseEitherNumber, parseNumber } from './number-cell.js';
import { createNumberReader, otherMark, type NumberReader } from './number-reader.js';
import type { LoadOptions, RowCollector } from './row-collector.js';
import type { SourceFile } from './source-file.js';
import { quoted } from '../model/suggestion.js';
import { createTableRows, type TableRows } from './table-rows.js';

function rejectCount(columns: Columns, found: number, delimiter: Delimiter): never {
  const { count } = columns;
  const missing = found < count ? t`; ${columnName(columns, found)} is missing` : '';
  const message = t`${found} cells; expected ${count}${missing}`;
  const hint =
    found > count && delimiter === ','
      ? t`delete what is too much; where commas separate the cells, decimals take a point, and text with a comma in it stands in quotes`
      : t`every row has a cell for every column`;
  rejectCell(Math.min(found, count), 'wrong-cell-count', message, hint);
}

function rejectEmpty(columns: Columns, column: number): never {
  const message = t`${columnName(columns, column)} is empty`;
  rejectCell(column, 'empty-cell', message, t`fill in the value or delete the row`);
}

const TARGET_HINT = m`a regression predicts numbers: mend the cell or name another column with --label; for classes, leave --task out`;

/** The features of a row that hold text where numbers have to be, so that all of them can be left out at once. */
function textColumns({ header, featureColumns }: Columns, cells: readonly string[]): string[] {
  return Array.from(featureColumns)
    .filter(
      (i) => cells[i] !== '' && Number.isNaN(parseEitherNumber(cells[i])) && numberMending(cells[i]) === null,
    )
    .map((i) => header?.[i] ?? String(i + 1));
}

/** How to mend text where a feature has to be, which is often a column that nobody learns from. */
function textHint(columns: Columns, column: number, cells: readonly string[]): string {
  const name = columns.header ? quoted(columns.header[column]) : column + 1;
  const all = textColumns(columns, cells);
  if (all.length > 1)
    return t`mend the cells; where column ${name} holds the labels, say --label ${name}; to leave out all columns with text, --ignore ${quoted(all.join(','))}`;
  return t`mend the cell; where the column holds the labels, say --label ${name}; to leave it out, --ignore ${name}`;
}

function rejectNumber(
  numbers: NumberReader,
  columns: Columns,
  column: number,
  cells: readonly string[],
): never {
  const cell = cells[column];
  const mixed = otherMark(cell, numbers.mark());
  if (mixed)
    rejectCell(column, 'mixed-decimal-marks', `${columnName(columns, column)}: ${mixed.message}`, mixed.hint);
  const message = t`${columnName(columns, column)}: found ${quoted(cell)}; expected a finite decimal number`;
  const isTarget = columns.targets !== null && columns.labelColumns.includes(column);
  const hint = isTarget
    ? say(TARGET_HINT)
    : (numberMending(cell) ??
      (columns.isTrained
        ? t`mend the cell: the network was trained with numbers in this column`
        : textHint(columns, column, cells)));
  rejectCell(column, 'cell-not-a-number', message, hint);
}

function numberIn(numbers: NumberReader, columns: Columns, column: number, cells: readonly string[]): number {
  const value = numbers.value(cells[column]);
  if (!Number.isNaN(value)) return value;
  return cells[column] === '' ? rejectEmpty(columns, column) : rejectNumber(numbers, columns, column, cells);
}

function addRow(
  rows: TableRows,
  numbers: NumberReader,
  columns: Columns,
  cells: readonly string[],
  delimiter: Delimiter,
): void {
  if (cells.length !== columns.count) rejectCount(columns, cells.length, delimiter);
  const { featureColumns, labelColumns, targets } = columns;
  const values = rows.append(1);
  for (let i = 0; i < featureColumns.length; i++) {
    const cell = cells[featureColumns[i]];
    values[i] = numberIn(numbers, columns, featureColumns[i], cells);
    rows.noteDecimals(i, numbers.decimals(cell));
  }
  const row = rows.count() - 1;
  for (let k = 0; k < labelColumns.length; k++) {
    const column = labelColumns[k];
    const cell = cells[column];
    if (targets) {
      rows.setTarget(row, k, numberIn(numbers, columns, column, cells));
      rows.noteTargetDecimals(k, numbers.decimals(cell));
    } else if (cell === '') rejectEmpty(columns, column);
    else rows.setLabel(row, cell, column);
  }
}

/** Points out the first of the commas that tell nothing. */
function rejectDoubtfulComma(
  { featureColumns, labelColumns, targets }: Columns,
  cells: readonly string[],
): void {
  const column = [...featureColumns, ...(targets ? labelColumns : [])].find(
    (i) => Number.isNaN(parseNumber(cells[i])) && !Number.isNaN(parseNumber(cells[i], ',')),
  );
  if (column === undefined) return;
  const [decimal, whole] = [cells[column].replace(',', '.'), cells[column].replace(',', '')];
  const message = t`${quoted(cells[column])} can mean ${decimal} or ${whole}, and no other number of the file tells which`;
  const hint = t`write decimals with points, or leave the separators between thousands out`;
  rejectCell(column, 'doubtful-comma', message, hint);
}

async function addCsv(rows: TableRows, source: SourceFile, hash: Hash, { note }: LoadOptions): Promise<void> {
  const rowsBefore = rows.count();
  const numbers = createNumberReader();
  let columns: Columns | null = null;
  await readCsv(source, hash, (cells, delimiter) => {
    const isFirst = columns === null;
    columns ??= rows.begin(source.file, cells);
    if (!isFirst || columns.header === null) addRow(rows, numbers, columns, cells, delimiter);
  });
  if (numbers.isDoubtful()) await readCsv(source, null, (cells) => rejectDoubtfulComma(columns!, cells));
  if (numbers.mark() === ',') note?.(t`read ${source.file} with decimal commas`);
  if (rows.count() > rowsBefore) return;
  const where = { file: source.file, ...(await endPosition(source)) };
  rejectData('no-rows', t`a header and no rows`, { ...where, hint: t`add rows of numbers and a label` });
}

/** Rows of CSV and Parquet files. */
export function createTableCollector(options: LoadOptions): RowCollector {
  const rows = createTableRows(options);
  return {
    async add(source, hash) {
      if (!/\.parquet$/i.test(source.file)) return addCsv(rows, source, hash, options);
      const { addParquet } = await import('./parquet.js'); // its libraries are loaded for those who need them
      return addParquet(rows, source, hash);
    },
    finish: rows.finish,
  };
}
