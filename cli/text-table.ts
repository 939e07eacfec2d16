import stringWidth from 'string-width';
import { m, say, type Message } from '../model/messages.js';
import { brokenAtBlanks, columnsOf, LEAST_WIDTH } from './wrap.js';

/** Tables and lists for people, in plain text. */

type Side = 'left' | 'right';
type Cells = readonly string[];

function pad(text: string, width: number, side: Side): string {
  const spaces = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return side === 'left' ? text + spaces : spaces + text;
}

const GAP = 2;

/**
 * Rows of cells in columns, two spaces apart. `sides` says where each column's text stands; the last one's
 * entry holds for all further columns. In a terminal too narrow for it, columns stand closer, or the text of the last one is
 * broken, or those that find no room stand below the others, behind the first one again.
 */
export function textTable(
  rows: readonly Cells[],
  sides: readonly Side[],
  width = columnsOf(process.stdout),
): string[] {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, c) =>
    rows.reduce((widest, row) => Math.max(widest, stringWidth(row[c] ?? '')), 0),
  );
  const sideOf = (c: number): Side => sides[Math.min(c, sides.length - 1)];
  const widthOf = (shown: readonly number[], gap = GAP): number =>
    shown.reduce((sum, c) => sum + widths[c] + gap, -gap);
  const line = (row: Cells, shown: readonly number[], gap = GAP): string =>
    shown
      .filter((c) => c < row.length)
      .map((c) => pad(row[c], widths[c], sideOf(c)))
      .join(' '.repeat(gap))
      .trimEnd();

  const all = widths.map((_, c) => c);
  for (const gap of [GAP, GAP - 1])
    if (widthOf(all, gap) <= width) return rows.map((row) => line(row, all, gap));
  const last = columns - 1;
  const room = width - widthOf(all) + widths[last];
  if (sideOf(last) === 'left' && room >= LEAST_WIDTH) {
    const before = all.slice(0, -1);
    return rows.flatMap((row) =>
      row.length < columns
        ? [line(row, all)]
        : brokenAtBlanks(row[last], room).map((part, k) =>
            line([...(k === 0 ? row.slice(0, -1) : before.map(() => '')), part], all),
          ),
    );
  }
  return columnBlocks(all, widthOf, width).flatMap((shown, k) => {
    const [, ...others] = shown;
    const withMore = rows.filter((row) => k === 0 || others.some((c) => row[c]));
    return [...(k === 0 ? [] : ['']), ...withMore.map((row) => line(row, shown))];
  });
}

/** Which columns stand beside one another: the first one, and as many as find room behind it. */
function columnBlocks(
  columns: readonly number[],
  widthOf: (shown: readonly number[]) => number,
  width: number,
): number[][] {
  const [first, ...others] = columns;
  const blocks = [[first]];
  for (const c of others) {
    const block = blocks[blocks.length - 1];
    if (block.length > 1 && widthOf([...block, c]) > width) blocks.push([first, c]);
    else block.push(c);
  }
  return blocks;
}

/** Cells as a line of CSV (RFC 4180): in quotes where they hold a comma, a quote or a line break. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}

/** 0.9733 → "97.3 %" */
export function percent(fraction: number | null): string {
  return fraction === null ? '–' : `${(100 * fraction).toFixed(1)} %`;
}

/** "-1.5" → "−1.5", as text for people has it. */
export const minus = (number: string): string => number.replace(/^-/, '−');

/** 1234567 → "1,234,567" */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** One of each, and several. */
const NOUNS = {
  row: [m`row`, m`rows`],
  epoch: [m`epoch`, m`epochs`],
  reading: [m`reading`, m`readings`],
  repeat: [m`repeat`, m`repeats`],
  unit: [m`unit`, m`units`],
  feature: [m`feature`, m`features`],
  class: [m`class`, m`classes`],
  target: [m`target`, m`targets`],
} as const satisfies Readonly<Record<string, readonly [Message, Message]>>;

export type Noun = keyof typeof NOUNS;

/** "1 row", "2 rows" */
export function counted(count: number, noun: Noun): string {
  return `${grouped(count)} ${say(NOUNS[noun][count === 1 ? 0 : 1])}`;
}

export function seconds(value: number): string {
  return value < 0.1 ? `${(1000 * value).toFixed(0)} ms` : `${value.toFixed(value < 10 ? 2 : 1)} s`;
}
