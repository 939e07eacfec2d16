import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { confusionLines } from '../../cli/confusion-lines.js';
import { classScores } from '../../trainer/evaluate.js';
import { folderWith, IRIS, POINTS_CSV, readIn, runCli, runFailing, runJson } from './run-cli.js';

const SETTINGS = {
  optimizer: 'adamw',
  weightDecay: 0.02,
  schedule: 'step',
  warmUp: 2,
  init: 'lecun',
  l1: 0.01,
  l2: 0.02,
  dropout: 0.1,
  labelSmoothing: 0.05,
  inputNoise: 0.1,
  classWeights: 'balanced',
  patience: 4,
  validationSplit: 0.25,
  epochs: 40,
};

const flags = (settings: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(settings).flatMap(([key, value]) => [
    `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);

const trainingOf = (text: string) => (JSON.parse(text) as { training: { options: object } }).training;

describe('what decides a training run', () => {
  it('is the same as flags and in the configuration file, and recorded in network.json', async () => {
    const folder = folderWith({ 'points.csv': POINTS_CSV });
    const words = ['train', 'points.csv', '--test-split', '0'];
    const byFlags = await runJson([...words, ...flags(SETTINGS), '-o', 'flags.json'], folder);
    expect(byFlags).toMatchObject({ code: 0 });
    writeFileSync(path.join(folder, 'neurona.config.json'), JSON.stringify({ train: SETTINGS }));
    const byFile = await runJson([...words, '-o', 'file.json'], folder);
    expect(byFile).toMatchObject({ code: 0 });
    expect(readIn(folder, 'flags.json')).toBe(readIn(folder, 'file.json'));
    const { epochs, bestEpoch } = byFlags.object as { epochs: number; bestEpoch: number };
    expect(bestEpoch).toBeLessThanOrEqual(epochs);
    expect(trainingOf(readIn(folder, 'flags.json'))).toMatchObject({
      options: SETTINGS,
      rows: 30,
      validationRows: 10,
      epochs,
      bestEpoch,
    });
  });

  it('includes the widths of weights and sums, which the result names layer by layer', async () => {
    const folder = folderWith({});
    const words = ['train', IRIS, '--epochs', '20', '--bits', '2'];
    const widths = (accumulatorBits: number) => [
      { weightBits: 2, accumulatorBits },
      { weightBits: 2, accumulatorBits },
    ];
    expect((await runJson(words, folder)).object).toMatchObject({ integers: widths(16) });
    expect((await runCli(words, folder)).stdout).toContain('ternary weights, all sums in 16 bits');
    const wide = await runJson([...words, '--accumulator', '24'], folder);
    expect(wide.object).toMatchObject({ integers: widths(24) });
    expect((await runCli([...words, '--bits', '3'], folder)).code).toBe(2);
  });

  it('is named in the help', async () => {
    const { stdout } = await runCli(['train', '--help'], folderWith({}));
    for (const flag of flags(SETTINGS).filter((word) => word.startsWith('--')))
      expect(stdout).toContain(flag);
    for (const name of ['nesterov', 'muon', 'step', 'constant', 'balanced']) expect(stdout).toContain(name);
  });

  it.each<[string, Record<string, string | number>, string, string[]]>([
    ['momentum with a rule that takes none', { momentum: 0.5 }, 'contradiction', ['momentum', 'adam']],
    ['weight decay without adamw', { weightDecay: 0.1 }, 'contradiction', ['weightDecay', 'adam']],
    ['rows held out for nobody', { validationSplit: 0.1 }, 'contradiction', ['validationSplit', 'patience']],
    ['nothing but warm-up', { warmUp: 5, epochs: 5 }, 'contradiction', ['warmUp 5', 'epochs 5']],
    ['dropout without hidden neurons', { dropout: 0.5, hidden: 0 }, 'contradiction', ['dropout', 'hidden 0']],
    ['dropout of everything', { dropout: 1 }, 'bad-value', ['--dropout is "1"', '0..0.9']],
    ['no patience', { patience: 0 }, 'bad-value', ['--patience is "0"', '1..']],
    ['a mistyped rule', { optimizer: 'muom' }, 'bad-value', ['muom', 'muon']],
    ['unknown class weights', { classWeights: 'even' }, 'bad-value', ['even', 'balanced']],
  ])('%s is refused', async (_, settings, code, parts) => {
    const folder = folderWith({ 'points.csv': POINTS_CSV });
    const { exit, error } = await runFailing(['train', 'points.csv', ...flags(settings)], folder);
    expect({ exit, code: error.code }).toEqual({ exit: 2, code });
    for (const part of parts) expect(error.message).toContain(part);
  });
});

describe('columns', () => {
  const csv = POINTS_CSV.trimEnd()
    .split('\n')
    .map((line, i) => `${i === 0 ? 'id,time' : `r${i},noon`},${line}\n`)
    .join('');

  it(
    'that are left out are named in no artefact, and later data may hold them',
    { timeout: 60_000 },
    async () => {
      const folder = folderWith({ 'full.csv': csv, 'points.csv': POINTS_CSV });
      const words = ['train', 'full.csv', '--epochs', '30', '--name', 'points', '--test', 'points.csv'];
      const flags = await runJson([...words, '--ignore', 'id,time', '-o', 'network.json'], folder);
      expect(flags).toMatchObject({
        code: 0,
        object: { features: ['width', 'height'], architecture: '2-8-1' },
      });
      writeFileSync(path.join(folder, 'neurona.config.json'), '{"train":{"features":["width","height"]}}');
      expect(await runJson([...words, '-o', 'chosen.json'], folder)).toMatchObject({ code: 0 });
      expect(readIn(folder, 'chosen.json')).toBe(readIn(folder, 'network.json'));
      const runs = [
        ['quantize', 'network.json', '--data', 'full.csv'],
        ['evaluate', 'network.json', 'full.csv'],
        ['evaluate', 'model.json', 'full.csv'],
        ['generate', 'model.json', '--board', 'host', '-o', 'lib'],
        ['verify', 'lib', 'full.csv'],
      ];
      for (const run of runs) expect(await runJson(run, folder), run.join(' ')).toMatchObject({ code: 0 });
      const [whole, own] = await Promise.all(
        ['full.csv', 'points.csv'].map((data) => runJson(['evaluate', 'model.json', data], folder)),
      );
      expect(whole.object).toEqual(own.object);
    },
  );

  it.each([
    [['--ignore', 'id,tme'], 'unknown-column', 'did you mean "time"?'],
    [['--features', 'width,heigth'], 'unknown-column', 'did you mean "height"?'],
    [['--features', 'width', '--ignore', 'id'], 'conflicting-options', 'only one'],
    [['--ignore', 'id,,time'], 'bad-value', ''],
  ])('%j is a usage problem', async (words, code, hint) => {
    const { exit, error } = await runFailing(
      ['train', 'full.csv', ...words],
      folderWith({ 'full.csv': csv }),
    );
    expect({ exit, code: error.code }).toEqual({ exit: 2, code });
    expect(error.hint ?? '').toContain(hint);
  });
});

describe('evaluate', () => {
  it('scores every class, in the order of the classes, for people too', async () => {
    const folder = folderWith({});
    await runCli(['train', IRIS, '--epochs', '20'], folder);
    const { object } = await runJson(['evaluate', 'network.json', IRIS], folder);
    const { confusion, classes, perClass } = object as {
      confusion: number[][];
      classes: string[];
      perClass: { class: string; precision: number; recall: number; f1: number; rows: number }[];
    };
    expect(perClass.map((score) => score.class)).toEqual(classes);
    perClass.forEach(({ precision, recall, f1, rows }, k) => {
      expect(rows).toBe(50);
      expect(recall).toBeCloseTo(confusion[k][k] / 50, 12);
      expect(precision).toBeCloseTo(confusion[k][k] / confusion.reduce((sum, row) => sum + row[k], 0), 12);
      expect(f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12);
    });
    const { stdout } = await runCli(['evaluate', 'network.json', IRIS], folder);
    expect(stdout).toMatch(/precision +recall +F1\n/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each([
    ['digits', Array.from({ length: 10 }, (_, k) => String(k)), 59_999],
    ['twelve long names', Array.from({ length: 12 }, (_, k) => `${'gesture '.repeat(6)}${k}`), 7],
    ['twelve of very many rows', Array.from({ length: 12 }, (_, k) => `c${k}`), 123_456_789],
    ['more than a table holds', Array.from({ length: 13 }, (_, k) => `c${k}`), 1],
  ])('shows its tables within 80 columns: %s', (_, classes, most) => {
    const confusion = classes.map((_, i) => classes.map((_, j) => (i === j ? most : 0)));
    const lines = confusionLines(classes, confusion, classScores(confusion));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    if (most > 100_000 || classes.length > 12) expect(lines[0]).toContain('--json');
    else expect(lines.filter((line) => line.includes(String(most)))).toHaveLength(classes.length);
    if (classes.length <= 12) expect(lines.join('\n')).toMatch(/precision +recall +F1\n/);
  });
});
