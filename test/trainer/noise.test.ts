import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../model/random.js';
import { quantizeInputScaling } from '../../model/quantization.js';
import { forwardProp, allocatePass } from '../../trainer/forward.js';
import { createNoise, type Noise } from '../../trainer/noise.js';
import { normalQuantile } from '../../trainer/normal-quantile.js';
import type { TrainOptions } from '../../trainer/options.js';
import { fixedPointPropagation, floatPropagation } from '../../trainer/propagation.js';
import { fit, integerAccuracy, loadIris, table } from './helpers.js';

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** Factors of `rows` rows and units, or what noise adds to as many inputs. */
function factors(noise: Noise, rows: number, units: number): Float64Array {
  const found = new Float64Array(rows * units);
  noise.drop(units, (k, factor) => (found[k] = factor));
  return found;
}

const started = (
  random: Random,
  given: Pick<TrainOptions, 'inputNoise' | 'dropout'>,
  rows: number,
): Noise => {
  const noise = createNoise(random, given);
  noise.beginEpoch();
  noise.beginRows(rows);
  return noise;
};

describe('dropout', () => {
  const ROWS = 250;
  const UNITS = 80;
  it.each([0.1, 0.5, 0.9])('of %d: that share is 0, and the mean of all factors is 1', (p) => {
    const noise = started(createRandom(5), { inputNoise: 0, dropout: p }, ROWS);
    const all = factors(noise, ROWS, UNITS);
    const kept = all.filter((factor) => factor !== 0);
    expect(new Set(kept)).toEqual(new Set([noise.gain]));
    expect(noise.gain).toBeCloseTo(1 / (1 - p), 12);
    const deviation = Math.sqrt(p / (1 - p) / all.length); // of the mean of factors 0 and 1/(1 − p)
    expect(Math.abs(sum(all) / all.length - 1)).toBeLessThan(4 * deviation);
  });

  it('draws for each row on its own, anew in every epoch and layer', () => {
    const given = { inputNoise: 0, dropout: 0.5 };
    const whole = factors(started(createRandom(5), given, 8), 8, 30);
    const parts = started(createRandom(5), given, 3);
    expect(factors(parts, 3, 30)).toEqual(whole.slice(0, 90));
    expect(factors(parts, 3, 30)).not.toEqual(whole.slice(0, 90));
    parts.beginRows(5);
    expect(factors(parts, 5, 30)).toEqual(whole.slice(90));
    parts.beginEpoch();
    parts.beginRows(8);
    expect(factors(parts, 8, 30)).not.toEqual(whole);
  });

  it('of 0 draws nothing', () => {
    const random = createRandom(9);
    const noise = started(random, { inputNoise: 0, dropout: 0 }, 1);
    noise.disturb(Float64Array.of(1), 1, null);
    expect(factors(noise, 1, 1)).toEqual(Float64Array.of(0));
    expect(noise.gain).toBe(1);
    expect(random.uint32()).toBe(createRandom(9).uint32());
  });
});

describe('input noise', () => {
  it('has the deviation asked for, in standardised units, and mean 0', () => {
    for (const unit of [null, 0.05]) {
      const x = new Float64Array(201 * 101); // an odd number of inputs
      x.fill(7, 200 * 101);
      started(createRandom(2), { inputNoise: 0.3, dropout: 0 }, 200).disturb(x, 101, unit);
      expect(new Set(x.subarray(200 * 101))).toEqual(new Set([7]));
      const real = x.subarray(0, 200 * 101).map((value) => value * (unit ?? 1));
      expect(Math.abs(sum(real) / real.length)).toBeLessThan(0.01);
      expect(Math.sqrt(sum(real.map((value) => value * value)) / real.length)).toBeCloseTo(0.3, 2);
      if (unit) expect(x.every(Number.isInteger)).toBe(true);
    }
  });

  it('follows the quantiles of the normal distribution', () => {
    // R: qnorm(c(0.5, 0.9, 0.975, 0.99, 0.9999, 1 - 2^-17))
    const known = [0, 1.2815515655, 1.9599639845, 2.3263478740, 3.7190164855, 4.3266]; // prettier-ignore
    [0.5, 0.9, 0.975, 0.99, 0.9999, 1 - 2 ** -17].forEach((p, k) => {
      expect(normalQuantile(p)).toBeCloseTo(known[k], k === 5 ? 2 : 5);
      expect(normalQuantile(1 - p)).toBeCloseTo(-known[k], k === 5 ? 2 : 5);
    });
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

  const noiseOf = (inputNoise: number, dropout: number): Noise => {
    const noise = createNoise(createRandom(4), { inputNoise, dropout });
    noise.beginEpoch();
    return noise;
  };

  it.each(ways)('%s: dropout sets real activations to 0 and doubles the others', (_, propagation) => {
    const { pass } = propagation;
    propagation.refresh(layers);
    propagation.forward(rows);
    const [whole, slope] = [pass.a[1].slice(), pass.slope[0].slice()];
    propagation.forward(rows, noiseOf(0, 0.5));
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
      propagation.forward(rows, noiseOf(0.5, 0));
      return propagation.pass.a[0].slice();
    });
    const plain = ways[0][1];
    plain.forward(rows);
    let moved = 0;
    float.forEach((x, k) => {
      expect(Math.abs(x - fixed[k])).toBeLessThanOrEqual(1.02 * grid.scale); // half a step each, and the raw unit
      if (Math.abs(x - plain.pass.a[0][k]) > 0.1) moved++;
    });
    expect(moved).toBeGreaterThan(64);
  });

  it.each(ways)('%s: calibration sees no noise', (_, propagation) => {
    const before = propagation.calibrate(layers, rows);
    propagation.refresh(layers);
    propagation.forward(rows, noiseOf(5, 0.5));
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
