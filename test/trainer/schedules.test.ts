import { describe, expect, it } from 'vitest';
import { createRandom } from '../../model/random.js';
import type { InitializerName } from '../../trainer/initializers.js';
import { INITIALIZERS } from '../../trainer/initializers.js';
import type { ScheduleName } from '../../trainer/schedules.js';
import { rateFactor, SCHEDULES } from '../../trainer/schedules.js';

describe('schedules', () => {
  const cases: [ScheduleName, [number, number][]][] = [
    ['constant', [[0, 1], [0.5, 1], [1, 1]]], // prettier-ignore
    ['step', [[0, 1], [0.499, 1], [0.5, 0.1], [0.749, 0.1], [0.75, 0.01], [1, 0.01]]], // prettier-ignore
    ['cosine', [[0, 1], [0.25, (1 + Math.SQRT1_2) / 2], [0.5, 0.5], [1, 0]]], // prettier-ignore
    ['one-cycle', [[0, 0.1], [0.125, 0.55], [0.25, 1], [0.625, 0.5], [1, 0]]], // prettier-ignore
  ];
  it('are all listed here', () => {
    expect(cases.map(([name]) => name)).toEqual(Object.keys(SCHEDULES));
  });
  it.each(cases)('%s', (name, points) => {
    for (const [progress, factor] of points) expect(SCHEDULES[name](progress)).toBeCloseTo(factor, 14);
  });
  it('the half cosine is that of Math.cos everywhere', () => {
    for (let k = 0; k <= 1000; k++) {
      expect(SCHEDULES.cosine(k / 1000)).toBeCloseTo((1 + Math.cos((Math.PI * k) / 1000)) / 2, 14);
    }
  });
});

describe('warm-up', () => {
  // 10 epochs of 4 updates, 2 epochs of warm-up: [schedule, epochs done, factor]
  const cases: [ScheduleName, number, number][] = [
    ['constant', 0, 1 / 8],
    ['constant', 0.25, 2 / 8],
    ['constant', 1, 5 / 8],
    ['constant', 1.75, 1],
    ['constant', 2, 1],
    ['constant', 9.75, 1],
    ['step', 5.75, 1],
    ['step', 6, 0.1],
    ['step', 8, 0.01],
    ['cosine', 1.75, 1],
    ['cosine', 6, 0.5],
    ['one-cycle', 0, 0.1 / 8],
    ['one-cycle', 1.75, 0.1],
    ['one-cycle', 2, 0.1],
    ['one-cycle', 4, 1],
  ];
  it.each(cases)('%s after %d of 10 epochs, 2 of them warm-up: %d', (name, done, factor) => {
    expect(rateFactor(SCHEDULES[name], { epochs: 10, warmUp: 2 }, done, 0.25)).toBeCloseTo(factor, 14);
  });
  it('of 0 epochs is the schedule itself', () => {
    for (const schedule of Object.values(SCHEDULES)) {
      for (const done of [0, 0.5, 3, 9.99]) {
        expect(rateFactor(schedule, { epochs: 10, warmUp: 0 }, done, 0.25)).toBe(schedule(done / 10));
      }
    }
  });
  it('of a full batch reaches the schedule after its whole epochs', () => {
    const factors = [0, 1, 2, 3].map((done) =>
      rateFactor(SCHEDULES.constant, { epochs: 9, warmUp: 3 }, done, 1),
    );
    expect(factors).toEqual([1 / 3, 2 / 3, 1, 1]);
  });
});

describe('initial weights', () => {
  const FAN_IN = 50;
  const FAN_OUT = 30;
  const moments: Record<InitializerName, { mean: number; variance: number }> = {
    zero: { mean: 0, variance: 0 },
    constant: { mean: 0.1, variance: 0 },
    uniform: { mean: 0, variance: 1 / 12 },
    glorot: { mean: 0, variance: 2 / (FAN_IN + FAN_OUT) },
    he: { mean: 0, variance: 2 / FAN_IN },
    lecun: { mean: 0, variance: 1 / FAN_IN },
  };
  it.each(Object.keys(INITIALIZERS) as InitializerName[])('%s: the stated mean and variance', (name) => {
    const random = createRandom(3);
    const weights = Array.from({ length: 20_000 }, () => INITIALIZERS[name](random, FAN_IN, FAN_OUT));
    const expected = moments[name];
    const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
    const variance = weights.reduce((a, b) => a + (b - expected.mean) ** 2, 0) / weights.length;
    expect(Math.abs(mean - expected.mean)).toBeLessThanOrEqual(0.03 * Math.sqrt(expected.variance) + 1e-12);
    expect(Math.abs(variance - expected.variance)).toBeLessThanOrEqual(0.04 * expected.variance);
  });
});
