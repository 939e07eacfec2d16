import { expect, it } from 'vitest';
import { histogram, histogramOfSteps } from '../../cli/report/histogram.js';

it('counts what falls into each bar, the last of which has both its ends', () => {
  expect(histogram([0, 0.5, 1, 1.5, 2], 0, 2, 2)).toEqual([
    { from: 0, to: 1, count: 2 },
    { from: 1, to: 2, count: 3 },
  ]);
});

it.each([
  ['nothing but 0', [0, 0], 0.1, 30, [2], 0.05],
  ['as many bars as steps', [-0.2, 0.1, 0.1, 0.3], 0.1, 30, [0, 1, 0, 0, 2, 0, 1], 0.35],
  ['three steps a bar where two would do', [-4, -1, 0, 1, 4, 5], 1, 6, [0, 1, 3, 1, 1], 7.5],
  ['steps of hundreds', [-100, 0, 100, 100], 100, 30, [1, 1, 2], 150],
])('puts whole multiples of a step into bars around 0: %s', (_, values, unit, most, counts, reach) => {
  const bars = histogramOfSteps(values, unit, most);
  expect(bars.map(({ count }) => count)).toEqual(counts);
  expect(bars[0].from).toBeCloseTo(-reach, 9);
  expect(bars.at(-1)!.to).toBeCloseTo(reach, 9);
});

it('gives every bar equally many steps, whatever the reach', () => {
  for (let reach = 1; reach < 400; reach++) {
    const values = Array.from({ length: 2 * reach + 1 }, (_, k) => (k - reach) / 10);
    const inner = histogramOfSteps(values, 0.1, 30).slice(1, -1);
    expect(inner.length).toBeLessThanOrEqual(30);
    expect(new Set(inner.map(({ count }) => count)).size, String(reach)).toBeLessThanOrEqual(1);
  }
});
