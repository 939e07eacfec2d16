import { parseEitherNumber } from './number-cell.js';

/**
 * Whether the first row, taken for data, is rather a header of numbers, as `0,1,2,label` by pandas: its features count
 * 0, 1, 2 … or 1, 2, 3 …, its label is a word found in first rows alone, and every other class has two rows or more.
 * values (rows, features), labels (rows,) index `classes`; `firstRows` are those that begin a file.
 */
export function looksLikeHeader(
  values: Float64Array,
  labels: Uint16Array,
  classes: readonly string[],
  firstRows: readonly number[],
): boolean {
  const features = values.length / labels.length;
  const start = values[0];
  if (start !== 0 && start !== 1) return false;
  for (let i = 0; i < features; i++) if (values[i] !== start + i) return false;
  const label = labels[0];
  if (!Number.isNaN(parseEitherNumber(classes[label]))) return false;
  const counts = new Uint32Array(classes.length);
  labels.forEach((k) => counts[k]++);
  const others = counts.filter((_, k) => k !== label);
  const isInFirstRows = firstRows.every((row) => labels[row] === label) && counts[label] === firstRows.length;
  return isInFirstRows && others.length > 0 && others.every((count) => count >= 2);
}
