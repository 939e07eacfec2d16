import { describe, expect, it } from 'vitest';
import { Problem } from '../../model/problem.js';
import type { TrainOptions } from '../../trainer/options.js';
import { OPTION_RANGES, resolveOptions } from '../../trainer/options.js';
import { table } from './helpers.js';

const TWO = table([[0, 0], [1, 1]]); // prettier-ignore
const THREE = table([[0, 0], [1, 1], [2, 2]]); // prettier-ignore

function problemOf(given: Partial<TrainOptions>, data = TWO) {
  try {
    resolveOptions(given, data);
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  return null;
}

describe('numbers out of range (fault 12)', () => {
  const given = (name: string, value: number): Partial<TrainOptions> => ({
    optimizer: 'sgd',
    [name]: name === 'hidden' ? [value] : value,
  });
  for (const [name, { from, to, whole }] of Object.entries(OPTION_RANGES)) {
    it(`${name}: ${from} to ${to}`, () => {
      const bad = [from - 1, to * 2, NaN, Infinity, -Infinity, ...(whole ? [from + 0.5] : [])];
      for (const value of bad) {
        const problem = problemOf(given(name, value), table([[0, 0], [1, 1]])); // prettier-ignore
        expect(problem, String(value)).toMatchObject({ kind: 'usage', code: 'out-of-range' });
        expect(problem!.message).toMatch(`${name} is ${value}; expected a`);
        expect(problem!.message).toMatch(`from ${from} to ${to}`);
      }
      if (name === 'outputs') return; // its ends must also agree with the classes
      for (const value of [from, to]) expect(problemOf(given(name, value)), String(value)).toBeNull();
    });
  }

  it('hidden layers are counted too', () => {
    expect(problemOf({ hidden: new Array<number>(64).fill(1) })).toMatchObject({ code: 'out-of-range' });
    expect(problemOf({ hidden: new Array<number>(63).fill(1) })).toBeNull();
  });
});

describe('contradictory settings (fault 14)', () => {
  const cases: [Partial<TrainOptions>, typeof TWO, string, string][] = [
    [{ loss: 'cross-entropy', output: 'relu' }, TWO, 'loss cross-entropy', 'output relu'],
    [{ loss: 'cross-entropy', output: 'step' }, TWO, 'loss cross-entropy', 'output step'],
    [{ loss: 'mse', output: 'softmax' }, TWO, 'loss mse', 'output softmax'],
    [{ output: 'softmax', outputs: 1 }, TWO, 'output softmax', 'outputs 1'],
    [{ outputs: 1 }, THREE, 'outputs 1', '3 classes'],
    [{ outputs: 3 }, TWO, 'outputs 3', '2 classes'],
    [{ optimizer: 'adam', momentum: 0.5 }, TWO, 'momentum 0.5', 'optimizer adam'],
    [{ momentum: 0.5 }, TWO, 'momentum 0.5', 'optimizer adam'],
  ];
  it.each(cases)('%j', (given, data, one, other) => {
    const problem = problemOf(given, data);
    expect(problem).toMatchObject({ kind: 'usage', code: 'contradiction' });
    expect(problem!.message).toContain(one);
    expect(problem!.message).toContain(other);
    expect(problem!.hint).toBeTruthy();
  });
});

describe('defaults', () => {
  const cases: [string, Partial<TrainOptions>, typeof TWO, Partial<TrainOptions>][] = [
    ['two classes', {}, TWO, { output: 'sigmoid', outputs: 1, loss: 'cross-entropy', optimizer: 'adam' }],
    ['two classes, two neurons', { outputs: 2 }, TWO, { output: 'softmax', outputs: 2 }],
    ['two classes, softmax', { output: 'softmax' }, TWO, { outputs: 2, loss: 'cross-entropy' }],
    ['three classes', {}, THREE, { output: 'softmax', outputs: 3, loss: 'cross-entropy', init: 'he' }],
    ['squared error', { loss: 'mse' }, THREE, { output: 'sigmoid', outputs: 3 }],
    ['another output', { output: 'tanh' }, THREE, { loss: 'mse' }],
    ['sigmoid hidden', { activation: 'sigmoid' }, THREE, { init: 'glorot' }],
    ['gradient descent', { optimizer: 'sgd' }, TWO, { schedule: 'cosine', momentum: 0.9 }],
    ['gradient descent as in the lecture', { optimizer: 'sgd', momentum: 0 }, TWO, { momentum: 0 }],
    [
      'perceptron',
      { hidden: [], output: 'step' },
      TWO,
      { loss: 'mse', optimizer: 'sgd', batch: 1, momentum: 0, l2: 0 },
    ],
    ['images', {}, { ...TWO, image: { height: 1, width: 1 } }, { hidden: [32] }],
    ['many rows', {}, { ...TWO, rows: 60_000 }, { batch: 64, epochs: 5 }],
  ];
  it.each(cases)('%s', (_name, given, data, expected) => {
    expect(resolveOptions(given, data)).toMatchObject({ ...given, ...expected });
  });

  it('make at least a thousand updates on the smallest sets', () => {
    expect(resolveOptions({}, { ...TWO, rows: 4 }).epochs).toBeGreaterThanOrEqual(1000);
  });
});
