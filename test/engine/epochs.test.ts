import { describe, expect, it } from 'vitest';
import { networkFileText } from '../../model/network-text.js';
import { createRandom } from '../../model/random.js';
import type { TrainOptions } from '../../trainer/options.js';
import { resolveOptions } from '../../trainer/options.js';
import { SCHEDULES, type ScheduleName } from '../../trainer/schedules.js';
import { train } from '../../trainer/train.js';
import { randomData, relativeError, twins } from './helpers.js';

const NO_CHANGE = { rotate: 0, scale: 0, shift: 0, shear: 0, elastic: 0, noise: 0 };

/** Sums of 16 bits, of all widths of weights. */
const NARROW = ([8, 4, 2] as const).map(
  (weightBits) => [true, { weightBits, activationBits: 8, accumulator: 16 }] as const,
);

const shuffled = (seed: number, rows: number): Uint32Array => {
  const order = Uint32Array.from({ length: rows }, (_, r) => r);
  createRandom(seed).shuffle(order);
  return order;
};

describe('epochs of many steps', () => {
  const optimizers: Partial<TrainOptions>[] = [
    { optimizer: 'adam', learningRate: 0.01 },
    { optimizer: 'muon', learningRate: 0.01 },
    { optimizer: 'sgd', momentum: 0, learningRate: 0.05 },
    { optimizer: 'sgd', momentum: 0.9, learningRate: 0.02 },
    { optimizer: 'nesterov', momentum: 0.9, learningRate: 0.02 },
    { optimizer: 'rmsprop', learningRate: 0.002 },
    { optimizer: 'adamw', weightDecay: 0.3, learningRate: 0.01 },
  ];
  for (const optimizer of optimizers) {
    it(`follow the reference: ${JSON.stringify(optimizer)}, every schedule, smooth activations`, () => {
      for (const schedule of Object.keys(SCHEDULES) as ScheduleName[]) {
        for (const activation of ['sigmoid', 'tanh', 'softplus', 'identity'] as const) {
          const data = randomData(3, 150, 6, 3);
          const { engine, reference } = twins(data, {
            ...optimizer, schedule, activation, hidden: [10], batch: 16, epochs: 4, fixedPoint: false,
          }); // prettier-ignore
          for (let epoch = 1; epoch <= 4; epoch++) {
            const order = shuffled(epoch, data.rows);
            const seen = engine.run(epoch, order)!;
            expect(seen.cost / reference.run(epoch, order)!.cost).toBeCloseTo(1, 4);
          }
          expect(relativeError(engine.parameters.vector, reference.parameters.vector)).toBeLessThan(2e-4);
        }
      }
    });
  }

  it('every batch size gives the reference’s steps, the last batch being smaller', () => {
    for (const batch of [1, 2, 3, 5, 8, 64]) {
      for (const isImage of [false, true]) {
        const data = randomData(batch, 23, 12, 4, isImage);
        const { engine, reference } = twins(data, {
          hidden: [6],
          activation: 'tanh',
          batch,
          fixedPoint: false,
        });
        const order = shuffled(batch, data.rows);
        engine.run(1, order);
        reference.run(1, order);
        expect(relativeError(engine.parameters.vector, reference.parameters.vector)).toBeLessThan(1e-4);
      }
    }
  });
});

describe('rows that are new in every epoch', () => {
  it.each([true, false])('reach engine and reference alike, being images: %s', (isImage) => {
    for (const fixedPoint of [true, false]) {
      const data = randomData(7, 60, 9, 3, isImage);
      const { engine, reference } = twins(data, {
        hidden: [6], activation: 'tanh', batch: 60, fixedPoint, augment: { ...NO_CHANGE, shift: 1 },
      }); // prettier-ignore
      const order = shuffled(1, data.rows);
      const costs = [1, 2, 3].map((epoch) => {
        data.values.set(randomData(epoch, 60, 9, 3, isImage).values);
        const seen = engine.run(epoch, order)!;
        expect(seen.cost / reference.run(epoch, order)!.cost).toBeCloseTo(1, 3);
        return seen.cost;
      });
      expect(new Set(costs).size).toBe(3);
    }
  });
});

describe('what shapes the cost', () => {
  const shapings: Partial<TrainOptions>[] = [
    { labelSmoothing: 0.2 },
    { classWeights: 'balanced' },
    { l1: 0.4 },
    { l2: 0.4, l1: 0.2, labelSmoothing: 0.1, classWeights: 'balanced' },
  ];
  for (const shaping of shapings) {
    it(`follows the reference: ${JSON.stringify(shaping)}`, () => {
      for (const optimizer of ['sgd', 'adam', 'muon'] as const) {
        for (const [outputs, output] of [
          [3, 'softmax'],
          [3, 'sigmoid'],
          [1, 'sigmoid'],
        ] as const) {
          const data = randomData(4, 70, 5, Math.max(outputs, 2));
          const { engine, reference } = twins(data, {
            ...shaping, optimizer, outputs, output, hidden: [9], activation: 'tanh', batch: 32, epochs: 3,
            schedule: 'constant', learningRate: 0.01, fixedPoint: false,
          }); // prettier-ignore
          for (let epoch = 1; epoch <= 3; epoch++) {
            const order = shuffled(epoch, data.rows);
            const seen = engine.run(epoch, order)!;
            expect(seen.cost / reference.run(epoch, order)!.cost).toBeCloseTo(1, 5);
          }
          expect(relativeError(engine.parameters.vector, reference.parameters.vector)).toBeLessThan(1e-4);
        }
      }
    });
  }

  it('takes all rows at once where the batch is full, however many they are', () => {
    for (const isImage of [false, true]) {
      const data = randomData(6, 4200, 12, 3, isImage);
      const { engine, reference } = twins(data, {
        hidden: [6],
        activation: 'tanh',
        batch: 'full',
        epochs: 2,
        fixedPoint: false,
      });
      for (let epoch = 1; epoch <= 2; epoch++) {
        const order = shuffled(epoch, data.rows);
        engine.run(epoch, order);
        reference.run(epoch, order);
      }
      expect(relativeError(engine.parameters.vector, reference.parameters.vector)).toBeLessThan(1e-4);
    }
  });
});

describe('dropout and noise', () => {
  const noises = [{ dropout: 0.4 }, { inputNoise: 0.5 }, { dropout: 0.15, inputNoise: 0.2 }];
  it.each(noises)('are those of the reference: %o', (noise) => {
    for (const activation of ['tanh', 'relu', 'hard-tanh'] as const) {
      for (const isImage of [false, true]) {
        for (const [fixedPoint, precision] of [[false], [true], ...NARROW] as const) {
          const data = randomData(8, 70, 7, 3, isImage);
          const { engine, reference } = twins(data, {
            ...noise, activation, hidden: [13, 6], batch: 32, epochs: 2, schedule: 'constant', learningRate: 0.003,
            fixedPoint, precision, optimizer: 'sgd',
          }); // prettier-ignore
          const title = JSON.stringify([activation, isImage, fixedPoint, precision]);
          for (let epoch = 1; epoch <= 2; epoch++) {
            const order = shuffled(epoch, data.rows);
            const seen = engine.run(epoch, order)!;
            const expected = reference.run(epoch, order)!;
            expect(seen.cost / expected.cost, title).toBeCloseTo(1, 5);
            expect(seen.right, title).toBe(expected.right);
          }
          expect(relativeError(engine.parameters.vector, reference.parameters.vector), title).toBeLessThan(
            1e-5,
          );
        }
      }
    }
  });
});

describe('two runs', () => {
  it('give the same bytes, in floating point and through the integers, dense and sparse, small and large', () => {
    for (const isImage of [false, true]) {
      for (const fixedPoint of [false, true]) {
        for (const hidden of [[8], [64, 32]]) {
          const data = randomData(5, 300, 20, 5, isImage);
          const text = () =>
            networkFileText(train(data, resolveOptions({ hidden, epochs: 6, fixedPoint }, data)).network)
              .text;
          expect(text()).toBe(text());
        }
      }
    }
  });
});
