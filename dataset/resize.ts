import { rejectData } from '../model/problem.js';
import { LIMITS } from '../model/quantized-model.js';
import type { Dataset } from './dataset.js';
import { pixelNames } from './idx.js';

/**
 * Which old pixels make up each new one along one axis. Both lengths cut the axis into `from * to` units, of which an
 * old pixel covers `to` and a new one `from`, so that all shares are whole numbers of units.
 */
function axisShares(from: number, to: number): { first: Uint32Array; shares: Uint32Array[] } {
  const first = Uint32Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
  const shares = Array.from(first, (start, i) => {
    const end = (i + 1) * from;
    const count = Math.ceil(end / to) - start;
    return Uint32Array.from(
      { length: count },
      (_, k) => Math.min(end, (start + k + 1) * to) - Math.max(i * from, (start + k) * to),
    );
  });
  return { first, shares };
}

/**
 * Images of another size, smaller or larger, by area averaging: a new pixel is the mean of the old ones that it covers,
 * weighted by the covered area. The sum of byte × area is an exact integer, divided once and rounded as
 * floor(x + 1/2). Features are named by the new pixels; all else stays. Throws a `Problem` for data that are no images
 * and for a size of no pixels or more than a network takes.
 */
export function resizeImages(data: Dataset, height: number, width: number): Dataset {
  const { image, values, rows } = data;
  if (image === null || !(values instanceof Uint8Array))
    rejectData('not-images', 'only images can be resized', { hint: 'leave the size out for tables' });
  const isSize = (size: number): boolean => Number.isInteger(size) && size >= 1;
  if (!isSize(height) || !isSize(width) || height * width > LIMITS.features) {
    rejectData('image-size', `images of ${height} × ${width} pixels are not possible`, {
      hint: `height and width are whole numbers from 1, with at most ${LIMITS.features} pixels`,
    });
  }
  if (height === image.height && width === image.width) return data;
  const vertical = axisShares(image.height, height);
  const horizontal = axisShares(image.width, width);
  const area = image.height * image.width; // of a new pixel, in units
  const resized = new Uint8Array(rows * height * width);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const origin = row * area;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0; // at most 255 * 65535
        vertical.shares[y].forEach((tall, i) => {
          const line = origin + (vertical.first[y] + i) * image.width + horizontal.first[x];
          horizontal.shares[x].forEach((wide, j) => (sum += values[line + j] * tall * wide));
        });
        resized[at++] = Math.floor((2 * sum + area) / (2 * area));
      }
    }
  }
  return {
    ...data,
    features: pixelNames(height, width),
    values: resized,
    decimals: new Array<number>(height * width).fill(0),
    image: { height, width },
  };
}
