import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange, type LayerIntegers } from '../model/range-proof.js';

/**
 * Requantisation by a power of two on AVR: floor((accumulator · 2^(8+d) + 2^15) / 2^16) is the upper byte of the
 * accumulator after d doublings, with the rounding constant 2^(7-d) added to its bias beforehand.
 */

const MOST_DOUBLINGS = 3;

/** Doublings before a layer's upper bytes are its activations; null where multipliers are not such a power of two. */
export function doublingsOf(layer: Omit<QuantizedLayer, 'table'>): number | null {
  const { requantization: q, accumulatorBits } = layer;
  if (!q || q.shift !== 16 || accumulatorBits !== 16) return null;
  const doublings = Math.log2(q.multiplier[0]) - 8;
  if (!Number.isInteger(doublings) || doublings < 0 || doublings > MOST_DOUBLINGS) return null;
  if (q.multiplier.some((m) => m !== q.multiplier[0])) return null;
  return accumulatorRange(layer).highest + roundingOf(doublings) <= 32767 ? doublings : null;
}

/** What rounds: half of a unit of the activation, in units of the accumulator. */
export const roundingOf = (doublings: number): number => 2 ** (7 - doublings);

/** The layer with its rounding constants in its biases. */
export const rounded = <L extends LayerIntegers>(layer: L, doublings: number): L => ({
  ...layer,
  bias: Int32Array.from(layer.bias, (b) => b + roundingOf(doublings)),
});

/**
 * A sum within lowest..highest, rounding included, in registers `low` and `high` -> clamp(its upper byte after the doublings, 0,
 * maximum) in `high`. `scratch` is one of r16..r31. Takes the same time for every sum.
 */
export function upperByteLines(
  [low, high]: readonly string[],
  scratch: string,
  { lowest, highest }: { readonly lowest: number; readonly highest: number },
  doublings: number,
  maximum: number,
): string[] {
  const shifted = Array.from({ length: doublings }, () => [`lsl ${low}`, `rol ${high}`]).flat();
  const unit = 2 ** doublings;
  const highestByte = Math.floor((highest * unit) / 256);
  /** Sets `high` to `most` where the condition of the branch on `compared` does not hold. */
  const limit = (compare: string, most: number, branch: string): string[] => [
    ...(compare.startsWith('cpi')
      ? [compare, `ldi ${scratch}, ${most}`]
      : [`ldi ${scratch}, ${most}`, compare]),
    `${branch} 9f`,
    `mov ${high}, ${scratch}`,
    '9:',
  ];
  const cap = Math.min(highestByte, 255) > maximum ? limit(`cp ${scratch}, ${high}`, maximum, 'brsh') : [];
  const isNegative = lowest < 0;
  if ((highestByte <= 127 && lowest * unit >= -32768) || (!isNegative && highestByte <= 255)) {
    return [...shifted, ...(isNegative ? [`sbrc ${high}, 7`, `clr ${high}`] : []), ...cap];
  }
  // The carry of one doubling tells negative sums, and the highest bit after it those that exceed 127.
  if (doublings === 1 && (cap.length === 0 || maximum === 127)) {
    const most =
      Number(high.slice(1)) < 16 ? [`ldi ${scratch}, 127`, `mov ${high}, ${scratch}`] : [`ldi ${high}, 127`];
    return [
      ...shifted,
      ...(isNegative ? ['brcc 9f', `clr ${high}`, '9:'] : []),
      ...(cap.length > 0 ? [...most.slice(0, -1), `sbrc ${high}, 7`, ...most.slice(-1)] : []),
    ];
  }
  // The byte before the doublings tells negative sums, and those that are too large for a byte after them.
  const isWhole = (maximum + 1) % unit === 0;
  const most = isWhole ? maximum : 255;
  return [
    `mov ${scratch}, ${high}`,
    ...shifted,
    ...(isNegative ? [`sbrc ${scratch}, 7`, `clr ${high}`] : []),
    ...(highestByte > most ? limit(`cpi ${scratch}, ${(most + 1) / unit}`, most, 'brlt') : []),
    ...(isWhole ? [] : cap),
  ];
}

/**
 * An index in `register` -> the table's entry, by Z; `table` is the name of an operand of the assembly. Z's own value is up
 * to the caller.
 */
export const tableLines = (register: string, table: string): string[] => [
  `mov r30, ${register}`,
  'clr r31',
  `subi r30, lo8(-(%[${table}]))`,
  `sbci r31, hi8(-(%[${table}]))`,
  `lpm ${register}, Z`,
];
