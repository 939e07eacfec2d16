import { t } from '../model/messages.js';
import type { TargetScore } from '../trainer/regression-scores.js';
import { textTable } from './text-table.js';

/** How well numbers are predicted, for people. */

/** 0.012345 → "0.01235", 12345.6 → "12346": four digits, or those before the point. */
export function measure(value: number): string {
  const digits = Number(value.toPrecision(4));
  return Math.abs(value) >= 1e4 && Math.abs(value) < 1e15 ? String(Math.round(value)) : String(digits);
}

export const r2Text = (r2: number | null): string => (r2 === null ? '–' : r2.toFixed(4));

/** One row per target of each part; `parts` are headings of the rows, such as `test` and `integers`. */
export function scoreTable(
  headings: readonly string[],
  parts: readonly (readonly [headings: readonly string[], scores: readonly TargetScore[]])[],
  bold: (text: string) => string,
): string[] {
  const targets = parts[0][1].map(({ target }) => target);
  const rows = targets.flatMap((target, k) =>
    parts.map(([names, scores], p) => {
      const { rmse, mae, r2 } = scores[k];
      const name = target.length > 24 ? `${target.slice(0, 23)}…` : target;
      return [p === 0 ? name : '', ...names, measure(rmse), measure(mae), r2Text(r2)];
    }),
  );
  const left = ['left', ...headings.map(() => 'left'), 'right'] as ('left' | 'right')[];
  return textTable([[t`target`, ...headings, 'RMSE', 'MAE', 'R²'].map(bold), ...rows], left);
}

const LONGEST_LIST = 40;
const MOST_SCORES = 4;

/** "RMSE 0.12", or with several targets "RMSE 0.12 (y1), 0.3 (y2)"; without the names where those are long. */
export function rmseText(scores: readonly TargetScore[]): string {
  if (scores.length === 1) return `RMSE ${measure(scores[0].rmse)}`;
  const named = scores.map(({ target, rmse }) => `${measure(rmse)} (${target})`).join(', ');
  if (named.length <= LONGEST_LIST) return `RMSE ${named}`;
  const first = scores.slice(0, MOST_SCORES).map(({ rmse }) => measure(rmse));
  return `RMSE ${first.join(', ')}${scores.length > MOST_SCORES ? ', …' : ''}`;
}

/** 2 → "0.01", 0 → "1", -2 → "100" */
export const unitText = (decimals: number): string =>
  Math.abs(decimals) > 6
    ? `1e${-decimals}`
    : decimals > 0
      ? `0.${'0'.repeat(decimals - 1)}1`
      : `1${'0'.repeat(-decimals)}`;
