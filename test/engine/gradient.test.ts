import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../model/activations.js';
import type { TrainOptions } from '../../trainer/options.js';
import {
  DEPTHS,
  LOSS_OUTPUTS,
  PRECISIONS,
  randomData,
  relativeError,
  twins,
  withTargets,
} from './helpers.js';

/**
 * With plain gradient descent at a constant rate of 1 a step is −∂J/∂W itself. The engine's and the reference's must
 * differ by f32 roundings alone.
 */
const ROWS = 22; // no multiple of the 4 rows of a tile
const PLAIN = {
  optimizer: 'sgd',
  momentum: 0,
  learningRate: 1,
  schedule: 'constant',
  epochs: 1,
  l2: 0.3,
} as const;
const TOLERANCE = 3e-6;

function compareStep(
  data: ReturnType<typeof randomData>,
  given: Partial<TrainOptions>,
  tolerance: number,
): void {
  const { engine, reference, options } = twins(data, { ...PLAIN, batch: data.rows, ...given });
  const before = engine.parameters.vector.slice();
  const order = Uint32Array.from({ length: data.rows }, (_, r) => data.rows - 1 - r);
  const seen = engine.run(1, order);
  const expected = reference.run(1, order);
  const title = JSON.stringify([options.hidden, options.activation, options.output, options.loss]);
  expect(seen, title).not.toBeNull();
  expect(Math.abs(seen!.cost - expected!.cost) / Math.abs(expected!.cost), title).toBeLessThan(tolerance);
  expect(seen!.right, title).toBe(expected!.right);
  const step = (parameters: { vector: Float64Array }) => parameters.vector.map((w, k) => w - before[k]);
  // An accumulator of 0 is the very corner z = −2.5 of the hard sigmoid: its slope there is a matter of the last bit.
  if (options.fixedPoint && options.activation === 'hard-sigmoid') return;
  expect(relativeError(step(engine.parameters), step(reference.parameters)), title).toBeLessThan(tolerance);
}

describe('a step of the engine is the reference’s', () => {
  for (const [loss, output] of LOSS_OUTPUTS) {
    it(`in floating point: ${loss} with ${output}, every hidden activation, every depth, one output or many`, () => {
      for (const outputs of output === 'softmax' ? [2, 3, 9] : [1, 3, 9]) {
        const data = randomData(outputs, ROWS, 6, Math.max(outputs, 2));
        for (const activation of ACTIVATION_NAMES) {
          for (const hidden of DEPTHS) {
            compareStep(data, { hidden, activation, output, outputs, loss, fixedPoint: false }, TOLERANCE);
          }
        }
      }
    });
  }

  it.each([false, true])('towards the targets of a regression, through the integers: %s', (fixedPoint) => {
    for (const count of [1, 2, 9]) {
      for (const rows of [1, 4, ROWS]) {
        const data = withTargets(randomData(count, Math.max(rows, 2), 6, 2), count);
        for (const hidden of DEPTHS) compareStep(data, { hidden, activation: 'relu', fixedPoint }, TOLERANCE);
      }
    }
  });

  for (const [loss, output] of LOSS_OUTPUTS) {
    it(`with smoothed labels, weighed classes and L1: ${loss} with ${output}`, () => {
      for (const outputs of output === 'softmax' ? [2, 9] : [1, 9]) {
        const data = randomData(outputs, ROWS, 6, Math.max(outputs, 2));
        for (const fixedPoint of [false, true]) {
          const shaping = { labelSmoothing: 0.3, classWeights: 'balanced', l1: 0.2 } as const;
          compareStep(
            data,
            { ...shaping, hidden: [7], activation: 'tanh', output, outputs, loss, fixedPoint },
            1e-5,
          );
        }
      }
    });
  }

  for (const activation of ACTIVATION_NAMES) {
    it(`through the integers: ${activation}, every precision, every depth`, () => {
      for (const precision of PRECISIONS) {
        for (const hidden of DEPTHS) {
          for (const outputs of [1, 3]) {
            const data = randomData(outputs, ROWS, 6, Math.max(outputs, 2));
            compareStep(data, { hidden, activation, outputs, precision, fixedPoint: true }, 1e-5);
          }
        }
      }
    });
  }

  it('on images, most of whose pixels are black, and on so many inputs that f32 sums have to be cut', () => {
    for (const features of [40, 1030]) {
      for (const hidden of [[], [8], [36], [32, 5]]) {
        for (const fixedPoint of [false, true]) {
          for (const isImage of [false, true]) {
            const data = randomData(features, ROWS, features, 3, isImage);
            const precision = PRECISIONS[1];
            compareStep(data, { hidden, fixedPoint, precision }, 1e-5);
          }
        }
      }
    }
  });

  it('by Muon, on matrices that are wide, tall and square, in panels that are full or not', () => {
    for (const hidden of [[1], [7], [20], [24, 9, 9], [16, 40], [33, 8]]) {
      for (const fixedPoint of [false, true]) {
        for (const isImage of [false, true]) {
          const data = randomData(hidden[0], ROWS, 20, 3, isImage);
          compareStep(
            data,
            { hidden, fixedPoint, optimizer: 'muon', momentum: 0.9, activation: 'tanh' },
            1e-3,
          );
        }
      }
    }
  });
});
