import { describe, expect, it } from 'vitest';
import { classScores } from '../../trainer/evaluate.js';

describe('scores per class', () => {
  // prettier-ignore
  const cases: [string, number[][], [number, number, number, number][]][] = [
    ['two classes', [[8, 2], [1, 9]], [[8 / 9, 0.8, 16 / 19, 10], [9 / 11, 0.9, 18 / 21, 10]]],
    ['all right', [[3, 0], [0, 1]], [[1, 1, 1, 3], [1, 1, 1, 1]]],
    ['a class that is never right', [[0, 4], [0, 6]], [[0, 0, 0, 4], [0.6, 1, 0.75, 6]]],
    ['a class without rows', [[5, 1], [0, 0]], [[1, 5 / 6, 10 / 11, 6], [0, 0, 0, 0]]],
    ['a class that is neither there nor taken', [[5, 0], [0, 0]], [[1, 1, 1, 5], [0, 0, 0, 0]]],
    ['three classes', [[5, 3, 2], [0, 6, 4], [1, 1, 8]],
      [[5 / 6, 0.5, 0.625, 10], [0.6, 0.6, 0.6, 10], [8 / 14, 0.8, 2 / 3, 10]]],
  ];
  it.each(cases)('%s', (_, confusion, expected) => {
    classScores(confusion).forEach(({ precision, recall, f1, rows }, k) => {
      const [p, r, f, count] = expected[k];
      expect(precision).toBeCloseTo(p, 14);
      expect(recall).toBeCloseTo(r, 14);
      expect(f1).toBeCloseTo(f, 14);
      expect(rows).toBe(count);
    });
    expect(expected).toHaveLength(confusion.length);
  });
});
