import type { Hash } from 'node:crypto';
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, ColumnData, FileMetaData, SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { powerOfTen } from '../model/elementary.js';
import { t } from '../model/messages.js';
import { Problem, rejectData } from '../model/problem.js';
import { CellFault } from './cell-fault.js';
import type { Columns } from './columns.js';
import { decimalsOf } from './number-cell.js';
import { checkPages, ParquetFault } from './parquet-pages.js';
import { isUsable, typeName, type ParquetUse } from './parquet-types.js';
import type { SourceFile } from './source-file.js';
import { quoted } from '../model/suggestion.js';
import type { TableRows } from './table-rows.js';

/** A range of rows of one column; rows count from 0 within the file. */
type Values = ArrayLike<unknown>;

function bufferOf(source: SourceFile): AsyncBuffer {
  return {
    byteLength: source.size,
    async slice(start, end = source.size) {
      // damaged offsets: the library leaves rejected promises behind, whereas too few bytes make it throw
      if (!(start >= 0 && start <= end)) return new ArrayBuffer(0);
      const { buffer, byteLength } = await source.readAt(start, Math.min(end, source.size));
      return buffer.slice(0, byteLength) as ArrayBuffer;
    },
  };
}

function rejectType(file: string, column: SchemaTree, use: ParquetUse): never {
  const expected = use === 'label' ? t`a label of text, integers or booleans` : t`numbers`;
  const message = t`column ${quoted(column.element.name)} is of type ${typeName(column)}; expected ${expected}`;
  const hint =
    use === 'label'
      ? t`name the label column with --label, or write its values as text or integers`
      : t`write the column as integers or floating point, or leave it out`;
  rejectData('unsupported-type', message, { file, hint });
}

function rejectValue(file: string, row: number, name: string, value: unknown): never {
  const where = t`row ${row + 1}, column ${quoted(name)}`;
  const hint = t`fill in the value or delete the row`;
  if (value === null || value === undefined) rejectData('null-value', t`${where}: null`, { file, hint });
  if (value === '') rejectData('empty-cell', t`${where}: empty text`, { file, hint });
  rejectData('cell-not-a-number', t`${where}: found ${String(value)}; expected a finite number`, {
    file,
    hint,
  });
}

/** Digits after the point in the shortest decimal text that stands for the value, `atLeast` where it has fewer. */
function decimalsOfValue(value: number, isSingle: boolean, atLeast: number): number {
  const round = isSingle ? Math.fround : (x: number): number => x;
  const unit = powerOfTen(atLeast);
  if (round(Math.round(value * unit) / unit) === value) return atLeast;
  if (!isSingle) return Math.max(atLeast, decimalsOf(String(value)));
  let digits = 1;
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
  return Math.max(atLeast, decimalsOf(value.toPrecision(digits)));
}

/** What the library stumbles over is its own affair, but for what it does not know. */
function reasonOf(error: Error): string {
  if (error instanceof ParquetFault) return error.message;
  if (/unsupported/i.test(error.message)) return t`the library that reads it says: ${error.message}`;
  return t`it is damaged or cut short`;
}

/** Runs a function of the Parquet library, whose every error means a file that it cannot make sense of. */
async function decode<T>(file: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Problem) throw error;
    return rejectData('damaged-parquet', t`cannot read it as Parquet (${reasonOf(error as Error)})`, {
      file,
      hint: t`fetch or write the file again`,
    });
  }
}

async function readSchema(source: SourceFile): Promise<{ metadata: FileMetaData; tree: SchemaTree }> {
  const metadata = await parquetMetadataAsync(bufferOf(source));
  const tree = parquetSchema(metadata);
  const isWhole =
    tree.children.every(({ element }) => typeof element.name === 'string') &&
    Array.isArray(metadata.row_groups) &&
    metadata.row_groups.every((group) => group.num_rows >= 0n && Array.isArray(group.columns));
  if (!isWhole) throw new ParquetFault(t`its footer is not complete`);
  return { metadata, tree };
}

/** The values of a column in a row group, whose rows begin at `rowStart`. */
async function readColumn(
  source: SourceFile,
  metadata: FileMetaData,
  name: string,
  rowStart: number,
  rowEnd: number,
): Promise<readonly Values[]> {
  const chunks: ColumnData[] = [];
  await decode(source.file, async () => {
    const file = bufferOf(source);
    await checkPages(file, metadata, name, rowStart, rowEnd);
    const onChunk = (chunk: ColumnData): number => chunks.push(chunk);
    await parquetRead({ file, metadata, compressors, columns: [name], rowStart, rowEnd, onChunk });
    const found = chunks.reduce((sum, { columnData }) => sum + columnData.length, 0);
    if (found !== rowEnd - rowStart) throw new ParquetFault(t`${found} values for ${rowEnd - rowStart} rows`);
  });
  return chunks.map(({ columnData }) => columnData);
}

/** Calls `use` for every value of the chunks, with its index over all of them. */
function forEachValue(chunks: readonly Values[], use: (value: unknown, index: number) => void): void {
  let index = 0;
  for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) use(chunk[i], index++);
}

/** Calls `use` for every number of a column's chunks, and gives the decimals that the longest of them needs. */
function forEachNumber(
  file: string,
  rowStart: number,
  { name, type }: SchemaTree['element'],
  chunks: readonly Values[],
  use: (number: number, index: number) => void,
): number {
  let decimals = 0;
  forEachValue(chunks, (value, index) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number))
      return rejectValue(file, rowStart + index, name, value);
    use(number + 0, index); // -0 + 0 = 0
    if (!Number.isInteger(number)) decimals = decimalsOfValue(number, type === 'FLOAT', decimals);
  });
  return decimals;
}

/** Makes `Problem`s of faults of cells: a Parquet file has rows, but neither lines nor columns of text. */
function asProblem<T>(file: string, where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof CellFault)) throw error;
    return rejectData(error.code, where + error.message, { file, hint: error.hint });
  }
}

function begin(rows: TableRows, file: string, tree: SchemaTree): Columns {
  const names = tree.children.map(({ element }) => element.name);
  const columns = asProblem(file, '', () => rows.begin(file, names, true));
  const check = (column: number, use: ParquetUse): void => {
    if (!isUsable(tree.children[column], use)) rejectType(file, tree.children[column], use);
  };
  columns.labelColumns.forEach((column) => check(column, columns.targets ? 'feature' : 'label'));
  columns.featureColumns.forEach((column) => check(column, 'feature'));
  return columns;
}

/**
 * Adds the rows of a Parquet file: numbers as features; text, integers or booleans as labels. Memory grows with the
 * largest row group. Throws a `Problem` that names the row and the column for a null and for a number that is not
 * finite, and one that names the column for a type that is neither.
 */
export async function addParquet(rows: TableRows, source: SourceFile, hash: Hash): Promise<void> {
  const { file } = source;
  for await (const chunk of source.chunks(hash)) void chunk; // for the hash: the library reads here and there
  const { metadata, tree } = await decode(file, () => readSchema(source));
  const { featureColumns, labelColumns, targets } = begin(rows, file, tree);
  const features = featureColumns.length;
  const firstRow = rows.count();
  let rowStart = 0;

  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    let values: Float64Array | null = null;
    for (let i = 0; i < features; i++) {
      const { element } = tree.children[featureColumns[i]];
      const chunks = await readColumn(source, metadata, element.name, rowStart, rowEnd);
      values ??= rows.append(rowEnd - rowStart); // not before a column is found to be as long as it says
      const target = values;
      const decimals = forEachNumber(file, rowStart, element, chunks, (number, row) => {
        target[row * features + i] = number;
      });
      rows.noteDecimals(i, decimals);
    }
    for (const [k, column] of labelColumns.entries()) {
      const { element } = tree.children[column];
      const { name } = element;
      if (targets) {
        const chunks = await readColumn(source, metadata, name, rowStart, rowEnd);
        const decimals = forEachNumber(file, rowStart, element, chunks, (number, row) => {
          rows.setTarget(firstRow + rowStart + row, k, number);
        });
        rows.noteTargetDecimals(k, decimals);
        continue;
      }
      forEachValue(await readColumn(source, metadata, name, rowStart, rowEnd), (value, row) => {
        if (value === null || value === undefined || value === '')
          return rejectValue(file, rowStart + row, name, value);
        asProblem(file, t`row ${rowStart + row + 1}: `, () =>
          rows.setLabel(firstRow + rowStart + row, String(value), column),
        );
      });
    }
    rowStart = rowEnd;
  }
  if (rowStart === 0) rejectData('no-rows', t`no rows`, { file, hint: t`use a file with rows` });
  await source.assertUnchanged();
}
