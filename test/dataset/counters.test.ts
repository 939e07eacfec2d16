import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countingFeatures } from '../../dataset/counters.js';
import { loadDataset } from '../../dataset/load.js';
import { createRandom } from '../../model/random.js';
import { TEMPLATES } from '../../cli/starter/templates.js';

/** Columns that number the rows are found, and no measurement is taken for one. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-counters-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Column = (row: number) => number;
const ROWS = 120;
const random = createRandom(7);
const noise = Array.from({ length: 1000 }, () => random.uniform());
const order = Uint32Array.from({ length: ROWS }, (_, r) => r);
random.shuffle(order);
const sorted = noise.slice(0, ROWS).sort((a, b) => a - b);
let walk = 0;
const walked = noise.map((step) => (walk += step - 0.5));

/** Three classes one after the other. */
const byClass: Column = (r) => Math.floor((3 * r) / ROWS);

async function found(
  column: Column,
  { rows = ROWS, target = byClass, others = 1, regression = false } = {},
): Promise<boolean> {
  const lines = Array.from({ length: rows }, (_, r) => {
    const cells = [
      ...Array.from({ length: others }, (_, k) => noise[(r * 7 + k) % 1000]),
      column(r),
      target(r),
    ];
    return cells.join(',');
  });
  const file = path.join(folder, 'rows.csv');
  writeFileSync(file, lines.join('\n'));
  const data = await loadDataset([file], regression ? { task: 'regression' } : {});
  const indices = countingFeatures(data);
  expect(indices.filter((i) => i !== others)).toEqual([]);
  return indices.includes(others);
}

describe('counts', () => {
  it.each<[string, Column, Parameters<typeof found>[1]?]>([
    ['a row number from 1', (r) => r + 1],
    ['a row number from 0, of interleaved classes', (r) => r, { target: (r) => r % 3 }],
    ['one that falls', (r) => 500 - r],
    ['one in tens', (r) => 10 * r],
    ['serial numbers in any order', (r) => order[r] + 1000],
    ['serial numbers some of which are missing', (r) => r + Math.floor(r / 5)],
    ['milliseconds of a steady clock', (r) => 12_345 + 10 * r],
    [
      'seconds of a clock that jitters and stops between the classes',
      (r) => r * 0.1 + noise[r] / 50 + 300 * byClass(r),
    ],
    ['seconds since 1970', (r) => 1_764_500_000 + 60 * r],
    ['a row number of twenty rows', (r) => r + 1, { rows: 20, target: (r) => Number(r > 9) }],
    [
      'a row number of a regression sorted by its target',
      (r) => r + 1,
      { target: (r) => 20 + sorted[r], regression: true },
    ],
  ])('%s', async (_, column, options) => {
    expect(await found(column, options)).toBe(true);
  });
});

describe('does not count', () => {
  it.each<[string, Column, Parameters<typeof found>[1]?]>([
    ['sorted measurements', (r) => sorted[r]],
    ['sorted measurements with ties', (r) => Math.round(sorted[r] * 50)],
    ['sorted whole measurements without ties', (r) => Math.round(sorted[r] * 1e6)],
    ['a drifting sensor', (r) => 20 + r / 40 + (noise[r] - 0.5) / 5],
    ['a random walk', (r) => walked[r]],
    ['a running total of measurements', (r) => noise.slice(0, r + 1).reduce((sum, x) => sum + x * x, 0)],
    ['readings of a 10-bit converter', (r) => Math.floor(1024 * noise[r])],
    ['readings of a 16-bit converter, no two equal', (r) => Math.floor(65_536 * noise[r])],
    ['the hour of the day', (r) => r % 24],
    ['a row number that begins anew in each class', (r) => r % (ROWS / 3)],
    ['a constant', () => 5],
    ['a flag', (r) => r % 2],
    ['a row number of nineteen rows', (r) => r + 1, { rows: 19, target: (r) => Number(r > 9) }],
    ['the only feature, x of a function', (r) => r, { others: 0 }],
    ['the day of a regression', (r) => r + 1, { target: (r) => walked[r], regression: true }],
    ['the x of a regression', (r) => r / 10, { target: (r) => noise[r], regression: true }],
  ])('%s', async (_, column, options) => {
    expect(await found(column, options)).toBe(false);
  });

  it.each(
    Object.values(TEMPLATES).flatMap((template) => ('rows' in template && template.rows ? [template] : [])),
  )('a column of $data of the starter projects', async ({ data: name, rows, train }) => {
    const file = path.join(folder, name);
    writeFileSync(file, rows());
    expect(countingFeatures(await loadDataset([file], train as object))).toEqual([]);
  });
});
