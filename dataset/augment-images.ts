import type { Random } from '../model/random.js';
import { cosine, radians, sine } from './rotation.js';

/** The largest changes; every image gets changes of its own, uniform between these and their opposites. */
export interface ImageJitter {
  /** Pixels, along each axis. */
  readonly shift: number;
  /** Degrees about the middle of the image, 0 to 180. */
  readonly rotate: number;
  /** Share of the size, at least 0 and below 1: 0.1 gives 90 % to 110 %. */
  readonly scale: number;
  /** Pixels sideways for every pixel up or down. */
  readonly shear: number;
}

const clamp = (x: number, highest: number): number => (x < 0 ? 0 : x > highest ? highest : x);

/** Uniform from -extent to extent. */
const jitter = (random: Random, extent: number): number => extent * (2 * random.uniform() - 1);

function checkJitter({ shift, rotate, scale, shear }: ImageJitter): void {
  const isExtent = (x: number): boolean => Number.isFinite(x) && x >= 0;
  if (![shift, rotate, scale, shear].every(isExtent) || rotate > 180 || scale >= 1)
    throw new RangeError('shift and shear are not negative, rotate is 0 to 180 and scale 0 to below 1');
}

/** Value of a row's image between its pixels; beyond the edge it is that of the nearest pixel. */
function bilinear(
  values: Float64Array | Uint8Array,
  start: number,
  height: number,
  width: number,
  y: number,
  x: number,
): number {
  const insideY = clamp(y, height - 1);
  const insideX = clamp(x, width - 1);
  const top = Math.floor(insideY);
  const left = Math.floor(insideX);
  const down = top < height - 1 ? width : 0;
  const right = left < width - 1 ? 1 : 0;
  const at = start + top * width + left;
  const upper = values[at] + (insideX - left) * (values[at + right] - values[at]);
  const lower = values[at + down] + (insideX - left) * (values[at + down + right] - values[at + down]);
  return upper + (insideY - top) * (lower - upper);
}

/**
 * Shifts, turns, scales and shears every image at random, with bilinear interpolation; what comes in from outside has
 * the value of the nearest edge. `values` and `output` hold (rows, height * width) values of any range and must be
 * different arrays. Takes five numbers of `random` per image, whatever the options. The same on every machine: only
 * + − × ÷ are used. Throws a `RangeError` for options out of range.
 */
export function augmentImages(
  values: Float64Array | Uint8Array,
  output: Float64Array,
  rows: number,
  height: number,
  width: number,
  random: Random,
  options: ImageJitter,
): void {
  checkJitter(options);
  const middleY = (height - 1) / 2;
  const middleX = (width - 1) / 2;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const shiftY = jitter(random, options.shift);
    const shiftX = jitter(random, options.shift);
    const angle = radians(jitter(random, options.rotate));
    const size = 1 + jitter(random, options.scale);
    const shear = jitter(random, options.shear);
    // from a pixel of the output back to where it comes from: turned back, sheared back, scaled back
    const cos = cosine(angle) / size;
    const sin = sine(angle) / size;
    const start = row * height * width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const dy = y - middleY - shiftY;
        const dx = x - middleX - shiftX;
        const fromY = cos * dy - sin * dx;
        const fromX = cos * dx + sin * dy - shear * fromY;
        output[at++] = bilinear(values, start, height, width, middleY + fromY, middleX + fromX);
      }
    }
  }
}
