import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { loadDataset, type LoadOptions } from '../../dataset/load.js';
import { stratifiedFolds, stratifiedSplit } from '../../dataset/split.js';
import { load, problemOf, temporaryFile } from './helpers.js';

const REGRESSION: LoadOptions = { task: 'regression' };
const WEATHER = 'hour,heat,rain,wind\n6,12.50,0,3.1\n12,21.375,4,-2\n18,17,1e-3,0.25\n';

/** Rows whose feature is their number and whose target is twice that. */
const numbered = (rows: number): string =>
  `x,y\n${Array.from({ length: rows }, (_, r) => `${r},${2 * r}`).join('\n')}\n`;

describe('targets', () => {
  // [options, names, values, decimals, features]
  const cases: [string, LoadOptions, string[], number[], number[], string[]][] = [
    ['the last column by default', {}, ['wind'], [3.1, -2, 0.25], [2], ['hour', 'heat', 'rain']],
    ['a column by name', { label: 'heat' }, ['heat'], [12.5, 21.375, 17], [3], ['hour', 'rain', 'wind']],
    [
      'several columns, in the order named',
      { label: 'rain,hour' },
      ['rain', 'hour'],
      [0, 6, 4, 12, 1e-3, 18],
      [3, 0],
      ['heat', 'wind'],
    ],
    [
      'by number',
      { label: '2,4' },
      ['heat', 'wind'],
      [12.5, 3.1, 21.375, -2, 17, 0.25],
      [3, 2],
      ['hour', 'rain'],
    ],
  ];
  it.each(cases)('%s', async (_, options, names, values, decimals, features) => {
    const data = await load(WEATHER, { ...REGRESSION, ...options });
    expect(data).toMatchObject({ classes: [], labels: null, rows: 3, features });
    expect(data.targets).toEqual({ names, values: Float64Array.from(values), decimals });
  });

  it('without a header are y, or y1, y2', async () => {
    expect((await load('1,2.5\n2,3\n', REGRESSION)).targets!.names).toEqual(['y']);
    const two = await load('1,2.5,7\n2,3,8\n', { ...REGRESSION, label: '1,3' });
    expect(two.targets).toMatchObject({ names: ['y1', 'y2'], values: Float64Array.of(1, 7, 2, 8) });
  });

  it('a column whose name has a comma in it', async () => {
    const data = await load('a,"b,c"\n1,2\n3,4\n', { ...REGRESSION, label: 'b,c' });
    expect(data.targets!.names).toEqual(['b,c']);
  });

  it('of a reference are found by name in any order, or at the end', async () => {
    const reference = { features: ['hour'], classes: [], targets: { names: ['wind', 'heat'] } };
    const named = await load(WEATHER, { reference });
    expect(named.targets).toMatchObject({
      names: ['wind', 'heat'],
      values: Float64Array.of(3.1, 12.5, -2, 21.375, 0.25, 17),
    });
    const bare = await load('6,3.1,12.5\n', { reference });
    expect(bare.targets!.values).toEqual(Float64Array.of(3.1, 12.5));
    const renamed = await load('hour,a,b\n6,1,2\n', { reference, label: 'b,a' });
    expect(renamed.targets!.values).toEqual(Float64Array.of(2, 1));
    const without = await load('hour\n6\n', { reference, labelsOptional: true });
    expect(without).toMatchObject({ targets: null, labels: null, rows: 1 });
  });

  it('come out of Parquet files, integers and floating point alike', async () => {
    const columnData = [
      { name: 'x', data: [1, 2, 3], type: 'DOUBLE' },
      { name: 'n', data: [7n, -8n, 9n], type: 'INT64' },
      { name: 'y', data: [0.5, 2.25, -1], type: 'FLOAT' },
    ] as Parameters<typeof parquetWriteBuffer>[0]['columnData'];
    const content = new Uint8Array(parquetWriteBuffer({ columnData }));
    const parquet = (options: LoadOptions) =>
      loadDataset([temporaryFile('data.parquet', content)], { ...REGRESSION, ...options });
    expect((await parquet({ label: 'y,n' })).targets).toEqual({
      names: ['y', 'n'],
      values: Float64Array.of(0.5, 7, 2.25, -8, -1, 9),
      decimals: [2, 0],
    });
    const holed = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'x', data: [1, 2], type: 'DOUBLE' },
          { name: 'y', data: [1, null], type: 'DOUBLE', nullable: true },
        ],
      }),
    );
    const problem = await problemOf(loadDataset([temporaryFile('holed.parquet', holed)], REGRESSION));
    expect(problem).toMatchObject({
      code: 'null-value',
      message: expect.stringMatching(/row 2, column "y"/) as string,
    });
  });
});

describe('faults in targets', () => {
  const TWO = { features: ['a'], classes: [], targets: { names: ['y', 'z'] } };
  // [content, options, line, column, code, a part of message or hint]
  const faults: [string, string, LoadOptions, number, number, string, RegExp][] = [
    ['a word', 'a,y\n1,2\n3,warm\n', {}, 3, 3, 'cell-not-a-number', /"y": found "warm".*leave --task out/s],
    ['an empty cell', 'a,y\n1,2\n3,\n', {}, 3, 3, 'empty-cell', /"y" is empty/],
    ['no number at all', 'a,y\n1,NaN\n', {}, 2, 3, 'cell-not-a-number', /"y": found "NaN"/],
    ['infinite', 'a,y\n1,1e999\n', {}, 2, 3, 'cell-not-a-number', /"1e999"/],
    ['a decimal comma', 'a;y\n1.5;2\n1;2,5\n', {}, 3, 3, 'mixed-decimal-marks', /"2,5"/],
    [
      'the second of two',
      'a,y,z\n1,2,3\n1,2,x\n',
      { label: 'y,z' },
      3,
      5,
      'cell-not-a-number',
      /"z": found "x"/,
    ],
    ['a word in the first row, no header', '1,2,mild\n', {}, 1, 5, 'cell-not-a-number', /say --header/],
    ['a cell missing', 'a,y,z\n1,2,3\n1,2\n', { label: 'y,z' }, 3, 4, 'wrong-cell-count', /"z" is missing/],
    ['a misspelt name', 'a,heat\n1,2\n', { label: 'heet' }, 1, 1, 'missing-label-column', /mean "heat"/],
    ['one misspelt of two', 'a,y,z\n1,2,3\n', { label: 'y,q' }, 1, 1, 'missing-label-column', /"q"/],
    ['a column twice', 'a,y,z\n1,2,3\n', { label: 'y,y' }, 1, 3, 'duplicate-label-column', /column 2 twice/],
    ['no column left', 'y,z\n1,2\n', { label: 'y,z' }, 1, 4, 'wrong-cell-count', /expected features/],
    [
      'not in the header',
      'a,y,w\n1,2,3\n',
      { reference: TWO },
      1,
      1,
      'missing-label-column',
      /"z".*--label/s,
    ],
    [
      'too few named',
      'a,y,w\n1,2,3\n',
      { reference: TWO, label: 'y' },
      1,
      1,
      'wrong-label-count',
      /2 targets/,
    ],
    [
      'too few columns',
      '1,2\n',
      { reference: TWO },
      1,
      4,
      'wrong-cell-count',
      /expected 3: "a" and "y", "z"/,
    ],
  ];
  it.each(faults)('%s', async (_, content, options, line, column, code, text) => {
    const problem = await problemOf(load(content, { ...REGRESSION, ...options }));
    expect([problem.code, problem.line, problem.column]).toEqual([code, line, column]);
    expect(`${problem.message}\n${problem.hint}`).toMatch(text);
    expect(problem.file).toMatch(/data\.csv$/);
  });

  const decimals = (rows: number): string =>
    `x,y\n${Array.from({ length: rows }, (_, r) => `${r},${r / 8}`).join('\n')}\n`;

  it('labels that look like measurements are refused until somebody says what they are', async () => {
    const problem = await problemOf(load(decimals(60)));
    expect(problem).toMatchObject({ kind: 'data', code: 'labels-are-numbers' });
    expect(problem.message).toMatch(/60 different decimal numbers in 60 rows/);
    expect(problem.hint).toMatch(/--task regression/);
    expect((await load(decimals(60), { task: 'classification' })).classes).toHaveLength(60);
    expect((await load(decimals(60), REGRESSION)).targets!.names).toEqual(['y']);
    const many = await problemOf(load(decimals(300)));
    expect(many).toMatchObject({
      code: 'too-many-classes',
      hint: expect.stringMatching(/--task regression/) as string,
    });
  });

  it('whole numbers, few numbers and numbers that recur are classes as before', async () => {
    expect((await load(numbered(60))).classes).toHaveLength(60);
    expect((await load(decimals(20))).classes).toHaveLength(20);
    expect((await load(decimals(30) + decimals(30).slice(4).repeat(3))).classes).toHaveLength(30);
  });

  it('images have classes, not targets', async () => {
    const images = temporaryFile(
      'a-images-idx3-ubyte',
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9),
    );
    expect(await problemOf(loadDataset([images], REGRESSION))).toMatchObject({ code: 'no-targets' });
  });
});

describe('splits of rows with targets', () => {
  it('are random, have the asked size, lose no row and keep each target with its row', async () => {
    const data = await load(numbered(50), REGRESSION);
    const rowsIn = ({ values, targets }: typeof data): number[] => {
      values.forEach((x, r) => expect(targets!.values[r]).toBe(2 * x));
      return [...values];
    };
    const { train, test } = stratifiedSplit(data, 0.3, 1);
    expect([train.rows, test.rows]).toEqual([35, 15]);
    expect([...rowsIn(train), ...rowsIn(test)].sort((a, b) => a - b)).toEqual([...data.values]);
    expect(rowsIn(test)).not.toEqual(rowsIn(stratifiedSplit(data, 0.3, 2).test));
    const folds = stratifiedFolds(data, 4, 1);
    expect(folds.map((fold) => fold.test.rows).sort()).toEqual([12, 12, 13, 13]);
    expect(folds.flatMap((fold) => rowsIn(fold.test)).sort((a, b) => a - b)).toEqual([...data.values]);
  });
});
