import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { loadDataset, type LoadOptions } from '../../dataset/load.js';
import { Problem } from '../../model/problem.js';
import { problemOf, temporaryFile } from './helpers.js';

type Options = Parameters<typeof parquetWriteBuffer>[0];
type Column = Options['columnData'][number];

const parquet = (columnData: Column[], options: Partial<Options> = {}): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));

const load = (content: Uint8Array, options: LoadOptions = {}): ReturnType<typeof loadDataset> =>
  loadDataset([temporaryFile('data.parquet', content)], options);

const label: Column = { name: 'y', data: ['no', 'yes', 'no'], type: 'STRING' };
const number = (name: string, data: number[] = [1.5, -2, 0]): Column => ({ name, data, type: 'DOUBLE' });

// [type, data, values, decimals]
const NUMBERS: readonly (readonly [Column['type'], Column['data'], readonly number[], number])[] = [
  ['INT32', [1, -2, 2147483647], [1, -2, 2147483647], 0],
  ['INT64', [1n, -2n, 2n ** 53n], [1, -2, 2 ** 53], 0],
  ['DOUBLE', [0.25, -0, 1.0625], [0.25, 0, 1.0625], 4],
  ['DOUBLE', [1e-7, 1e300, 5.5], [1e-7, 1e300, 5.5], 7],
  ['FLOAT', [0.1, 2.5, -3.75], [Math.fround(0.1), 2.5, -3.75], 2],
  ['FLOAT', [0.1, 1.2345678, 3], [Math.fround(0.1), Math.fround(1.2345678), 3], 7],
  ['FLOAT16', [0.5, 1, -2], [0.5, 1, -2], 1],
];

// [type, data, classes, labels]
const LABELS: readonly (readonly [Column['type'], Column['data'], readonly string[], readonly number[]])[] = [
  ['STRING', ['b', 'é€😀', 'b'], ['b', 'é€😀'], [0, 1, 0]],
  ['BOOLEAN', [true, false, true], ['false', 'true'], [1, 0, 1]],
  ['INT32', [10, 9, -1], ['-1', '9', '10'], [2, 1, 0]],
  ['INT64', [10n, 2n ** 60n, 10n], ['10', String(2n ** 60n)], [0, 1, 0]],
];

describe('Parquet', () => {
  it.each(NUMBERS)('%s as a feature', async (type, data, values, decimals) => {
    const found = await load(parquet([{ name: 'a', data, type }, number('b'), label]));
    expect([...found.values].filter((_, i) => i % 2 === 0).map((x) => [x, Object.is(x, -0)])).toEqual(
      values.map((x) => [x, false]),
    );
    expect(found.decimals).toEqual([decimals, 1]);
    expect(found).toMatchObject({
      name: 'data',
      features: ['a', 'b'],
      classes: ['no', 'yes'],
      rows: 3,
      image: null,
    });
    expect([...found.labels!]).toEqual([0, 1, 0]);
  });

  it.each(LABELS)('%s as labels', async (type, data, classes, labels) => {
    const found = await load(parquet([{ name: 'y', data, type }, number('a')]), { label: 'y' });
    expect(found.classes).toEqual(classes);
    expect([...found.labels!]).toEqual(labels);
    expect(found.features).toEqual(['a']);
  });

  it('in row groups, pages and dictionaries, packed or not, has every row', async () => {
    const rows = 25_000;
    const columns: Column[] = [
      number(
        'a',
        Array.from({ length: rows }, (_, i) => i / 4),
      ),
      { name: 'b', data: Int32Array.from({ length: rows }, (_, i) => i % 5), type: 'INT32', nullable: false },
      { name: 'y', data: Array.from({ length: rows }, (_, i) => `k${i % 3}`), type: 'STRING' },
    ];
    for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP'] as const) {
      const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gzipSync(input)) };
      const content = parquet(columns, { codec, compressors, rowGroupSize: 7000, pageSize: 5000 });
      const data = await load(content);
      expect(data.rows).toBe(rows);
      const expected = Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? ((i - 1) / 2) % 5 : i / 8));
      expect(data.values).toEqual(expected);
      expect(data.labels).toEqual(Uint16Array.from({ length: rows }, (_, i) => i % 3));
    }
  });

  it('goes together with CSV and with a trained network', async () => {
    const files = [
      temporaryFile('one.csv', 'a,y\n7,no\n'),
      temporaryFile('two.PARQUET', parquet([number('a'), label])),
    ];
    expect([...(await loadDataset(files, {})).values]).toEqual([7, 1.5, -2, 0]);
    const reference = { features: ['b', 'a'], classes: ['yes', 'no'] };
    const text: Column = { name: 'ignored', data: ['x', null, 'z'] };
    const content = parquet([text, number('a'), label, number('b', [1, 2, 3])]);
    const data = await load(content, { reference, label: 'y' });
    expect([[...data.values], [...data.labels!]]).toEqual([
      [1, 1.5, 2, -2, 3, 0],
      [1, 0, 1],
    ]);
    const unlabelled = parquet([number('a'), number('b')]);
    expect((await load(unlabelled, { reference, labelsOptional: true })).labels).toBeNull();
  });

  const nested: Column = { name: 'a', data: [[1], [2, 3], [4]] };
  const dates = [1, 2, 3].map((day) => new Date(2020, 0, day));
  it.each<[string, Column[], LoadOptions, string, RegExp]>([
    ['null number', [{ name: 'a', data: [1, null, 3] }, label], {}, 'null-value', /row 2, column "a"/],
    [
      'null label',
      [number('a'), { name: 'y', data: ['a', 'b', null] }],
      {},
      'null-value',
      /row 3, column "y"/,
    ],
    [
      'empty label',
      [number('a'), { name: 'y', data: ['a', '', 'b'] }],
      {},
      'empty-cell',
      /row 2, column "y"/,
    ],
    ['NaN', [number('a', [1, 2, NaN]), label], {}, 'cell-not-a-number', /row 3, column "a": found NaN/],
    ['infinity', [number('a', [-Infinity, 2, 3]), label], {}, 'cell-not-a-number', /row 1.*-Infinity/],
    [
      'text',
      [{ ...label, name: 'a' }, label],
      {},
      'unsupported-type',
      /"a" is of type (UTF8|STRING).*numbers/,
    ],
    ['boolean', [{ name: 'a', data: [true, false, true] }, label], {}, 'unsupported-type', /BOOLEAN/],
    ['date', [{ name: 'a', data: dates }, label], {}, 'unsupported-type', /"a" is of type TIMESTAMP/],
    ['JSON', [{ name: 'a', data: nested.data, type: 'JSON' }, label], {}, 'unsupported-type', /type JSON/],
    [
      'label of fractions',
      [number('a'), number('y')],
      {},
      'unsupported-type',
      /"y" is of type DOUBLE.*--label/s,
    ],
    ['label misspelt', [number('a'), label], { label: 'z' }, 'missing-label-column', /"z"/],
    ['twice the same name', [number('a'), number('a'), label], {}, 'duplicate-column', /"a"/],
    [
      'unknown label',
      [number('a'), label],
      { reference: { features: ['a'], classes: ['no', 'yess'] } },
      'unknown-label',
      /row 2: label "yes".*did you mean "yess"/s,
    ],
    ['no rows', [{ ...number('a', []) }, { ...label, data: [] }], {}, 'no-rows', /no rows/],
  ])('%s is refused', async (_name, columns, options, code, text) => {
    const problem = await problemOf(load(parquet(columns), options));
    expect(problem).toMatchObject({
      kind: 'data',
      code,
      file: expect.stringMatching(/data\.parquet$/) as string,
    });
    expect(`${problem.message} ${problem.hint}`).toMatch(text);
  });

  it('text by the name of a Parquet file is refused', async () => {
    const problem = await problemOf(load(Buffer.from('a,y\n1,no\n2,yes\n')));
    expect(problem.code).toBe('damaged-parquet');
  });

  const small = parquet([number('a'), label]);

  it('cut short at every length is refused', async () => {
    for (let length = 0; length < small.length; length++)
      expect((await problemOf(load(small.subarray(0, length)))).kind).toBe('data');
  });

  const rows = 40;
  const varied = parquet(
    [
      number(
        'a',
        Array.from({ length: rows }, (_, i) => i / 4),
      ),
      { name: 'b', data: Int32Array.from({ length: rows }, (_, i) => i % 5), type: 'INT32', nullable: false },
      { name: 'y', data: Array.from({ length: rows }, (_, i) => `k${i % 3}`), type: 'STRING' }, // a dictionary
    ],
    { codec: 'SNAPPY' },
  );

  it.each([
    ['plain', small, 0xff],
    ['plain', small, 0x40],
    ['packed, with a dictionary', varied, 0xff],
  ])(
    'with any byte damaged gives data or a Problem, soon: %s',
    { timeout: 60_000 },
    async (_, whole, flip) => {
      let problems = 0;
      for (let i = 0; i < whole.length; i++) {
        const damaged = Uint8Array.from(whole);
        damaged[i] ^= flip;
        try {
          const data = await load(damaged);
          expect(data.values).toHaveLength(data.rows * data.features.length);
        } catch (error) {
          if (!(error instanceof Problem)) throw new Error(`byte ${i}`, { cause: error });
          problems++;
        }
      }
      expect(problems).toBeGreaterThan(whole.length / 10);
    },
  );

  it('whose page counts its rows wrongly is refused before they are read', async () => {
    // hyparquet 1.31.5 makes room for as many values as these bytes say, which are read as more than 2^30
    for (const i of [20, 65]) {
      const damaged = Uint8Array.from(small);
      damaged[i] ^= 0xff;
      expect(await problemOf(load(damaged))).toMatchObject({ code: 'damaged-parquet' });
    }
  });
});
