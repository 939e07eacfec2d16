import { LIMITS } from '../model/quantized-model.js';
import { rejectData, Problem } from '../model/problem.js';
import type { ImageResize, ImageSize } from '../model/network.js';
import type { Dataset } from './dataset.js';
import { pixelNames } from './idx.js';

/** Writes one image, resized, to `target` from `at` on; its old pixels lie in `source` from `start` on. */
export type ResizeImage = (
  source: Float64Array | Uint8Array,
  start: number,
  target: Uint8Array,
  at: number,
) => void;

/**
 * Which old pixels make up each new one along one axis. Both lengths cut the axis into `from * to` units, of which an
 * old pixel covers `to` and a new one `from`, so that all shares are whole numbers of units.
 */
function axisShares(from: number, to: number): { first: number; shares: number[] }[] {
  return Array.from({ length: to }, (_, i) => {
    const first = Math.floor((i * from) / to);
    const end = (i + 1) * from;
    const count = Math.ceil(end / to) - first;
    const share = (k: number) => Math.min(end, (first + k + 1) * to) - Math.max(i * from, (first + k) * to);
    return { first, shares: Array.from({ length: count }, (_, k) => share(k)) };
  });
}

/**
 * Area averaging from one size to another: a new pixel is the mean of the old ones that it covers, weighted by the
 * covered area, and rounded as floor(x + 1/2). For bytes the sum of byte × area is an exact integer, divided once.
 */
export function areaAveraging({ from, to }: ImageResize): ResizeImage {
  const starts: number[] = [0]; // new pixel -> its part of both arrays below
  const offsets: number[] = []; // of an old pixel within its image
  const areas: number[] = [];
  const horizontal = axisShares(from.width, to.width);
  for (const line of axisShares(from.height, to.height)) {
    for (const column of horizontal) {
      line.shares.forEach((tall, i) =>
        column.shares.forEach((wide, j) => {
          offsets.push((line.first + i) * from.width + column.first + j);
          areas.push(tall * wide);
        }),
      );
      starts.push(offsets.length);
    }
  }
  const [start, offset, area] = [starts, offsets, areas].map((numbers) => Uint32Array.from(numbers));
  const whole = from.height * from.width; // area of a new pixel, in units
  return (source, origin, target, at) => {
    for (let pixel = 0, k = 0; pixel + 1 < start.length; pixel++) {
      let sum = 0; // at most 255 * 65535
      for (; k < start[pixel + 1]; k++) sum += source[origin + offset[k]] * area[k];
      target[at + pixel] = Math.floor((2 * sum + whole) / (2 * whole));
    }
  };
}

/**
 * Images of another size, smaller or larger, by `areaAveraging`. Features are named by the new pixels, and the images
 * as they were stay in `image.original`; all else stays. Throws a `Problem` for data that are no images and for a size
 * of no pixels or more than a network takes.
 */
export function resizeImages(data: Dataset, height: number, width: number): Dataset {
  const { image, values, rows } = data;
  if (image === null || !(values instanceof Uint8Array)) {
    throw new Problem({
      kind: 'usage',
      code: 'not-images',
      message: 'only images can be resized',
      hint: 'leave the size out for tables',
    });
  }
  const isSize = (size: number): boolean => Number.isInteger(size) && size >= 1;
  if (!isSize(height) || !isSize(width) || height * width > LIMITS.features) {
    rejectData('image-size', `images of ${height} × ${width} pixels are not possible`, {
      hint: `height and width are whole numbers from 1, with at most ${LIMITS.features} pixels`,
    });
  }
  if (height === image.height && width === image.width) return data;
  const resize = areaAveraging({ from: image, to: { height, width } });
  const pixels = height * width;
  const resized = new Uint8Array(rows * pixels);
  for (let row = 0; row < rows; row++)
    resize(values, row * image.height * image.width, resized, row * pixels);
  return {
    ...data,
    features: pixelNames(height, width),
    values: resized,
    decimals: new Array<number>(pixels).fill(0),
    image: { height, width, original: { height: image.height, width: image.width, values } },
  };
}

/** How the images of `data` were resized; undefined where they were not. */
export function resizeOf({ image }: Pick<Dataset, 'image'>): ImageResize | undefined {
  if (!image?.original) return undefined;
  const size = ({ height, width }: ImageSize): ImageSize => ({ height, width });
  return { from: size(image.original), to: size(image) };
}
