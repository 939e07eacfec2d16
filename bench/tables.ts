import { availableParallelism, cpus } from 'node:os';

/** Numbers and tables as the benchmarks print them: Markdown to paste into the documents. */

/** The upper one of two in the middle. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** A tenth of them are smaller. */
export function lowerDecile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 10)];
}

/** At least two significant digits: 0.87, 8.7, 87, 870. */
export function short(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toPrecision(2);
}

/** 870, 87 k, 8.7 M */
export function withUnit(value: number): string {
  const [divisor, unit] = value >= 1e6 ? [1e6, ' M'] : value >= 1e3 ? [1e3, ' k'] : [1, ''];
  return `${short(value / divisor)}${unit}`;
}

/** Columns as wide as their widest cell, as Prettier sets them. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, c) => Math.max(3, ...[head, ...rows].map((row) => row[c].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, c) => cell.padEnd(widths[c])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** "23 November 2026, 2 cores of …, Node 20.19.0" */
export function whenAndWhere(): string {
  const date = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
  const processor = cpus()[0].model.trim();
  return `${date}, ${availableParallelism()} cores of ${processor}, Node ${process.versions.node}`;
}
