import { describe, expect, test } from 'vitest';
import { exp, log, sigmoid, softplus, tanh } from '../../model/elementary.js';

const grid = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

describe('agrees with the engine to a few units in the last place', () => {
  test.each([
    ['exp', exp, Math.exp, grid(-744, 709, 50_001)],
    ['log', log, Math.log, [...grid(1e-6, 10, 20_001), ...grid(-300, 300, 3001).map((e) => 10 ** e)]],
    ['tanh', tanh, Math.tanh, grid(-20, 20, 40_001)],
    [
      'sigmoid',
      sigmoid,
      (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
      grid(-50, 50, 20_001),
    ],
    [
      'softplus',
      softplus,
      (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
      grid(-30, 40, 20_001),
    ],
  ] as const)('%s', (_, ours, theirs, points) => {
    for (const x of points) {
      const expected = theirs(x);
      const tolerance = Math.max(Math.abs(expected) * 4e-15, 5e-324);
      if (!(Math.abs(ours(x) - expected) <= tolerance)) expect(ours(x), `at ${x}`).toBe(expected);
    }
  });
});

test.each([
  [exp, 0, 1],
  [exp, -Infinity, 0],
  [exp, Infinity, Infinity],
  [exp, 710, Infinity],
  [exp, -746, 0],
  [exp, NaN, NaN],
  [log, 1, 0],
  [log, 0, -Infinity],
  [log, -1, NaN],
  [log, Infinity, Infinity],
  [log, 5e-324, Math.log(5e-324)],
  [tanh, 0, 0],
  [tanh, Infinity, 1],
  [tanh, -Infinity, -1],
  [sigmoid, 0, 0.5],
  [sigmoid, -Infinity, 0],
  [softplus, -Infinity, 0],
  [softplus, Infinity, Infinity],
])('%o at %d is %d', (f, x, y) => {
  const got = f(x);
  if (Number.isNaN(y)) expect(got).toBeNaN();
  else expect(got).toBeCloseTo(y, 12);
});
