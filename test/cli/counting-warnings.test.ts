import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { folderWith, IRIS, runCli, runJson } from './run-cli.js';

/** A column that counts the rows is named, with the option that leaves it out. */

const lines = readFileSync(IRIS, 'utf8').trimEnd().split('\n');
const numbered = (heading: string): string[] => [
  `${heading},${lines[0]}`,
  ...lines.slice(1).map((line, r) => `${r + 1},${line}`),
];
const folder = folderWith({
  'id.csv': numbered('id').join('\n'),
  'blank.csv': numbered('row number').join('\n'),
  'bare.csv': numbered('').slice(1).join('\n'),
  'iris.csv': lines.join('\n'),
});

it.each([
  ['id.csv', '', 'column "id"', 'leave it out with --ignore id'],
  ['id.csv', '--ignore petal_width', 'column "id"', 'leave it out with --ignore petal_width,id'],
  ['id.csv', '--features petal_length,id', 'column "id"', 'leave it out of --features'],
  ['blank.csv', '', 'column "row number"', "leave it out with --ignore 'row number'"],
  ['bare.csv', '', 'column "x1"', 'leave it out with --ignore and its number'],
])('train %s %s', async (data, options, column, mending) => {
  const words = ['train', data, ...options.split(' ').filter(Boolean), '--epochs', '2'];
  const { code, stderr, object } = await runJson(words, folder);
  expect(code).toBe(0);
  expect(stderr).toMatch(new RegExp(`^warning: ${column} counts the rows, .*; unless .*, ${mending}\n$`));
  expect(object.warnings).toHaveLength(1);
});

it.each([
  ['id.csv', '--ignore id'],
  ['bare.csv', '--ignore 1'],
  ['iris.csv', '--test-split 0'],
])('says nothing of %s with %s', async (data, options) => {
  const { code, stderr } = await runCli(
    ['train', data, ...options.split(' '), '--epochs', '2', '-q'],
    folder,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
