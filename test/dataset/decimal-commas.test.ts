import path from 'node:path';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset, type LoadOptions } from '../../dataset/load.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { createRandom } from '../../model/random.js';
import { load, temporaryFile } from './helpers.js';

/** Numbers with decimal commas are read as the same numbers with points are. */

const iris = readFileSync(path.join(PACKAGE_ROOT, 'examples', 'iris', 'iris.csv'), 'utf8');
const withCommas = (text: string, delimiter = ';'): string =>
  text.replaceAll(',', delimiter).replaceAll('.', ',');
const quotedCommas = (text: string): string =>
  text.replace(/\d+\.\d+/g, (cell) => `"${cell.replace('.', ',')}"`);
const withoutHeader = (text: string): string => text.slice(text.indexOf('\n') + 1);

/** All but the hash of the bytes. */
const contentOf = ({ sha256: _, ...rest }: Dataset): object => rest;

const REFERENCE = { features: ['a', 'b'], classes: ['no', 'yes'] };
const TARGETS: LoadOptions = { task: 'regression', label: 'b,y' };

// [name, with points, with commas, options]
const SAME: readonly (readonly [string, string, string | Uint8Array, LoadOptions?])[] = [
  ['iris, semicolons', iris, withCommas(iris)],
  ['iris, tabs', iris, withCommas(iris, '\t')],
  ['iris, commas and quotes', iris, quotedCommas(iris)],
  ['iris, gzip', iris, gzipSync(withCommas(iris))],
  ['iris, byte order mark and CRLF', iris, `\ufeff${withCommas(iris).replaceAll('\n', '\r\n')}`],
  ['iris, no header', withoutHeader(iris), withCommas(withoutHeader(iris))],
  ['targets', 'a,b,y\n1.5,2.25,3\n-0.5,1e-3,.5\n', 'a;b;y\n1,5;2,25;3\n-0,5;1e-3;,5\n', TARGETS],
  ['exponents', 'a,y\n1.5e-3,n\n+2.E2,y\n', 'a;y\n1,5e-3;n\n+2,E2;y\n'],
  ['many digits', 'a,y\n0.12345678901234567,n\n1,y\n', 'a;y\n0,12345678901234567;n\n1;y\n'],
  ['whole numbers first', 'a,b,y\n1,2,n\n3,4.5,y\n', 'a;b;y\n1;2;n\n3;4,5;y\n'],
  ['three decimals, one of them below 1', 'a,y\n1.234,n\n0.500,y\n', 'a;y\n1,234;n\n0,500;y\n'],
  ['three decimals, then two', 'a,y\n1.234,n\n1.50,y\n', 'a;y\n1,234;n\n1,50;y\n'],
  [
    'text in a column that is left out',
    'a,b,y\n1.5,2.5,n\n3,x,y\n',
    'a;b;y\n1,5;2.5;n\n3;x;y\n',
    { ignore: ['b'] },
  ],
  ['for a trained network', 'b,a,y\n.5,1.5,yes\n', 'b;a;y\n,5;1,5;yes\n', { reference: REFERENCE }],
  ['without labels', '0.5,1.5\n', '0,5;1,5\n', { reference: REFERENCE, labelsOptional: true }],
];

describe('decimal commas', () => {
  for (const [name, points, commas, options = {}] of SAME) {
    it(name, async () => {
      const notes: string[] = [];
      const file = temporaryFile('data.csv', commas);
      const found = await loadDataset([file], { ...options, note: (text) => notes.push(text) });
      expect(contentOf(found)).toEqual(contentOf(await load(points, options)));
      expect(notes).toEqual([`read ${file} with decimal commas`]);
    });
  }

  it('numbers of any shape', async () => {
    const random = createRandom(1);
    const cell = (): string => ((random.uniform() - 0.5) * 10 ** random.below(9)).toFixed(random.below(9));
    const rows = Array.from({ length: 500 }, (_, r) => `${cell()},${cell()},${cell()},k${r % 3}`);
    const text = `a,b,c,y\n${rows.join('\n')}\n`;
    expect(contentOf(await load(withCommas(text)))).toEqual(contentOf(await load(text)));
  });

  it('each file tells for itself', async () => {
    const files = [iris, withCommas(iris), iris].map((text, i) => temporaryFile(`${i}.csv`, text));
    const notes: string[] = [];
    const data = await loadDataset(files, { note: (text) => notes.push(text) });
    expect(data.values).toEqual(Float64Array.from([0, 1, 2].flatMap(() => [...irisValues])));
    expect(notes).toEqual([`read ${files[1]} with decimal commas`]);
  });

  it('nothing is said of points and whole numbers', async () => {
    const note = (text: string): never => expect.fail(text);
    await load(iris, { note });
    await load('a;b;y\n1;2;no\n3;4;yes\n', { note });
    await load('a;b;y\n1;2.5;n,o\n3;4;yes\n', { note });
  });

  it('of a class the spelling stays, and either is the same number', async () => {
    const { classes } = await load('1;2,5\n2;10\n3;0,5\n');
    expect(classes).toEqual(['0,5', '2,5', '10']);
    const reference = { features: ['x1'], classes };
    expect([...(await load('7,0.5\n8,2.5\n', { reference })).labels!]).toEqual([0, 1]);
  });
});

const irisValues = (await load(iris)).values;
