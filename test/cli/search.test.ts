import { describe, expect, it } from 'vitest';
import { byteCount, timeSpan } from '../../cli/quantities.js';
import { candidatesFor, thinned, weightCount } from '../../cli/search/candidates.js';
import { dominates, frontOf, ranked, survivors, type Judged } from '../../cli/search/front.js';
import { m } from '../../model/messages.js';
import { folderWith, IRIS, POINTS_CSV, readIn, runCli, runFailing, runJson } from './run-cli.js';

/** A network within a budget: what is tried, what is kept, and what scripts read of it. */

const judged = (score: number, flashBytes: number, ramBytes: number, worst: number | null): Judged => ({
  score,
  figures: {
    flashBytes,
    ramBytes,
    worstMicroseconds: worst,
    microseconds: worst,
    cycles: null,
    unit: 'cycles',
    shortfall: null,
  },
});

describe('a budget', () => {
  const bytes = byteCount(m`size`);
  const time = timeSpan(m`time`);
  it.each<[string | number, number | undefined, number | undefined]>([
    ['8k', 8192, undefined],
    ['8K', 8192, undefined],
    ['1.5 KiB', 1536, undefined],
    ['1m', 1_048_576, undefined],
    ['8192', 8192, undefined],
    [8192, 8192, undefined],
    ['2ms', undefined, 2000],
    ['500us', undefined, 500],
    ['500µs', undefined, 500],
    ['.5 ms', undefined, 500],
    ['1s', undefined, 1e6],
    ['0k', undefined, undefined],
    ['-1k', undefined, undefined],
    ['k', undefined, undefined],
    ['8kk', undefined, undefined],
    ['1e3', undefined, undefined],
    ['toString', undefined, undefined],
    [0, undefined, undefined],
  ])('of %j is %j bytes, %j µs', (given, size, microseconds) => {
    expect([bytes.accept(given), time.accept(given)]).toEqual([size, microseconds]);
  });
});

describe('the front', () => {
  const a = judged(0.9, 100, 50, 10);
  it.each([
    ['better in all', judged(0.8, 200, 60, 20), true],
    ['better in one, equal in the rest', judged(0.9, 101, 50, 10), true],
    ['equal', judged(0.9, 100, 50, 10), false],
    ['worse in flash alone', judged(0.8, 99, 60, 20), false],
    ['worse in RAM alone', judged(0.8, 200, 49, 20), false],
    ['worse in time alone', judged(0.8, 200, 60, 9), false],
    ['worse in score alone', judged(0.91, 200, 60, 20), false],
  ])('is decided by one that is %s', (_, other, isDominated) => {
    expect(dominates(a, other)).toBe(isDominated);
  });

  it('begins with the best of all, and the better half goes on with it', () => {
    const trials = [
      judged(0.9, 200, 50, 10),
      judged(0.9, 100, 50, 10),
      judged(0.85, 300, 60, 20),
      judged(0.5, 90, 50, 10),
      judged(0.4, 400, 90, 40),
    ];
    expect(ranked(trials)[0]).toBe(trials[1]);
    expect(frontOf(trials)).toEqual([trials[1], trials[3]]);
    expect(survivors(trials)).toEqual(trials.slice(0, 4));
  });
});

describe('what is tried', () => {
  it.each([
    [{ features: 4, outputs: 3, rows: 120 }, [64]],
    [{ features: 784, outputs: 10, rows: 48_000 }, [128, 64]],
    [{ features: 784, outputs: 10, rows: 100 }, [32]],
  ])('of %j reaches a width of %j', (shape, widest) => {
    const tried = candidatesFor(shape, [8, 2]);
    const sizes = tried.map(({ hidden }) => hidden);
    expect(sizes).toContainEqual([]);
    expect(sizes).toContainEqual(widest);
    expect(Math.max(...sizes.flat())).toBe(widest[0]);
    expect(new Set(tried.map((candidate) => JSON.stringify(candidate))).size).toBe(tried.length);
    const flash = tried.map(({ hidden, bits }) => bits * weightCount(shape.features, hidden, shape.outputs));
    expect(flash).toEqual([...flash].sort((a, b) => a - b));
  });

  it('is thinned out evenly', () => {
    expect(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8], 5)).toEqual([0, 2, 4, 6, 8]);
    expect(thinned([1, 2], 5)).toEqual([1, 2]);
    expect(thinned([1, 2, 3], 1)).toEqual([1]);
  });
});

interface Trial extends Record<
  'flashBytes' | 'ramBytes' | 'worstMicroseconds' | 'accuracy' | 'folds',
  number
> {
  readonly hidden: number[];
  readonly bits: number;
  readonly fits: boolean;
}
interface Found {
  readonly trials: Trial[];
  readonly best: Trial;
  readonly front: Trial[];
}

describe('neurona search', () => {
  const folder = folderWith({ 'points.csv': POINTS_CSV });
  const few = ['--epochs', '20', '--trials', '8', '--folds', '2'];
  const budget = ['--max-flash', '2500', '--max-ram', '0.25k', '--max-latency', '12us'];

  it('finds the best that keeps to the budget, and the same every time', { timeout: 60_000 }, async () => {
    const words = ['search', IRIS, '--board', 'uno', ...budget, ...few];
    const runs = [await runCli([...words, '--json'], folder), await runCli([...words, '--json'], folder)];
    expect(runs[0].code).toBe(0);
    expect(runs[1].stdout).toBe(runs[0].stdout);
    const { trials, best, front } = JSON.parse(runs[0].stdout) as Found;
    expect(trials.length).toBeGreaterThan(front.length);
    expect(trials.filter(({ fits }) => !fits).length).toBeGreaterThan(0);
    expect(front).toContainEqual(best);
    expect(best.accuracy).toBe(Math.max(...front.map(({ accuracy }) => accuracy)));
    for (const trial of front) {
      expect(trial).toMatchObject({ fits: true, folds: 2 });
      expect(trial.flashBytes).toBeLessThanOrEqual(2500);
      expect(trial.ramBytes).toBeLessThanOrEqual(256);
      expect(trial.worstMicroseconds).toBeLessThanOrEqual(12);
      const others = front.filter((other) => other !== trial);
      const isBeaten = others.some(
        (other) =>
          other.accuracy >= trial.accuracy &&
          other.flashBytes <= trial.flashBytes &&
          other.ramBytes <= trial.ramBytes &&
          other.worstMicroseconds <= trial.worstMicroseconds,
      );
      expect(isBeaten).toBe(false);
    }
    const found = readIn(folder, 'network.json');
    const hidden = best.hidden.join(',') || '0';
    const same = ['--hidden', hidden, '--bits', String(best.bits), '--epochs', '20', '-o', 'same.json'];
    await runCli(['train', IRIS, ...same], folder);
    expect(readIn(folder, 'same.json')).toBe(found);
  });

  it('of a regression goes by R²', { timeout: 60_000 }, async () => {
    const words = ['search', 'points.csv', '--ignore', 'kind', '--label', 'height', '--task', 'regression'];
    const { code, object } = await runJson([...words, '--board', 'uno', '--bits', '8', ...few], folder);
    expect(code).toBe(0);
    const { best } = object as { best: { r2: number; accuracy: null } };
    expect(best.accuracy).toBe(null);
    expect(best.r2).toBeLessThanOrEqual(1);
    const { stdout } = await runCli([...words, '--board', 'uno', '--bits', '8', ...few], folder);
    expect(stdout).toMatch(/R² -?\d/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each<[string, string[], number, string, string]>([
    ['too little flash', ['--board', 'uno', '--max-flash', '500'], 6, 'nothing-fits', 'allows 500'],
    ['too little time', ['--board', 'uno', '--max-latency', '1us'], 6, 'nothing-fits', 'allows 1.00 µs'],
    ['a time of no unit', ['--board', 'uno', '--max-latency', '12'], 2, 'bad-value', '2ms or 500us'],
    ['a board of no known time', ['--board', 'host', '--max-latency', '1ms'], 2, 'unknown-time', '"host"'],
    ['another board', ['--board', 'uon'], 2, 'unknown-board', '"uon"'],
    ['no board', [], 2, 'missing-option', '--board'],
    [
      'a format of other boards',
      ['--board', 'uno', '--format', 'esp-idf'],
      2,
      'format-not-for-board',
      'esp-idf',
    ],
    ['its own choice of neurons', ['--board', 'uno', '--hidden', '8'], 2, 'unknown-option', '--hidden'],
  ])('refuses %s', async (_, words, exit, code, said) => {
    const failed = await runFailing(['search', 'points.csv', ...words, '-o', 'none.json'], folder);
    expect({ exit: failed.exit, code: failed.error.code }).toEqual({ exit, code });
    expect(failed.error.message).toContain(said);
    expect(() => readIn(folder, 'none.json')).toThrow();
  });
});
