/** How often numbers fall between others. */

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts in `bins` bars of one width. `from` < `to`; no value lies outside them. */
export function histogram(values: Iterable<number>, from: number, to: number, bins: number): Bar[] {
  const counts = new Uint32Array(bins);
  const width = (to - from) / bins;
  for (const value of values) counts[Math.min(Math.floor((value - from) / width), bins - 1)]++;
  return Array.from(counts, (count, k) => ({ from: from + k * width, to: from + (k + 1) * width, count }));
}

/** About `about` ticks for the axis of counts, and no fractions of a count. */
export function countTicks(bars: readonly Bar[], about: number): number | number[] {
  const most = bars.reduce((a, { count }) => Math.max(a, count), 0);
  return most > about ? about : Array.from({ length: most + 1 }, (_, count) => count);
}
