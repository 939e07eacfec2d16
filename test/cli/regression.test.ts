import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { folderWith, readIn, runCli, runFailing, runJson } from './run-cli.js';

/** Numbers instead of classes, through every command: from a CSV file to the simulated Uno. */

/** A sensor's humidity and comfort, from temperature, light and the hour, with a little noise of its own. */
function sensorCsv(rows: number): string {
  let state = 12345;
  const next = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const lines = Array.from({ length: rows }, () => {
    const [heat, light, hour] = [10 + 20 * next(), Math.floor(1024 * next()), 24 * next()];
    const humidity = 60 - 1.5 * (heat - 20) + 10 * Math.sin(hour / 4) + next();
    const comfort = -3 + 0.004 * light - 0.02 * (heat - 22) * (heat - 22) + 0.1 * next();
    return [heat.toFixed(1), light, hour.toFixed(2), humidity.toFixed(1), comfort.toFixed(3)].join(',');
  });
  return `heat,light,hour,humidity,"comfort, felt"\n${lines.join('\n')}\n`;
}

const SINE = `x,y\n${Array.from({ length: 120 }, (_, i) => `${i / 20},${Math.sin(i / 20).toFixed(4)}`).join('\n')}\n`;
const REGRESSION = ['--task', 'regression'];
const folder = folderWith({ 'sensor.csv': sensorCsv(240), 'sine.csv': SINE });
afterAll(() => rmSync(folder, { recursive: true }));
const TRAIN = ['train', 'sensor.csv', ...REGRESSION, '--label', '4,5', '--epochs', '60', '--hidden', '12'];

interface Score {
  readonly target: string;
  readonly rmse: number;
  readonly r2: number;
}

beforeAll(async () => {
  const { code, stderr } = await runCli([...TRAIN, '-o', 'sensor.json'], folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

describe('a regression from CSV to board', () => {
  it('train reports errors per target, in floating point and in integers, and writes format 2', async () => {
    const { code, object } = await runJson([...TRAIN, '-o', 'again.json', '--folds', '3'], folder);
    expect(code).toBe(0);
    expect(object).toMatchObject({
      task: 'regression',
      targets: ['humidity', 'comfort, felt'],
      testRows: 48,
    });
    for (const key of ['scores', 'quantizedScores']) {
      const { train, test: held } = object[key] as { train: Score[]; test: Score[] };
      for (const { r2 } of [...train, ...held]) expect(r2).toBeGreaterThan(0.9);
    }
    const folds = object.folds as { count: number; scores: Score[]; each: object[] };
    expect(folds).toMatchObject({ count: 3, each: [{}, {}, {}] });
    expect(folds.scores.map(({ target }) => target)).toEqual(['humidity', 'comfort, felt']);
    expect(object).not.toHaveProperty('accuracy');
    expect(readIn(folder, 'again.json')).toBe(readIn(folder, 'sensor.json'));
    expect(readIn(folder, 'again.json')).toMatch(/"version": 2/);
  });

  it('train tells people the errors and the units of the answers', async () => {
    const { stdout } = await runCli(['train', 'sine.csv', ...REGRESSION, '-o', 'sine.json'], folder);
    expect(stdout).toMatch(/targets: y\n/);
    expect(stdout).toMatch(/target +rows +numbers +RMSE +MAE +R²/);
    expect(stdout).toMatch(/y +training +floating point +0\.\d+ +0\.\d+ +0\.9\d+/);
    expect(stdout).toMatch(/the board answers y in units of 0\.0001/);
  });

  it('quantize and evaluate give the same errors, those of the integers', async () => {
    const made = await runJson(
      ['quantize', 'sensor.json', '-o', 'model.json', '--data', 'sensor.csv'],
      folder,
    );
    const { float, quantized } = made.object.scores as { float: Score[]; quantized: Score[] };
    const model = await runJson(['evaluate', 'model.json', 'sensor.csv'], folder);
    expect(model.object).toMatchObject({ task: 'regression', kind: 'model', rows: 240, scores: quantized });
    const network = await runJson(['evaluate', 'sensor.json', 'sensor.csv'], folder);
    expect(network.object.scores).toEqual(float);
    expect(float).not.toEqual(quantized);
  });

  it.each([
    ['uno', [], 'simulator'],
    ['uno', ['--constant-time'], 'simulator'],
    ['host', ['--format', 'c'], 'host'],
  ] as const)(
    'generate for %s %j and verify: every output and every value on the %s',
    async (board, more, on) => {
      const out = `${board}${more.length}`;
      const generated = await runJson(
        ['generate', 'sensor.json', '--board', board, '-o', out, ...more],
        folder,
      );
      expect(generated.code).toBe(0);
      const header = readIn(folder, path.join(out, board === 'uno' ? 'src/sensor.h' : 'sensor.h'));
      expect(header).toMatch(/SENSOR_TARGET_COMFORT_FELT = 1/);
      expect(header).toMatch(/#define SENSOR_DECIMALS_HUMIDITY 1\n#define SENSOR_DECIMALS_COMFORT_FELT 3/);
      expect(header).toMatch(/\[0\] humidity: value = round\(target \* 1e1\), within -?\d+\.\.\d+/);
      expect(header).not.toMatch(/CLASS/);
      const { code, object } = await runJson(['verify', out, 'sensor.csv', '--on', on], folder);
      expect(code).toBe(0);
      expect(object).toMatchObject({ rows: 240, mismatches: 0, accuracy: null, linkDoubts: 0 });
      const model = await runJson(['evaluate', path.join(out, 'model.json'), 'sensor.csv'], folder);
      expect(object.scores).toEqual(model.object.scores);
      expect(object).not.toHaveProperty('values');
    },
  );

  it('predict gives the numbers of the board, or those of floating point, and what the data say', async () => {
    const { object } = await runJson(['predict', 'sensor.json', 'sensor.csv', '--label', '4,5'], folder);
    const rows = object.predictions as {
      row: number;
      values: number[];
      actual: number[];
      outputs: number[];
    }[];
    expect(object).toMatchObject({ task: 'regression', rows: 240, targets: ['humidity', 'comfort, felt'] });
    expect(rows[2].actual).toEqual(
      readIn(folder, 'sensor.csv').split('\n')[3].split(',').slice(3).map(Number),
    );
    for (const { values, outputs } of rows) {
      values.forEach((value, k) => expect(value).toBe(Math.round(value * [10, 1000][k]) / [10, 1000][k]));
      expect(outputs.every(Number.isInteger)).toBe(true);
    }
    const errors = rows.map(({ values, actual }) => values[0] - actual[0]);
    const rmse = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / 240);
    const scores = (await runJson(['quantize', 'sensor.json', '--data', 'sensor.csv'], folder)).object.scores;
    expect((scores as { quantized: Score[] }).quantized[0].rmse).toBeCloseTo(rmse, 9);
    writeFileSync(path.join(folder, 'new.csv'), 'light,hour,heat\n100,12,20\n');
    const { stdout } = await runCli(['predict', 'sensor.json', 'new.csv', '--csv', '--float'], folder);
    expect(stdout).toMatch(/^row,humidity,"comfort, felt"\n1,\d+\.\d{3,},-?\d+\.\d{3,}\n$/);
  });

  it('verify takes rows without targets, and says nothing of errors', async () => {
    await runCli(['generate', 'sine.json', '--board', 'host', '--format', 'c', '-o', 'sine'], folder);
    writeFileSync(path.join(folder, 'bare.csv'), 'x\n0.5\n2\n99\n-99\n');
    const { code, object } = await runJson(['verify', 'sine', 'bare.csv'], folder);
    expect(code).toBe(0);
    expect(object).toMatchObject({ rows: 4, mismatches: 0, scores: null });
  });

  it('a board whose values differ is found out, even where its raw outputs agree', async () => {
    await runCli(['generate', 'sine.json', '--board', 'host', '--format', 'c', '-o', 'wrong'], folder);
    const source = path.join(folder, 'wrong', 'sine.c');
    const text = readFileSync(source, 'utf8');
    const spoilt = text.replace('SINE_READ_I32(sine_target_base + target)', '$& + (target == 0 ? 1 : 0)');
    expect(spoilt).not.toBe(text);
    writeFileSync(source, spoilt);
    const { code, object } = await runJson(['verify', 'wrong', 'sine.csv'], folder);
    expect(code).toBe(3);
    expect(object).toMatchObject({ mismatches: 120 });
    const [{ expected, got }] = object.firstMismatches as { expected: Answer; got: Answer }[];
    expect(got.outputs).toEqual(expected.outputs);
    expect(got.values[0]).toBe(expected.values[0] + 1);
  });

  it('explain traces a row towards its targets, and checks the gradient', async () => {
    const { object } = await runJson(['explain', 'sensor.json', 'sensor.csv', '--row', '3'], folder);
    expect((object.gradient as { largestDifference: number }).largestDifference).toBeLessThan(1e-5);
    const { actual, predicted } = object as { actual: number[]; predicted: number[] };
    expect(actual).toEqual(readIn(folder, 'sensor.csv').split('\n')[3].split(',').slice(3).map(Number));
    expect(Math.abs(predicted[0] - actual[0])).toBeLessThan(10);
    const { stdout } = await runCli(
      ['explain', 'sensor.json', 'sensor.csv', '--row', '3', '--lang', 'es'],
      folder,
    );
    expect(stdout).toMatch(/objetivo +[\d.]+, .*\(estandarizado: t = /);
    expect(stdout).toMatch(/predicción +[\d.]+/);
  });
});

interface Answer {
  readonly outputs: number[];
  readonly values: number[];
}

describe('what does not go with a regression', () => {
  // [words, exit, code, message or hint]
  const cases: [string, string[], number, string, RegExp][] = [
    ['labels that are measurements', ['train', 'sine.csv'], 1, 'labels-are-numbers', /--task regression/],
    ['a task misspelt', ['train', 'sine.csv', '--task', 'regresion'], 2, 'bad-value', /mean "regression"/],
    ['softmax', ['train', 'sine.csv', ...REGRESSION, '--output', 'softmax'], 2, 'contradiction', /softmax/],
    [
      'classes',
      ['train', 'sine.csv', ...REGRESSION, '--class-weights', 'balanced'],
      2,
      'contradiction',
      /classes/,
    ],
    ['a word as target', ['train', 'words.csv', ...REGRESSION], 1, 'cell-not-a-number', /"y": found "low"/],
    ['other columns', ['evaluate', 'sensor.json', 'sine.csv'], 1, 'missing-column', /"heat"/],
    [
      'integers that lose too much',
      ['quantize', 'coarse.json', '--data', 'sine.csv', '--max-drop', '0.01'],
      1,
      'accuracy-drop',
      /R² of target "y" falls from 0\.\d+ to -?\d\.\d+, by \d+\.\d points/,
    ],
  ];
  test.each(cases)('%s', async (name, words, exit, code, text) => {
    if (name === 'a word as target') writeFileSync(path.join(folder, 'words.csv'), 'x,y\n1,2.5\n2,low\n');
    if (name === 'integers that lose too much') {
      const coarse = ['--no-fixed-point', '--bits', '4', '-o', 'coarse.json'];
      await runCli(['train', 'sine.csv', ...REGRESSION, ...coarse], folder);
    }
    const { exit: found, error } = await runFailing(words, folder);
    expect([found, error.code]).toEqual([exit, code]);
    expect(`${error.message}\n${error.hint}`).toMatch(text);
  });
});
