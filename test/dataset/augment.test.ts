import { describe, expect, it } from 'vitest';
import { augmentImages, type ImageJitter } from '../../dataset/augment-images.js';
import { augmentVectors } from '../../dataset/augment-vectors.js';
import { cosine, radians, sine } from '../../dataset/rotation.js';
import { createRandom, type Random } from '../../model/random.js';

const NONE: ImageJitter = { shift: 0, rotate: 0, scale: 0, shear: 0, elastic: 0 };
const ALL: ImageJitter = { shift: 2, rotate: 30, scale: 0.2, shear: 0.3, elastic: 1 };

/** Gives these numbers for `uniform`, one after the other. */
function scripted(uniforms: readonly number[]): Random {
  let next = 0;
  return { ...createRandom(0), uniform: () => uniforms[next++] };
}

/** What `uniform` gives for a share -1..1 of the largest change. */
const drawn = (share: number): number => (share + 1) / 2;

function bytes(length: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}

function augmented(
  values: Float64Array | Uint8Array,
  height: number,
  width: number,
  random: Random,
  options: ImageJitter,
): Float64Array {
  const output = new Float64Array(values.length).fill(NaN);
  augmentImages(values, output, values.length / (height * width), height, width, random, options);
  return output;
}

describe('sine and cosine', () => {
  it('agree with Math', () => {
    for (let i = -1000; i <= 1000; i++) {
      const x = (i / 1000) * Math.PI;
      expect(Math.abs(sine(x) - Math.sin(x))).toBeLessThan(4e-15);
      expect(Math.abs(cosine(x) - Math.cos(x))).toBeLessThan(4e-15);
    }
    expect([sine(0), cosine(0), radians(180)]).toEqual([0, 1, Math.PI]);
  });
});

describe('augmentImages', () => {
  it.each([
    [5, 7],
    [4, 4],
    [1, 6],
    [1, 1],
  ])('without options leaves %i × %i alone', (height, width) => {
    const values = bytes(3 * height * width, 1);
    expect([...augmented(values, height, width, createRandom(2), NONE)]).toEqual([...values]);
  });

  it.each([
    [1, 2],
    [-2, 0],
    [0, -1],
    [2, 2],
  ])('shifts by whole pixels (%i down, %i right) exactly, repeating the edge', (down, right) => {
    const [height, width] = [6, 5];
    const values = bytes(height * width, 3);
    const random = scripted([down / 2, right / 2, 0, 0, 0].map(drawn));
    const inside = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);
    const expected = Array.from({ length: height * width }, (_, at) => {
      const [y, x] = [Math.floor(at / width) - down, (at % width) - right];
      return values[inside(y, height) * width + inside(x, width)];
    });
    expect([...augmented(values, height, width, random, { ...NONE, shift: 2 })]).toEqual(expected);
  });

  it('shifts by half a pixel to the mean of neighbours', () => {
    const random = scripted([0, -0.5, 0, 0, 0].map(drawn));
    const values = Float64Array.of(10, 20, 40);
    expect([...augmented(values, 1, 3, random, { ...NONE, shift: 1 })]).toEqual([15, 30, 40]);
  });

  it('turns by quarters', () => {
    const values = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const turned = (share: number): number[] =>
      [...augmented(values, 3, 3, scripted([0, 0, share, 0, 0].map(drawn)), { ...NONE, rotate: 180 })].map(
        (x) => Math.round(x * 1e12) / 1e12,
      );
    expect(turned(0.5)).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]); // clockwise, rows downwards
    expect(turned(-0.5)).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    expect(turned(1)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('scales and shears about the middle', () => {
    const ramp = Float64Array.from({ length: 25 }, (_, at) => at % 5); // its value is its x
    const larger = augmented(ramp, 5, 5, scripted([0, 0, 0, 1, 0].map(drawn)), { ...NONE, scale: 0.25 });
    larger.forEach((value, at) => expect(value).toBeCloseTo(2 + ((at % 5) - 2) / 1.25, 12));
    const sheared = augmented(ramp, 5, 5, scripted([0, 0, 0, 0, 1].map(drawn)), { ...NONE, shear: 0.5 });
    sheared.forEach((value, at) => {
      const x = (at % 5) - (Math.floor(at / 5) - 2) * 0.5;
      expect(value).toBeCloseTo(Math.min(Math.max(x, 0), 4), 12);
    });
  });

  it('bends smoothly between the nodes of a grid that move on their own', () => {
    const size = 15; // 3 × 3 nodes, 7 pixels apart
    const ramp = Float64Array.from({ length: size * size }, (_, at) => at % size);
    const along = (share: number, node: number) =>
      Array.from({ length: 9 }, (_, k) => (k === node || node < 0 ? share : 0));
    const bent = (y: number[], x: number[]) =>
      augmented(ramp, size, size, scripted([0, 0, 0, 0, 0, ...y, ...x].map(drawn)), { ...NONE, elastic: 2 });
    const none = along(0, 0);
    // all nodes alike are a shift
    bent(none, along(0.5, -1)).forEach((value, at) =>
      expect(value).toBeCloseTo(Math.min((at % size) + 1, 14), 12),
    );
    // the middle one takes its surroundings with it, halfway with half its way, and leaves the others where they are
    const middle = bent(none, along(1, 4));
    const moved = (y: number, x: number) => middle[y * size + x] - x;
    expect(moved(7, 7)).toBeCloseTo(2, 12);
    expect((moved(7, 3) + moved(7, 4)) / 2).toBeCloseTo(1, 12);
    for (const [y, x] of [[0, 0], [0, 7], [7, 0], [14, 7]]) expect(moved(y, x)).toBeCloseTo(0, 12); // prettier-ignore
    const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((y) => moved(y, 7));
    rows.slice(1).forEach((way, k) => expect(way).toBeGreaterThan(rows[k]));
    // up and down, a ramp of columns stays as it is
    expect([...bent(along(1, 4), none)]).toEqual([...ramp]);
  });

  it('stays within the values of each image, and depends on the seed alone', () => {
    const [rows, height, width] = [100, 8, 9];
    const values = bytes(rows * height * width, 5);
    const found = augmented(values, height, width, createRandom(6), ALL);
    for (let row = 0; row < rows; row++) {
      const [from, to] = [row * height * width, (row + 1) * height * width];
      const [before, after] = [values.subarray(from, to), found.subarray(from, to)];
      expect(Math.min(...after)).toBeGreaterThanOrEqual(Math.min(...before));
      expect(Math.max(...after)).toBeLessThanOrEqual(Math.max(...before));
      expect([...after]).not.toEqual([...before]);
    }
    expect(augmented(values, height, width, createRandom(6), ALL)).toEqual(found);
    expect(augmented(values, height, width, createRandom(7), ALL)).not.toEqual(found);
    // batch by batch is the same as all at once
    const random = createRandom(6);
    const half = values.length / 2;
    const halves = [values.subarray(0, half), values.subarray(half)];
    expect(halves.flatMap((part) => [...augmented(part, height, width, random, ALL)])).toEqual([...found]);
  });

  it('is the same as ever', () => {
    const found = augmented(Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8), 3, 3, createRandom(1), ALL);
    expect([...found]).toMatchInlineSnapshot(`
      [
        4.912632951597537,
        6.445076210529801,
        7.350481430299167,
        6.807436586188732,
        7.880656700273893,
        8,
        6.768098099887707,
        8,
        8,
      ]
    `);
  });

  it.each([
    { shift: -1 },
    { rotate: 181 },
    { scale: 1 },
    { shear: NaN },
    { elastic: -1 },
    { shift: Infinity },
  ])('refuses %j', (wrong) => {
    const run = (): unknown => augmented(Float64Array.of(1), 1, 1, createRandom(1), { ...NONE, ...wrong });
    expect(run).toThrow(RangeError);
  });
});

describe('augmentVectors', () => {
  const rows = 2000;
  const values = Float64Array.from({ length: rows * 2 }, (_, i) => (i % 2 ? -3 : 2));
  const changed = (
    options: { noise?: number; scale?: number; shift?: number },
    seed = 1,
    units = [1, 1],
  ): Float64Array => {
    const output = new Float64Array(values.length);
    const all = { noise: 0, scale: 0, shift: 0, ...options };
    augmentVectors(values, output, rows, 2, createRandom(seed), all, units);
    return output;
  };

  it('without options leaves all alone', () => {
    expect(changed({})).toEqual(values);
  });

  it('scales a row as a whole, within bounds', () => {
    const found = changed({ scale: 0.5 });
    const factors = Array.from({ length: rows }, (_, row) => found[2 * row] / 2);
    factors.forEach((factor, row) => expect(found[2 * row + 1] / -3).toBeCloseTo(factor, 14));
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.5);
    expect(Math.min(...factors)).toBeLessThan(0.52);
    expect(Math.max(...factors)).toBeLessThan(1.5);
    expect(Math.max(...factors)).toBeGreaterThan(1.48);
  });

  it('shifts a row as a whole, within bounds', () => {
    const found = changed({ shift: 4 });
    const offsets = Array.from({ length: rows }, (_, row) => found[2 * row] - 2);
    offsets.forEach((offset, row) => expect(found[2 * row + 1] + 3).toBeCloseTo(offset, 14));
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(-4);
    expect(Math.max(...offsets)).toBeLessThan(4);
    expect(Math.max(...offsets)).toBeGreaterThan(3.9);
  });

  it('adds normal noise to every value', () => {
    const errors = [...changed({ noise: 0.1 })].map((x, i) => (x - values[i]) / 0.1);
    const mean = (power: number): number => errors.reduce((sum, x) => sum + x ** power, 0) / errors.length;
    expect(mean(1)).toBeCloseTo(0, 1);
    expect(mean(2)).toBeCloseTo(1, 1);
    expect(new Set(errors).size).toBeGreaterThan(errors.length * 0.9);
  });

  it('depends on the seed alone, and may write over its values', () => {
    const options = { noise: 1, scale: 0.1, shift: 2 };
    expect(changed(options)).toEqual(changed(options));
    expect(changed(options)).not.toEqual(changed(options, 2));
    const own = Float64Array.from(values);
    augmentVectors(own, own, rows, 2, createRandom(1), options, [1, 1]);
    expect(own).toEqual(changed(options));
  });

  it.each([{ noise: -1 }, { scale: NaN }, { shift: Infinity }])('refuses %j', (wrong) => {
    expect(() => changed(wrong)).toThrow(RangeError);
  });
});
