import { rejectData } from '../model/problem.js';
import { LIMITS } from '../model/quantized-model.js';
import { createClassTable } from './class-table.js';
import { columnName, decideColumns, type Columns } from './columns.js';
import { openCsv, readRows, rejectCell, type CsvText } from './csv.js';
import { decimalsOf, numberHint, parseNumber } from './number-cell.js';
import type { LoadOptions, RowCollector } from './row-collector.js';
import { quoted, quotedList, suggestion } from './suggestion.js';
import { lineColumn } from './text-position.js';

function rejectCount(csv: CsvText, record: number, columns: Columns, found: number): never {
  const { count } = columns;
  const missing = found < count ? `; ${columnName(columns, found)} is missing` : '';
  const message = `${found} cells; expected ${count}${missing}`;
  const hint =
    found > count && csv.delimiter === ','
      ? 'delete what is too much; decimals take a point, and text with a comma in it stands in quotes'
      : 'every row has a cell for every column';
  rejectCell(csv, record, Math.min(found, count), 'wrong-cell-count', message, hint);
}

function rejectEmpty(csv: CsvText, record: number, columns: Columns, column: number): never {
  const message = `${columnName(columns, column)} is empty`;
  rejectCell(csv, record, column, 'empty-cell', message, 'fill in the value or delete the row');
}

function rejectNumber(csv: CsvText, record: number, columns: Columns, column: number, cell: string): never {
  const message = `${columnName(columns, column)}: found ${quoted(cell)}; expected a finite decimal number`;
  rejectCell(csv, record, column, 'cell-not-a-number', message, numberHint(cell));
}

function rejectLabel(
  csv: CsvText,
  record: number,
  column: number,
  label: string,
  classes: readonly string[] | undefined,
): never {
  if (classes) {
    const message = `label ${quoted(label)} was not seen in training; the classes are ${quotedList(classes)}`;
    rejectCell(csv, record, column, 'unknown-label', message, suggestion(label, classes));
  }
  const message = `${quoted(label)} is class ${LIMITS.classes + 1}; at most ${LIMITS.classes} are possible`;
  const hint = 'if the labels stand in another column, name it with --label';
  rejectCell(csv, record, column, 'too-many-classes', message, hint);
}

function rejectOtherColumns(csv: CsvText, first: Columns, columns: Columns): never {
  const describe = ({ header, count }: Columns): string =>
    header ? `the columns ${quotedList(header)}` : `${count} columns without a header`;
  rejectData('different-columns', `it has ${describe(columns)}; the first file has ${describe(first)}`, {
    file: csv.file,
    line: 1,
    column: 1,
    hint: 'files that are used together need the same columns in the same order',
  });
}

const isSameHeader = (a: Columns, b: Columns): boolean =>
  a.count === b.count && (a.header?.every((name, i) => name === b.header?.[i]) ?? b.header === null);

/** Rows of CSV files. With a `reference` every file's columns are matched to its features; else all must be alike. */
export function createTableCollector(options: LoadOptions): RowCollector {
  const { reference } = options;
  const classTable = createClassTable(reference?.classes);
  let first: Columns | null = null;
  let values = new Float64Array(1024); // (rows, features) and room to grow
  let labels = new Uint16Array(256);
  let rows = 0;
  let decimals: Uint16Array = new Uint16Array(0);

  function begin(csv: CsvText, cells: readonly string[], record: number): Columns {
    const columns = decideColumns(csv, cells, record, options);
    if (!first) {
      first = columns;
      decimals = new Uint16Array(columns.features.length);
    }
    const fits = reference
      ? (first.labelColumn === null) === (columns.labelColumn === null)
      : isSameHeader(first, columns);
    if (!fits) rejectOtherColumns(csv, first, columns);
    return columns;
  }

  function grow(features: number): void {
    if ((rows + 1) * features > values.length) {
      const larger = new Float64Array(Math.max(values.length * 2, (rows + 1) * features));
      larger.set(values);
      values = larger;
    }
    if (rows === labels.length) {
      const larger = new Uint16Array(labels.length * 2);
      larger.set(labels);
      labels = larger;
    }
  }

  function addRow(csv: CsvText, columns: Columns, cells: readonly string[], record: number): void {
    if (cells.length !== columns.count) rejectCount(csv, record, columns, cells.length);
    const { featureColumns, labelColumn } = columns;
    const features = featureColumns.length;
    grow(features);
    for (let i = 0; i < features; i++) {
      const cell = cells[featureColumns[i]];
      const value = parseNumber(cell);
      if (Number.isNaN(value)) {
        if (cell === '') rejectEmpty(csv, record, columns, featureColumns[i]);
        rejectNumber(csv, record, columns, featureColumns[i], cell);
      }
      values[rows * features + i] = value;
      decimals[i] = Math.max(decimals[i], decimalsOf(cell));
    }
    if (labelColumn !== null) {
      const label = cells[labelColumn];
      if (label === '') rejectEmpty(csv, record, columns, labelColumn);
      const index = classTable.indexOf(label);
      if (index < 0) rejectLabel(csv, record, labelColumn, label, reference?.classes);
      labels[rows] = index;
    }
    rows++;
  }

  return {
    async add(source) {
      const csv = openCsv(source);
      const rowsBefore = rows;
      let columns: Columns | null = null;
      await readRows(csv, (cells, record) => {
        const isFirst = columns === null;
        columns ??= begin(csv, cells, record);
        if (!isFirst || columns.header === null) addRow(csv, columns, cells, record);
      });
      if (rows === rowsBefore) {
        const where = { file: csv.file, ...lineColumn(csv.text, csv.text.length) };
        rejectData('no-rows', 'a header and no rows', { ...where, hint: 'add rows of numbers and a label' });
      }
    },
    finish() {
      const { features, labelColumn } = first!;
      const { classes, rank } = classTable.sorted();
      return {
        features,
        classes,
        rows,
        values: values.slice(0, rows * features.length),
        labels: labelColumn === null ? null : labels.slice(0, rows).map((label) => rank[label]),
        decimals: Array.from(decimals),
        image: null,
      };
    },
  };
}
