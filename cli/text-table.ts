import { stripVTControlCharacters } from 'node:util';
import { m, say, type Message } from '../model/messages.js';

/** Tables and lists for people, in plain text. */

const visibleLength = (text: string): number => stripVTControlCharacters(text).length;

function pad(text: string, width: number, side: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - visibleLength(text)));
  return side === 'left' ? text + spaces : spaces + text;
}

/**
 * Rows of cells in columns, two spaces apart. `sides` says where each column's text stands; the last one's
 * entry holds for all further columns.
 */
export function textTable(
  rows: readonly (readonly string[])[],
  sides: readonly ('left' | 'right')[],
): string[] {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, c) =>
    rows.reduce((widest, row) => Math.max(widest, visibleLength(row[c] ?? '')), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, c) => pad(cell, widths[c], sides[Math.min(c, sides.length - 1)]))
      .join('  ')
      .trimEnd(),
  );
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
