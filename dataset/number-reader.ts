import { t } from '../model/messages.js';
import { quoted } from '../model/suggestion.js';
import { decimalsOf, parseEitherNumber, parseNumber, type DecimalMark } from './number-cell.js';

/**
 * Reads the numbers of one file, whose first decimal mark is that of all: a point, or a comma, as spreadsheets write in
 * much of Europe and Latin America.
 */
export interface NumberReader {
  /** The finite value of a cell; NaN where it is no number, or has the other mark. */
  value(cell: string): number;
  /** Digits after the mark of a cell that `value` has read. */
  decimals(cell: string): number;
  /** Of the file so far; null where no number had decimals. */
  mark(): DecimalMark | null;
  /** Whether every comma so far may as well separate thousands, as in `1,234`. */
  isDoubtful(): boolean;
}

const MAY_BE_THOUSANDS = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;

export function createNumberReader(): NumberReader {
  let mark: DecimalMark | null = null;
  let isDoubtful = false;
  function other(cell: string): number {
    const value = mark === null ? parseNumber(cell, ',') : NaN;
    if (Number.isNaN(value)) return NaN;
    mark = ',';
    isDoubtful = MAY_BE_THOUSANDS.test(cell);
    return value;
  }
  return {
    value(cell) {
      const value = parseNumber(cell, mark ?? '.');
      if (Number.isNaN(value)) return other(cell);
      if (isDoubtful && cell.includes(',')) isDoubtful = MAY_BE_THOUSANDS.test(cell);
      return value;
    },
    decimals(cell) {
      const count = decimalsOf(cell, mark ?? '.');
      if (mark === null && count > 0 && cell.includes('.')) mark = '.';
      return count;
    },
    mark: () => mark,
    isDoubtful: () => isDoubtful,
  };
}

/** What is wrong with a number that has another decimal mark than those before it, and how to mend it; else null. */
export function otherMark(cell: string, mark: DecimalMark | null): { message: string; hint: string } | null {
  if (mark === null || Number.isNaN(parseEitherNumber(cell))) return null;
  const right = cell.replace(/[.,]/, mark);
  const mending = MAY_BE_THOUSANDS.test(cell)
    ? t`write ${right}, or ${cell.replace(/[.,]/, '')} where that is meant`
    : t`write ${right}`;
  return {
    message:
      mark === '.'
        ? t`found ${quoted(cell)}; the numbers before it have decimal points`
        : t`found ${quoted(cell)}; the numbers before it have decimal commas`,
    hint: t`${mending}: all numbers of a file have the same decimal mark`,
  };
}
