import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { LIMITS } from '../model/quantized-model.js';
import { rejectCell } from './cell-fault.js';
import { createClassTable } from './class-table.js';
import { decideColumns, type Columns } from './columns.js';
import type { Dataset } from './dataset.js';
import { looksLikeHeader } from './numeric-header.js';
import type { LoadOptions } from './row-collector.js';
import { quoted, quotedList, suggestion } from '../model/suggestion.js';

/** The rows of one table after the other. */
export interface TableRows {
  /** How many rows have been added. */
  count(): number;
  /**
   * Decides from a file's first record which column is what. Throws a `CellFault`, or a `Problem` where the columns
   * are not those of the first file; with a `reference` it is enough that they have its features.
   */
  begin(file: string, cells: readonly string[], header?: boolean): Columns;
  /** Adds `rows` rows. Returns where their values (rows, features) are to be written. */
  append(rows: number): Float64Array;
  /** The label of row `row`. Throws a `CellFault` at cell `column` for one that cannot be. */
  setLabel(row: number, label: string, column: number): void;
  /** Target `target`, counted from 0, of row `row`. */
  setTarget(row: number, target: number, value: number): void;
  /** A value of this target has so many digits after the decimal point. */
  noteTargetDecimals(target: number, decimals: number): void;
  /** A value of this feature, counted from 0, has so many digits after the decimal point. */
  noteDecimals(feature: number, decimals: number): void;
  finish(): Omit<Dataset, 'name' | 'sha256'>;
}

function rejectOtherColumns(file: string, first: Columns, columns: Columns): never {
  const describe = ({ header, count }: Columns): string =>
    header ? t`the columns ${quotedList(header)}` : t`${count} columns without a header`;
  rejectData('different-columns', t`it has ${describe(columns)}; the first file has ${describe(first)}`, {
    file,
    line: 1,
    column: 1,
    hint: t`files that are used together need the same columns in the same order`,
  });
}

const isSameHeader = (a: Columns, b: Columns): boolean =>
  a.count === b.count && (a.header?.every((name, i) => name === b.header?.[i]) ?? b.header === null);

function rejectLabel(
  label: string,
  column: number,
  classes: readonly string[] | undefined,
  sameNumber: string | undefined,
): never {
  if (classes) {
    const message = t`label ${quoted(label)} was not seen in training; the classes are ${quotedList(classes)}`;
    const hint = t`${suggestion(label, classes)}; if the labels stand in another column, name it with --label`;
    rejectCell(column, 'unknown-label', message, hint);
  }
  if (sameNumber !== undefined) {
    const message = t`label ${quoted(label)} is the same number as ${quoted(sameNumber)}, a class already`;
    rejectCell(column, 'same-number', message, t`write ${sameNumber} in every row that means the same class`);
  }
  const message = t`${quoted(label)} is class ${LIMITS.classes + 1}; at most ${LIMITS.classes} are possible`;
  const hint = t`if the labels stand in another column, name it with --label; numbers to predict take --task regression`;
  rejectCell(column, 'too-many-classes', message, hint);
}

function rejectNumericHeader(file: string, label: string): never {
  const message = t`its first row counts the columns, and the label ${quoted(label)} is found nowhere else: is it a header?`;
  rejectData('header-or-row', message, {
    file,
    hint: t`if it is, say --header; if it is a row, --no-header`,
  });
}

export function createTableRows(options: LoadOptions): TableRows {
  const { reference } = options;
  const classTable = createClassTable(reference?.classes);
  let first: Columns | null = null;
  let features = 0;
  // Both have room to grow. What has never been written to takes no memory.
  let values = new Float64Array(0); // (rows, features)
  let labels = new Uint16Array(0); // (rows,) provisional classes
  let count = 0;
  let firstFile = '';
  const firstRows: number[] = []; // of each file
  let decimals: Uint16Array = new Uint16Array(0);
  let targetCount = 0;
  let targets = new Float64Array(0); // (rows, targets)
  let targetDecimals: Uint16Array = new Uint16Array(0);

  function reserve(rows: number): void {
    if (rows <= labels.length) return;
    const room = Math.max(rows, labels.length * 2, 256);
    const [oldValues, oldLabels, oldTargets] = [values, labels, targets];
    values = new Float64Array(room * features);
    values.set(oldValues.subarray(0, count * features));
    labels = new Uint16Array(room);
    labels.set(oldLabels.subarray(0, count));
    targets = new Float64Array(room * targetCount);
    targets.set(oldTargets.subarray(0, count * targetCount));
  }

  return {
    count: () => count,
    begin(file, cells, header = options.header) {
      const columns = decideColumns(cells, { ...options, header });
      if (!first) {
        first = columns;
        firstFile = file;
        features = columns.features.length;
        decimals = new Uint16Array(features);
        targetCount = columns.targets ? columns.labelColumns.length : 0;
        targetDecimals = new Uint16Array(targetCount);
      }
      const fits = reference
        ? first.labelColumns.length === columns.labelColumns.length
        : isSameHeader(first, columns);
      if (!fits) rejectOtherColumns(file, first, columns);
      firstRows.push(count);
      return columns;
    },
    append(rows) {
      reserve(count + rows);
      count += rows;
      return values.subarray((count - rows) * features, count * features);
    },
    setLabel(row, label, column) {
      const index = classTable.indexOf(label);
      if (index < 0) rejectLabel(label, column, reference?.classes, classTable.sameNumber(label));
      labels[row] = index;
    },
    setTarget(row, target, value) {
      targets[row * targetCount + target] = value;
    },
    noteTargetDecimals(target, found) {
      if (found > targetDecimals[target]) targetDecimals[target] = found;
    },
    noteDecimals(feature, found) {
      if (found > decimals[feature]) decimals[feature] = found;
    },
    finish() {
      const { classes, rank } = classTable.sorted();
      const own = labels.subarray(0, count);
      own.forEach((label, row) => (own[row] = rank[label]));
      const ownValues = values.subarray(0, count * features);
      const isOpen =
        options.header === undefined && !reference && first!.header === null && targetCount === 0;
      if (isOpen && looksLikeHeader(ownValues, own, classes, firstRows))
        rejectNumericHeader(firstFile, classes[own[0]]);
      return {
        features: first!.features,
        classes,
        rows: count,
        values: ownValues,
        labels: targetCount > 0 || first!.labelColumns.length === 0 ? null : own,
        targets:
          targetCount === 0
            ? null
            : {
                names: first!.targets!,
                values: targets.subarray(0, count * targetCount),
                decimals: Array.from(targetDecimals),
              },
        decimals: Array.from(decimals),
        image: null,
      };
    },
  };
}
