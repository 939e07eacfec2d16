import { describe, expect, it } from 'vitest';
import { createRandom } from '../../model/random.js';
import { quantizeInputScaling } from '../../model/quantization.js';
import { forwardProp, allocatePass } from '../../trainer/forward.js';
import { createNoise, dropout } from '../../trainer/noise.js';
import type { TrainOptions } from '../../trainer/options.js';
import { fixedPointPropagation, floatPropagation } from '../../trainer/propagation.js';
import { fit, integerAccuracy, loadIris, table } from './helpers.js';

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe('dropout', () => {
  const ROWS = 500;
  const UNITS = 40;
  it.each([0.1, 0.5, 0.9])('of %d: that share is 0, the mean stays, the slope is scaled alike', (p) => {
    const values = new Float64Array(ROWS * UNITS).fill(3);
    const slope = new Float64Array(ROWS * UNITS).fill(0.5);
    dropout(createRandom(5), p)(values, slope, ROWS, UNITS, [0]);
    const kept = values.filter((value) => value !== 0);
    for (const value of kept) expect(value).toBeCloseTo(3 / (1 - p), 12);
    values.forEach((value, k) => expect(slope[k]).toBeCloseTo(value / 6, 12));
    const deviation = Math.sqrt(p / (1 - p) / values.length); // of the mean of factors 0 and 1/(1 − p)
    expect(Math.abs(sum(values) / values.length / 3 - 1)).toBeLessThan(4 * deviation);
    expect(Math.abs(1 - kept.length / values.length - p)).toBeLessThan(
      4 * Math.sqrt((p * (1 - p)) / values.length),
    );
  });

  it('drops integers to the one that stands for 0', () => {
    const q = Float64Array.of(10, 60, 90, 10, 60, 90);
    const slope = new Float64Array(6).fill(1);
    dropout(createRandom(1), 0.5)(q, slope, 2, 3, Int32Array.of(60));
    q.forEach((value, k) => {
      const whole = [10, 60, 90][k % 3];
      expect(value).toBe(slope[k] === 0 ? 60 : 60 + 2 * (whole - 60));
    });
    expect(new Set(slope)).toEqual(new Set([0, 2]));
  });

  it('of 0 draws nothing', () => {
    const random = createRandom(9);
    dropout(random, 0)(Float64Array.of(1), Float64Array.of(1), 1, 1, [0]);
    expect(random.uint32()).toBe(createRandom(9).uint32());
  });
});

describe('input noise', () => {
  it('has the deviation asked for, in standardised units, and mean 0', () => {
    for (const unit of [1, 0.05]) {
      const x = new Float64Array(20_000);
      createNoise(createRandom(2), 0.3, 0).disturb(x, 19_999, unit);
      const real = x.map((value) => value * unit);
      expect(real[19_999]).toBe(0);
      expect(Math.abs(sum(real) / real.length)).toBeLessThan(0.01);
      expect(Math.sqrt(sum(real.map((value) => value * value)) / real.length)).toBeCloseTo(0.3, 2);
    }
  });
});

describe('both ways to propagate', () => {
  const data = table(
    Array.from({ length: 64 }, (_, r) => [Math.sin(r), Math.cos(2 * r), r % 2]),
    6,
  );
  const { network } = fit(data, { hidden: [16], activation: 'tanh', epochs: 30 });
  const { layers, input, precision } = network;
  const rows = Uint32Array.from({ length: 64 }, (_, r) => r);
  const { grid } = quantizeInputScaling(input, data.features, precision.activationBits);
  const ways = [
    ['floating point', floatPropagation(data, input, layers)],
    ['integers', fixedPointPropagation(data, input, layers, precision)],
  ] as const;

  it.each(ways)('%s: dropout sets real activations to 0 and doubles the others', (_, propagation) => {
    const { pass } = propagation;
    propagation.refresh(layers);
    propagation.forward(rows);
    const [whole, slope] = [pass.a[1].slice(), pass.slope[0].slice()];
    propagation.forward(rows, createNoise(createRandom(4), 0, 0.5));
    let dropped = 0;
    for (let k = 0; k < 64 * 16; k++) {
      const isDropped = pass.slope[0][k] === 0 && slope[k] !== 0;
      if (isDropped) dropped++;
      if (slope[k] !== 0) expect(pass.a[1][k]).toBeCloseTo(isDropped ? 0 : 2 * whole[k], 10);
    }
    expect(dropped).toBeGreaterThan(400);
    // The output layer sees them: z = W·a + b with the dropped activations.
    const check = allocatePass([layers[1]], 64);
    check.a[0].set(pass.a[1].subarray(0, 64 * 16));
    const real = { ...layers[1], weights: propagation.weights[1] };
    forwardProp([real], check, 64);
    for (let r = 0; r < 64; r++) expect(check.z[0][r]).toBeCloseTo(pass.z[1][r], 1);
  });

  it('see the same noise on their inputs, but for the grid', () => {
    const [float, fixed] = ways.map(([, propagation]) => {
      propagation.refresh(layers);
      propagation.forward(rows, createNoise(createRandom(4), 0.5, 0));
      return propagation.pass.a[0].slice();
    });
    const plain = ways[0][1];
    plain.forward(rows);
    let moved = 0;
    float.forEach((x, k) => {
      expect(Math.abs(x - fixed[k])).toBeLessThanOrEqual(grid.scale);
      if (Math.abs(x - plain.pass.a[0][k]) > 0.1) moved++;
    });
    expect(moved).toBeGreaterThan(64);
  });

  it.each(ways)('%s: calibration sees no noise', (_, propagation) => {
    const before = propagation.calibrate(layers, rows);
    propagation.refresh(layers);
    propagation.forward(rows, createNoise(createRandom(4), 5, 0.5));
    expect(propagation.calibrate(layers, rows)).toEqual(before);
  });
});

describe('a training run with everything', () => {
  const everything: Partial<TrainOptions> = {
    l1: 0.02,
    dropout: 0.1,
    inputNoise: 0.1,
    labelSmoothing: 0.05,
    classWeights: 'balanced',
    warmUp: 3,
    patience: 60,
  };
  it.each(['sgd', 'nesterov', 'rmsprop', 'adam', 'adamw', 'muon'] as const)(
    '%s: learns iris through the integers, the same each time, and not as without it',
    async (optimizer) => {
      const iris = await loadIris();
      const { network } = fit(iris, { optimizer, ...everything });
      expect(integerAccuracy(network, iris)).toBeGreaterThanOrEqual(0.93);
      const short = { optimizer, ...everything, epochs: 4 };
      const weights = (options: Partial<TrainOptions>) => fit(iris, options).network.layers[0].weights;
      expect(weights(short)).toEqual(weights(short));
      for (const key of ['l1', 'dropout', 'inputNoise', 'labelSmoothing', 'warmUp'] as const) {
        expect(weights({ ...short, [key]: 0 }), key).not.toEqual(weights(short));
      }
    },
  );
});

describe('class weights in training', () => {
  it('find the rare class that is cheaper to overlook', () => {
    // 5 of 95 rows are rare, and lie among as many others
    const rows = Array.from({ length: 95 }, (_, r) =>
      r < 5 ? [r / 10, 1] : r < 10 ? [r / 10 - 0.45, 0] : [2 + r / 100, 0],
    );
    const data = table(rows, 2);
    const taken = (classWeights: TrainOptions['classWeights']) => {
      const { network } = fit(data, { hidden: [], l2: 0, classWeights, epochs: 200 });
      const { weights, bias } = network.layers[0];
      const x = (0.2 - network.input.mean[0]) / network.input.deviation[0];
      return weights[0] * x + bias[0];
    };
    expect(taken('balanced')).toBeGreaterThan(taken('none') + 0.5);
  });
});
