import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRandom } from '../../model/random.js';
import { runJson } from './neurona.js';

/** The networks of the lecture, from a CSV to a verified simulated Uno, with the commands a user types. */

const ROOT = path.join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-lecture-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lecture = (name: string): string => path.join(ROOT, 'examples', 'lecture', `${name}.csv`);

/** Three features of Iris: the lecture's L = 4, s = (3, 4, 4, 3). */
function irisWithThreeFeatures(): string {
  const file = path.join(folder, 'iris3.csv');
  const rows = readFileSync(path.join(ROOT, 'examples', 'iris', 'iris.csv'), 'utf8')
    .trim()
    .split(/\r?\n/);
  writeFileSync(file, rows.map((row) => row.split(',').slice(1).join(',')).join('\n'));
  return file;
}

/** Four clouds around (±2, ±2). */
function fourQuadrants(): string {
  const random = createRandom(4);
  const rows = ['x,y,quadrant'];
  for (let k = 0; k < 120; k++) {
    const x = k % 2 ? 2 : -2;
    const y = k % 4 < 2 ? 2 : -2;
    rows.push(
      `${(x + 0.6 * random.normal()).toFixed(2)},${(y + 0.6 * random.normal()).toFixed(2)},q${k % 4}`,
    );
  }
  const file = path.join(folder, 'quadrants.csv');
  writeFileSync(file, rows.join('\n'));
  return file;
}

const perceptron = ['--hidden', '0', '--output', 'step', '--test-split', '0'];
const xor = ['--hidden', '4', '--activation', 'tanh', '--test-split', '0'];

test.concurrent.each([
  [
    '3-4-4-3 with sigmoids',
    irisWithThreeFeatures(),
    ['--hidden', '4,4', '--activation', 'sigmoid'],
    '3-4-4-3',
    0.9,
  ],
  ['a perceptron on AND', lecture('and'), perceptron, '2-1', 1],
  ['a perceptron on OR', lecture('or'), perceptron, '2-1', 1],
  ['a perceptron on NAND', lecture('nand'), perceptron, '2-1', 1],
  ['a single sigmoid neuron on AND', lecture('and'), ['--hidden', '0', '--test-split', '0'], '2-1', 1],
  ['XOR with one output', lecture('xor'), xor, '2-4-1', 1],
  ['XOR with two outputs', lecture('xor'), [...xor, '--output', 'softmax', '--outputs', '2'], '2-4-2', 1],
  [
    'one-vs-all with four sigmoid outputs',
    fourQuadrants(),
    ['--hidden', '6', '--output', 'sigmoid'],
    '2-6-4',
    0.95,
  ],
  [
    'squared error with tanh outputs',
    fourQuadrants(),
    ['--hidden', '6', '--output', 'tanh', '--loss', 'mse'],
    '2-6-4',
    0.95,
  ],
  ['hidden steps', fourQuadrants(), ['--hidden', '12', '--activation', 'step'], '2-12-4', 0.9],
  ['4-bit weights', fourQuadrants(), ['--hidden', '8', '--bits', '4'], '2-8-4', 0.95],
  ['ternary weights', fourQuadrants(), ['--hidden', '12', '--bits', '2'], '2-12-4', 0.9],
])('%s', { timeout: 120_000 }, async (name, data, options, architecture, accuracy) => {
  const work = path.join(folder, name.replace(/\W/g, '_'));
  const trained = await runJson(folder, 'train', data, '-o', `${work}.json`, ...options);
  expect(trained).toMatchObject({ architecture });
  const generated = await runJson(folder, 'generate', `${work}.json`, '--board', 'uno', '-o', work);
  const built = await runJson(folder, 'build', work);
  expect(built).toMatchObject({ fits: true, warnings: [] });
  const verified = await runJson(folder, 'verify', work, data, '--on', 'simulator');
  expect(verified).toMatchObject({ mismatches: 0, modelHash: generated.modelHash });
  expect(verified.accuracy).toBeGreaterThanOrEqual(accuracy);
  const evaluated = await runJson(folder, 'evaluate', path.join(work, 'model.json'), data);
  expect(evaluated).toMatchObject({ accuracy: verified.accuracy, rows: verified.rows });
});
