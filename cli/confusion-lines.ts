import stringWidth from 'string-width';
import { t } from '../model/messages.js';
import type { ClassScore } from '../trainer/evaluate.js';
import { percent, textTable } from './text-table.js';
import { lineWidth } from './wrap.js';

/** What `neurona evaluate` shows of the classes, within the width of a terminal. */

/** More classes make no table that anybody reads; --json has them all. */
const MOST_CLASSES_SHOWN = 12;
const scoreHeadings = (): string[] => [t`precision`, t`recall`, 'F1'];

const shortened = (name: string, length: number): string =>
  name.length > length ? `${name.slice(0, length - 1)}…` : name;

/** The confusion matrix, actual classes in rows, with `more` columns to its right. */
function matrixLines(
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
  corner: string,
  more: { readonly headings: readonly string[]; readonly cells: readonly (readonly string[])[] },
): string[] {
  const widest = String(Math.max(...confusion.flat())).length;
  const length = Math.max(Math.floor(40 / classes.length), widest, 3);
  const head = [`  ${corner}`, ...classes.map((name) => shortened(name, length)), ...more.headings];
  const rows = classes.map((name, k) => [
    `  ${shortened(name, 12)}`,
    ...confusion[k].map(String),
    ...(more.cells[k] ?? []),
  ]);
  return textTable([head, ...rows], ['left', 'right']);
}

const fits = (lines: readonly string[]): boolean => lines.every((line) => stringWidth(line) <= lineWidth());

/** confusion[actual][predicted] (K, K) and the scores (K,): one table, or two where one is too wide. */
export function confusionLines(
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
  scores: readonly ClassScore[],
): string[] {
  const elsewhere = `  ${t`(--json gives the confusion matrix)`}`;
  if (classes.length > MOST_CLASSES_SHOWN) return [elsewhere];
  const cells = scores.map(({ precision, recall, f1 }) => [precision, recall, f1].map(percent));
  const together = matrixLines(classes, confusion, t`is \\ taken for`, { headings: scoreHeadings(), cells });
  if (fits(together)) return together;
  const matrix = matrixLines(classes, confusion, t`is \\ as`, { headings: [], cells: [] });
  const head = [`  ${t`class`}`, ...scoreHeadings()];
  const rows = classes.map((name, k) => [`  ${shortened(name, 40)}`, ...cells[k]]);
  return [...(fits(matrix) ? matrix : [elsewhere]), '', ...textTable([head, ...rows], ['left', 'right'])];
}
