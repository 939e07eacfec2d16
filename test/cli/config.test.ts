import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, POINTS_CSV, readIn, runCli, runFailing, runJson } from './run-cli.js';

const withConfig = (config: string): string =>
  folderWith({ 'points.csv': POINTS_CSV, 'neurona.config.json': config });

describe('faults of neurona.config.json', () => {
  it.each<[string, string, string, number, number, string, string]>([
    ['unknown key', '{\n  "sed": 1\n}', 'unknown-key', 2, 3, '"sed"', 'did you mean "seed"?'],
    ['unknown option', '{ "train": { "epoch": 3 } }', 'unknown-key', 1, 14, '"epoch" in "train"', '"epochs"'],
    ['option under its flag', '{"train":{"learning-rate":1}}', 'unknown-key', 1, 11, '', '"learningRate"'],
    [
      'out of range',
      '{ "train": {\n "epochs": 0 } }',
      'bad-value',
      2,
      12,
      'train.epochs is 0; expected a whole number 1..',
      '',
    ],
    [
      'shared, out of range',
      '{ "seed": -1 }',
      'bad-value',
      1,
      11,
      'seed is -1; expected a whole number 0..',
      '',
    ],
    ['wrong type', '{ "train": { "epochs": "3" } }', 'bad-value', 1, 24, 'train.epochs is "3"', ''],
    [
      'wrong choice',
      '{ "train": { "activation": "tanhh" } }',
      'bad-value',
      1,
      28,
      '"tanhh"',
      'did you mean "tanh"?',
    ],
    ['layer of half a neuron', '{ "train": { "hidden": [4, 2.5] } }', 'bad-value', 1, 24, '[4,2.5]', ''],
    ['a list for an object', '{ "train": [] }', 'not-an-object', 1, 12, 'train: expected an object', ''],
    ['a list for the file', '[]', 'not-an-object', 1, 1, 'the file: expected an object', ''],
    [
      'a missing comma',
      '{ "seed": 1\n  "train": {} }',
      'not-json',
      2,
      3,
      'a comma is missing',
      'between two',
    ],
    ['a comment', '{ // my seed\n "seed": 1 }', 'not-json', 1, 3, 'JSON has no comments', 'delete'],
    ['a comma too many', '{ "seed": 1, }', 'not-json', 1, 14, 'a key is missing', 'no comma follows'],
    ['single quotes', "{ 'seed': 1 }", 'not-json', 1, 3, 'no value of JSON', 'double quotes'],
    ['a brace too few', '{ "seed": 1', 'not-json', 1, 12, 'a } is missing', ''],
    ['an empty file', '', 'not-json', 1, 1, 'the file is empty', '{}'],
    ['a duplicate key', '{ "seed": 1,\n  "seed": 2 }', 'duplicate-key', 2, 3, '"seed"', ''],
    ['a duplicate option', '{ "train": { "l2": 1, "l2": 2 } }', 'duplicate-key', 1, 23, '"l2"', ''],
    ['__proto__', '{ "__proto__": { "seed": 3 } }', 'forbidden-key', 1, 3, '__proto__', ''],
    ['__proto__ in a command', '{ "train": { "__proto__": {} } }', 'forbidden-key', 1, 14, '__proto__', ''],
    [
      'settings that contradict each other',
      '{ "train": { "test": "a.csv",\n "testSplit": 0.2 } }',
      'conflicting-options',
      2,
      2,
      '"test" and "testSplit" in "train"',
      'only one',
    ],
  ])('%s', async (_, config, code, line, column, message, hint) => {
    const { exit, error } = await runFailing(['boards'], withConfig(config));
    expect(exit).toBe(1);
    expect(error).toMatchObject({ code, file: 'neurona.config.json', line, column });
    expect(error.message).toContain(message);
    expect(error.hint ?? '').toContain(hint);
  });

  it('print file, line and column for people', async () => {
    const { stderr } = await runCli(['boards'], withConfig('{ "sed": 1 }'));
    expect(stderr).toBe(
      'neurona.config.json:1:3: error: unknown key "sed" [unknown-key]\nhint: did you mean "seed"?\n',
    );
  });
});

describe('settings', () => {
  const config = JSON.stringify({
    seed: 7,
    train: { hidden: [5], epochs: 3, testSplit: 0.5, out: 'a.json' },
  });

  it('come from the file', async () => {
    const { object } = await runJson(['train', 'points.csv'], withConfig(config));
    expect(object).toMatchObject({
      artifact: 'a.json',
      seed: 7,
      architecture: '2-5-1',
      epochs: 3,
      testRows: 20,
    });
  });

  it.each([
    ['0', '2-1'],
    ['[]', '2-1'],
    ['5', '2-5-1'],
    ['[5, 3]', '2-5-3-1'],
  ])('"hidden": %s makes %s', async (hidden, architecture) => {
    const folder = withConfig(`{ "train": { "hidden": ${hidden}, "epochs": 1 } }`);
    expect((await runJson(['train', 'points.csv'], folder)).object).toMatchObject({ architecture });
  });

  it('come from flags first', async () => {
    const words = ['train', 'points.csv', '--seed', '8', '--hidden', '3', '--epochs', '2', '-o', 'b.json'];
    const { object } = await runJson(words, withConfig(config));
    expect(object).toMatchObject({
      artifact: 'b.json',
      seed: 8,
      architecture: '2-3-1',
      epochs: 2,
      testRows: 20,
    });
  });

  it('of the file yield to a flag that contradicts them', async () => {
    const folder = withConfig('{ "train": { "test": "points.csv", "epochs": 1 } }');
    const { object } = await runJson(['train', 'points.csv', '--test-split', '0.5'], folder);
    expect(object).toMatchObject({ trainRows: 20, testRows: 20 });
  });

  it('with paths are relative to the file', async () => {
    const folder = withConfig('{}');
    mkdirSync(path.join(folder, 'settings'));
    const file = path.join('settings', 'mine.json');
    writeFileSync(
      path.join(folder, file),
      '{ "train": { "out": "net.json", "test": "../points.csv", "epochs": 1 } }',
    );
    const { object } = await runJson(['train', 'points.csv', '--config', file], folder);
    expect(object).toMatchObject({ artifact: path.join('settings', 'net.json'), testRows: 40 });
    expect(readIn(folder, path.join('settings', 'net.json'))).toContain('"neurona": "network"');
  });

  it('need a file where one is named', async () => {
    const { exit, error } = await runFailing(['boards', '--config', 'none.json'], withConfig('{}'));
    expect(exit).toBe(1);
    expect(error).toMatchObject({ code: 'cannot-read', file: 'none.json' });
  });
});
