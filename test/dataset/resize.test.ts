import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { resizeImages, resizeOf } from '../../dataset/resize.js';
import { createRandom } from '../../model/random.js';
import { problemOf } from './helpers.js';

function imagesOf(height: number, width: number, values: Uint8Array): Dataset {
  return {
    name: 'made',
    features: Array.from({ length: height * width }, (_, i) => `f${i}`),
    classes: ['a', 'b'],
    rows: values.length / (height * width),
    values,
    labels: new Uint16Array(values.length / (height * width)),
    targets: null,
    decimals: new Array(height * width).fill(0),
    image: { height, width },
    sha256: 'x',
  };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Length that [i, i+1) of `to` and [j, j+1) of `from` share, with the axis 1 long: the numerator over from·to. */
const overlap = (i: bigint, to: bigint, j: bigint, from: bigint): bigint =>
  max(0n, min((i + 1n) * from, (j + 1n) * to) - max(i * from, j * to));

/** The definition: the integral of the old image over the new pixel's area, divided by that area; floor(x + 1/2). */
function definition(old: Uint8Array, h: number, w: number, height: number, width: number): number[] {
  const [H, W, NH, NW] = [h, w, height, width].map(BigInt);
  return Array.from({ length: height * width }, (_, at) => {
    const [y, x] = [BigInt(Math.floor(at / width)), BigInt(at % width)];
    let sum = 0n; // over H·NH·W·NW
    for (let j = 0n; j < H; j++)
      for (let k = 0n; k < W; k++)
        sum += BigInt(old[Number(j * W + k)]) * overlap(y, NH, j, H) * overlap(x, NW, k, W);
    // the new pixel's area is 1 / (NH·NW): mean = sum / (H·W)
    return Number((2n * sum + H * W) / (2n * H * W));
  });
}

const SIZES: readonly (readonly [number, number, number, number])[] = [
  [28, 28, 16, 16],
  [28, 28, 14, 14],
  [28, 28, 7, 9],
  [5, 7, 3, 2],
  [3, 4, 1, 1],
  [2, 3, 5, 7],
  [1, 1, 3, 3],
  [6, 5, 6, 3],
];

describe('resizeImages', () => {
  it.each(SIZES)('%i × %i to %i × %i is the exact mean over areas', (h, w, height, width) => {
    const random = createRandom(h * 100 + w);
    const values = Uint8Array.from({ length: 3 * h * w }, (_, i) => (i < h * w ? 255 : random.below(256)));
    const data = imagesOf(h, w, values);
    const resized = resizeImages(data, { to: { height, width } });
    const expected = [0, 1, 2].flatMap((row) =>
      definition(values.subarray(row * h * w, (row + 1) * h * w), h, w, height, width),
    );
    expect([...resized.values]).toEqual(expected);
    expect(resized.values).toBeInstanceOf(Uint8Array);
    expect(resized).toMatchObject({ rows: 3, image: { height, width }, name: 'made', classes: data.classes });
    expect([resized.features.length, resized.decimals.length]).toEqual([height * width, height * width]);
    expect(resized.features.at(-1)).toBe(`pixel_${height - 1}_${width - 1}`);
    expect(resized.labels).toBe(data.labels);
  });

  it.each([
    [28, 28, 24, 24, 16, 16],
    [7, 6, 4, 5, 3, 2],
    [3, 4, 3, 1, 6, 1],
    [5, 5, 2, 3, 2, 3],
  ])('%i × %i, of which %i × %i, to %i × %i is the middle, resized', (h, w, cropH, cropW, height, width) => {
    const random = createRandom(h);
    const values = Uint8Array.from({ length: 2 * h * w }, () => random.below(256));
    const crop = { height: cropH, width: cropW };
    const [top, left] = [Math.floor((h - cropH) / 2), Math.floor((w - cropW) / 2)];
    const middle = Uint8Array.from({ length: 2 * cropH * cropW }, (_, k) => {
      const [row, y, x] = [Math.floor(k / cropH / cropW), Math.floor(k / cropW) % cropH, k % cropW];
      return values[row * h * w + (top + y) * w + left + x];
    });
    const found = resizeImages(imagesOf(h, w, values), { crop, to: { height, width } });
    expect(found.values).toEqual(
      resizeImages(imagesOf(cropH, cropW, middle), { to: { height, width } }).values,
    );
    expect(resizeImages(imagesOf(h, w, values), { crop }).values).toEqual(middle);
    expect(resizeOf(found)).toEqual({ from: { height: h, width: w }, crop, to: { height, width } });
  });

  it('rounds halves up', () => {
    expect([
      ...resizeImages(imagesOf(1, 2, Uint8Array.of(0, 1, 1, 2)), { to: { height: 1, width: 1 } }).values,
    ]).toEqual([1, 2]);
  });

  it('to the same size changes nothing', () => {
    const data = imagesOf(2, 2, Uint8Array.of(1, 2, 3, 4));
    expect(resizeImages(data, { to: { height: 2, width: 2 } })).toBe(data);
  });

  it.each([
    [0, 4, 'image-size'],
    [4, 1.5, 'image-size'],
    [-1, 4, 'image-size'],
    [256, 256, 'image-size'],
    [NaN, 4, 'image-size'],
  ])('refuses %d × %d', async (height, width, code) => {
    const data = imagesOf(2, 2, Uint8Array.of(1, 2, 3, 4));
    const resized = async (): Promise<unknown> =>
      Promise.resolve(resizeImages(data, { to: { height, width } }));
    expect((await problemOf(resized())).code).toBe(code);
  });

  it('refuses to crop out more than there is', async () => {
    const data = imagesOf(2, 3, new Uint8Array(6));
    const resized = async (): Promise<unknown> =>
      Promise.resolve(resizeImages(data, { crop: { height: 3, width: 3 } }));
    expect((await problemOf(resized())).code).toBe('image-size');
  });

  it('refuses tables', async () => {
    const table = { ...imagesOf(1, 1, Uint8Array.of(1)), values: Float64Array.of(1), image: null };
    const resized = async (): Promise<unknown> =>
      Promise.resolve(resizeImages(table, { to: { height: 1, width: 1 } }));
    expect((await problemOf(resized())).code).toBe('not-images');
  });
});
