import type { MeasuredPart } from './subject.js';

/** Of the range, on either side of it. */
const MARGIN = 0.06;

/** (features,) from the least to the largest value over all parts, with a little room around. */
export function featureRanges(parts: readonly MeasuredPart[]): [lowest: number, highest: number][] {
  return parts[0].data.features.map((_, i) => {
    let [lowest, highest] = [Infinity, -Infinity];
    for (const { data } of parts) {
      for (let k = i; k < data.values.length; k += data.features.length) {
        lowest = Math.min(lowest, data.values[k]);
        highest = Math.max(highest, data.values[k]);
      }
    }
    const margin = MARGIN * (highest - lowest) || 1;
    return [lowest - margin, highest + margin];
  });
}
