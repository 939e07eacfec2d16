import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { resizeImages } from '../../dataset/resize.js';
import { networkFileText } from '../../model/network-text.js';
import { Problem } from '../../model/problem.js';
import { createRandom } from '../../model/random.js';
import {
  augmentedRows,
  resolveAugmentation,
  type Augmentation,
  type AugmentedRows,
} from '../../trainer/augmentation.js';
import type { TrainOptions } from '../../trainer/options.js';
import { learnScaling } from '../../trainer/standardization.js';
import { fit, table } from './helpers.js';

const NONE: Augmentation = { rotate: 0, scale: 0, shift: 0, shear: 0, elastic: 0, noise: 0 };
const JITTER = { rotate: 20, scale: 0.2, shift: 1, shear: 0.1 };

/** Bright squares in one of two corners, 8 × 8. */
function squares(rows: number): Dataset {
  const random = createRandom(1);
  const values = Uint8Array.from({ length: rows * 64 }, (_, k) => {
    const [row, y, x] = [Math.floor(k / 64), Math.floor((k % 64) / 8), k % 8];
    const isBright = row % 2 === 0 ? y < 4 && x < 4 : y >= 4 && x >= 4;
    return isBright ? 150 + random.below(100) : random.below(10);
  });
  return {
    ...table(Array.from({ length: rows }, (_, row) => [...new Array<number>(64).fill(0), row % 2])),
    values,
    image: { height: 8, width: 8 },
  };
}

const POINTS = table(Array.from({ length: 40 }, (_, r) => [r, 1000 * (r % 7), r % 2]));

function rowsOf(data: Dataset, changes: Partial<Augmentation>, seed = 1): AugmentedRows {
  const { scaling } = learnScaling(data, 7);
  return augmentedRows(data, scaling, { ...NONE, ...changes }, createRandom(seed));
}

/** The values of some epochs. */
function epochsOf(rows: AugmentedRows, count: number): number[][] {
  return Array.from({ length: count }, () => {
    rows.renew();
    return [...rows.data.values];
  });
}

describe.each<[string, Dataset, Partial<Augmentation>]>([
  ['images', squares(6), JITTER],
  ['resized images', resizeImages(squares(6), { to: { height: 5, width: 4 } }), JITTER],
  ['tables', POINTS, { noise: 0.1, scale: 0.1, shift: 0.1 }],
])('augmented rows of %s', (_, data, changes) => {
  it('are new in every epoch, the same for the same seed, and leave the rows alone', () => {
    const before = [...data.values];
    const [first, second] = epochsOf(rowsOf(data, changes), 2);
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(before);
    expect(epochsOf(rowsOf(data, changes), 2)).toEqual([first, second]);
    expect(epochsOf(rowsOf(data, changes, 2), 1)).not.toEqual([first]);
    expect([...data.values]).toEqual(before);
  });

  it('are the rows themselves where nothing changes', () => {
    const [same] = epochsOf(rowsOf(data, {}), 1);
    expect(same).toEqual([...data.values]);
  });
});

describe('augmented rows', () => {
  it('of resized images are changed in the first size: a pixel of that is the unit of a shift', () => {
    const data = resizeImages(squares(200), { to: { height: 4, width: 4 } });
    const far = epochsOf(rowsOf(data, { shift: 3 }), 1)[0];
    const near = epochsOf(
      rowsOf(resizeImages(squares(200), { to: { height: 4, width: 4 } }), { shift: 0.5 }),
      1,
    )[0];
    const brightest = (values: number[], pixel: number) =>
      Math.max(...Array.from({ length: 100 }, (_, r) => values[2 * r * 16 + pixel]));
    // the square ends with pixel 1 of 4; half an old pixel is a quarter of a new one, three are one and a half
    expect(brightest(near, 2)).toBeLessThan(80);
    expect(brightest(far, 2)).toBeGreaterThan(140);
  });

  it('of tables are changed in the unit of each feature', () => {
    const data = table(Array.from({ length: 4000 }, (_, r) => [r % 2, 1000 * (r % 2), r % 2]));
    const [changed] = epochsOf(rowsOf(data, { noise: 0.5 }), 1);
    for (const [feature, deviation] of [0.5, 500].entries()) {
      const errors = Array.from(
        { length: data.rows },
        (_, r) => (changed[2 * r + feature] - data.values[2 * r + feature]) / deviation,
      );
      const mean = (power: number) => errors.reduce((sum, error) => sum + error ** power, 0) / data.rows;
      expect(mean(1)).toBeCloseTo(0, 1);
      expect(mean(2)).toBeCloseTo(0.25, 1);
    }
  });
});

describe('resolveAugmentation', () => {
  it('fills in zeros, and makes nothing of nothing', () => {
    expect(resolveAugmentation({ rotate: 5 }, true)).toEqual({ ...NONE, rotate: 5 });
    for (const nothing of [undefined, null, {}, { shift: 0 }]) {
      expect(resolveAugmentation(nothing, true)).toBeNull();
      expect(resolveAugmentation(nothing, false)).toBeNull();
    }
  });

  it.each<[Partial<Augmentation>, boolean, string]>([
    [{ rotate: 5 }, false, 'contradiction'],
    [{ shear: 0.1 }, false, 'contradiction'],
    [{ noise: 0.1 }, true, 'contradiction'],
    [{ rotate: 181 }, true, 'out-of-range'],
    [{ scale: 1 }, true, 'out-of-range'],
    [{ shift: -1 }, false, 'out-of-range'],
    [{ shear: NaN }, true, 'out-of-range'],
  ])('refuses %j where the rows being images is %s', (changes, isImage, code) => {
    let found: unknown;
    try {
      resolveAugmentation(changes, isImage);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(Problem);
    expect((found as Problem).details).toMatchObject({ kind: 'usage', code });
  });
});

describe('training with augmentation', () => {
  const settings = { hidden: [6], epochs: 5, batch: 8 };
  const textOf = (data: Dataset, given: Partial<TrainOptions>): string =>
    networkFileText(fit(data, given).network).text;

  it.each<[string, Partial<TrainOptions>]>([
    ['the engine', {}],
    ['the engine, in floating point', { fixedPoint: false }],
    ['the reference', { optimizer: 'rmsprop' }],
    ['the reference, in floating point', { optimizer: 'rmsprop', fixedPoint: false }],
  ])(
    'by %s: learns from changed rows, the same for the same seed, with the scaling of the rows',
    (_, given) => {
      for (const [data, augment] of [
        [resizeImages(squares(40), { to: { height: 4, width: 4 } }), { ...NONE, shift: 1 }],
        [POINTS, { ...NONE, noise: 0.3 }],
      ] as const) {
        const plain = textOf(data, { ...settings, ...given });
        const changed = textOf(data, { ...settings, ...given, augment });
        expect(textOf(data, { ...settings, ...given, augment })).toBe(changed);
        const [a, b] = [plain, changed].map((text) => JSON.parse(text) as Record<string, unknown>);
        expect(a.input).toEqual(b.input);
        expect(a.layers).not.toEqual(b.layers);
        expect(b.training).toMatchObject({ options: { augment } });
      }
    },
  );

  it('judges by held-out rows as they are', () => {
    const data = table(Array.from({ length: 60 }, (_, r) => [r % 2, r % 2]));
    const { history } = fit(data, { ...settings, epochs: 30, patience: 30, augment: { ...NONE, noise: 1 } });
    expect(Math.max(...history.map(({ validation }) => validation!.accuracy!))).toBe(1);
    expect(Math.max(...history.map(({ accuracy }) => accuracy!))).toBeLessThan(0.97);
  });
});
