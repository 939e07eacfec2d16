import type { WeightBits } from '../../model/network.js';

/** A network that is worth a trial, before anything is known of it. */
export interface Candidate {
  readonly hidden: readonly number[];
  readonly bits: WeightBits;
}

/** About half as much again, each time. */
const WIDTHS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128] as const;
/** Of two hidden layers the second is half as wide, as most that are used; narrower ones are wasted on it. */
const LEAST_OF_TWO = 4;

const SHAPES: readonly (readonly number[])[] = [
  [],
  ...WIDTHS.map((width) => [width]),
  ...WIDTHS.filter((width) => width >= LEAST_OF_TWO).map((width) => [width, Math.ceil(width / 2)]),
];

/** More weights than this many for each row only learn the rows by heart. */
const WEIGHTS_PER_ROW = 4;
/** Which few rows do not forbid: one hidden layer of this width. */
const USUAL_WIDTH = 32;

export function weightCount(features: number, hidden: readonly number[], outputs: number): number {
  const sizes = [features, ...hidden, outputs];
  return sizes.slice(1).reduce((sum, size, l) => sum + size * sizes[l], 0);
}

/** All that are worth a trial for data of this shape, in order of the flash that their weights take. */
export function candidatesFor(
  data: { readonly features: number; readonly outputs: number; readonly rows: number },
  widths: readonly WeightBits[],
): Candidate[] {
  const { features, outputs, rows } = data;
  const most = Math.max(WEIGHTS_PER_ROW * rows, weightCount(features, [USUAL_WIDTH], outputs));
  const weights = (hidden: readonly number[]): number => weightCount(features, hidden, outputs);
  const bitsOf = ({ hidden, bits }: Candidate): number => weights(hidden) * bits;
  return SHAPES.filter((hidden) => hidden.length === 0 || weights(hidden) <= most)
    .flatMap((hidden) => widths.map((bits): Candidate => ({ hidden, bits })))
    .sort((a, b) => bitsOf(a) - bitsOf(b) || a.bits - b.bits);
}

/** At most `count` of a list, spread evenly over it, with its first and last. */
export function thinned<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  const step = (list.length - 1) / Math.max(count - 1, 1);
  return Array.from({ length: count }, (_, k) => list[Math.round(k * step)]);
}
