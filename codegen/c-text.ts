/** Numbers and text as C source. The only way a value reaches a template. */

/** An integer as a C literal that every compiler reads with the same value; throws on anything but an integer. */
export function int(value: number): string {
  if (!Number.isSafeInteger(value))
    throw new Error(`${value} is not an integer: only integers may reach generated C`);
  if (value < -2147483648 || value > 4294967295) throw new Error(`${value} does not fit in 32 bits`);
  if (value === -2147483648) return '(-2147483647 - 1)'; // C has no negative literals, and 2147483648 would be wider
  return Object.is(value, -0) ? '0' : String(value);
}

/** A word of 32 bits, 0..2^32 - 1, as eight hexadecimal digits. */
export function word(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > 4294967295)
    throw new Error(`${value} is not a word of 32 bits`);
  return `0x${value.toString(16).padStart(8, '0')}U`;
}

const MOST_PER_ROW = 12;
const ROW_LETTERS = 120;

/** Array elements, right-aligned: 12 a row, fewer where that would be too long. */
export function rows(
  values: ArrayLike<number>,
  literal: (value: number) => string = int,
  indentation = '    ',
): string {
  const words = Array.from(values, literal);
  const width = words.reduce((widest, word) => Math.max(widest, word.length), 0);
  const fitting = Math.floor((ROW_LETTERS - indentation.length) / (width + 2));
  const perRow = Math.min(MOST_PER_ROW, fitting);
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += perRow) {
    lines.push(
      `${indentation}${words
        .slice(i, i + perRow)
        .map((word) => word.padStart(width))
        .join(', ')}`,
    );
  }
  return lines.join(',\n');
}

/** UTF-8 bytes as the inside of a C string literal: octal escapes can't run on, and no trigraph can form. */
export function stringLiteral(text: string): string {
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const letter = String.fromCharCode(byte);
    out += /[A-Za-z0-9 _.,:;()<>=+*/&%$#@!~^'|{}[\]-]/.test(letter)
      ? letter
      : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return out;
}

/** Text for inside a comment: nothing in it can end the comment, continue a line or be a trigraph. */
export function commentText(text: string): string {
  return text
    .slice(0, 60)
    .replace(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, ' ')
    .replace(/[*/\\?]/g, '_');
}
