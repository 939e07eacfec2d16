import { describe, expect, it } from 'vitest';
import { createRandom } from '../../model/random.js';
import type { InitializerName } from '../../trainer/initializers.js';
import { INITIALIZERS } from '../../trainer/initializers.js';
import { OPTIMIZERS } from '../../trainer/optimizers.js';
import type { ScheduleName } from '../../trainer/schedules.js';
import { SCHEDULES } from '../../trainer/schedules.js';

describe('optimisers', () => {
  it('sgd without momentum is ΔW = −rate · ∂J/∂W', () => {
    const w = Float64Array.of(1, -2);
    OPTIMIZERS.sgd(2, 0)(w, Float64Array.of(0.5, 4), 0.25);
    expect([...w]).toEqual([0.875, -3]);
  });

  it('sgd with momentum adds half of the last step', () => {
    const w = Float64Array.of(1);
    const update = OPTIMIZERS.sgd(1, 0.5);
    for (const gradient of [1, 2, 0]) update(w, Float64Array.of(gradient), 0.25);
    expect(w[0]).toBe(1 - 0.25 * (1 + 2.5 + 1.25)); // velocities 1, 0.5·1 + 2, 0.5·2.5
  });

  it('adam: the first step is the rate whatever the gradient, the second as derived by hand', () => {
    const w = Float64Array.of(0, 0, 0);
    const update = OPTIMIZERS.adam(3);
    update(w, Float64Array.of(3, -0.001, 0), 0.1);
    expect(w[0]).toBeCloseTo(-0.1, 8);
    expect(w[1]).toBeCloseTo(0.1, 5);
    expect(w[2]).toBe(0);
    update(w, Float64Array.of(-1, 0, 0), 0.1);
    // m = 0.9·0.3 − 0.1 = 0.17, v = 0.999·0.009 + 0.001 = 0.009991, corrections 1 − 0.81 and 1 − 0.998001
    const step = (0.1 * (0.17 / 0.19)) / (Math.sqrt(0.009991 / 0.001999) + 1e-8);
    expect(w[0]).toBeCloseTo(-0.1 - step, 8);
  });
});

describe('schedules', () => {
  const cases: [ScheduleName, [number, number][]][] = [
    ['constant', [[0, 1], [0.5, 1], [1, 1]]], // prettier-ignore
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

describe('initial weights', () => {
  const FAN_IN = 50;
  const FAN_OUT = 30;
  const variances: Record<InitializerName, number> = {
    zero: 0,
    uniform: 1 / 12,
    glorot: 2 / (FAN_IN + FAN_OUT),
    he: 2 / FAN_IN,
    lecun: 1 / FAN_IN,
  };
  it.each(Object.keys(INITIALIZERS) as InitializerName[])('%s: mean 0 and the stated variance', (name) => {
    const random = createRandom(3);
    const weights = Array.from({ length: 20_000 }, () => INITIALIZERS[name](random, FAN_IN, FAN_OUT));
    const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
    const variance = weights.reduce((a, b) => a + b * b, 0) / weights.length;
    expect(Math.abs(mean)).toBeLessThanOrEqual(0.03 * Math.sqrt(variances[name]));
    expect(Math.abs(variance - variances[name])).toBeLessThanOrEqual(0.04 * variances[name]);
  });
});
