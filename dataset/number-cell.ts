import { powerOfTen } from '../model/elementary.js';
import { t } from '../model/messages.js';

/** What stands before the decimals. */
export type DecimalMark = '.' | ',';

/** Plain decimal notation, and nothing else that `Number()` would take: no hexadecimal, no names, no blanks. */
const PLAIN_NUMBER: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/,
  ',': /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/,
};

const [PLUS, MINUS, POINT, COMMA, DIGIT_0, DIGIT_9] = Array.from('+-.,09', (character) =>
  character.charCodeAt(0),
);

/** Digits of an integer that a double holds exactly, hence of a number that one rounding gives. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => powerOfTen(i));

/**
 * The value of short digits with a decimal mark: an exact integer divided by an exact power of ten, which IEEE 754 rounds as
 * `Number()` does (Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990). NaN where it takes more.
 */
function parseShortNumber(cell: string, mark: number): number {
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
    } else if (code === mark && point === cell.length) {
      point = i;
    } else {
      return NaN;
    }
  }
  if (digits === 0) return NaN;
  const value = point === cell.length ? integer : integer / POWERS_OF_TEN[cell.length - point - 1];
  return first === MINUS ? 0 - value : value; // 0 - 0 = 0, not -0
}

/** The finite value of a cell, with -0 as 0; NaN where the cell is no plain decimal number with that mark. */
export function parseNumber(cell: string, mark: DecimalMark = '.'): number {
  const short = parseShortNumber(cell, mark === '.' ? POINT : COMMA);
  if (!Number.isNaN(short) || !PLAIN_NUMBER[mark].test(cell)) return short;
  const value = Number(mark === '.' ? cell : cell.replace(mark, '.')) + 0; // -0 + 0 = 0
  return Number.isFinite(value) ? value : NaN;
}

/** The value of a cell whichever its decimal mark. */
export function parseEitherNumber(cell: string): number {
  const value = parseNumber(cell);
  return Number.isNaN(value) ? parseNumber(cell, ',') : value;
}

/** Digits after the decimal mark that the text of a plain number stands for: 1 for `5.0`, 4 for `1.5e-3`. */
export function decimalsOf(cell: string, mark: DecimalMark = '.'): number {
  let end = cell.indexOf('e');
  if (end < 0) end = cell.indexOf('E');
  const point = cell.indexOf(mark);
  const digits = point < 0 ? 0 : (end < 0 ? cell.length : end) - point - 1;
  return end < 0 ? digits : Math.max(0, digits - Number(cell.slice(end + 1)));
}

/** What usually stands where a number should, and how to mend it. */
const MENDING: readonly (readonly [RegExp, (cell: string) => string])[] = [
  [/^[+-]?\d{1,3}(?:[,. ']\d{3})+([.,]\d+)?$/, () => t`write numbers without separators between thousands`],
  [/^0[xX][0-9a-fA-F]{1,13}$/, (cell) => t`write it in decimal: ${parseInt(cell, 16)}`],
  ...Object.values(PLAIN_NUMBER).map(
    (pattern) => [pattern, () => t`the largest number possible is about 1.8e308`] as const,
  ),
  [/^[+-]?(?:nan|na|n\/a|null|none|inf|infinity|-|\?)$/i, () => t`fill in the value or delete the row`],
];

/** How to mend a cell that is no number; null where that does not show. */
export function numberMending(cell: string): string | null {
  const mending = MENDING.find(([pattern]) => pattern.test(cell));
  return mending?.[1](cell) ?? null;
}
