import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeProgram, OTHER_NODES } from '../support/node-version.js';
import { contents, MAIN } from './neurona.js';

/** Fault 52 and docs/architecture.md: the version of Node, of V8 and of its compilers decides no bit of an artefact. */

const ROOT = path.join(import.meta.dirname, '..', '..');
const IRIS = path.join(ROOT, 'examples', 'iris', 'iris.csv');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-node-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** By engine and by reference, which takes full batches of few rows; between them every transcendental function. */
const TRAININGS = {
  engine: ['--activation', 'tanh', '--hidden', '16,8', '--bits', '4', '--schedule', 'cosine'],
  'engine, floating point': [
    '--no-fixed-point',
    '--activation',
    'softplus',
    '--epochs',
    '30',
    '--input-noise',
    '0.1',
  ],
  reference: [
    '--batch',
    'full',
    '--optimizer',
    'muon',
    '--dropout',
    '0.1',
    '--activation',
    'elu',
    '--epochs',
    '20',
  ],
} as const;

/** Everything that train, quantize and generate write. */
async function make(
  program: string,
  place: string,
  options: readonly string[],
): Promise<Record<string, string>> {
  const cwd = path.join(folder, place);
  mkdirSync(cwd, { recursive: true });
  copyFileSync(IRIS, path.join(cwd, 'iris.csv'));
  const run = (...words: string[]) => promisify(execFile)(program, [MAIN, ...words, '--quiet'], { cwd });
  await run('train', 'iris.csv', '-o', 'network.json', ...options);
  await run('quantize', 'network.json', '-o', 'model.json');
  await run('generate', 'model.json', '--board', 'uno', '-o', 'iris');
  return contents(cwd);
}

let programs: readonly string[];
beforeAll(async () => {
  programs = await Promise.all(OTHER_NODES.map(nodeProgram));
}, 600_000);

describe.each(Object.entries(TRAININGS))('%s', (name, options) => {
  let expected: Record<string, string>;
  beforeAll(async () => {
    expected = await make(process.execPath, path.join(name, 'own'), options);
    expect(Object.keys(expected)).toEqual(
      expect.arrayContaining(['network.json', 'model.json', 'iris/iris.ino']),
    );
  }, 60_000);

  it.each(OTHER_NODES.map((version, k) => [version, k] as const))('node %s', async (version, k) => {
    const { stdout } = await promisify(execFile)(programs[k], ['--version']);
    expect(stdout.trim()).toBe(`v${version}`);
    expect(await make(programs[k], path.join(name, version), options)).toEqual(expected);
  });
});
