import { expect, it } from 'vitest';
import { fitting } from '../../cli/output.js';
import { sparkline } from '../../cli/sparkline.js';
import { progressTeller } from '../../cli/training-progress.js';
import { inLanguage, LANGUAGES } from '../../model/messages.js';
import { folderWith, POINTS_CSV, runCli, runOnTerminal } from './run-cli.js';

/** What is seen while a training goes on. */

it.each([
  [[1, 2, 3, 4, 5, 6, 7, 8], 8, '▁▂▃▄▅▆▇█'],
  [[8, 8, 1, 1], 2, '█▁'],
  [[3, 3, 3], 5, '▁▁▁'],
  [[0, 10], 24, '▁█'],
  [Array.from({ length: 1000 }, (_, k) => 1000 - k), 4, '█▆▃▁'],
])('draws curve %# of blocks', (values, width, blocks) => {
  expect(sparkline(values, width)).toBe(blocks);
});

it.each([
  [10, 0, 1000, 'epoch 10/40  loss 0.5000  75.0 % right  3 s left  1,000 rows/s'],
  [30, 20, 500, 'epoch 30/40  loss 0.5000  75.0 % right  1 s left  2,000 rows/s'],
  [10, 0, 7.2e6, 'epoch 10/40  loss 0.5000  75.0 % right  6.0 h left  0 rows/s'],
  [10, 0, 60_000, 'epoch 10/40  loss 0.5000  75.0 % right  3 min left  17 rows/s'],
  [10, 0, 10, 'epoch 10/40  loss 0.5000  75.0 % right  1 s left  100 k rows/s'],
  [10, 0, 1, 'epoch 10/40  loss 0.5000  75.0 % right  1 s left  1.0 M rows/s'],
])('says after epoch %i, of which %i were resumed, and %d ms: %s', (epoch, resumed, elapsed, live) => {
  let time = 0;
  const tell = progressTeller(
    40,
    100,
    resumed,
    () => time,
  )({ epoch, loss: 0.5, accuracy: 0.75, validation: null });
  time = elapsed;
  expect(tell().live).toBe(live);
  expect(tell().text).toBe(`epoch ${epoch} of 40  loss 0.5000  accuracy 75.0 %`);
});

it.each(LANGUAGES)('leaves room for a curve on 80 columns in %s', (language) => {
  let time = 0;
  const tell = progressTeller(
    2000,
    1000,
    0,
    () => time,
  )({ epoch: 1000, loss: 0.1234, accuracy: 0.975, validation: null });
  time = 80_000;
  const { live } = inLanguage(language, tell);
  expect(live.length).toBeLessThanOrEqual(80 - 3 - 2 - 4); // ^C and the last column, two blanks, the shortest curve
});

it.each([
  ['época 9/10  faltan 2 s', 22, 'época 9/10  faltan 2 s'],
  ['época 9/10  faltan 2 s', 21, 'época 9/10'],
  ['época 9/10  faltan 2 s', 10, 'época 9/10'],
  ['época 9/10  faltan 2 s', 9, 'época 9/1'],
])('of %j on %i columns leaves whole parts', (text, width, shown) => {
  expect(fitting(text, width)).toBe(shown);
});

it('keeps the course of a long training short, from its beginning to its end', () => {
  const teller = progressTeller(10_000, 1, 0);
  let course: readonly number[] = [];
  for (let epoch = 1; epoch <= 10_000; epoch++) {
    ({ course } = teller({ epoch, loss: epoch, accuracy: null, validation: null })());
  }
  expect(course.length).toBeGreaterThan(100);
  expect(course.length).toBeLessThanOrEqual(256);
  expect(course[0]).toBeLessThan(200);
  expect(course.at(-1)).toBeGreaterThan(9800);
});

it('draws on a terminal of 60 columns, never beyond them, without colour where NO_COLOR is set', async () => {
  const folder = folderWith({ 'points.csv': POINTS_CSV });
  const text = await runOnTerminal('train points.csv --epochs 30000', folder, {
    columns: 60,
    env: { NO_COLOR: '1' },
  });
  const states = [...text.matchAll(/epoch \d+\/30000[\w ./%,▁-█]*/gu)].map(([state]) => state);
  expect(states.length).toBeGreaterThan(1);
  for (const state of states) expect(state.length).toBeLessThan(60 - '^C'.length);
  expect(text).not.toContain('\x1b[2m');
  expect(text).not.toContain('\x1b[36m');
});

it('prints tables of at most 80 columns, and nothing of its progress into a pipe', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i}.125,${i * 1000},${(i * i) / 10},${-i}`);
  const csv = `first_feature,second,a_target_with_a_long_name,another\n${rows.join('\n')}\n`;
  const folder = folderWith({ 'points.csv': POINTS_CSV, 'numbers.csv': csv });
  const regression = [
    '--task',
    'regression',
    '--label',
    'a_target_with_a_long_name,another',
    '--epochs',
    '300',
  ];
  const runs = [
    ['train', 'numbers.csv', ...regression, '--folds', '3', '-o', 'numbers.json'],
    ['train', 'points.csv', '--epochs', '2000'],
    ['quantize', 'network.json', '--data', 'points.csv'],
    ['evaluate', 'numbers.json', 'numbers.csv'],
    ['generate', 'model.json', '--board', 'uno', '-o', 'firmware'],
    ['report', 'firmware'],
    ['boards'],
    ['doctor'],
  ];
  for (const words of runs) {
    const { code, stdout, stderr } = await runCli(words, folder);
    expect({ code, stderr }, words.join(' ')).toEqual({
      code: 0,
      stderr: expect.not.stringMatching(/epoch/) as string,
    });
    const text = words[0] === 'doctor' ? stdout.split('to mend it')[0] : stdout; // commands are as long as they are
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  }
});
