import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { selectRows, stratifiedFolds, stratifiedSplit } from '../../dataset/split.js';
import { problemOf } from './helpers.js';

/** Rows whose first value is their own number, so that they can be recognised; classes take turns. */
function dataOf(counts: readonly number[], isImage = false): Dataset {
  const open = [...counts];
  const labels: number[] = [];
  while (open.some((count) => count > 0)) {
    open.forEach((count, label) => {
      if (count > 0) labels.push(label);
      open[label]--;
    });
  }
  const values = labels.flatMap((label, row) => [row, label]);
  return {
    name: 'made',
    features: ['row', 'label'],
    classes: counts.map((_, i) => `c${i}`),
    rows: labels.length,
    values: isImage ? Uint8Array.from(values) : Float64Array.from(values),
    labels: Uint16Array.from(labels),
    targets: null,
    decimals: [0, 0],
    image: isImage ? { height: 1, width: 2 } : null,
    sha256: '',
  };
}

const rowNumbers = (data: Dataset): number[] => [...data.values].filter((_, i) => i % 2 === 0);
const classCounts = (data: Dataset): number[] =>
  data.classes.map((_, k) => data.labels!.filter((l) => l === k).length);
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const range = (n: number): number[] => [...new Array(n).keys()];

// [rows per class, fraction, test rows per class]
const SPLITS: readonly (readonly [readonly number[], number, readonly number[]])[] = [
  [[50, 50, 50], 0.2, [10, 10, 10]],
  [[10, 20, 30], 0.1, [1, 2, 3]],
  [[2, 2, 2, 2, 2], 0.2, [1, 1, 0, 0, 0]],
  [[1, 1, 100], 0.5, [0, 0, 51]],
  [[3, 3], 0.9, [2, 2]],
  [[7, 5], 0.25, [2, 1]],
  [[4, 0, 4], 0.5, [2, 0, 2]],
];

describe('stratifiedSplit', () => {
  it.each(SPLITS)('of %j rows sets %f aside', (counts, fraction, expected) => {
    const data = dataOf(counts);
    const { train, test } = stratifiedSplit(data, fraction, 1);
    expect(classCounts(test)).toEqual(expected);
    expect(ascending([...rowNumbers(train), ...rowNumbers(test)])).toEqual(range(data.rows));
    for (const part of [train, test]) {
      expect(part).toMatchObject({
        classes: data.classes,
        features: data.features,
        rows: part.labels!.length,
      });
      expect([...part.values].filter((_, i) => i % 2 === 1)).toEqual([...part.labels!]); // labels stay with their rows
    }
  });

  it('depends on the seed alone', () => {
    const data = dataOf([40, 40]);
    const chosen = (seed: number): number[] => rowNumbers(stratifiedSplit(data, 0.25, seed).test);
    expect(chosen(1)).toEqual(chosen(1));
    expect(chosen(1)).not.toEqual(chosen(2));
    // fixed, so that another version or machine cannot split otherwise
    expect(rowNumbers(stratifiedSplit(dataOf([6, 6]), 0.5, 1).test)).toEqual([0, 3, 4, 6, 9, 11]);
  });

  it('gives every row the same chance', () => {
    const data = dataOf([10, 10]);
    const hits = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      for (const row of rowNumbers(stratifiedSplit(data, 0.3, seed).test)) hits[row]++;
    }
    for (const count of hits) expect(Math.abs(count / 2000 - 0.3)).toBeLessThan(0.05);
  });

  it.each([
    [[1, 1], 0.5, 'too-few-rows'],
    [[2, 2], 0.1, 'too-few-rows'],
    [[5, 5], 0, 'test-split-range'],
    [[5, 5], 1, 'test-split-range'],
    [[5, 5], NaN, 'test-split-range'],
  ])('of %j rows refuses %f', async (counts, fraction, code) => {
    const split = async (): Promise<unknown> => Promise.resolve(stratifiedSplit(dataOf(counts), fraction, 1));
    expect((await problemOf(split())).code).toBe(code);
  });
});

describe('stratifiedFolds', () => {
  it.each([
    [[50, 50, 50], 5],
    [[7, 5, 3], 4],
    [[2, 9], 5],
    [[4, 4], 8],
    [[2, 2, 2], 2],
  ])('of %j rows into %i: each row is tested once, each class is trained and spread', (counts, folds) => {
    const data = dataOf(counts);
    const splits = stratifiedFolds(data, folds, 3);
    expect(splits).toHaveLength(folds);
    expect(ascending(splits.flatMap(({ test }) => rowNumbers(test)))).toEqual(range(data.rows));
    for (const { train, test } of splits) {
      expect(ascending([...rowNumbers(train), ...rowNumbers(test)])).toEqual(range(data.rows));
      expect(Math.min(...classCounts(train))).toBeGreaterThan(0);
      expect(Math.abs(test.rows - data.rows / folds)).toBeLessThan(1);
      classCounts(test).forEach((count, k) => expect(Math.abs(count - counts[k] / folds)).toBeLessThan(1));
    }
    expect(stratifiedFolds(data, folds, 3)).toEqual(splits);
    expect(stratifiedFolds(data, folds, 4)).not.toEqual(splits);
  });

  it('always trains with the only row of a class', () => {
    for (const { train, test } of stratifiedFolds(dataOf([1, 6]), 3, 1)) {
      expect([classCounts(train), classCounts(test)]).toEqual([
        [1, 4],
        [0, 2],
      ]);
    }
  });

  it.each([
    [[2, 2], 5, 'too-few-rows'],
    [[1, 1, 1], 2, 'too-few-rows'],
    [[5, 5], 1, 'folds-range'],
    [[5, 5], 2.5, 'folds-range'],
  ])('of %j rows refuses %f', async (counts, folds, code) => {
    const split = async (): Promise<unknown> => Promise.resolve(stratifiedFolds(dataOf(counts), folds, 1));
    expect((await problemOf(split())).code).toBe(code);
  });
});

describe('selectRows', () => {
  it.each([true, false])('keeps the order asked for and the type of the values (images: %s)', (isImage) => {
    const data = dataOf([3, 3], isImage);
    const picked = selectRows(data, Uint32Array.of(4, 0, 3, 0));
    expect(rowNumbers(picked)).toEqual([4, 0, 3, 0]);
    expect([...picked.labels!]).toEqual([0, 0, 1, 0]);
    expect(picked.values.constructor).toBe(data.values.constructor);
    expect(picked).toMatchObject({ rows: 4, name: 'made', image: data.image });
    expect(selectRows({ ...data, labels: null }, Uint32Array.of(1)).labels).toBeNull();
  });
});
