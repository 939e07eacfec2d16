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

/**
 * The same of whole multiples of `unit`, in at most `most` bars around 0. Each bar holds equally many multiples, an odd
 * number of them, so that the bars' heights can be compared and the middle one is centred on 0.
 */
export function histogramOfSteps(values: readonly number[], unit: number, most: number): Bar[] {
  const steps = Math.round(values.reduce((reach, value) => Math.max(reach, Math.abs(value)), 0) / unit);
  const least = Math.ceil((2 * steps + 1) / most);
  const inOne = least % 2 === 0 ? least + 1 : least;
  const aside = Math.ceil((steps - (inOne - 1) / 2) / inOne);
  const reach = (aside + 0.5) * inOne * unit;
  return histogram(values, -reach, reach, 2 * aside + 1);
}

/** About `about` ticks for the axis of counts, and no fractions of a count. */
export function countTicks(bars: readonly Bar[], about: number): number | number[] {
  const most = bars.reduce((a, { count }) => Math.max(a, count), 0);
  return most > about ? about : Array.from({ length: most + 1 }, (_, count) => count);
}
