import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { expandPatterns } from '../../dataset/file-patterns.js';
import { loadDataset } from '../../dataset/load.js';
import { problemOf } from './helpers.js';

function folderWith(...names: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-glob-'));
  names.forEach((name, i) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), `a,y\n${i},no\n${i},yes\n`);
  });
  return folder;
}

const FILES = [
  'b10.csv',
  'b9.csv',
  'B.csv',
  'é.csv',
  'a.txt',
  'sub/c.csv',
  'sub/deep/d.csv',
  'x[1].csv',
  'x1.csv',
  '.hidden.csv',
];

// [patterns, files in order]
const PATTERNS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['*.csv'], ['B.csv', 'b10.csv', 'b9.csv', 'x1.csv', 'x[1].csv', 'é.csv']],
  [['b?.csv'], ['b9.csv']],
  [['{a,b9}.*'], ['a.txt', 'b9.csv']],
  [
    ['**/*.csv'],
    ['B.csv', 'b10.csv', 'b9.csv', 'sub/c.csv', 'sub/deep/d.csv', 'x1.csv', 'x[1].csv', 'é.csv'],
  ],
  [['sub/**'], ['sub/c.csv', 'sub/deep/d.csv']],
  [['x[1].csv'], ['x[1].csv']], // the file by that name, not x1.csv
  [['x[12].csv'], ['x1.csv']],
  [
    ['x1.csv', 'a.txt'],
    ['x1.csv', 'a.txt'],
  ], // the order given
  [
    ['x1.csv', 'b*.csv'],
    ['x1.csv', 'b10.csv', 'b9.csv'],
  ],
  [['missing.csv'], ['missing.csv']], // reading it says what is wrong
];

describe('file patterns', () => {
  it.each(PATTERNS)('%j are %j', async (patterns, files) => {
    const folder = folderWith(...FILES);
    const inFolder = (names: readonly string[]): string[] => names.map((name) => `${folder}/${name}`);
    expect(await expandPatterns(inFolder(patterns))).toEqual(inFolder(files));
  });

  it.each(['*.tsv', 'sub/*.txt', 'none/**'])('%s matches nothing', async (pattern) => {
    const problem = await problemOf(expandPatterns([`${folderWith(...FILES)}/${pattern}`]));
    expect(problem).toMatchObject({ kind: 'data', code: 'no-files' });
    expect(problem.message).toContain(pattern);
    expect(problem.hint).toBeTruthy();
  });

  it('make one data set, named by the first file', async () => {
    const data = await loadDataset([`${folderWith('p2.csv', 'p1.csv', 'p3.csv')}/p*.csv`], {});
    expect([...data.values]).toEqual([1, 1, 0, 0, 2, 2]);
    expect(data.name).toBe('p1');
  });
});
