import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { quantizeInputs } from '../../model/infer.js';
import { quantizeRows } from '../../model/infer-rows.js';
import { RAW_TYPES } from '../../model/network.js';
import { quantizeInputScaling } from '../../model/quantization.js';
import { rawFeatures } from '../../model/raw-features.js';
import { standardizeRows } from '../../trainer/samples.js';
import { clippedShare, learnScaling } from '../../trainer/standardization.js';
import { table } from './helpers.js';

const column = (values: readonly number[], decimals: number): Dataset =>
  table(
    values.map((value, k) => [value, k & 1]),
    decimals,
  );

/** `count` numbers from `low` to `high`. */
const ramp = (low: number, high: number, count = 101): number[] =>
  Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));

describe('scaling learnt from a table', () => {
  it('is mean and deviation of each feature', () => {
    const { scaling, warnings } = learnScaling(table([[1, 10, 0], [3, 10, 1], [5, 40, 1]]), 7); // prettier-ignore
    expect(scaling.mean).toEqual([3, 20]);
    expect(scaling.deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 14);
    expect(scaling.deviation[1]).toBeCloseTo(Math.sqrt(200), 13);
    expect(scaling.lowest).toEqual([1, 10]);
    expect(scaling.highest).toEqual([5, 40]);
    expect(warnings).toEqual([]);
  });

  it('takes a constant feature with deviation 1 and a warning (fault 44)', () => {
    const { scaling, warnings } = learnScaling(table([[0.1, 1, 0], [0.1, 2, 1], [0.1, 4, 1]], 1), 7); // prettier-ignore
    expect([scaling.mean[0], scaling.deviation[0]]).toEqual([0.1, 1]);
    expect([scaling.lowest[0], scaling.highest[0]]).toEqual([0.1, 0.1]);
    expect(warnings).toEqual([expect.stringContaining('"x1" is constant')]);
  });

  it.each([1e6, -1e6, 40, 1e300])(
    'is the same with and without an outlier, which is counted: %d (fault 46)',
    (outlier) => {
      const others = column(ramp(-1, 1), 2);
      const { scaling } = learnScaling(others, 7);
      expect(clippedShare(others, scaling)[0]).toBe(0);
      const data = column([...ramp(-1, 1), outlier], 2);
      const found = learnScaling(data, 7).scaling;
      expect(found).toEqual(scaling);
      expect(clippedShare(data, found)[0]).toBeCloseTo(1 / 102, 15);
      const x = new Float64Array(1);
      standardizeRows(data.values, 1, found, [101], x);
      expect(x[0]).toBeCloseTo((Math.sign(outlier) - found.mean[0]) / found.deviation[0], 12);
    },
  );

  it('finds one outlier among ten thousand rows, wherever it lies', () => {
    for (const at of [0, 1, 5000, 9999]) {
      const values = ramp(0, 5, 10_000);
      values[at] = 1e5;
      expect(learnScaling(column(values, 3), 7).scaling.highest[0]).toBeLessThanOrEqual(5);
    }
  });

  it('cuts off at 6 deviations what is no outlier', () => {
    const data = column([...ramp(-1, 1, 401), 9], 2);
    const { scaling } = learnScaling(data, 7);
    expect(scaling.lowest[0]).toBe(-1);
    expect(scaling.highest[0]).toBeCloseTo(scaling.mean[0] + 6 * scaling.deviation[0], 12);
    expect(clippedShare(data, scaling)[0]).toBeCloseTo(1 / 402, 15);
  });

  it.each([
    ['a rare yes', [...new Array<number>(150).fill(0), 1, 1]],
    [
      'mostly noise, and a signal in every fifth row',
      Array.from({ length: 200 }, (_, k) => (k % 5 ? 0.001 * (k % 7) : 1)),
    ],
    ['powers of two', Array.from({ length: 12 }, (_, k) => 2 ** k)],
    ['a few rows', [0, 0, 0, 1000]],
  ])('counts everything of %s', (_name, values) => {
    const { scaling } = learnScaling(column(values, 3), 7);
    expect(scaling.mean[0]).toBeCloseTo(
      values.reduce((sum, value) => sum + value / values.length, 0),
      9,
    );
  });

  const cases: [string, number[], number, { decimals: number; rawType: string }][] = [
    ['the digits of the file', ramp(4.3, 7.9), 1, { decimals: 1, rawType: 'int16' }],
    ['whole numbers', [0, 1, 2, 3], 0, { decimals: 0, rawType: 'int16' }],
    ['many digits: 64 times finer than the grid', ramp(-1, 1), 12, { decimals: 4, rawType: 'int16' }],
    ['large whole numbers: negative decimals', ramp(0, 1e9), 0, { decimals: -5, rawType: 'int16' }],
    ['beyond int16', ramp(40_000, 60_000), 0, { decimals: 0, rawType: 'int32' }],
    ['a small spread around a large offset', ramp(1.7e9, 1.7e9 + 1000), 0, { decimals: 0, rawType: 'int32' }],
    ['an offset that no raw integer reaches', ramp(1e12, 1e12 + 1e6), 0, { decimals: -3, rawType: 'int32' }],
  ];
  it.each(cases)('raw integers: %s', (_name, values, own, expected) => {
    const { scaling } = learnScaling(column(values, own), 7);
    expect({ decimals: scaling.decimals[0], rawType: scaling.rawType }).toEqual(expected);
  });

  // [values, digits of the file, unit of the warning]
  it.each<[string, number[], number, string | null]>([
    ['seconds since 1970 within ten seconds', ramp(1.7e9, 1.7e9 + 10), 3, '1'],
    ['milliseconds since 1970 within a minute', ramp(1.7e12, 1.7e12 + 60_000), 0, '1000'],
    ['seconds since 1970 over an hour', ramp(1.7e9, 1.7e9 + 3600), 3, null],
    ['the same without decimals', ramp(1.7e9, 1.7e9 + 10, 11), 0, null],
    ['many digits, far finer than the grid', ramp(-1, 1), 12, null],
    ['large numbers with as large differences', ramp(0, 1e12), 6, null],
  ])('warns where 32 bits lose what the column tells apart: %s', (_name, values, own, unit) => {
    const { warnings } = learnScaling(column(values, own), 7);
    expect(warnings).toEqual(unit === null ? [] : [expect.stringContaining(`"x1": its values`)]);
    expect(warnings.join()).toContain(unit === null ? '' : `in units of ${unit};`);
  });

  it('leaves every raw integer that matters within the raw type, and the grid used to its ends', () => {
    const spreads = [1e-7, 1e-3, 0.3, 1, 7, 500, 65_535, 1e6, 1e9];
    for (const spread of spreads) {
      for (const offset of [-2, -0.5, 0, 3]) {
        for (const own of [0, 3, 9]) {
          const digits = ramp(offset * spread, (offset + 1) * spread).map((value) =>
            Number(value.toFixed(own)),
          );
          const data = column(digits, own);
          const { scaling } = learnScaling(data, 7);
          if (scaling.lowest[0] === scaling.highest[0]) continue; // too few digits to tell the values apart
          const { integers } = quantizeInputScaling(scaling, data.features, 7);
          const type = RAW_TYPES[scaling.rawType];
          expect(integers.low[0]).toBeGreaterThanOrEqual(type.lowest);
          expect(integers.low[0] + integers.span[0]).toBeLessThanOrEqual(type.highest);
          const q = quantizeRows(data.values, 1, integers);
          expect([q[0] <= 1, q[100] >= 126]).toEqual([true, true]);
        }
      }
    }
  });

  it.each([
    ['-0 among zeros', [-0, 0, -0]],
    ['denormals', [5e-324, 0, 1e-310]],
    ['one row', [7]],
    ['the largest numbers', [1e300, -1e300, 5e299]],
    ['tiny numbers', [1e-150, 3e-150, 2e-150]],
  ])('is finite and positive for %s (fault 50)', (_name, values) => {
    const data = column(values, 300);
    const { scaling } = learnScaling(data, 7);
    const numbers = [
      scaling.mean,
      scaling.deviation,
      scaling.lowest,
      scaling.highest,
      scaling.decimals,
    ].flat();
    expect(numbers.every(Number.isFinite)).toBe(true);
    expect(scaling.deviation[0]).toBeGreaterThan(0);
    const { integers } = quantizeInputScaling(scaling, data.features, 7);
    for (const list of [integers.low, integers.span, integers.multiplier])
      expect(Number.isInteger(list[0])).toBe(true);
    expect(integers.span[0] * integers.multiplier[0]).toBeLessThan(2 ** 24);
  });
});

describe('scaling learnt from images', () => {
  const image = (...pixels: number[]): Dataset => ({
    ...table([[0, 0], [0, 1]]), // prettier-ignore
    features: ['p1', 'p2'],
    values: Uint8Array.from(pixels),
    image: { height: 1, width: 2 },
  });

  it('is one entry for all pixels, with black at exactly 0', () => {
    const data = image(0, 0, 100, 100);
    const { scaling } = learnScaling(data, 7);
    expect(scaling).toEqual({
      rawType: 'uint8',
      decimals: [0],
      mean: [0],
      deviation: [50],
      lowest: [0],
      highest: [255],
    });
    const { integers, grid } = quantizeInputScaling(scaling, data.features, 7);
    expect([...grid.zeroPoint]).toEqual([0]);
    expect([...quantizeRows(Uint8Array.of(0, 255), 2, integers)]).toEqual([0, 127]);
  });

  // [pixels, activation bits, integer of the grey that is 0]
  const middles: [number[], 7 | 8, number][] = [
    [[255, 255, 255, 100, 0, 255], 7, 127], // paper
    [[255, 255, 255, 100, 0, 255], 8, 255],
    [[64, 64, 64, 64, 120, 200], 7, 32], // a grey wall
    [[0, 0, 150, 160, 170, 180, 190, 200], 7, 65], // a photograph with black spots: its mean
    [[0, 0, 150, 160, 170, 180, 190, 200], 8, 131],
  ];
  it.each(middles)(
    '%j in %d bits: 0 is the background, or the mean where none prevails',
    (pixels, bits, zero) => {
      const data = image(...pixels);
      const { scaling } = learnScaling(data, bits);
      const maximum = 2 ** bits - 1;
      expect(scaling.mean[0]).toBeCloseTo((zero * 255) / maximum, 10);
      const { integers, grid } = quantizeInputScaling(scaling, data.features, bits);
      expect([...grid.zeroPoint]).toEqual([zero]);
      expect([...quantizeRows(Uint8Array.of(0, 255), 2, integers)]).toEqual([0, maximum]);
    },
  );

  it('is defined for a single grey (fault 44)', () => {
    const { scaling, warnings } = learnScaling(image(9, 9, 9, 9), 7);
    expect(scaling.deviation).toEqual([1]);
    expect(warnings.length).toBe(1);
  });
});

it('rows become the same integers here as in the reference, across the chunks too', () => {
  const rows = 1500;
  const data = table(
    Array.from({ length: rows }, (_, r) => [Math.sqrt(r), (r * 37) % 101, r & 1]),
    3,
  );
  const { scaling } = learnScaling(data, 7);
  const { integers } = quantizeInputScaling(scaling, data.features, 7);
  const raw = rawFeatures(data.values, 2, scaling);
  const q = quantizeRows(data.values, 2, integers);
  for (let r = 0; r < rows; r++) {
    expect([...q.subarray(2 * r, 2 * r + 2)]).toEqual([
      ...quantizeInputs(integers, raw.subarray(2 * r, 2 * r + 2)),
    ]);
  }
});
