import { describe, expect, it } from 'vitest';
import { createRandom, splitMix64, xoshiro128 } from '../../model/random.js';

const take = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe('published vectors', () => {
  it('xoshiro128** from the state 1, 2, 3, 4 (as in the tests of Rust’s rand_xoshiro)', () => {
    const state = Uint32Array.of(1, 2, 3, 4);
    expect(take(10, () => xoshiro128(state))).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('SplitMix64 from the seed 1477776061723855037', () => {
    expect([...splitMix64(1477776061723855037n, 3)]).toEqual([
      1985237415132408290n,
      2979275885539914483n,
      13511426838097143398n,
    ]);
  });
});

// Computed with a Python implementation of both algorithms.
const SEEDED: readonly (readonly [number, readonly number[]])[] = [
  [0, [3737715805, 2584255861, 2876756834, 3286328325, 1553311962]],
  [1, [1695105466, 1423115009, 634581793, 1068227753, 716759206]],
  [42, [1776835114, 4165204688, 17111135, 2317295270, 2792088233]],
  [Number.MAX_SAFE_INTEGER, [1233166643, 1287031142, 661813442, 2960669951, 2601079046]],
];

describe('createRandom', () => {
  it.each(SEEDED)('seed %i gives the same integers as Python', (seed, expected) => {
    expect(take(5, createRandom(seed).uint32)).toEqual(expected);
  });

  it('gives the same normals as Python', () => {
    const expected = [
      -1.017300725556283, -1.6289484580512268, -0.6190886164356947, -0.4416380590766196, 0.8849950096219973,
      0.3058197907520152,
    ];
    take(6, createRandom(1).normal).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 13));
  });

  it('shuffles as Python', () => {
    const values = Uint32Array.from({ length: 10 }, (_, i) => i);
    createRandom(7).shuffle(values);
    expect([...values]).toEqual([8, 3, 6, 7, 1, 0, 5, 2, 4, 9]);
  });

  it('has the moments of its distributions', () => {
    const random = createRandom(3);
    const normals = take(200_000, random.normal);
    const uniforms = take(200_000, random.uniform);
    const mean = (values: readonly number[], power: number): number =>
      values.reduce((sum, x) => sum + x ** power, 0) / values.length;
    expect([1, 2, 3, 4].map((power) => Math.round(mean(normals, power) * 20) / 20 + 0)).toEqual([0, 1, 0, 3]);
    expect(mean(uniforms, 1)).toBeCloseTo(1 / 2, 2);
    expect(mean(uniforms, 2)).toBeCloseTo(1 / 3, 2);
    expect(uniforms.every((x) => x >= 0 && x < 1)).toBe(true);
  });

  it('draws below n without bias, also where n does not divide 2^32', () => {
    const random = createRandom(5);
    const n = 3 * 2 ** 30; // a plain remainder would give the lowest quarter of 2^32 twice the chance
    const low = take(40_000, () => random.below(n)).filter((x) => x < 2 ** 30).length;
    expect(low / 40_000).toBeCloseTo(1 / 3, 1);
    expect(new Set(take(1000, () => random.below(7)))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(take(10, () => random.below(1))).toEqual(new Array(10).fill(0));
  });

  it('refuses a seed that is no integer', () => {
    expect(() => createRandom(0.5)).toThrow(RangeError);
  });
});
