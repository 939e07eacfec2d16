import { describe, expect, test } from 'vitest';
import {
  probabilities,
  PROBABILITY_KINDS,
  PROBABILITY_ONE,
  quantizeProbability,
} from '../../model/probability.js';
import type { ProbabilityScaling, QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { tinyModel } from '../support/tiny-model.js';

/** Against the exact exponential function, and against the definition in BigInt. */

function modelOf(probability: ProbabilityScaling, decision: 'argmax' | 'sign' = 'argmax'): QuantizedModel {
  return tinyModel({ probability, decision });
}

const int32 = (value: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(value)));

const of = (probability: ProbabilityScaling, outputs: readonly number[], decision?: 'sign'): number[] => [
  ...probabilities(modelOf(probability, decision), Int32Array.from(outputs))!,
];

function exact(kind: ProbabilityScaling['kind'], z: readonly number[]): number[] {
  if (kind === 'sigmoid') return z.map((value) => 1 / (1 + Math.exp(-value)));
  const most = Math.max(...z);
  const sum = z.reduce((all, value) => all + Math.exp(value - most), 0);
  return z.map((value) => Math.exp(value - most) / sum);
}

const RANGES = [1e-3, 0.1, 1, 4, 10, 30, 300];
/** What one unit of a raw output is worth, from sums of 32 bits to the coarsest. */
const UNITS = [1e-9, 3.7e-7, 1e-5, 4.1e-4, 1e-3, 0.013, 0.11, 0.7, 2.5, 400];

describe.each(['softmax', 'sigmoid'] as const)('%s', (kind) => {
  test.each(UNITS)('is right within 0.4 % at a unit of %d', (unit) => {
    const random = createRandom(17);
    const scaling = quantizeProbability(kind, unit);
    let worst = 0;
    for (const range of RANGES) {
      for (let k = 0; k < 60; k++) {
        const count = kind === 'softmax' ? 2 + random.below(k % 4 === 0 ? 255 : 9) : 1;
        const outputs = Array.from({ length: count }, () => int32((random.normal() * range) / unit));
        const truth = exact(
          kind,
          outputs.map((output) => output * unit),
        );
        of(scaling, outputs).forEach((p, n) => {
          worst = Math.max(worst, Math.abs(p / PROBABILITY_ONE - truth[n]));
        });
      }
    }
    expect(worst).toBeLessThan(0.004);
  });

  test.each(UNITS)('rises with its own output, and is in the order of outputs, at a unit of %d', (unit) => {
    const scaling = quantizeProbability(kind, unit);
    const start = [-3, 0, 5].map((z) => int32(z / unit));
    let before = 0;
    for (let k = -400; k <= 400; k++) {
      const rising = int32((k * 0.03) / unit);
      const [now, ...others] = of(scaling, [rising, ...start]);
      const disorder = start.filter((output, n) => (output - rising) * (others[n] - now) < 0);
      expect({ fallen: now < before, disorder }).toEqual({ fallen: false, disorder: [] });
      before = now;
    }
    expect(before).toBeGreaterThan(PROBABILITY_ONE / 20);
  });
});

/** 65535 · 2^-(step/128), rounded half up, by a power of it that is whole: no floating point. */
function tableEntry(step: number): bigint {
  let low = 0n;
  let high = 65536n;
  // (2·entry − 1)^128 <= (2·65535)^128 / 2^step
  const bound = (131070n ** 128n) >> BigInt(step);
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if ((2n * middle - 1n) ** 128n <= bound) low = middle;
    else high = middle;
  }
  return low;
}

const TABLE = Array.from({ length: 128 }, (_, step) => tableEntry(step));

function powerBig(distance: bigint, { drop, multiplier, shift }: ProbabilityScaling): bigint {
  const far = distance >> BigInt(drop);
  if (far > 65535n) return 0n;
  const product = far * BigInt(multiplier) + (1n << BigInt(shift - 1));
  expect(product < 1n << 32n).toBe(true);
  const steps = product >> BigInt(shift);
  const halvings = steps / 128n;
  return halvings > 40n ? 0n : ((TABLE[Number(steps % 128n)] << 1n) / (1n << halvings) + 1n) / 2n;
}

test('is its definition in whole numbers, whatever the scaling and the outputs', () => {
  const random = createRandom(19);
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)];
  const whole = (): number => pick([-(2 ** 31), 2 ** 31 - 1, 0, 1, -1, random.below(2 ** 32) - 2 ** 31]);
  for (let k = 0; k < 4000; k++) {
    const scaling: ProbabilityScaling = {
      kind: pick(['softmax', 'sigmoid']),
      drop: pick([0, 16, random.below(17)]),
      multiplier: pick([0, 1, 65535, random.below(65536)]),
      shift: pick([1, 17, 1 + random.below(17)]),
    };
    const near = random.below(2) === 0;
    const first = whole();
    const outputs = Array.from({ length: 1 + random.below(6) }, () =>
      near ? Math.max(-(2 ** 31), first - random.below(1 + random.below(100000))) : whole(),
    );
    const most = Math.max(...outputs);
    const share = (part: bigint, sum: bigint): number => Number((part * 10000n + sum / 2n) / sum);
    const powers = outputs.map((output) => powerBig(BigInt(most) - BigInt(output), scaling));
    const sum = powers.reduce((a, b) => a + b);
    const expected = outputs.map((output, n) => {
      if (scaling.kind === 'softmax') return share(powers[n], sum);
      const lesser = powerBig(output < 0 ? -BigInt(output) : BigInt(output), scaling);
      const rest = share(lesser, 65535n + lesser);
      return output > 0 ? 10000 - rest : rest;
    });
    expect(of(scaling, outputs)).toEqual(expected);
  }
});

test.each([
  ['softmax', undefined, [0, 0], [5000, 5000]],
  ['softmax', undefined, [7, 7, 7], [3333, 3333, 3333]],
  ['softmax', undefined, [2147483647, -2147483648], [10000, 0]],
  ['softmax', undefined, [-2147483648], [10000]],
  ['sigmoid', undefined, [0, 2147483647, -2147483648], [5000, 10000, 0]],
  ['sigmoid', 'sign', [0], [5000, 5000]],
  ['sigmoid', 'sign', [-2147483648], [10000, 0]],
] as const)('%s, %s, of %j is %j', (kind, decision, outputs, expected) => {
  expect(of(quantizeProbability(kind, 0.001), outputs, decision)).toEqual(expected);
});

test('outputs that are no probabilities have none', () => {
  expect(probabilities(tinyModel({ probability: undefined }), Int32Array.of(1, 2))).toBeNull();
  expect(PROBABILITY_KINDS).toEqual({ softmax: 'softmax', sigmoid: 'sigmoid' });
});
