import { brokenAtBlanks, lineWidth } from '../wrap.js';

/** The lecture's symbols and numbers as plain text. Layers, neurons and inputs count from 1, biases are column 0. */

/** Longer sums and vectors show their first three entries and the last. */
const MOST_TERMS = 8;
const FIRST_TERMS = 3;

/** Four significant digits; −0 is 0. */
export function number(value: number): string {
  return String(Number(value.toPrecision(4)) + 0).replaceAll('-', '−');
}

/** A factor inside a product. */
export const factor = (value: number): string =>
  value < 0 || Object.is(value, -0) ? `(${number(value)})` : number(value);

/** a_2^(3) */
export const unit = (symbol: string, i: number, layer: number): string => `${symbol}_${i}^(${layer})`;

/** w_12; w_1,10 where the digits would run together. */
export const weight = (i: number, j: number): string => `w_${i}${i > 9 || j > 9 ? ',' : ''}${j}`;

/** Which of `count` entries are shown; null is the gap. */
export function shownIndices(count: number, most = MOST_TERMS): (number | null)[] {
  if (count <= most) return Array.from({ length: count }, (_, k) => k);
  return [...Array.from({ length: FIRST_TERMS }, (_, k) => k), null, count - 1];
}

/** The shown entries as texts, with "…" in the gap. */
export function shown(count: number, entry: (index: number) => string): string[] {
  return shownIndices(count).map((index) => (index === null ? '…' : entry(index)));
}

/** `head` and the parts, wrapped to the terminal's width; further lines are indented by `indent` columns. */
function wrapped(head: string, parts: readonly string[], indent: number): string[] {
  const lines = [head];
  let gap = '';
  for (const part of parts) {
    const line = lines[lines.length - 1] + gap + part;
    if (gap !== '' && line.length > lineWidth()) lines.push(' '.repeat(indent) + part);
    else lines[lines.length - 1] = line;
    gap = ' ';
  }
  return lines;
}

/** `head = t1 + t2 + … + tn tail`. Terms stay whole; a tail of its own line, such as `= 3`, stands below the `=`. */
export function sum(head: string, terms: readonly string[], tail = ''): string[] {
  const start = `${head} = `;
  const lines = wrapped(
    start,
    terms.map((term, k) => (k === terms.length - 1 ? term : `${term} +`)),
    start.length,
  );
  if (tail === '') return lines;
  const last = `${lines[lines.length - 1]} ${tail}`;
  if (last.length <= lineWidth()) return [...lines.slice(0, -1), last];
  return [...lines, `${' '.repeat(head.length)} ${tail}`];
}

/** `name = (v1, v2, …, vn)` */
export function vector(name: string, values: ArrayLike<number>): string[] {
  const entries = shown(values.length, (k) => number(values[k]));
  const head = `${name} = (`;
  return wrapped(
    head,
    entries.map((entry, k) => entry + (k === entries.length - 1 ? ')' : ',')),
    head.length,
  );
}

/** Plain words, wrapped. */
export function prose(text: string, indent: number): string[] {
  return brokenAtBlanks(text, lineWidth() - indent).map((line) => ' '.repeat(indent) + line);
}
