import { t } from '../model/messages.js';
import { LIMITS } from '../model/quantized-model.js';
import { Problem } from '../model/problem.js';
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
 * Which old pixels make up each new one along one axis, of which `crop` in the middle count. Both lengths cut these
 * into `crop * to` units, of which an old pixel covers `to` and a new one `crop`, so that all shares are whole numbers
 * of units.
 */
function axisShares(from: number, crop: number, to: number): { first: number; shares: number[] }[] {
  const border = Math.floor((from - crop) / 2);
  return Array.from({ length: to }, (_, i) => {
    const first = Math.floor((i * crop) / to);
    const end = (i + 1) * crop;
    const count = Math.ceil(end / to) - first;
    const share = (k: number) => Math.min(end, (first + k + 1) * to) - Math.max(i * crop, (first + k) * to);
    return { first: border + first, shares: Array.from({ length: count }, (_, k) => share(k)) };
  });
}

/**
 * Area averaging from the middle of one size to another: a new pixel is the mean of the old ones that it covers, weighted by the
 * covered area, and rounded as floor(x + 1/2). For bytes the sum of byte × area is an exact integer, divided once.
 */
export function areaAveraging({ from, crop, to }: ImageResize): ResizeImage {
  const starts: number[] = [0]; // new pixel -> its part of both arrays below
  const offsets: number[] = []; // of an old pixel within its image
  const areas: number[] = [];
  const horizontal = axisShares(from.width, crop.width, to.width);
  for (const line of axisShares(from.height, crop.height, to.height)) {
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
  const whole = crop.height * crop.width; // area of a new pixel, in units
  return (source, origin, target, at) => {
    for (let pixel = 0, k = 0; pixel + 1 < start.length; pixel++) {
      let sum = 0; // at most 255 * 65535
      for (; k < start[pixel + 1]; k++) sum += source[origin + offset[k]] * area[k];
      target[at + pixel] = Math.floor((2 * sum + whole) / (2 * whole));
    }
  };
}

const isSame = (a: ImageSize, b: ImageSize): boolean => a.height === b.height && a.width === b.width;
const sizeText = ({ height, width }: ImageSize): string => `${height} × ${width}`;

function usage(code: string, message: string, hint: string): never {
  throw new Problem({ kind: 'usage', code, message, hint });
}

function checkSizes(image: ImageSize, crop: ImageSize, to: ImageSize): void {
  const isSize = ({ height, width }: ImageSize): boolean =>
    [height, width].every((size) => Number.isInteger(size) && size >= 1) && height * width <= LIMITS.features;
  for (const size of [crop, to]) {
    if (!isSize(size)) {
      const hint = t`height and width are whole numbers from 1, with at most ${LIMITS.features} pixels`;
      usage('image-size', t`images of ${sizeText(size)} pixels are not possible`, hint);
    }
  }
  if (crop.height > image.height || crop.width > image.width) {
    const message = t`${sizeText(crop)} pixels cannot be cropped out of images of ${sizeText(image)}`;
    usage('image-size', message, t`give crop a smaller size`);
  }
}

/**
 * Images of another size, smaller or larger, by `areaAveraging`: what is not `crop` in the middle is cut off first
 * (where one border must be larger it is the right or lower), and the rest becomes `to`. Features are named by the new
 * pixels, and the images as they were stay in `image.original`; all else stays. Throws a usage `Problem` for data that
 * are no images and for a size of no pixels, more than the image has or more than a network takes.
 */
export function resizeImages(
  data: Dataset,
  { crop: cropped, to: wanted }: { readonly crop?: ImageSize; readonly to?: ImageSize },
): Dataset {
  const { image, values, rows } = data;
  if (image === null || !(values instanceof Uint8Array))
    usage('not-images', t`only images can be cropped or resized`, t`leave the size out for tables`);
  const crop = cropped ?? { height: image.height, width: image.width };
  const to = wanted ?? crop;
  checkSizes(image, crop, to);
  if (isSame(crop, image) && isSame(to, image)) return data;
  const resize = areaAveraging({ from: image, crop, to });
  const pixels = to.height * to.width;
  const resized = new Uint8Array(rows * pixels);
  for (let row = 0; row < rows; row++)
    resize(values, row * image.height * image.width, resized, row * pixels);
  return {
    ...data,
    features: pixelNames(to.height, to.width),
    values: resized,
    decimals: new Array<number>(pixels).fill(0),
    image: { ...to, original: { height: image.height, width: image.width, crop, values } },
  };
}

/** How the images of `data` were resized; undefined where they were not. */
export function resizeOf({ image }: Pick<Dataset, 'image'>): ImageResize | undefined {
  if (!image?.original) return undefined;
  const { original } = image;
  return {
    from: { height: original.height, width: original.width },
    crop: original.crop,
    to: { height: image.height, width: image.width },
  };
}
