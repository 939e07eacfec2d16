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

/** The tiny model, its hidden layers of these widths and all weights 0. */
function emptyModel(...hidden: number[]): string {
  const [first, last] = tinyModel().layers;
  const layers = [...hidden, 2].map((outputs, l) => {
    const inputs = l === 0 ? 2 : hidden[l - 1];
    const empty = {
      inputs,
      outputs,
      weights: new Int8Array(inputs * outputs),
      bias: new Int32Array(outputs),
    };
    if (l === hidden.length) return { ...last, ...empty };
    const multiplier = new Int32Array(outputs).fill(1);
    return { ...first, ...empty, requantization: { multiplier, shift: 8 as const, maximum: 255 } };
  });
  return modelFileText(tinyModel({ layers })).text;
}

it.each([
  ['uno', [5_000], 'flash-exceeded', /needs about \d+ bytes of flash; uno has 32256/],
  ['uno', [2_000], 'ram-exceeded', /needs about \d+ bytes of RAM; uno has 2048/],
  ['mega', [200, 200], 'object-too-large', /needs 4\d{4} bytes; .* mega takes at most 32767 in one array/],
])(
  'what does not fit %s with layers of %j ends with exit code 6, need and have, and writes nothing',
  async (board, hidden, expected, message) => {
    writeFileSync(path.join(folder, 'large.json'), emptyModel(...hidden));
    const { exit, error } = await runFailing(
      ['generate', 'large.json', '--board', board, '-o', 'large'],
      folder,
    );
    expect({ exit, code: error.code }).toEqual({ exit: 6, code: expected });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/any of these would fit: /);
    expect((await runFailing(['build', 'large'], folder)).exit).toBe(1);
  },
);

it('a build that fails keeps its log and leaves the earlier program as it was', async () => {
  await runJson(['generate', 'tiny.json', '--board', 'uno', '-o', 'broken'], folder);
  await runJson(['build', 'broken'], folder);
  const [source, hex, log] = ['src/tiny.c', 'build/tiny.hex', 'build/build.log'].map(
    (name) => `broken/${name}`,
  );
  const [before, sound] = [readIn(folder, hex), readIn(folder, source)];
  writeFileSync(path.join(folder, source), `${sound}int broken( {\n`);
  const { exit, error } = await runFailing(['build', 'broken'], folder);
  expect({ exit, code: error.code }).toEqual({ exit: 4, code: 'build-failed' });
  expect(error.file).toBe(source);
  expect(error.hint).toContain(log);
  expect(readIn(folder, hex)).toBe(before);
  expect(readIn(folder, log)).toContain('error:');
  writeFileSync(path.join(folder, source), sound);
  expect((await runJson(['build', 'broken'], folder)).code).toBe(0);
}, 30_000);

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
