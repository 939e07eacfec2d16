import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { Problem, rejectData } from '../model/problem.js';
import type { SourceFile } from './source-file.js';
import { cellOffset, invalidUtf8Offset, lineColumn } from './text-position.js';

/** The text of one CSV file. Positions are byte offsets into `text` until a problem makes lines and columns of them. */
export interface CsvText {
  readonly file: string;
  /** UTF-8, without a byte order mark. */
  readonly text: Buffer;
  readonly delimiter: ',' | ';' | '\t';
}

/** Cells of one record, unquoted and without surrounding blanks; `record` goes to `rejectCell`. */
export type RowConsumer = (cells: readonly string[], record: number) => void;

const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const CHUNK = 2 ** 18;

/** A tab or semicolon outside quotes wins over a comma, which may then be a decimal comma. */
function detectDelimiter(text: Buffer): CsvText['delimiter'] {
  let isQuoted = false;
  let delimiter: CsvText['delimiter'] = ',';
  for (const byte of text) {
    const character = String.fromCharCode(byte);
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '\t') return '\t';
    else if (character === ';') delimiter = ';';
    else if (character === '\n' || character === '\r') break;
  }
  return delimiter;
}

/** Checks the encoding and finds the delimiter. Throws a `Problem` for an empty file and for anything but UTF-8. */
export function openCsv(source: SourceFile): CsvText {
  const { file, content } = source;
  const invalid = invalidUtf8Offset(content);
  const mark = content.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  const text = content.subarray(mark);
  if (invalid >= 0) {
    const found = `0x${content[invalid].toString(16).padStart(2, '0')}`;
    rejectData('not-utf8', `not UTF-8 at byte offset ${invalid} (found ${found})`, {
      file,
      ...lineColumn(text, invalid - mark),
      hint: 'save the file as UTF-8',
    });
  }
  let start = 0;
  while (start < text.length && text[start] <= 0x20) start++;
  if (start === text.length) {
    rejectData('empty-file', 'it is empty; expected rows of numbers and a label', {
      file,
      line: 1,
      column: 1,
    });
  }
  return { file, text, delimiter: detectDelimiter(text.subarray(start)) };
}

/** Throws a `Problem` at a cell, counted from 0; `cell` = number of cells means the end of the record. */
export function rejectCell(
  csv: CsvText,
  record: number,
  cell: number,
  code: string,
  message: string,
  hint: string,
): never {
  const offset = cellOffset(csv.text, csv.delimiter.charCodeAt(0), record, cell);
  rejectData(code, message, { file: csv.file, ...lineColumn(csv.text, offset), hint });
}

function rejectSyntax(csv: CsvText, record: number, error: CsvError): never {
  const cell = error.index as number;
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    const message = 'this quote is never closed';
    rejectCell(csv, record, cell, 'unclosed-quote', message, 'add the closing quote at the end of the cell');
  }
  const message = 'a quote stands within the cell or text follows its closing quote';
  const hint =
    'put the whole cell in quotes and double those within: "say ""hello"""; the fault can also be here';
  rejectCell(csv, record, cell, 'stray-quote', message, hint);
}

/**
 * Calls `consume` for every record that is not an empty line. Nothing is kept, so that memory does not grow with the
 * number of rows. Throws a `Problem` at the cell for a quote out of place, and whatever `consume` throws.
 */
export async function readRows(csv: CsvText, consume: RowConsumer): Promise<void> {
  let record = 0;
  const parser = parse({
    delimiter: csv.delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true, // the consumer counts, and says which column is missing
    on_record: (cells: string[], info) => {
      consume(cells, record);
      record = info.bytes;
      return null;
    },
  });
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let i = 0; i < csv.text.length; i += CHUNK) {
      yield csv.text.subarray(i, i + CHUNK);
      await setImmediate(); // lets Ctrl-C through
    }
  }
  try {
    await pipeline(Readable.from(chunks()), parser.resume());
  } catch (error) {
    if (error instanceof Problem || !(error instanceof CsvError)) throw error;
    rejectSyntax(csv, record, error);
  }
}
