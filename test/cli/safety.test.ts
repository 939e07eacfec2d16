import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelFileText } from '../../model/model-file.js';
import { tinyModel } from '../support/tiny-model.js';
import { folderWith, MAIN, POINTS_CSV, readIn, runFailing, runJson } from './run-cli.js';

/** What must not be lost: data named by mistake, edits, an exit code whose reader has gone. */

let folder: string;

beforeAll(async () => {
  folder = folderWith({
    'points.csv': POINTS_CSV,
    'notes.txt': 'mine',
    'tiny.json': modelFileText(tinyModel()).text,
  });
  await runJson(['train', 'points.csv', '--epochs', '3', '-o', 'network.json'], folder);
  await runJson(['quantize', 'network.json', '-o', 'model.json'], folder);
}, 30_000);

describe('a file that is not an artefact of the same kind is never overwritten', () => {
  it.each([
    [['train', 'points.csv', '-o', 'points.csv'], 'points.csv'],
    [['train', 'points.csv', '-o', 'notes.txt'], 'notes.txt'],
    [['train', 'points.csv', '-o', 'model.json'], 'model.json'],
    [['quantize', 'network.json', '-o', 'network.json'], 'network.json'],
    [['quantize', 'network.json', '-o', 'points.csv'], 'points.csv'],
  ])('%j', async (words, file) => {
    const before = readIn(folder, file);
    const { exit, error } = await runFailing(words, folder);
    expect({ exit, code: error.code, file: error.file }).toEqual({ exit: 1, code: 'would-overwrite', file });
    expect(readIn(folder, file)).toBe(before);
  });

  it('an artefact of the same kind is', async () => {
    const { code } = await runJson(
      ['train', 'points.csv', '--epochs', '2', '--seed', '5', '-o', 'network.json'],
      folder,
    );
    expect(code).toBe(0);
  });
});

it('what does not fit the board ends with exit code 6, need and have, and writes nothing', async () => {
  const hidden = {
    ...tinyModel().layers[0],
    outputs: 5_000,
    weights: new Int8Array(10_000),
    bias: new Int32Array(5_000),
    requantization: { multiplier: new Int32Array(5_000).fill(1), shift: 8 as const, maximum: 255 },
  };
  const output = {
    ...tinyModel().layers[1],
    inputs: 5_000,
    weights: new Int8Array(10_000),
    bias: new Int32Array(2),
  };
  const text = modelFileText(tinyModel({ layers: [hidden, output] })).text;
  writeFileSync(path.join(folder, 'large.json'), text);
  const { exit, error } = await runFailing(
    ['generate', 'large.json', '--board', 'uno', '-o', 'large'],
    folder,
  );
  expect({ exit, code: error.code }).toEqual({ exit: 6, code: 'flash-exceeded' });
  expect(error.message).toMatch(/needs about \d+ bytes of flash; uno has 32256/);
  expect((await runFailing(['build', 'large'], folder)).exit).toBe(1);
});

it('an edited sketch is not generated over without --force', async () => {
  await runJson(['generate', 'tiny.json', '--board', 'uno', '-o', 'sketch'], folder);
  const ino = path.join(folder, 'sketch', 'sketch.ino');
  writeFileSync(ino, `${readIn(folder, 'sketch/sketch.ino')}// mine\n`);
  const { exit, error } = await runFailing(
    ['generate', 'tiny.json', '--board', 'uno', '-o', 'sketch'],
    folder,
  );
  expect({ exit, code: error.code }).toEqual({ exit: 1, code: 'edited-files' });
  expect(error.message).toContain('sketch.ino');
  expect(
    (await runJson(['generate', 'tiny.json', '--board', 'uno', '-o', 'sketch', '--force'], folder)).code,
  ).toBe(0);
});

it.each([
  ['evaluate fails', ['evaluate', 'network.json', 'nowhere.csv'], 1],
  ['usage', ['train', '--nonsense'], 2],
  ['success', ['boards'], 0],
])('a reader that leaves early does not change the exit code: %s', async (_, words, code) => {
  const child = spawn(process.execPath, [MAIN, ...words, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  child.stderr.resume();
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(code);
});
