import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { ACTIVATION_NAMES } from '../../model/activations.js';
import { networkFileText } from '../../model/network-text.js';
import { Problem } from '../../model/problem.js';
import type { SavedState } from '../../trainer/carried-state.js';
import { INITIALIZERS } from '../../trainer/initializers.js';
import { OPTIMIZERS, type OptimizerName } from '../../trainer/optimizers.js';
import { resolveOptions, type TrainOptions } from '../../trainer/options.js';
import { SCHEDULES, type ScheduleName } from '../../trainer/schedules.js';
import { train, type TrainResult } from '../../trainer/train.js';
import { randomData } from '../engine/helpers.js';
import { table } from './helpers.js';

/** Fault 70: a training that was interrupted after any epoch and resumed ends in the bytes of one that was not. */

/** An odd number of values: where each is changed by a normal, every other epoch ends between the two of a pair. */
const DATA = randomData(4, 91, 5, 3);
const IMAGES = randomData(6, 60, 30, 3, true);
const LINE = table(Array.from({ length: 24 }, (_, r) => [r, (r * 7) % 5, r < 12 ? 0 : 1]));

interface Run {
  readonly result: TrainResult;
  /** What was saved after each epoch. */
  readonly saved: readonly SavedState[];
}

function run(data: Dataset, options: TrainOptions, resumed: SavedState | null = null): Run {
  const saved: SavedState[] = [];
  const result = train(data, options, (_, save) => saved.push(save()), resumed);
  return { result, saved };
}

const bytes = ({ result }: Run): string => networkFileText(result.network).text;
const optionsOf = (data: Dataset, given: Partial<TrainOptions>): TrainOptions =>
  resolveOptions({ epochs: 6, hidden: [7], batch: 16, ...given }, data);

function expectResumable(data: Dataset, given: Partial<TrainOptions>): Run {
  const options = optionsOf(data, given);
  const whole = run(data, options);
  expect(whole.saved.length).toBeGreaterThan(1);
  whole.saved.forEach((saved, k) => {
    const copy = structuredClone(saved);
    const rest = run(data, options, saved);
    expect(saved, 'what was saved stays as it is').toEqual(copy);
    expect(bytes(rest), `resumed after epoch ${k + 1}`).toBe(bytes(whole));
    const { network: _, ...figures } = whole.result;
    expect(rest.result).toMatchObject(figures);
    expect(rest.saved).toEqual(whole.saved.slice(k + 1)); // interrupted again, it is no worse off
  });
  return whole;
}

const optimizers = Object.keys(OPTIMIZERS) as OptimizerName[];
const schedules = Object.keys(SCHEDULES) as ScheduleName[];

describe('a resumed training is the uninterrupted one, bit for bit', () => {
  it.each(optimizers)('%s, in floating point and through the integers', (optimizer) => {
    for (const fixedPoint of [false, true]) expectResumable(DATA, { optimizer, fixedPoint });
  });

  it.each(optimizers)('%s with dropout, noise and smoothed targets', (optimizer) => {
    const noise = { dropout: 0.2, inputNoise: 0.3, labelSmoothing: 0.1, l1: 0.01 };
    for (const fixedPoint of [false, true]) expectResumable(DATA, { optimizer, fixedPoint, ...noise });
  });

  it.each(schedules)('%s, with and without warm-up', (schedule) => {
    for (const warmUp of [0, 3]) {
      expectResumable(DATA, { schedule, warmUp });
      expectResumable(DATA, { schedule, warmUp, optimizer: 'muon' });
    }
  });

  it.each(ACTIVATION_NAMES)('hidden %s', (activation) => {
    expectResumable(DATA, { activation, hidden: [9, 5] });
  });

  it.each(['full', 1, 7, 64, 5000] as const)('batches of %s rows', (batch) => {
    expectResumable(DATA, { batch });
  });

  it('sparse images, narrow and ternary integers, every initialisation, balanced classes', () => {
    expectResumable(IMAGES, {});
    expectResumable(IMAGES, { fixedPoint: false });
    expectResumable(DATA, { precision: { weightBits: 4, activationBits: 8, accumulator: 16 } });
    expectResumable(DATA, { precision: { weightBits: 2, activationBits: 7, accumulator: 'auto' } });
    for (const init of Object.keys(INITIALIZERS) as (keyof typeof INITIALIZERS)[]) {
      expectResumable(DATA, { init, classWeights: 'balanced' });
    }
  });

  it('rows that are changed anew for every epoch', () => {
    const change = { scale: 0.1, shift: 0.2 };
    for (const optimizer of ['adam', 'nesterov'] as const) {
      expectResumable(DATA, {
        optimizer,
        augment: { rotate: 0, shear: 0, elastic: 0, noise: 0.1, ...change },
      });
      expectResumable(IMAGES, {
        optimizer,
        augment: { rotate: 5, shear: 0.1, elastic: 1, noise: 0, ...change },
      });
    }
  });

  it('a perceptron, whose epochs take turns between integers and floating point', () => {
    expectResumable(LINE, { hidden: [], output: 'step', outputs: 1, loss: 'mse' });
  });

  it('early stopping: patience, the best network and its epoch', () => {
    for (const optimizer of ['adam', 'nesterov'] as const) {
      const given = { optimizer, patience: 3, validationSplit: 0.3, epochs: 60, learningRate: 0.05 };
      const { result, saved } = expectResumable(DATA, given);
      expect(saved.length).toBeLessThan(60);
      expect(result.bestEpoch).toBe(saved.length - 3);
    }
  });

  it('one that diverges: in the same epoch, keeping the same network', () => {
    const options = optionsOf(DATA, {
      optimizer: 'sgd',
      momentum: 0.9,
      learningRate: 1000,
      l2: 1e4,
      epochs: 50,
      batch: 'full',
      schedule: 'constant',
      activation: 'identity',
    });
    const whole = run(DATA, options);
    expect(whole.result.diverged).toBe(true);
    expect(whole.saved.length).toBeGreaterThan(1);
    for (const saved of whole.saved) {
      const rest = run(DATA, options, saved);
      expect(rest.result.diverged).toBe(true);
      expect(rest.result.warnings).toEqual(whole.result.warnings);
      expect(bytes(rest)).toBe(bytes(whole));
    }
  });
});

describe('a state that does not fit', () => {
  const options = optionsOf(DATA, { optimizer: 'nesterov', patience: 3 });
  const [, , saved] = run(DATA, options).saved;
  const messageOf = (resumed: SavedState, data = DATA, of = options): string => {
    try {
      train(data, of, undefined, resumed);
    } catch (error) {
      if (error instanceof Problem) return `${error.details.code}: ${error.details.message}`;
      throw error;
    }
    return 'was accepted';
  };

  it.each(Object.keys(saved))('lacks, shortens or mistypes "%s"', (name) => {
    const { [name]: array, ...rest } = saved;
    const wrongType = array instanceof Uint32Array ? Float64Array.from(array) : new Uint32Array(array.length);
    for (const wrong of [rest, { ...rest, [name]: array.slice(1) }, { ...rest, [name]: wrongType }]) {
      expect(messageOf(wrong)).toMatch(/^wrong-state: /);
    }
  });

  it('has what the training does not use', () => {
    expect(messageOf({ ...saved, more: new Float64Array(1) })).toContain('"more"');
  });

  it('would lead astray', () => {
    expect(messageOf({ ...saved, order: saved.order.slice().fill(1) })).toContain('every row once');
    expect(messageOf({ ...saved, order: saved.order.map((row) => row + 1) })).toContain('every row once');
    expect(messageOf({ ...saved, 'random numbers': new Uint32Array(4) })).toContain('all 0');
  });

  it('comes from another optimiser, network or data', () => {
    for (const given of [
      { optimizer: 'adam' },
      { optimizer: 'sgd', hidden: [8] },
      { patience: null },
    ] as const) {
      const other = optionsOf(DATA, { optimizer: 'nesterov', patience: 3, ...given });
      expect(messageOf(run(DATA, other).saved[1])).toMatch(/^wrong-state: /);
    }
  });
});
