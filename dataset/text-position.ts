import { isUtf8 } from 'node:buffer';

/** Positions in UTF-8 text, worked out from byte offsets only when there is a problem to report. */

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;

const isLineBreak = (byte: number): boolean => byte === LINE_FEED || byte === CARRIAGE_RETURN;
const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

/** Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Follows a text piece by piece. Lines end in LF, CRLF or CR; columns count characters (code points). */
export interface LineCounter {
  advance(text: Uint8Array): void;
  /** Of the first byte behind all that was passed. */
  position(): Position;
}

/** A byte order mark at the beginning is no character of the text. */
export function createLineCounter(hasByteOrderMark: boolean): LineCounter {
  let line = 1;
  let column = hasByteOrderMark ? 0 : 1;
  let previous = 0;
  return {
    advance(text) {
      for (const byte of text) {
        if (isLineBreak(byte)) {
          if (byte !== LINE_FEED || previous !== CARRIAGE_RETURN) line++;
          column = 1;
        } else if ((byte & 0xc0) !== 0x80) {
          column++; // the second and later bytes of a character are 10xxxxxx
        }
        previous = byte;
      }
    },
    position: () => ({ line, column: Math.max(column, 1) }),
  };
}

/**
 * Byte offset at which a cell of a CSV record begins, quote included, blanks before it not. `record` is where the
 * record before it ended: empty lines may lie between. With `cell` = number of cells it is the end of the record.
 */
export function cellOffset(text: Uint8Array, delimiter: number, record: number, cell: number): number {
  let i = record;
  while (i < text.length && (isLineBreak(text[i]) || (isBlank(text[i]) && text[i] !== delimiter))) i++;
  for (let remaining = cell; remaining > 0 && i < text.length; remaining--) {
    i = skipBlanks(text, delimiter, i);
    if (text[i] === QUOTE) {
      for (i++; i < text.length; i++) {
        if (text[i] !== QUOTE) continue;
        if (text[i + 1] !== QUOTE) break;
        i++; // a doubled quote is a quote within the cell
      }
    }
    while (i < text.length && text[i] !== delimiter && !isLineBreak(text[i])) i++;
    if (text[i] === delimiter) i++;
    else return i;
  }
  return skipBlanks(text, delimiter, i);
}

/** The first byte that is not blank, or `from` where the cell holds nothing else. */
function skipBlanks(text: Uint8Array, delimiter: number, from: number): number {
  let i = from;
  while (i < text.length && isBlank(text[i]) && text[i] !== delimiter) i++;
  return i === text.length || text[i] === delimiter || isLineBreak(text[i]) ? from : i;
}

/** Offset at which the first invalid UTF-8 sequence begins, or -1. */
export function invalidUtf8Offset(text: Uint8Array): number {
  if (isUtf8(text)) return -1;
  let valid = 0; // the text before is valid and whole
  let end = text.length; // the text before is not
  const longestValid = (from: number, to: number): number | undefined => {
    for (let i = to; i >= from; i--) if (isUtf8(text.subarray(valid, i))) return i;
    return undefined;
  };
  while (end - valid > 8) {
    const middle = (valid + end) >> 1;
    const boundary = longestValid(middle - 3, middle); // a character has at most four bytes
    if (boundary === undefined) end = middle - 3;
    else valid = boundary;
  }
  return longestValid(valid, end)!;
}
