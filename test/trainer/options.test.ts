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
  /** What must be chosen for the setting to have a meaning. */
  const company: Readonly<Record<string, Partial<TrainOptions>>> = {
    weightDecay: { optimizer: 'adamw' },
    warmUp: { epochs: 1e6 },
    validationSplit: { patience: 3 },
  };
  const given = (name: string, value: number): Partial<TrainOptions> => ({
    optimizer: 'sgd',
    ...company[name],
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
      const ends = name === 'warmUp' ? [from, to - 1] : name === 'validationSplit' ? [0.01, to] : [from, to];
      for (const value of ends) expect(problemOf(given(name, value)), String(value)).toBeNull();
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
    [{ optimizer: 'adamw', momentum: 0.5 }, TWO, 'momentum 0.5', 'optimizer adamw'],
    [{ optimizer: 'rmsprop', momentum: 0.5 }, TWO, 'momentum 0.5', 'optimizer rmsprop'],
    [{ optimizer: 'nesterov', momentum: 0 }, TWO, 'momentum 0', 'optimizer nesterov'],
    [{ optimizer: 'sgd', weightDecay: 0.1 }, TWO, 'weightDecay 0.1', 'optimizer sgd'],
    [{ weightDecay: 0.1 }, TWO, 'weightDecay 0.1', 'optimizer adam'],
    [{ optimizer: 'muon', weightDecay: 0.1 }, TWO, 'weightDecay 0.1', 'optimizer muon'],
    [{ optimizer: 'muon', hidden: [] }, TWO, 'optimizer muon', 'hidden 0'],
    [{ dropout: 0.5, hidden: [] }, TWO, 'dropout 0.5', 'hidden 0'],
    [{ labelSmoothing: 0.1, output: 'step' }, TWO, 'labelSmoothing 0.1', 'output step'],
    [{ warmUp: 9, epochs: 9 }, TWO, 'warmUp 9', 'epochs 9'],
    [{ validationSplit: 0.2 }, TWO, 'validationSplit 0.2', 'without patience'],
    [{ validationSplit: 0, patience: 5 }, TWO, 'patience 5', 'validationSplit 0'],
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
    ['nothing against over-fitting but a little L2', {}, TWO, {
      l1: 0, dropout: 0, inputNoise: 0, labelSmoothing: 0, classWeights: 'none',
      weightDecay: 0, warmUp: 0, patience: null, validationSplit: 0,
    }], // prettier-ignore
    ['early stopping', { patience: 7 }, TWO, { validationSplit: 0.1 }],
    [
      'sgd on images',
      { optimizer: 'sgd' },
      { ...TWO, image: { height: 1, width: 1 } },
      { learningRate: 0.03 },
    ],
    ['nesterov', { optimizer: 'nesterov' }, TWO, { schedule: 'cosine', momentum: 0.9, learningRate: 0.1 }],
    ['rmsprop', { optimizer: 'rmsprop' }, TWO, { schedule: 'one-cycle', momentum: 0 }],
    ['adamw', { optimizer: 'adamw' }, TWO, { schedule: 'one-cycle', momentum: 0, weightDecay: 0.01, l2: 0 }],
    ['muon', { optimizer: 'muon' }, TWO, { schedule: 'one-cycle', momentum: 0.95, weightDecay: 0 }],
    ['images', {}, { ...TWO, image: { height: 1, width: 1 } }, { hidden: [32] }],
    ['many rows', {}, { ...TWO, rows: 60_000 }, { batch: 64, epochs: 10 }],
  ];
  it.each(cases)('%s', (_name, given, data, expected) => {
    expect(resolveOptions(given, data)).toMatchObject({ ...given, ...expected });
  });

  it('make at least a thousand updates on the smallest sets', () => {
    expect(resolveOptions({}, { ...TWO, rows: 4 }).epochs).toBeGreaterThanOrEqual(1000);
  });
});
