import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { fileReason } from '../model/file-error.js';
import { makeFolder } from '../model/make-folder.js';
import type { Prediction } from '../model/infer.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { openByteLog } from './byte-log-file.js';
import type { ByteLog } from './link.js';

/**
 * A verification on disk: who was asked what (`session.json`), every byte (`byte-log-file.ts`), every row as it was answered
 * (`rows.csv`), the rows that differed (`different.jsonl`) and, at the end, `results.json`. What was answered before an
 * interruption need not be asked again.
 */

/** Two verifications with the same identity ask the same questions of the same model. */
export interface SessionIdentity {
  readonly modelHash: string;
  /** SHA-256 of the raw features of all rows. */
  readonly dataHash: string;
  readonly board: string;
  readonly on: string;
}

/** A row that was answered. */
export interface RowRecord {
  readonly class: number;
  readonly cycles: number;
  readonly outcome: 'equal' | 'doubt' | 'different';
  readonly retries: number;
  readonly values: readonly number[];
}

export interface Difference {
  readonly row: number;
  readonly expected: Prediction;
  readonly got: Prediction;
}

export interface SessionFolder {
  readonly directory: string;
  /** Answered before, from row 0 on. */
  readonly earlier: readonly RowRecord[];
  readonly earlierDifferences: readonly Difference[];
  /** Never throws: where bytes cannot be written, the next row says so. */
  readonly bytes: ByteLog;
  /** These throw a `Problem` where the session cannot be written. */
  row(record: RowRecord): void;
  different(difference: Difference): void;
  finish(results: object): void;
  close(): void;
}

const FILES = {
  identity: 'session.json',
  rows: 'rows.csv',
  different: 'different.jsonl',
  results: 'results.json',
};
const COLUMNS = 'class,cycles,outcome,retries,values\n';
const ROW = /^(\d+),(\d+),(equal|doubt|different),(\d+),(-?\d+(?: -?\d+)*)?$/;

function parseRow(line: string): RowRecord | null {
  const found = ROW.exec(line);
  if (!found) return null;
  const [, index, cycles, outcome, retries, values] = found;
  return {
    class: Number(index),
    cycles: Number(cycles),
    outcome: outcome as RowRecord['outcome'],
    retries: Number(retries),
    values: values ? values.split(' ').map(Number) : [],
  };
}

const rowText = ({ class: index, cycles, outcome, retries, values }: RowRecord): string =>
  `${index},${cycles},${outcome},${retries},${values.join(' ')}\n`;

/** JSON has no typed arrays. */
const plainArrays = (_key: string, value: unknown): unknown =>
  value instanceof Int32Array ? [...value] : value;

/** Rows count from 1 in files, as in the data without its header. */
const differenceText = ({ row, ...rest }: Difference): string =>
  `${JSON.stringify({ row: row + 1, ...rest }, plainArrays)}\n`;

function parseDifference(line: string): Difference {
  interface Plain {
    class: number;
    outputs: number[];
    values: number[];
  }
  const { row, expected, got } = JSON.parse(line) as { row: number; expected: Plain; got: Plain };
  const typed = ({ class: index, outputs, values }: Plain): Prediction => ({
    class: index,
    outputs: Int32Array.from(outputs),
    values: Int32Array.from(values),
  });
  return { row: row - 1, expected: typed(expected), got: typed(got) };
}

/** Whole lines of a file; a last one that was not finished is cut off. */
function wholeLines(file: string): string[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, end)));
  return text.slice(0, end).split('\n').slice(0, -1);
}

const cannotWrite = (directory: string, error: unknown): Problem =>
  new Problem({
    kind: 'data',
    code: 'cannot-write',
    message: t`cannot write the session: ${fileReason(error)}`,
    file: directory,
    hint: t`make the folder writable, or generate into another one`,
  });

function openFolder(
  directory: string,
  earlier: readonly RowRecord[],
  differences: readonly Difference[],
): SessionFolder {
  const file = (name: string): string => path.join(directory, name);
  const log = openByteLog(directory);
  const rows = openSync(file(FILES.rows), 'a');
  let failure: unknown = null;
  const guarded = (write: () => void): void => {
    try {
      if (failure !== null) throw failure;
      write();
    } catch (error) {
      throw cannotWrite(directory, error);
    }
  };
  return {
    directory,
    earlier,
    earlierDifferences: differences,
    bytes(direction, bytes) {
      try {
        if (failure === null) log.log(direction, bytes);
      } catch (error) {
        failure = error;
      }
    },
    row: (record) => guarded(() => writeSync(rows, rowText(record))),
    different: (difference) =>
      guarded(() => writeFileSync(file(FILES.different), differenceText(difference), { flag: 'a' })),
    finish: (results) =>
      guarded(() => writeFileSync(file(FILES.results), `${JSON.stringify(results, plainArrays, 2)}\n`)),
    close() {
      failure ??= new Error('the session is closed'); // bytes may still come where a driver hangs
      log.close();
      closeSync(rows);
    },
  };
}

/** Begins a session in a new folder of `parent`, named after the time. Throws a `Problem` where it cannot be written. */
export function createSession(parent: string, identity: SessionIdentity): SessionFolder {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  try {
    makeFolder(parent);
    for (let n = 1; ; n++) {
      const directory = path.join(parent, n === 1 ? time : `${time}-${n}`);
      if (existsSync(directory)) continue;
      mkdirSync(directory);
      writeFileSync(path.join(directory, FILES.identity), `${JSON.stringify(identity, null, 2)}\n`);
      writeFileSync(path.join(directory, FILES.rows), COLUMNS);
      return openFolder(directory, [], []);
    }
  } catch (error) {
    throw cannotWrite(parent, error);
  }
}

/** Goes on with an interrupted session. Throws a `Problem` where it is none, or one of another model, data or device. */
export function resumeSession(directory: string, identity: SessionIdentity): SessionFolder {
  const file = path.join(directory, FILES.identity);
  const refuse = (code: string, message: string, hint: string): never => {
    throw new Problem({ kind: 'data', code, message, file, hint });
  };
  let earlier: Partial<Record<keyof SessionIdentity, unknown>>;
  try {
    earlier = JSON.parse(readFileSync(file, 'utf8')) as typeof earlier;
  } catch {
    return refuse(
      'no-session',
      t`this is no session of neurona verify`,
      t`its folder is named where it was interrupted`,
    );
  }
  const names = { modelHash: t`another model`, dataHash: t`other data`, board: t`another board` } as const;
  for (const [key, name] of Object.entries(names) as [keyof typeof names, string][]) {
    if (earlier[key] !== identity[key])
      refuse('session-differs', t`the session is of ${name}`, t`verify anew, without --resume`);
  }
  const records = wholeLines(path.join(directory, FILES.rows)).slice(1).map(parseRow);
  const broken = records.indexOf(null);
  const rows = (broken < 0 ? records : records.slice(0, broken)).filter((record) => record !== null);
  const differences = wholeLines(path.join(directory, FILES.different))
    .map(parseDifference)
    .filter(({ row }) => row < rows.length);
  try {
    writeFileSync(path.join(directory, FILES.rows), COLUMNS + rows.map(rowText).join(''));
    writeFileSync(path.join(directory, FILES.different), differences.map(differenceText).join(''));
    return openFolder(directory, rows, differences);
  } catch (error) {
    throw cannotWrite(directory, error);
  }
}
