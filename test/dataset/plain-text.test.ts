import { parse } from 'csv-parse/sync';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseNumber } from '../../dataset/number-cell.js';
import { isPlainText, parsePlainText } from '../../dataset/plain-text.js';
import { CHUNK } from '../../dataset/source-file.js';
import { RECORD_LIMIT } from '../../dataset/text-segments.js';
import { createRandom } from '../../model/random.js';
import { loadDataset } from '../../dataset/load.js';
import { load, problemOf, temporaryFile } from './helpers.js';

function withCsvParse(text: string, delimiter: string): string[][] {
  return parse(text, {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
  });
}

function withSplitting(text: string, delimiter: string): (readonly [readonly string[], number])[] {
  const rows: (readonly [readonly string[], number])[] = [];
  parsePlainText(text, delimiter, (cells, start) => rows.push([cells, start]));
  return rows;
}

// every character that csv-parse or `trim` treats as a blank, and some that they do not
const PIECES = [
  ...'0123456789.-ab,,,,;;\t\t    \n\n\n\v\f\u00a0\u1680\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\0\u0085é€😀',
  '\r\n',
  '\r\n',
];

describe('splitting text without quotes', () => {
  it.each([',', ';', '\t'])('gives the rows of csv-parse for random text (delimiter %j)', (delimiter) => {
    const random = createRandom(delimiter.charCodeAt(0));
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: random.below(40) }, () => PIECES[random.below(PIECES.length)]).join(
        '',
      );
      expect(isPlainText(text)).toBe(true);
      const [expected, found] = [withCsvParse(text, delimiter), withSplitting(text, delimiter)];
      expect(
        found.map(([cells]) => cells),
        JSON.stringify(text),
      ).toEqual(expected);
      const firstCells = found.map(([, start]) =>
        text.slice(start).split('\n')[0].split(delimiter)[0].trim(),
      );
      expect(firstCells).toEqual(expected.map(([cell]) => cell));
    }
  });

  it.each(['a"b', '"', 'a\rb', '\r', 'a\r\nb\rc'])('leaves %j to csv-parse', (text) => {
    expect(isPlainText(text)).toBe(false);
  });
});

describe('numbers', () => {
  it('are what Number() gives, to the last bit', () => {
    const random = createRandom(4);
    const digits = (count: number): string => Array.from({ length: count }, () => random.below(10)).join('');
    const wrong: string[] = [];
    for (let round = 0; round < 100_000; round++) {
      const sign = ['', '-', '+'][random.below(3)];
      const text = `${sign}${digits(1 + random.below(12))}${random.below(4) ? `.${digits(random.below(9))}` : ''}`;
      if (!Object.is(parseNumber(text), Number(text) + 0)) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });
});

/** The row `bad` has no number. */
function longText(rows: number, bad: number, label: (row: number) => string, end: string): string {
  let text = `a,b,y${end}`;
  for (let row = 0; row < rows; row++) text += `${row},${row === bad ? 'oops' : 1234567},${label(row)}${end}`;
  return text;
}

describe('files of several chunks', () => {
  const rows = 26_000; // two chunks or three
  const LABELS: readonly (readonly [string, (row: number) => string, string])[] = [
    ['plain', (row) => `k${row % 3}`, '\n'],
    ['CRLF', (row) => `k${row % 3}`, '\r\n'],
    ['CR', (row) => `k${row % 3}`, '\r'],
    ['quotes throughout', (row) => `"k${row % 3}"`, '\n'],
    ['quotes here and there', (row) => (row % 5000 === 4999 ? `"k${row % 3}"` : `k${row % 3}`), '\r\n'],
    ['characters of several bytes', (row) => `€é😀k${row % 3}`, '\n'],
    ['quoted line breaks', (row) => `"k\n\r\n""${row % 3}"`, '\n'],
  ];

  it.each(LABELS)('%s: every row, packed or not, and the place of a fault', async (_name, label, end) => {
    const text = longText(rows, -1, label, end);
    expect(Buffer.byteLength(text)).toBeGreaterThan(1.5 * CHUNK);
    const data = await load(text);
    expect(data.rows).toBe(rows);
    expect(data.classes).toHaveLength(3);
    expect(data.values).toEqual(Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? 1234567 : i / 2)));
    expect([...data.labels!.subarray(0, 6)]).toEqual([0, 1, 2, 0, 1, 2]);
    const packed = await loadDataset([temporaryFile('data.csv.gz', gzipSync(text, { level: 1 }))], {});
    expect(packed.values).toEqual(data.values);

    const linesPerRow = label(0).split('\n').length;
    for (const bad of [0, rows - 1]) {
      const found = await problemOf(load(longText(rows, bad, label, end)));
      const expected = { line: 2 + bad * linesPerRow, column: String(bad).length + 2 };
      expect(found).toMatchObject({ code: 'cell-not-a-number', ...expected });
    }
  });

  it('a byte that is not UTF-8 is found in a later chunk', async () => {
    const bytes = Buffer.from(longText(rows, -1, () => 'é', '\n'));
    const at = bytes.length - 3; // within the last é
    bytes[at] = 0xff;
    const problem = await problemOf(load(bytes));
    expect(problem).toMatchObject({
      code: 'not-utf8',
      line: rows + 1,
      column: `${rows - 1},1234567,`.length + 1,
    });
    expect(problem.message).toContain(`byte offset ${at} `);
  });

  it.each([
    ['a quote never closed', '1,2,"', 'unclosed-quote', 5],
    ['a quote within a cell', '1,n"o,', 'stray-quote', 3],
    ['a row without end', '1,', 'cell-not-a-number', 3],
  ])('%s in a file too large for one record', async (_name, start, code, column) => {
    const text = Buffer.concat([
      Buffer.from(`a,b,y\n1,2,no\n3,4,yes\n${start}`),
      Buffer.alloc(RECORD_LIMIT + CHUNK, 'x'),
      Buffer.from(code === 'unclosed-quote' ? '\n"' : ',no\n'),
    ]);
    const expected = code === 'cell-not-a-number' ? 'wrong-cell-count' : code;
    const problem = await problemOf(load(text));
    expect([problem.code, problem.line]).toEqual([expected, 4]);
    if (expected === code) expect(problem.column).toBe(column);
  });

  it('blank lines longer than a record are refused', async () => {
    const problem = await problemOf(load(Buffer.alloc(RECORD_LIMIT + 3 * CHUNK, ' ')));
    expect(problem.code).toBe('record-too-long');
  });
});
