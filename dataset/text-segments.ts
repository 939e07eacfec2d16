import type { Hash } from 'node:crypto';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import type { SourceFile } from './source-file.js';

/** A part of a text file that holds whole records. */
export interface TextSegment {
  readonly bytes: Buffer;
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  /** False where a record goes on behind it, which is then longer than `RECORD_LIMIT`. */
  readonly isWhole: boolean;
}

/** Bytes of one record: 64 characters for each of the most features there can be. */
export const RECORD_LIMIT = 2 ** 22;

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The offset behind the last line break that no quotes enclose; 0 where there is none. */
function endOfRecords(bytes: Buffer): number {
  const firstQuote = bytes.indexOf(QUOTE);
  const plain = firstQuote < 0 ? bytes : bytes.subarray(0, firstQuote);
  // carriage returns count only where nothing else does, so that no CRLF is cut in two
  let end = plain.lastIndexOf(LINE_FEED) + 1 || plain.lastIndexOf(CARRIAGE_RETURN) + 1;
  let isQuoted = false;
  for (let i = plain.length; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted && (byte === LINE_FEED || byte === CARRIAGE_RETURN)) end = i + 1;
  }
  return end;
}

/**
 * The text in segments that begin and end with records, as far as its quotes are in order; a small file is one. Throws
 * a `Problem` behind a segment that is not whole.
 */
export async function* textSegments(source: SourceFile, hash: Hash | null): AsyncGenerator<TextSegment> {
  let bytes: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of source.chunks(hash ?? undefined)) {
    const end = endOfRecords(bytes);
    if (end > 0) yield { bytes: bytes.subarray(0, end), offset, isWhole: true };
    offset += end;
    const rest = bytes.subarray(end);
    if (rest.length > RECORD_LIMIT) {
      yield { bytes: rest, offset, isWhole: false };
      rejectData('record-too-long', t`a row of more than ${RECORD_LIMIT} bytes`, {
        file: source.file,
        hint: t`data are text with a line for every row`,
      });
    }
    bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
  }
  if (bytes.length > 0) yield { bytes, offset, isWhole: true };
}
