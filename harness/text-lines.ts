import type { Port } from './port.js';

/** A line of text that a sketch printed, and when it was complete. */
export interface TextLine {
  readonly text: string;
  /** Whether it may have lost its beginning: the first one after opening. */
  readonly isFirst: boolean;
  /** On a monotonic clock, in milliseconds. */
  readonly at: number;
}

/** What is longer is no line of ours, and must not fill the memory. */
const LONGEST_LINE = 4_096;

/** Calls `onLines` with the lines that each read of the port completes; both kinds of line ending will do. */
export function readLines(port: Port, onLines: (lines: readonly TextLine[]) => void): void {
  let rest = '';
  let isFirst = true;
  let isTooLong = false;
  port.on('data', (bytes: Buffer) => {
    const at = performance.now();
    const parts = (rest + bytes.toString('latin1')).split('\n');
    rest = parts.pop() ?? '';
    const lines = parts.map((part, k): TextLine => {
      const text = isTooLong && k === 0 ? '' : part.replace(/\r$/, '');
      const line = { text, isFirst, at };
      isFirst = false;
      return line;
    });
    if (parts.length > 0) isTooLong = false;
    if (rest.length > LONGEST_LINE) {
      rest = '';
      isTooLong = true;
    }
    if (lines.length > 0) onLines(lines);
  });
}
