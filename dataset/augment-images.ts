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
  /** Pixels, along each axis, by which the nodes of a grid over the image move, and what lies between them with them. */
  readonly elastic: number;
}

/** About so many pixels lie between two nodes of the elastic grid: less than a digit's strokes, more than their width. */
const NODE_PIXELS = 7;

const clamp = (x: number, highest: number): number => (x < 0 ? 0 : x > highest ? highest : x);

/** Uniform from -extent to extent. */
const jitter = (random: Random, extent: number): number => extent * (2 * random.uniform() - 1);

function checkJitter({ shift, rotate, scale, shear, elastic }: ImageJitter): void {
  const isExtent = (x: number): boolean => Number.isFinite(x) && x >= 0;
  if (![shift, rotate, scale, shear, elastic].every(isExtent) || rotate > 180 || scale >= 1)
    throw new RangeError('shift, shear and elastic are not negative, rotate is 0 to 180, scale 0 to below 1');
}

/** Pixels along one axis among the nodes: the node before each, and how far it is from there to the next, 0 to 1. */
interface Axis {
  readonly nodes: number;
  readonly node: Uint16Array; // (pixels,)
  readonly way: Float64Array; // (pixels,)
}

function axisOf(pixels: number): Axis {
  const cells = Math.max(1, Math.round((pixels - 1) / NODE_PIXELS));
  const node = new Uint16Array(pixels);
  const way = new Float64Array(pixels);
  for (let p = 0; p < pixels; p++) {
    const at = pixels > 1 ? (p * cells) / (pixels - 1) : 0;
    node[p] = Math.min(Math.floor(at), cells - 1);
    const t = at - node[p];
    way[p] = t * t * (3 - 2 * t); // without a kink at the nodes
  }
  return { nodes: cells + 1, node, way };
}

/**
 * Draws how far every pixel moves along both axes, into `moved` (2, height, width): smooth between nodes that move on
 * their own. After P. Simard, D. Steinkraus and J. Platt, ICDAR 2003, with a grid in place of their blurred noise.
 */
function drawElastic(random: Random, extent: number, rows: Axis, columns: Axis, moved: Float64Array): void {
  const field = new Float64Array(rows.nodes * columns.nodes);
  let at = 0;
  for (let axis = 0; axis < 2; axis++) {
    for (let k = 0; k < field.length; k++) field[k] = jitter(random, extent);
    for (let y = 0; y < rows.way.length; y++) {
      const upper = rows.node[y] * columns.nodes;
      for (let x = 0; x < columns.way.length; x++) {
        const k = upper + columns.node[x];
        const below = k + columns.nodes;
        const top = field[k] + columns.way[x] * (field[k + 1] - field[k]);
        const bottom = field[below] + columns.way[x] * (field[below + 1] - field[below]);
        moved[at++] = top + rows.way[y] * (bottom - top);
      }
    }
  }
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
 * Shifts, turns, scales, shears and bends every image at random, with bilinear interpolation; what comes in from outside
 * has the value of the nearest edge. `values` and `output` hold (rows, height * width) values of any range and must be
 * different arrays. Takes five numbers of `random` per image, and two per node of the elastic grid where `elastic` is
 * not 0. The same on every machine: only + − × ÷ are used. Throws a `RangeError` for options out of range.
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
  const pixels = height * width;
  const [rowAxis, columnAxis] = [axisOf(height), axisOf(width)];
  const moved = new Float64Array(2 * pixels);
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
    if (options.elastic > 0) drawElastic(random, options.elastic, rowAxis, columnAxis, moved);
    const start = row * pixels;
    for (let y = 0, k = 0; y < height; y++) {
      for (let x = 0; x < width; x++, k++) {
        const dy = y - middleY - shiftY + moved[k];
        const dx = x - middleX - shiftX + moved[pixels + k];
        const fromY = cos * dy - sin * dx;
        const fromX = cos * dx + sin * dy - shear * fromY;
        output[at++] = bilinear(values, start, height, width, middleY + fromY, middleX + fromX);
      }
    }
  }
}
