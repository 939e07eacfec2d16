import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset, type LoadOptions } from '../../dataset/load.js';
import { load, problemOf, temporaryFile } from './helpers.js';

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

/** Rows as text, so that a table of expectations reads like the file. */
function rowsOf(data: Dataset): string[] {
  const width = data.features.length;
  return Array.from({ length: data.rows }, (_, r) => {
    const values = [...data.values.subarray(r * width, (r + 1) * width)];
    return [...values, ...(data.labels ? [data.classes[data.labels[r]]] : [])].join(' ');
  });
}

// [name, content, options, features, rows]
const ACCEPTED: readonly (readonly [string, string, LoadOptions, string, readonly string[]])[] = [
  ['header', 'a,b,y\n1,2,no\n3,4,yes\n', {}, 'a b', ['1 2 no', '3 4 yes']],
  ['no header', '1,2,no\n3,4,yes\n', {}, 'x1 x2', ['1 2 no', '3 4 yes']],
  ['no header, all numbers', '1,2,0\n3,4,1\n', {}, 'x1 x2', ['1 2 0', '3 4 1']],
  ['header of numbers, forced', '1,2,3\n5,6,no\n3,4,yes\n', { header: true }, '1 2', ['5 6 no', '3 4 yes']],
  ['no header, forced', '1,2,no\n3,4,yes\n', { header: false }, 'x1 x2', ['1 2 no', '3 4 yes']],
  ['label by name', 'y,a,b\nno,1,2\nyes,3,4\n', { label: 'y' }, 'a b', ['1 2 no', '3 4 yes']],
  ['label by number', 'a,y,b\n1,no,2\n3,yes,4\n', { label: '2' }, 'a b', ['1 2 no', '3 4 yes']],
  ['label by number, no header', 'no,1,2\nyes,3,4\n', { label: '1' }, 'x1 x2', ['1 2 no', '3 4 yes']],
  [
    'label named by a number',
    '2,1,b\nno,7,2\nyes,8,4\n',
    { label: '2', header: true },
    '1 b',
    ['7 2 no', '8 4 yes'],
  ],
  ['byte order mark, CRLF', '\ufeffa,b,y\r\n1,2,no\r\n3,4,yes\r\n', {}, 'a b', ['1 2 no', '3 4 yes']],
  ['quotes', '"a","b,c","y"\n"1",2,"n\n""o"""\n3,4,yes', {}, 'a b,c', ['1 2 n\n"o"', '3 4 yes']],
  ['semicolons', 'a;b;y\n1;2;no\n3;4;yes\n', {}, 'a b', ['1 2 no', '3 4 yes']],
  ['tabs', 'a\tb\ty\n1\t2\tn o\n3\t4\tyes\n', {}, 'a b', ['1 2 n o', '3 4 yes']],
  ['blanks and empty lines', '\na , b, y\n\n1, 2 ,no\n\n3, 4, "yes" \n\n', {}, 'a b', ['1 2 no', '3 4 yes']],
  ['a semicolon in quotes', '"a;b",y\n1,no\n3,yes\n', {}, 'a;b', ['1 no', '3 yes']],
];

// [labels in the file, classes in order]
const CLASS_ORDERS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ['10', '9', '-1', '1e2', '0.5'],
    ['-1', '0.5', '9', '10', '1e2'],
  ],
  [
    ['10', '9', 'x'],
    ['10', '9', 'x'],
  ],
  [
    ['ä', 'z', 'Z', 'a', '\u{1f600}', '\uff5e'],
    ['Z', 'a', 'z', 'ä', '\u{1f600}', '\uff5e'],
  ],
  [
    ['2', '1', '1e999'],
    ['1', '1e999', '2'],
  ],
];

describe('tables', () => {
  it.each(ACCEPTED)('%s', async (_name, content, options, features, rows) => {
    const data = await load(content, options);
    expect(data.features.join(' ')).toBe(features);
    expect(rowsOf(data)).toEqual(rows);
    expect(data.rows).toBe(rows.length);
    expect(data.image).toBeNull();
  });

  it.each(CLASS_ORDERS)('orders the classes of %j', async (labels, classes) => {
    const data = await load(labels.map((label, i) => `${i},${label}\n`).join(''));
    expect(data.classes).toEqual(classes);
    expect(rowsOf(data)).toEqual(labels.map((label, i) => `${i} ${label}`));
  });

  it('counts decimals per feature', async () => {
    const data = await load('a,b,c,y\n1,2.50,1e-2,no\n3.125,4,1e2,yes\n');
    expect(data.decimals).toEqual([3, 2, 2]);
  });

  it('keeps every row of a large table', async () => {
    const rows = 30_000;
    const lines = Array.from({ length: rows }, (_, i) => `${i},${i % 7}.25,${-i},c${i % 3}\n`);
    const data = await load(`a,b,c,y\n${lines.join('')}`);
    const expected = Float64Array.from({ length: rows * 3 }, (_, k) => {
      const i = Math.floor(k / 3);
      return [i, (i % 7) + 0.25, 0 - i][k % 3];
    });
    expect(data.values).toEqual(expected);
    expect(data.labels).toEqual(Uint16Array.from({ length: rows }, (_, i) => i % 3));
  });

  it.each([
    [{ label: undefined }, '1,no\n1,no\n', 'one-class'],
    [{ header: false }, 'a,y\n1,no\n2,yes\n', 'cell-not-a-number'],
    [{}, '1.5,abc,no\n2,3,yes\n', 'cell-not-a-number'], // not taken for a header: the row would be lost
    [{}, `0,1,label\n${'5,6,no\n7,8,yes\n'.repeat(2)}`, 'header-or-row'],
    [{}, `1,label\n${'5,0\n7,1\n'.repeat(2)}`, 'header-or-row'],
    [{}, '1,1\n2,2\n3,1.0\n', 'same-number'],
    [{}, '1,01\n2,2\n3,1\n', 'same-number'],
  ])('%j refuses %j', async (options, content, code) => {
    expect((await problemOf(load(content, options))).code).toBe(code);
  });
});

describe('a first row that counts', () => {
  const rows = '5,6,no\n7,8,yes\n'.repeat(2);
  it.each([
    ['named a header', `0,1,label\n${rows}`, { header: true }, 4],
    ['named a row', `0,1,label\n${rows}`, { header: false }, 5],
    ['of a class that other rows have', `0,1,yes\n${rows}`, {}, 5],
    ['among classes of one row', '1,2,no\n3,4,yes\n', {}, 2],
    ['that counts otherwise', `0,2,label\n${rows}`, {}, 5],
    ['from 2', `2,3,label\n${rows}`, {}, 5],
    ['whose label is a number', `0,1,2\n${'5,6,0\n7,8,1\n'.repeat(2)}`, {}, 5],
  ])('is data or not: %s', async (_name, content, options, count) => {
    expect((await load(content, options)).rows).toBe(count);
  });

  it('is found in each of several files', async () => {
    const files = [0, 1].map(() => temporaryFile('part.csv', `0,1,label\n${rows}`));
    expect(await problemOf(loadDataset(files, {}))).toMatchObject({ code: 'header-or-row', file: files[0] });
  });
});

describe('data for a trained network', () => {
  const reference = { features: ['a', 'b'], classes: ['yes', 'no', 'maybe'] };
  const optional = { reference, labelsOptional: true };

  it.each([
    ['keeps the order of the classes', 'a,b,y\n1,2,no\n3,4,yes\n', { reference }, ['1 2 no', '3 4 yes']],
    ['one class is enough', 'a,b,y\n1,2,no\n', { reference }, ['1 2 no']],
    ['other order of columns', 'y,b,a\nno,2,1\nyes,4,3\n', { reference }, ['1 2 no', '3 4 yes']],
    ['other columns are ignored', 'id,b,y,a\nx,2,no,1\nz,4,yes,3\n', { reference }, ['1 2 no', '3 4 yes']],
    ['label in the first column', 'id,b,y,a\nno,2,k,1\n', { reference, label: 'id' }, ['1 2 no']],
    ['by position without a header', '1,2,no\n3,4,yes\n', { reference }, ['1 2 no', '3 4 yes']],
    ['label by number', 'no,1,2\nyes,3,4\n', { reference, label: '1' }, ['1 2 no', '3 4 yes']],
    ['a column to leave out that is not there', 'a,b,y\n1,2,no\n', { reference, ignore: ['id'] }, ['1 2 no']],
    ['one behind the label', 'a,b,y,note\n1,2,no,x\n', { reference, ignore: ['note'] }, ['1 2 no']],
    ['no labels, header', 'b,a\n2,1\n4,3\n', optional, ['1 2', '3 4']],
    ['no labels, no header', '1,2\n3,4\n', optional, ['1 2', '3 4']],
    ['labels may be left out and are not', 'a,b,y\n1,2,no\n', optional, ['1 2 no']],
  ])('%s', async (_name, content, options, rows) => {
    const data = await load(content, options);
    expect(rowsOf(data)).toEqual(rows);
    expect(data.features).toEqual(reference.features);
    expect(data.classes).toEqual(reference.classes);
    expect(data.labels === null).toBe(rows[0].split(' ').length === 2);
  });

  it('has classes that are numbers, however they are spelt', async () => {
    const numbered = { features: ['a', 'b'], classes: ['0', '1.0'] };
    const data = await load('a,b,y\n1,2,0.0\n3,4,1\n5,6,1.0\n', { reference: numbered });
    expect(rowsOf(data)).toEqual(['1 2 0', '3 4 1.0', '5 6 1.0']);
  });

  it('recognises a header by the features, though some are named by numbers', async () => {
    const numbered = { features: ['1', 'b'], classes: ['yes', 'no'] };
    expect(rowsOf(await load('1,b,y\n1,2,no\n', { reference: numbered }))).toEqual(['1 2 no']);
  });

  it.each([
    ['a feature missing', 'a,B,y\n1,2,no\n', { reference }, 'missing-column', 1, 1, /"b".*did you mean "B"/s],
    ['no label column', 'a,b\n1,2\n', { reference }, 'missing-label-column', 1, 4, /no label column/],
    ['too few columns', '1,no\n', { reference }, 'wrong-cell-count', 1, 5, /2 columns; expected 3/],
    ['too many columns', '1,2,3,no\n', { reference }, 'wrong-cell-count', 1, 7, /4 columns; expected 3/],
    ['far too many columns', '1,2,3,4,no\n', optional, 'wrong-cell-count', 1, 7, /expected 2 or 3/],
    ['unknown label', '1,2,no\n1,2,mayb\n', { reference }, 'unknown-label', 2, 5, /did you mean "maybe"/],
  ])('%s', async (_name, content, options, code, line, column, text) => {
    const problem = await problemOf(load(content, options));
    expect(problem).toMatchObject({ code, line, column });
    expect(`${problem.message} ${problem.hint}`).toMatch(text);
  });
});

describe('files', () => {
  const first = 'a,b,y\n1,2,no\n';

  it('several are put together in their order', async () => {
    const files = [temporaryFile('one.csv', first), temporaryFile('two.csv', '\ufeffa;b;y\r\n3.5;4;yes\r\n')];
    const data = await loadDataset(files, {});
    expect(rowsOf(data)).toEqual(['1 2 no', '3.5 4 yes']);
    expect(data).toMatchObject({ name: 'one', decimals: [1, 0] });
    const hash = createHash('sha256').update(`${first}\ufeffa;b;y\r\n3.5;4;yes\r\n`).digest('hex');
    expect(data.sha256).toBe(hash);
  });

  it.each([
    ['b,a,y\n3,4,yes\n', 'different-columns'],
    ['a,b,c,y\n3,4,5,yes\n', 'different-columns'],
    ['3,4,yes\n', 'different-columns'],
    ['a,b,y\n3,x,yes\n', 'cell-not-a-number'],
    ['a,b,y\n', 'no-rows'],
    ['', 'empty-file'],
    ['\0\0\u0008\u0003', 'different-columns'],
  ])('a second file %j is refused by its name', async (content, code) => {
    const files = [temporaryFile('one.csv', first), temporaryFile('two.csv', content)];
    expect(await problemOf(loadDataset(files, {}))).toMatchObject({ code, file: files[1] });
  });

  it.each([
    ['iris.csv', 'iris'],
    ['iris.CSV', 'iris'],
    ['iris.csv.gz', 'iris'],
    ['my.iris.tsv', 'my.iris'],
    ['iris', 'iris'],
  ])('%s is named %s', async (name, expected) => {
    const content = 'a,y\n1,no\n2,yes\n';
    const file = temporaryFile(name, name.endsWith('.gz') ? gzipSync(content) : content);
    expect(await loadDataset([file], {})).toMatchObject({ name: expected, rows: 2 });
  });

  it('gzip cut short at every length is refused', async () => {
    const packed = gzipSync('a,y\n1,no\n2,yes\n');
    for (let length = 2; length < packed.length; length++) {
      expect((await problemOf(load(packed.subarray(0, length)))).code).toBe('damaged-gzip');
    }
  });

  it('a missing file and a folder are refused', async () => {
    const folder = path.dirname(temporaryFile('x', ''));
    mkdirSync(path.join(folder, 'sub'));
    expect(await problemOf(loadDataset([path.join(folder, 'none.csv')], {}))).toMatchObject({
      code: 'cannot-read',
      message: expect.stringContaining('no such file') as string,
    });
    expect((await problemOf(loadDataset([path.join(folder, 'sub')], {}))).code).toBe('cannot-read');
  });

  // Each change is made again in every turn of the event loop, hence surely between the two looks at the file.
  it.each<[string, (file: string, turn: number) => void]>([
    ['grows', (file) => appendFileSync(file, '3,yes\n')],
    ['is touched', (file, turn) => utimesSync(file, turn, turn)],
    [
      'is replaced',
      (file, turn) => {
        writeFileSync(`${file}.${turn}`, 'a,y\n1,no\n2,yes\n');
        utimesSync(`${file}.${turn}`, 1, 1);
        renameSync(`${file}.${turn}`, file);
      },
    ],
  ])('a file that %s while it is read is refused', async (_name, change) => {
    const file = temporaryFile('data.csv', 'a,y\n1,no\n2,yes\n');
    utimesSync(file, 1, 1);
    let isDone = false;
    const result = problemOf(loadDataset([file], {})).finally(() => (isDone = true));
    for (let turn = 2; !isDone; turn++) {
      change(file, turn);
      await setImmediate();
    }
    expect(await result).toMatchObject({ code: 'file-changed', file });
  });
});

describe('examples', () => {
  it('iris is Fisher’s data', async () => {
    const data = await loadDataset([example('iris/iris.csv')], {});
    expect(data).toMatchObject({
      name: 'iris',
      features: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
      classes: ['setosa', 'versicolor', 'virginica'],
      rows: 150,
      decimals: [1, 1, 1, 1],
    });
    const sums = [0, 1, 2, 3].map((c) =>
      [...data.values].reduce((sum, x, i) => (i % 4 === c ? sum + x * 10 : sum), 0),
    );
    expect(sums.map(Math.round)).toEqual([8765, 4586, 5637, 1799]); // the published means × 1500
    expect([0, 1, 2].map((k) => data.labels!.filter((label) => label === k).length)).toEqual([50, 50, 50]);
  });

  it.each([
    ['and', (a: number, b: number) => a & b],
    ['or', (a: number, b: number) => a | b],
    ['nand', (a: number, b: number) => 1 - (a & b)],
    ['xor', (a: number, b: number) => a ^ b],
  ])('%s is its truth table', async (name, gate) => {
    const data = await loadDataset([example(`lecture/${name}.csv`)], {});
    expect(rowsOf(data)).toEqual(['0 0', '0 1', '1 0', '1 1'].map((x) => `${x} ${gate(+x[0], +x[2])}`));
    expect(data.features).toEqual(['x1', 'x2']);
  });
});
