import { powerOfTen } from '../model/elementary.js';
import { t } from '../model/messages.js';

/** Plain decimal notation, and nothing else that `Number()` would take: no hexadecimal, no names, no blanks. */
const PLAIN_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const [PLUS, MINUS, POINT, DIGIT_0, DIGIT_9] = Array.from('+-.09', (character) => character.charCodeAt(0));

/** Digits of an integer that a double holds exactly, hence of a number that one rounding gives. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => powerOfTen(i));

/**
 * The value of short digits with a point: an exact integer divided by an exact power of ten, which IEEE 754 rounds as
 * `Number()` does (Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990). NaN where it takes more.
 */
function parseShortNumber(cell: string): number {
  const first = cell.charCodeAt(0);
  let i = first === MINUS || first === PLUS ? 1 : 0;
  if (cell.length - i > EXACT_DIGITS) return NaN;
  let integer = 0;
  let point = cell.length;
  let digits = 0;
  for (; i < cell.length; i++) {
    const code = cell.charCodeAt(i);
    if (code >= DIGIT_0 && code <= DIGIT_9) {
      integer = integer * 10 + (code - DIGIT_0);
      digits++;
    } else if (code === POINT && point === cell.length) {
      point = i;
    } else {
      return NaN;
    }
  }
  if (digits === 0) return NaN;
  const value = point === cell.length ? integer : integer / POWERS_OF_TEN[cell.length - point - 1];
  return first === MINUS ? 0 - value : value; // 0 - 0 = 0, not -0
}

/** The finite value of a cell, with -0 as 0; NaN where the cell is no plain decimal number. */
export function parseNumber(cell: string): number {
  const short = parseShortNumber(cell);
  if (!Number.isNaN(short) || !PLAIN_NUMBER.test(cell)) return short;
  const value = Number(cell) + 0; // -0 + 0 = 0
  return Number.isFinite(value) ? value : NaN;
}

/** Digits after the decimal point that the text of a plain number stands for: 1 for `5.0`, 4 for `1.5e-3`. */
export function decimalsOf(cell: string): number {
  let end = cell.indexOf('e');
  if (end < 0) end = cell.indexOf('E');
  const point = cell.indexOf('.');
  const digits = point < 0 ? 0 : (end < 0 ? cell.length : end) - point - 1;
  return end < 0 ? digits : Math.max(0, digits - Number(cell.slice(end + 1)));
}

/** What usually stands where a number should, and how to mend it. */
const MENDING: readonly (readonly [RegExp, (cell: string) => string])[] = [
  [
    /^[+-]?\d+,\d+$/,
    (cell) =>
      t`write ${cell.replace(',', '.')}: decimals take a point, not a comma; where semicolons or tabs separate the cells, all commas can be replaced at once`,
  ],
  [/^[+-]?\d{1,3}(?:[,. ']\d{3})+([.,]\d+)?$/, () => t`write numbers without separators between thousands`],
  [/^0[xX][0-9a-fA-F]{1,13}$/, (cell) => t`write it in decimal: ${parseInt(cell, 16)}`],
  [PLAIN_NUMBER, () => t`the largest number possible is about 1.8e308`],
  [/^[+-]?(?:nan|na|n\/a|null|none|inf|infinity|-|\?)$/i, () => t`fill in the value or delete the row`],
];

/** How to mend a cell that is no number; null where that does not show. */
export function numberMending(cell: string): string | null {
  const mending = MENDING.find(([pattern]) => pattern.test(cell));
  return mending?.[1](cell) ?? null;
}
