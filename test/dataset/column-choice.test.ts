import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import type { LoadOptions } from '../../dataset/load.js';
import { load, problemOf } from './helpers.js';

const HEADER = 'id,time,a,b,kind\nr1,10:00,1,2,no\nr2,10:01,3,4,yes\n';
const PLAIN = 'r1,10:00,1,2,no\nr2,10:01,3,4,yes\n';
const SPACE = /\s+/;

const asText = (data: Dataset): string => {
  const width = data.features.length;
  const rows = Array.from({ length: data.rows }, (_, r) =>
    [...data.values.subarray(r * width, (r + 1) * width), data.classes[data.labels?.[r] ?? -1] ?? '-'].join(
      ' ',
    ),
  );
  return `${data.features.join(' ')}: ${rows.join(', ')}`;
};

describe('choosing columns', () => {
  // [name, content, options, expected]
  it.each<[string, string, LoadOptions, string]>([
    ['leaves some out', HEADER, { ignore: ['id', 'time'] }, 'a b: 1 2 no, 3 4 yes'],
    ['by number', HEADER, { ignore: ['2', '1'] }, 'a b: 1 2 no, 3 4 yes'],
    ['takes some, in the order asked for', HEADER, { features: ['b', 'a'] }, 'b a: 2 1 no, 4 3 yes'],
    ['takes one', HEADER, { features: ['b'] }, 'b: 2 no, 4 yes'],
    ['with the label named', HEADER, { features: ['a', 'b'], label: 'id' }, 'a b: 1 2 r1, 3 4 r2'],
    ['the last column left out', HEADER, { ignore: ['kind', 'time'], label: 'id' }, 'a b: 1 2 r1, 3 4 r2'],
    [
      'the label is the last of those that remain',
      'a,kind,note\n1,no,x\n2,yes,y\n',
      { ignore: ['note'] },
      'a: 1 no, 2 yes',
    ],
    ['no header: named by their numbers', PLAIN, { ignore: ['1', '2'] }, 'x3 x4: 1 2 no, 3 4 yes'],
    ['no header, some taken', PLAIN, { features: ['4'] }, 'x4: 2 no, 4 yes'],
    ['a nameless index column', ',a,y\n0,5,no\n1,6,yes\n', { ignore: ['1'] }, 'a: 5 no, 6 yes'],
    [
      'nameless columns that nobody takes',
      ',,a,y\n0,7,5,no\n1,8,6,yes\n',
      { features: ['a'] },
      'a: 5 no, 6 yes',
    ],
    [
      'a header of numbers is known by a name',
      '0,id,y\n5,1,no\n6,2,yes\n',
      { ignore: ['id'] },
      '0: 5 no, 6 yes',
    ],
    ['empty cells of a column left out', 'a,n,y\n5,,no\n6,?,yes\n', { ignore: ['n'] }, 'a: 5 no, 6 yes'],
    ['quoted', '"a,b",n,y\n5,1,no\n6,1,yes\n', { features: ['a,b'] }, 'a,b: 5 no, 6 yes'],
  ])('%s', async (_, content, options, expected) => {
    expect(asText(await load(content, options))).toBe(expected);
  });

  it.each<[string, string, LoadOptions, string, string]>([
    [
      'a name misspelt',
      HEADER,
      { ignore: ['tiem'] },
      'unknown-column',
      '--ignore.*"tiem".*did you mean "time"',
    ],
    [
      'a feature misspelt',
      HEADER,
      { features: ['A'] },
      'unknown-column',
      '--features.*"A".*did you mean "a"',
    ],
    ['a number too high', HEADER, { ignore: ['6'] }, 'unknown-column', '"6"'],
    [
      'a name without a header',
      '1,2,no\n3,4,yes\n',
      { ignore: ['id'] },
      'unknown-column',
      'no header.*1 to 3',
    ],
    ['a column twice', HEADER, { features: ['a', '3'] }, 'column-twice', '"3"'],
    ['the label left out', HEADER, { label: 'kind', ignore: ['kind'] }, 'contradiction', '--label.*--ignore'],
    ['the label as a feature', HEADER, { label: '5', features: ['kind'] }, 'contradiction', '--features'],
  ])('refuses %s', async (_, content, options, code, text) => {
    const problem = await problemOf(load(content, options));
    expect(problem).toMatchObject({ kind: 'usage', code });
    expect(`${problem.message} ${problem.hint}`).toMatch(new RegExp(text, 's'));
  });

  it.each([
    ['nothing left', { ignore: ['id', 'time', 'a', 'b', 'kind'] }, 'missing-label-column'],
    ['no features left', { ignore: ['id', 'time', 'a', 'b'] }, 'wrong-cell-count'],
    ['text among the features', { ignore: ['id'] }, 'cell-not-a-number'],
  ])('refuses %s', async (_, options, code) => {
    expect(await problemOf(load(HEADER, options))).toMatchObject({ kind: 'data', code });
  });

  it.each([
    ['by name', HEADER, ['b', 'a'], '2 1 no, 4 3 yes'],
    ['without a header, by the number in the name', PLAIN, ['x3', 'x4'], '1 2 no, 3 4 yes'],
    ['one column', PLAIN, ['x4'], '2 no, 4 yes'],
  ])('a trained network finds its columns in the whole file: %s', async (_, content, features, expected) => {
    const data = await load(content, { reference: { features, classes: ['no', 'yes'] } });
    expect(asText(data)).toBe(`${features.join(' ')}: ${expected}`);
    expect(expected.split(SPACE)).toContain('yes');
  });
});
