import { Help } from 'commander';
import stringWidth from 'string-width';

/** Lines for people, no longer than their terminal is wide: it would break them inside of words. */

/** Of text whose reader is no terminal, or a wide one. */
const USUAL_WIDTH = 80;
/** Narrower than this, breaking at words makes nothing easier to read. */
export const LEAST_WIDTH = 20;
/** How far a line that goes on stands to the right of its beginning. */
const HANG = 2;

/** Columns of the terminal that a stream is; Infinity where it is none: there a line is a line. */
export const columnsOf = (stream: NodeJS.WriteStream): number =>
  stream.isTTY ? stream.columns || USUAL_WIDTH : Infinity;

/** How wide text that breaks its own lines may become. */
export const lineWidth = (): number => Math.min(USUAL_WIDTH, columnsOf(process.stdout));

const help = new Help();
help.minWidthToWrap = LEAST_WIDTH;
help.displayWidth = stringWidth;

/** Lines of at most `width` columns, broken at blanks; longer where a word is. */
export const brokenAtBlanks = (line: string, width: number): string[] =>
  (width === Infinity ? line : help.boxWrap(line, width)).split('\n');

const INSTALLERS = 'sudo|brew|winget|pipx|py|npm|git|curl|xcode-select|newgrp';
/** Where in a line a command to type begins: it goes on to the end. */
const COMMAND = new RegExp(`^(?:${INSTALLERS}) |(?<=: | {2})(?:${INSTALLERS}|cd|npx|neurona) `);

/**
 * A text behind its label, such as "hint:", broken to `width` columns. A command in it is left in one piece, on a line of its
 * own: so it can be copied, which the terminal's own breaks do not prevent.
 */
export function wrapped(text: string, width: number, label = ''): string {
  return `${label}${text}`
    .split('\n')
    .map((line, k) => wrappedLine(line, width, k === 0 ? label.length : 0))
    .join('\n');
}

function wrappedLine(line: string, width: number, labelLength: number): string {
  if (stringWidth(line) <= width) return line;
  const indent = ' '.repeat(/^ */.exec(line)![0].length + HANG);
  const start = labelLength + (COMMAND.exec(line.slice(labelLength))?.index ?? line.length);
  const prose = line.slice(0, start).trimEnd();
  const command = start < line.length ? [line.slice(start)] : [];
  return [...brokenAtBlanks(prose, width - HANG), ...command].join(`\n${indent}`);
}
