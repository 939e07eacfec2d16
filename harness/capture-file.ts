import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { fileReason } from '../model/file-error.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';

/** A data file that grows row by row, so that whatever ends the program costs the last row at most. */

export interface CaptureFile {
  /** Columns of the file without its label. */
  readonly columns: readonly string[];
  append(rows: readonly (readonly string[])[]): void;
  close(): void;
}

const LABEL_COLUMN = 'label';

const cell = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const lineOf = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\n`;

function refuse(file: string, code: string, message: string, hint: string): never {
  throw new Problem({ kind: 'data', code, message, file, line: 1, hint });
}

/** Columns of an earlier recording, null where there is none; the end of a row that was never finished is cut off. */
function earlierColumns(file: string): readonly string[] | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  if (text === '') return null;
  const [header] = text.split('\n', 1);
  const columns = header.replace(/\r$/, '').split(',');
  if (!text.includes('\n') || columns.at(-1) !== LABEL_COLUMN) {
    refuse(
      file,
      'not-a-recording',
      t`the last column is ${JSON.stringify(columns.at(-1))}; expected "${LABEL_COLUMN}", as capture writes it`,
      t`record into another file`,
    );
  }
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, end)));
  return columns.slice(0, -1);
}

/**
 * Opens a file for rows of these columns, to go on where an earlier recording ended. names: of the columns, null where
 * the sketch prints none. Throws a `Problem` where the file holds something else or cannot be written.
 */
export function openCaptureFile(
  file: string,
  label: string,
  count: number,
  names: readonly string[] | null,
): CaptureFile {
  try {
    const earlier = earlierColumns(file);
    const columns = earlier ?? names ?? Array.from({ length: count }, (_, k) => `x${k + 1}`);
    if (columns.length !== count || (names && names.some((name, k) => name !== columns[k]))) {
      refuse(
        file,
        'other-columns',
        t`the file has the columns ${columns.join(', ')}; the sketch prints ${names?.join(', ') ?? t`${count} numbers`}`,
        t`record into another file`,
      );
    }
    const descriptor = openSync(file, 'a');
    if (!earlier) writeSync(descriptor, lineOf([...columns, LABEL_COLUMN]));
    return {
      columns,
      append(rows) {
        writeSync(descriptor, rows.map((row) => lineOf([...row, label])).join(''));
      },
      close() {
        fsyncSync(descriptor);
        closeSync(descriptor);
      },
    };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem({ kind: 'data', code: 'cannot-write', message: fileReason(error), file });
  }
}
