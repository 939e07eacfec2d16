import { augmentImages } from '../dataset/augment-images.js';
import { augmentVectors } from '../dataset/augment-vectors.js';
import type { Dataset } from '../dataset/dataset.js';
import { areaAveraging } from '../dataset/resize.js';
import { t } from '../model/messages.js';
import type { InputScaling } from '../model/network.js';
import { Problem } from '../model/problem.js';
import type { Random } from '../model/random.js';

/** The largest changes of a training row, made anew for every epoch; 0 where there is none. */
export interface Augmentation {
  /** Of images: degrees about their middle. */
  readonly rotate: number;
  /** Share of the size of an image, or of all values of another row. */
  readonly scale: number;
  /** Pixels along each axis of an image (before it is resized), or deviations of each feature of another row. */
  readonly shift: number;
  /** Of images: pixels sideways for every pixel up or down. */
  readonly shear: number;
  /** Of images: pixels by which parts of it move on their own. */
  readonly elastic: number;
  /** Of rows that are no images: standard deviation of the noise, in deviations of each feature. */
  readonly noise: number;
}

export const AUGMENTATION_RANGES: Readonly<Record<keyof Augmentation, { from: number; to: number }>> = {
  rotate: { from: 0, to: 180 },
  scale: { from: 0, to: 0.9 },
  shift: { from: 0, to: 1000 },
  shear: { from: 0, to: 10 },
  elastic: { from: 0, to: 1000 },
  noise: { from: 0, to: 100 },
};

const NONE: Augmentation = { rotate: 0, scale: 0, shift: 0, shear: 0, elastic: 0, noise: 0 };
const FOR_IMAGES: readonly (keyof Augmentation)[] = ['rotate', 'shear', 'elastic'];
const FOR_TABLES: readonly (keyof Augmentation)[] = ['noise'];

function usage(code: string, message: string, hint: string): never {
  throw new Problem({ kind: 'usage', code, message, hint });
}

/**
 * All changes, from those that were given; null where nothing is changed. Throws a usage `Problem`: `out-of-range`, or
 * `contradiction` for changes of images where the rows are none, and the other way about.
 */
export function resolveAugmentation(
  given: Partial<Augmentation> | null | undefined,
  isImage: boolean,
): Augmentation | null {
  const all = { ...NONE, ...given };
  for (const [name, { from, to }] of Object.entries(AUGMENTATION_RANGES)) {
    const value = all[name as keyof Augmentation];
    if (!(value >= from && value <= to)) {
      usage(
        'out-of-range',
        t`augment ${name} is ${value}; expected a number from ${from} to ${to}`,
        t`change ${name}`,
      );
    }
  }
  const wrong = (isImage ? FOR_TABLES : FOR_IMAGES).find((name) => all[name] !== 0);
  if (wrong) {
    usage(
      'contradiction',
      isImage
        ? t`augment ${wrong} does not go with images, whose bytes hardly change by it`
        : t`augment ${wrong} does not go with rows of a table: only images have a shape to change`,
      isImage ? t`use rotate, scale, shift, shear and elastic, or inputNoise` : t`use noise, scale and shift`,
    );
  }
  return Object.values(all).some((value) => value !== 0) ? all : null;
}

/** Training rows that are changed from epoch to epoch. */
export interface AugmentedRows {
  /** The rows as they are now; its values are written over. */
  readonly data: Dataset;
  /** Changes all rows anew, starting from what they were in the beginning. */
  readonly renew: () => void;
}

/** Images are changed in the size they had first, and then resized: what the trained network would have been given. */
function augmentedImages(data: Dataset, augmentation: Augmentation, random: Random): AugmentedRows {
  const { height, width, original } = data.image!;
  const values = new Uint8Array(data.values.length);
  const from = original ?? { height, width, crop: { height, width }, values: data.values };
  const resize = areaAveraging({ from, crop: from.crop, to: { height, width } });
  const pixels = from.height * from.width;
  const changed = new Float64Array(pixels);
  return {
    data: { ...data, values },
    renew: () => {
      for (let row = 0; row < data.rows; row++) {
        const image = from.values.subarray(row * pixels, (row + 1) * pixels);
        augmentImages(image, changed, 1, from.height, from.width, random, augmentation);
        resize(changed, 0, values, row * height * width);
      }
    },
  };
}

/** The rows of `data`, which is the training part alone, with changes drawn from `random`. */
export function augmentedRows(
  data: Dataset,
  { deviation }: InputScaling,
  augmentation: Augmentation,
  random: Random,
): AugmentedRows {
  const source = data.values;
  if (source instanceof Uint8Array) return augmentedImages(data, augmentation, random);
  const values = new Float64Array(source.length);
  return {
    data: { ...data, values },
    renew: () =>
      augmentVectors(source, values, data.rows, data.features.length, random, augmentation, deviation),
  };
}
