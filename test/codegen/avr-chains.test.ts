import { expect, test } from 'vitest';
import { inChains } from '../../codegen/avr-chains.js';

/** Which neurons follow one another, by their weights. */

const layer = (...rows: number[][]) =>
  rows.map((weights, index) => ({
    ...{ index, weights, bias: 0, doublings: 0 },
    bounds: { lowest: 0, highest: 0 },
  }));

test.each([
  ['none has a weight of another one', [[3], [5], [7]], [[11]], [0, 1, 2]],
  [
    'one begins with what another one ends with',
    [
      [3, 9],
      [5, 2],
      [-9, 4],
    ],
    [[11]],
    [1, 2, 0],
  ],
  ['the last one ends with what the next layer begins with', [[-11], [5], [7]], [[11]], [1, 2, 0]],
  ['no sum begins with a negative weight, or one of 1', [[3], [-3], [1], [1]], [[-7]], [1, 0, 2, 3]],
  [
    'a ring is cut once',
    [
      [3, -5],
      [5, -7],
      [7, -3],
    ],
    [[11]],
    [0, 1, 2],
  ],
])('%s', (_, hidden, outputs, expected) => {
  const [chained, last] = inChains([layer(...hidden), layer(...outputs)]);
  expect(chained.map(({ index }) => index)).toEqual(expected);
  expect(last).toHaveLength(outputs.length);
});
