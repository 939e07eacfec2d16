import { describe, expect, it } from 'vitest';
import { Problem } from '../../model/problem.js';
import type { LoadOptions } from '../../dataset/load.js';
import { load, problemOf } from './helpers.js';

/** Faults 1 to 9 of the data: [content, line, column, code, a part of message or hint, options]. */
type Fault = readonly [string, string | Uint8Array, number, number, string, RegExp, LoadOptions?];

const REFERENCE = { features: ['a', 'b'], classes: ['no', 'yes'] };
const manyClasses = Array.from({ length: 257 }, (_, i) => `1,c${i}\n`).join('');

const FAULTS: readonly Fault[] = [
  // 1: empty or header only
  ['empty', '', 1, 1, 'empty-file', /empty/],
  ['only a byte order mark', '\ufeff', 1, 1, 'empty-file', /empty/],
  ['only blank lines', '\r\n \n\n', 1, 1, 'empty-file', /empty/],
  ['header only', 'a,b,y\n', 2, 1, 'no-rows', /no rows/],
  ['header only, without a line end', 'a,b,y', 1, 6, 'no-rows', /no rows/],
  // 2: wrong cell count
  ['a cell missing', 'a,b,y\n1,2,no\n3,4\n', 3, 4, 'wrong-cell-count', /"y" is missing/],
  ['a cell missing at the end of the file', 'a,b,y\n1,2,no\n3', 3, 2, 'wrong-cell-count', /"b" is missing/],
  ['a cell too many', 'a,b,y\n1,2,no\n3,44,5,yes\n', 3, 8, 'wrong-cell-count', /4 cells; expected 3/],
  ['no header, a cell too many', '1,2,no\n3,4,5,yes', 2, 7, 'wrong-cell-count', /expected 3/],
  ['one column', 'a\n1\n2\n', 1, 2, 'wrong-cell-count', /one column/],
  ['a row of another delimiter', 'a;b;y\n1;2;no\n1,2,no', 3, 7, 'wrong-cell-count', /1 cells; expected 3/],
  // 3: empty cell
  ['empty number', 'a,b,y\n1,2,no\n1,,yes\n', 3, 3, 'empty-cell', /column "b" is empty/],
  ['blank number', 'a,b,y\n1,2,no\n1,  ,yes\n', 3, 3, 'empty-cell', /"b" is empty/],
  ['quoted nothing', 'a,b,y\n1,"",no\n', 2, 3, 'empty-cell', /"b" is empty/],
  ['empty first cell', 'a\tb\ty\n1\t2\tno\n\t2\tno\n', 3, 1, 'empty-cell', /"a" is empty/],
  ['empty label', 'a,b,y\n1,2,no\n1,2,\n', 3, 5, 'empty-cell', /"y" is empty/],
  ['empty cell in the first row, no header', '1,,no\n2,3,yes\n', 1, 3, 'empty-cell', /column 2 is empty/],
  ['a row of delimiters', 'a,b,y\n1,2,no\n,,\n', 3, 1, 'empty-cell', /"a" is empty/],
  // 4: not a number (more in the table of cells below)
  ['not a number in the first row, no header', '1,0x10,no\n2,3,yes\n', 1, 3, 'cell-not-a-number', /0x10.*/],
  ['a column of text', 'a,b,y\nx,2,no\n', 2, 1, 'cell-not-a-number', /to leave it out, --ignore "a"$/],
  [
    'columns of text, a hole and a decimal comma among them',
    'date;a;b;c;kind;y\n2026-03-01;1;;2,5;DHT22;no\n',
    2,
    1,
    'cell-not-a-number',
    /all columns with text, --ignore "date,kind"$/,
  ],
  // decimal marks of two kinds, and commas that may mean either
  [
    'a comma after points',
    'a;b;y\n1;2.5;no\n1,5;2;no\n',
    3,
    1,
    'mixed-decimal-marks',
    /points\nwrite 1\.5: /,
  ],
  ['a point after commas', 'a;b;y\n1;2,5;no\n1;-.5;no\n', 3, 3, 'mixed-decimal-marks', /commas\nwrite -,5: /],
  ['both in the first row', '1,5\t2.5\tno\n', 1, 5, 'mixed-decimal-marks', /"2\.5".*\nwrite 2,5: /],
  [
    'a thousand after points',
    'a,y\n0.5,no\n"1,234",no\n',
    3,
    1,
    'mixed-decimal-marks',
    /write 1\.234, or 1234 /,
  ],
  [
    'a thousand after commas',
    'a;y\n0,5;no\n1.234;no\n',
    3,
    1,
    'mixed-decimal-marks',
    /write 1,234, or 1234 /,
  ],
  ['thousands with decimals', 'a;y\n0,5;no\n1.234,5;no\n', 3, 1, 'cell-not-a-number', /between thousands/],
  ['more than one comma', 'a;y\n1;no\n1,234,567;no\n', 3, 1, 'cell-not-a-number', /between thousands/],
  [
    'commas that may separate thousands',
    'a;b;c;y\n1;2;x;no\n3;-1,234;4;yes\n12,500;100,000;5;no\n',
    3,
    3,
    'doubtful-comma',
    /"-1,234" can mean -1\.234 or -1234/,
    { ignore: ['c'] },
  ],
  ['a comma too large', 'a;y\n1,5;no\n1,5e999;no\n', 3, 1, 'cell-not-a-number', /largest number/],
  // 6: not UTF-8
  [
    'Latin-1',
    Buffer.from('a,b,y\n1,2,caf\xe9\n', 'latin1'),
    2,
    8,
    'not-utf8',
    /byte offset 13 \(found 0xe9\)/,
  ],
  ['a character cut short at the end', Buffer.from([0x61, 0x0a, 0xe2, 0x82]), 2, 1, 'not-utf8', /offset 2 /],
  ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), 1, 1, 'not-utf8', /byte offset 0 .*UTF-16: .*in UTF-8/s],
  // 7: quotes
  ['unclosed quote', 'a,b,y\n1,2,no\n3,"4,yes\n5,6,no\n', 3, 3, 'unclosed-quote', /never closed/],
  ['unclosed quote in the header', 'a,"b,y\n1,2,no\n', 1, 3, 'unclosed-quote', /never closed/],
  ['unclosed quote swallowing the next', 'a,y\n1,"no\n2,"yes"\n', 2, 3, 'stray-quote', /closing quote/],
  ['a quote within a cell', 'a,y\n1,n"o\n', 2, 3, 'stray-quote', /double those within/],
  // 8: header and label column
  ['duplicate column', 'a,b,a,y\n1,2,3,no\n', 1, 5, 'duplicate-column', /columns 1 and 3 are both named "a"/],
  ['a first line for spreadsheets', 'sep=;\na;b;y\n1;2;no\n', 1, 6, 'empty-column-name', /delete this line/],
  ['labels in the first column', 'y,a\nno,1\n', 2, 1, 'cell-not-a-number', /--label "y"; .*--ignore "y"/],
  ['a column without a name', 'a,,y\n1,2,no\n', 1, 3, 'empty-column-name', /column 2/],
  [
    'label column misspelt',
    'a,species\n1,x\n',
    1,
    1,
    'missing-label-column',
    /did you mean "species"/,
    { label: 'Speces' },
  ],
  [
    'label column unlike any',
    'a,b\n1,x\n',
    1,
    1,
    'missing-label-column',
    /there are "a", "b"/,
    { label: 'zzz' },
  ],
  ['label column number too high', 'a,b\n1,x\n', 1, 1, 'missing-label-column', /"3"/, { label: '3' }],
  ['label column number 0', '1,x\n2,y\n', 1, 1, 'missing-label-column', /1 to 2/, { label: '0' }],
  ['label by name without a header', '1,2\n3,4\n', 1, 1, 'missing-label-column', /no header/, { label: 'y' }],
  // 9: labels
  ['257 classes', `a,y\n${manyClasses}`, 258, 3, 'too-many-classes', /at most 256/],
  [
    'unknown label',
    'a,b,y\n1,2,yes\n1,2,Noo\n',
    3,
    5,
    'unknown-label',
    /"no", "yes".*mean "no"/s,
    { reference: REFERENCE },
  ],
  ['one class', 'a,y\n1,no\n2,no\n', 0, 0, 'one-class', /every row has the label "no"/],
];

describe('faults in CSV data', () => {
  for (const [name, content, line, column, code, text, options] of FAULTS) {
    it(name, async () => {
      const problem = await problemOf(load(content, options));
      const { line: foundLine = 0, column: foundColumn = 0 } = problem;
      expect([problem.code, foundLine, foundColumn]).toEqual([code, line, column]);
      expect(`${problem.message}\n${problem.hint}`).toMatch(text);
      expect(problem.hint, 'how to mend it').toBeTruthy();
      expect(problem).toMatchObject({ kind: 'data', file: expect.stringMatching(/data\.csv$/) as string });
    });
  }

  it('allows 256 classes', async () => {
    const { classes } = await load(`a,y\n${manyClasses.slice(0, manyClasses.lastIndexOf('1,'))}`);
    expect(classes).toHaveLength(256);
  });
});

// prettier-ignore
const BAD_CELLS = [
  '"1,5,2"', '0x10', '0b1', '0o7', '1e999', '-1e999', 'NaN', 'nan', '1abc', 'Infinity', '-inf', '1 2', '1_000', '--1', '+-1', '.', '-',
  '+', 'e5', '1e', '1e+', '1.5.2', '"1,000.5"', '1n', '１', '٣', '"\n1"', '1%', '$1', "'1'", 'true', 'null', '?', 'é', '1\u00002',
];
const GOOD_CELLS: readonly (readonly [string, number, number])[] = [
  ['1', 1, 0],
  ['+1.', 1, 0],
  ['.5', 0.5, 1],
  ['-.50', -0.5, 2],
  ['007', 7, 0],
  ['1.5e-3', 0.0015, 4],
  ['1E3', 1000, 0],
  ['1.25e1', 12.5, 1],
  ['12e-2', 0.12, 2],
  ['"2.5"', 2.5, 1],
  ['  2.5 ', 2.5, 1],
  ['4.9406564584124654e-324', 5e-324, 340],
  ['1e-999', 0, 999],
  ['-0', 0, 0],
  ['-0.0', 0, 1],
  ['1.7976931348623157e308', Number.MAX_VALUE, 0],
];

describe('cells of numbers', () => {
  it.each(BAD_CELLS)('%j is refused at its position', async (cell) => {
    const problem = await problemOf(load(`a,b,y\n1,2,no\n3,4,yes\n55,${cell},no\n6,7,no\n`));
    expect(problem).toMatchObject({ code: 'cell-not-a-number', line: 4, column: 4 });
    expect(problem.message).toContain('column "b": found "');
    expect(problem.hint).toBeTruthy();
  });

  it.each(GOOD_CELLS)('%j is %d with %i decimals', async (cell, value, decimals) => {
    const data = await load(`a,b,y\n1,${cell},no\n2,0,yes\n`);
    expect(Object.is(data.values[1], value)).toBe(true);
    expect(data.decimals).toEqual([0, decimals]);
  });
});

describe('faults at every place', () => {
  const text = '\ufeffa,"b",y\r\n1,2.5,"n ""o"""\r\n\r\n-3,"4","ye\ns"\n5,6,"ye\ns"\n';
  const bytes = Buffer.from(text);

  it('a byte 0xff at every offset is found there', async () => {
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] = 0xff;
      const { code, message } = await problemOf(load(damaged));
      const offset = i < 3 ? 0 : i; // a byte order mark is one character of three bytes
      expect([code, message]).toEqual([
        'not-utf8',
        `not UTF-8 at byte offset ${offset} (found 0x${damaged[offset].toString(16)})`,
      ]);
    }
  });

  it.each(['"', ',', '\n', '\r', '\0', 'x', '', ' '])(
    '%j in place of any byte gives data or a Problem',
    async (bad) => {
      let problems = 0;
      for (let i = 0; i < bytes.length; i++) {
        const damaged = Buffer.concat([bytes.subarray(0, i), Buffer.from(bad), bytes.subarray(i + 1)]);
        try {
          const data = await load(damaged);
          expect(data.values).toHaveLength(data.rows * data.features.length);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          problems++;
        }
      }
      expect(problems).toBeGreaterThan(0);
    },
  );

  it('cut short at every length gives data or a Problem', async () => {
    for (let length = 0; length < bytes.length; length++) {
      try {
        const data = await load(bytes.subarray(0, length));
        expect(data.rows).toBeLessThanOrEqual(3);
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
      }
    }
  });

  it('a cell emptied, damaged or dropped at every place is found there', async () => {
    const rows = [
      ['1', '2.5', '3'],
      ['40', '5', '6'],
      ['7', '800', '9'],
    ];
    const header = 'alpha,beta,gamma,label';
    for (const [bad, code] of [
      ['', 'empty-cell'],
      ['1,0', 'wrong-cell-count'],
      ['"1,0,0"', 'cell-not-a-number'],
    ]) {
      for (let r = 0; r < 3; r++) {
        for (let c = 0; c < 3; c++) {
          const damaged = rows.map((cells, i) => cells.map((cell, j) => (i === r && j === c ? bad : cell)));
          const lines = damaged.map((cells, i) => `${cells.join(',')},k${i}`);
          const expected =
            code === 'wrong-cell-count'
              ? lines[r].lastIndexOf(',') + 2
              : damaged[r].slice(0, c).join(',').length + (c ? 2 : 1);
          expect(await problemOf(load([header, ...lines, ''].join('\r\n')))).toMatchObject({
            code,
            line: r + 2,
            column: expected,
          });
        }
      }
    }
  });
});
