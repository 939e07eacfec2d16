/** A curve in one line of text. */

const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * Values as blocks, at most `width` of them: each the mean of its share of the values, from the least (lowest block) to
 * the largest.
 */
export function sparkline(values: readonly number[], width: number): string {
  const count = Math.min(values.length, width);
  const means = Array.from({ length: count }, (_, k) => {
    const part = values.slice(
      Math.floor((k * values.length) / count),
      Math.floor(((k + 1) * values.length) / count),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const least = Math.min(...means);
  const span = Math.max(...means) - least;
  return means
    .map((mean) => HEIGHTS[span > 0 ? Math.min(Math.floor((8 * (mean - least)) / span), 7) : 0])
    .join('');
}
