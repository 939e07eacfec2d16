import type { Dataset } from './dataset.js';

/** Which columns number the rows instead of measuring something. */

/** With fewer rows a measurement may look like a count by chance. */
const LEAST_ROWS = 20;
/** Steps within half of the median step are even; a clock has longer ones where a recording stopped. */
const EVENNESS = { share: 0.9, least: 0.5, most: 1.5 } as const;
/** Serial numbers reach over at most so many times as many whole numbers as there are rows, which may be a part of them. */
const SPARSENESS = 1.5;

type Values = ArrayLike<number>; // of one column: (rows,)

/** 1 for values that rise from row to row, -1 for those that fall, 0 for all others. */
function direction(values: Values): number {
  const way = Math.sign(values[1] - values[0]);
  for (let r = 1; r < values.length; r++) if (Math.sign(values[r] - values[r - 1]) !== way) return 0;
  return way;
}

/** Row numbers in their order and clocks: strictly monotone, in even steps. Sorted measurements have uneven ones. */
function stepsEvenly(values: Values): boolean {
  if (direction(values) === 0) return false;
  const steps = Float64Array.from({ length: values.length - 1 }, (_, r) =>
    Math.abs(values[r + 1] - values[r]),
  );
  const median = steps.toSorted()[steps.length >> 1];
  const even = steps.filter((step) => step >= EVENNESS.least * median && step <= EVENNESS.most * median);
  return even.length >= EVENNESS.share * steps.length;
}

/** Serial numbers in any order: whole numbers, no two of them equal, with hardly any left out. */
function isSerial(values: Values): boolean {
  let [lowest, highest] = [Infinity, -Infinity];
  for (let r = 0; r < values.length; r++) {
    if (!Number.isInteger(values[r])) return false;
    lowest = Math.min(lowest, values[r]);
    highest = Math.max(highest, values[r]);
  }
  if (highest - lowest + 1 > SPARSENESS * values.length) return false;
  const seen = new Uint8Array(highest - lowest + 1);
  for (let r = 0; r < values.length; r++) {
    if (seen[values[r] - lowest]++ > 0) return false;
  }
  return true;
}

/** Rows sorted by what is to be predicted, ties and a few exceptions allowed. */
function areSorted(values: Values): boolean {
  let [rising, falling] = [0, 0];
  for (let r = 1; r < values.length; r++) {
    if (values[r] >= values[r - 1]) rising++;
    if (values[r] <= values[r - 1]) falling++;
  }
  return Math.max(rising, falling) >= EVENNESS.share * (values.length - 1);
}

/** (rows,) column `index` of values (rows, columns). */
const columnOf = (values: Values, columns: number, rows: number, index: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, r) => values[r * columns + index]);

/**
 * The features, as indices, that number the rows in the order of `data`: row numbers, serial numbers, clocks. From such
 * a column a network learns where in the file a class stands, test rows included, and nothing about new rows. A
 * regression may well depend on time, so there they count only where the rows are sorted by a target; and what would be
 * the only feature is one, as the x of a function.
 */
export function countingFeatures({ features, image, targets, rows, values }: Dataset): number[] {
  if (image || features.length < 2 || rows < LEAST_ROWS) return [];
  const isSorted = targets?.names.some((_, k) =>
    areSorted(columnOf(targets.values, targets.names.length, rows, k)),
  );
  if (isSorted === false) return [];
  return [...features.keys()].filter((i) => {
    const begin = columnOf(values, features.length, LEAST_ROWS, i);
    if (new Set(begin).size < LEAST_ROWS) return false; // most columns, at little cost
    const column = columnOf(values, features.length, rows, i);
    return stepsEvenly(column) || isSerial(column);
  });
}
