import { isUtf8 } from 'node:buffer';
import type { Hash } from 'node:crypto';
import { CsvError, parse } from 'csv-parse/sync';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { CellFault } from './cell-fault.js';
import { isPlainText, parsePlainText } from './plain-text.js';
import type { SourceFile } from './source-file.js';
import { RECORD_LIMIT, textSegments } from './text-segments.js';
import { cellOffset, createLineCounter, invalidUtf8Offset, type Position } from './text-position.js';

export type Delimiter = ',' | ';' | '\t';

/** Cells of one record, unquoted and without surrounding blanks. It may throw a `CellFault`. */
export type RowConsumer = (cells: readonly string[], delimiter: Delimiter) => void;

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

const hasByteOrderMark = (source: SourceFile): boolean => source.head.subarray(0, 3).equals(BYTE_ORDER_MARK);

/** A tab or semicolon outside quotes wins over a comma, which may then be a decimal comma. */
function detectDelimiter(text: Buffer): Delimiter {
  let isQuoted = false;
  let delimiter: Delimiter = ',';
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

/**
 * Line and column of a byte offset, or of a cell of the record that begins there. Reads the file a second time: to
 * count lines while reading would slow down all files for the sake of those with a fault.
 */
async function positionOf(
  source: SourceFile,
  offset: number,
  cell?: { readonly delimiter: Delimiter; readonly index: number },
): Promise<Position> {
  await source.assertUnchanged(); // otherwise the change is the fault
  const counter = createLineCounter(hasByteOrderMark(source));
  const record: Buffer[] = [];
  let at = 0;
  for await (const chunk of source.chunks()) {
    const before = Math.min(Math.max(offset - at, 0), chunk.length);
    counter.advance(chunk.subarray(0, before));
    record.push(chunk.subarray(before));
    at += chunk.length;
    if (at > offset + RECORD_LIMIT) break;
  }
  if (cell) {
    const text = Buffer.concat(record);
    counter.advance(text.subarray(0, cellOffset(text, cell.delimiter.charCodeAt(0), 0, cell.index)));
  }
  return counter.position();
}

/** Files of UTF-16 begin with one of these, as spreadsheets write them for “Unicode text”. */
const UTF16_MARKS = ['\xfe\xff', '\xff\xfe'];

async function rejectEncoding(source: SourceFile, bytes: Buffer, offset: number): Promise<never> {
  const invalid = invalidUtf8Offset(bytes);
  const isUtf16 = offset === 0 && UTF16_MARKS.includes(bytes.toString('latin1', 0, 2));
  const found = `0x${bytes[invalid].toString(16).padStart(2, '0')}`;
  rejectData('not-utf8', t`not UTF-8 at byte offset ${offset + invalid} (found ${found})`, {
    file: source.file,
    ...(await positionOf(source, offset + invalid)),
    hint: isUtf16 ? t`it looks like UTF-16: save the file as CSV in UTF-8` : t`save the file as UTF-8`,
  });
}

function syntaxFault(error: CsvError): CellFault {
  const cell = error.index as number;
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    const hint = t`add the closing quote at the end of the cell`;
    return new CellFault('unclosed-quote', t`this quote is never closed`, hint, cell);
  }
  const message = t`a quote stands within the cell or text follows its closing quote`;
  const hint = t`put the whole cell in quotes and double those within: "say ""hello"""; the fault can also be here`;
  return new CellFault('stray-quote', message, hint, cell);
}

/** What is wrong with the record that begins at byte `record` of a segment. */
class RecordFault extends Error {
  constructor(
    readonly fault: CellFault,
    readonly record: number,
  ) {
    super(fault.message);
  }
}

/** Calls `consume` for the records of a segment. Throws a `RecordFault` for a quote out of place, too. */
function parseSegment(bytes: Buffer, delimiter: Delimiter, consume: RowConsumer): void {
  const text = bytes.toString();
  const isPlain = isPlainText(text);
  let record = 0;
  try {
    if (isPlain) {
      parsePlainText(text, delimiter, (cells, start) => {
        record = start;
        consume(cells, delimiter);
      });
    } else {
      parse(bytes, {
        delimiter,
        record_delimiter: ['\r\n', '\n', '\r'],
        skip_empty_lines: true,
        trim: true,
        relax_column_count: true, // the consumer counts, and says which column is missing
        on_record: (cells: string[], info) => {
          consume(cells, delimiter);
          record = info.bytes;
          return null;
        },
      });
    }
  } catch (error) {
    const fault = error instanceof CsvError ? syntaxFault(error) : error;
    if (!(fault instanceof CellFault)) throw error;
    throw new RecordFault(fault, isPlain ? Buffer.byteLength(text.slice(0, record)) : record);
  }
}

/**
 * Calls `consume` for every record of a CSV file that is not an empty line, and feeds `hash`. Nothing is kept, so that
 * memory does not grow with the number of rows. Throws a `Problem` for an empty file, for anything but UTF-8, and at the
 * cell for a quote out of place and for a `CellFault` of `consume`.
 */
export async function readCsv(source: SourceFile, hash: Hash | null, consume: RowConsumer): Promise<void> {
  const { file } = source;
  let delimiter: Delimiter | null = null;
  for await (const { bytes, offset, isWhole } of textSegments(source, hash)) {
    if (isWhole && !isUtf8(bytes)) await rejectEncoding(source, bytes, offset);
    const mark = offset === 0 && hasByteOrderMark(source) ? BYTE_ORDER_MARK.length : 0;
    const text = bytes.subarray(mark);
    if (delimiter === null) {
      const start = text.findIndex((byte) => byte > 0x20);
      if (start < 0) continue;
      delimiter = detectDelimiter(text.subarray(start));
    }
    try {
      parseSegment(text, delimiter, consume);
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
      const { fault, record } = error;
      const cell = { delimiter, index: fault.cell };
      const position = await positionOf(source, offset + mark + record, cell);
      rejectData(fault.code, fault.message, { file, ...position, hint: fault.hint });
    }
  }
  if (delimiter === null) {
    const where = { file, line: 1, column: 1, hint: t`add rows of numbers and a label` };
    rejectData('empty-file', t`it is empty; expected rows of numbers and a label`, where);
  }
}

/** Where a CSV file ends. */
export const endPosition = (source: SourceFile): Promise<Position> => positionOf(source, Infinity);
