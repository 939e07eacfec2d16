import type { Dataset } from '../dataset/dataset.js';
import { resizeOf } from '../dataset/resize.js';
import type { ImageResize, InputScaling, Precision, RawType } from '../model/network.js';
import { powerOfTen } from '../model/elementary.js';
import { entryOf, RAW_TYPES } from '../model/network.js';
import { gridMaximum } from '../model/activation-stage.js';
import { t } from '../model/messages.js';

/** Values further from the mean than this many deviations saturate: so few steps of the grid are not theirs. */
const REACH = 6;
/** What one raw unit may be at most, as a share of a step of the input grid. */
const FINENESS = 64;
/** A raw unit of more than this share of a step loses what the network could tell apart. */
const COARSEST = 8;
const LARGEST_RAW_SPAN = 65535;
/** Smaller spreads count as none: their grid would need more decimals than a file has. */
const SMALLEST_SPREAD = 1e-200;

interface Column {
  readonly mean: number;
  readonly deviation: number;
  readonly lowest: number;
  readonly highest: number;
  readonly isConstant: boolean;
}

/** Where values begin to be outliers: so many times the distance of two quantiles beyond these. */
const FENCE = 10;
/** Lower quantiles, the upper ones being as far from the other end; the next where values crowd between the last. */
const QUANTILES = [0.25, 0.05, 0.01];
/** Were more than this share of the values outliers, they would be what the feature tells. */
const MOST_OUTLIERS = 0.01;
const SAMPLE_ROWS = 4096;

/**
 * Between which values a column counts: those far beyond would squash the others, so they saturate and move neither
 * mean nor deviation (Tukey's fences, wider). Quantiles are those of at most `SAMPLE_ROWS` rows, evenly spread.
 */
function fenceAround(values: ArrayLike<number>, first: number, stride: number, rows: number) {
  const count = Math.min(rows, SAMPLE_ROWS);
  const sorted = Float64Array.from(
    { length: count },
    (_, j) => values[first + stride * Math.floor((j * rows) / count)],
  ).sort();
  for (const quantile of QUANTILES) {
    const from = sorted[Math.floor(quantile * (count - 1))];
    const to = sorted[Math.ceil((1 - quantile) * (count - 1))];
    const low = from - FENCE * (to - from);
    const high = to + FENCE * (to - from);
    const outliers = sorted.reduce((sum, value) => sum + (value < low || value > high ? 1 : 0), 0);
    if (to > from && outliers <= MOST_OUTLIERS * count) return { low, high };
  }
  return { low: -Infinity, high: Infinity };
}

/** values[first], values[first + stride], … (rows of them); sums are taken relative to the extremes: no overflow. */
export function describeColumn(
  values: ArrayLike<number>,
  first: number,
  stride: number,
  rows: number,
): Column {
  const { low, high } = fenceAround(values, first, stride, rows);
  const counts = (value: number): boolean => value >= low && value <= high;
  const end = first + stride * rows;
  let count = 0;
  for (let k = first; k < end; k += stride) if (counts(values[k])) count++;
  let min = Infinity;
  let max = -Infinity;
  let total = 0;
  for (let k = first; k < end; k += stride) {
    if (!counts(values[k])) continue;
    min = Math.min(min, values[k]);
    max = Math.max(max, values[k]);
    total += values[k] / count;
  }
  if (max - min < SMALLEST_SPREAD) {
    return { mean: min, deviation: 1, lowest: min, highest: min, isConstant: true };
  }
  const mean = Math.min(Math.max(total, min), max);
  const spread = Math.max(max - mean, mean - min);
  let squares = 0;
  for (let k = first; k < end; k += stride) {
    if (!counts(values[k])) continue;
    const offset = (values[k] - mean) / spread;
    squares += offset * offset;
  }
  const deviation = spread * Math.sqrt(squares / count);
  const lowest = Math.max(min, mean - REACH * deviation);
  const highest = Math.min(max, mean + REACH * deviation);
  return { mean, deviation, lowest, highest, isConstant: false };
}

/** Whether the integers that `lowest..highest` can reach, one grid step beyond included, fit a raw type. */
function fitsRaw(column: Column, step: number, decimals: number, type: RawType): boolean {
  const unit = powerOfTen(decimals);
  const { lowest, highest } = RAW_TYPES[type];
  return (
    (column.lowest - step) * unit - 1 >= lowest &&
    (column.highest + step) * unit + 1 <= highest &&
    (column.highest - column.lowest + step) * unit <= LARGEST_RAW_SPAN
  );
}

/**
 * Decimals of a raw unit: the column's own, so that raw integers are the file's digits, where they fit; else the
 * coarsest unit still `FINENESS` times finer than `step` of the input grid, or coarser until it fits.
 */
function rawDecimals(column: Column, step: number, own: number): number {
  if (fitsRaw(column, step, own, 'int32')) return own;
  let decimals = -300;
  while (decimals < own && 1 / powerOfTen(decimals) > step / FINENESS) decimals++;
  while (decimals > -300 && !fitsRaw(column, step, decimals, 'int32')) decimals--;
  return decimals;
}

/** A warning where raw integers of 32 bits are too short for both a feature's size and its differences. */
function lostDecimals(step: number, own: number, decimals: number, name: string): string[] {
  const unit = 1 / powerOfTen(decimals);
  if (decimals >= own || unit * COARSEST <= step) return [];
  return [
    t`feature "${name}": its values are so large for their differences that the board receives them in units of ${unit}; subtract a constant from the column to keep its decimals`,
  ];
}

/** A histogram says all about bytes; the deviation is 0 where all are equal. */
function describeBytes(values: Uint8Array): { mean: number; deviation: number; commonest: number } {
  const counts = new Float64Array(256);
  for (let k = 0; k < values.length; k++) counts[values[k]]++;
  const mean = counts.reduce((sum, count, byte) => sum + count * byte, 0) / values.length;
  const squares = counts.reduce((sum, count, byte) => sum + count * (byte - mean) * (byte - mean), 0);
  const commonest = counts.indexOf(Math.max(...counts));
  return { mean, deviation: Math.sqrt(squares / values.length), commonest };
}

/**
 * Pixels share one entry. 0 is the commonest byte, the background, so that it can be skipped; but where that is further
 * than a deviation from the mean, the mean: inputs that all lean to one side make training slow and its end poor. Either
 * way it is a point of the grid from black to white.
 */
function imageScaling(
  values: Uint8Array,
  activationBits: Precision['activationBits'],
  resize: ImageResize | undefined,
): { scaling: InputScaling; warnings: string[] } {
  const { mean, deviation, commonest } = describeBytes(values);
  const isConstant = deviation === 0;
  const middle = Math.abs(commonest - mean) <= deviation ? commonest : mean;
  const steps = gridMaximum(activationBits);
  const scaling: InputScaling = {
    rawType: 'uint8',
    decimals: [0],
    mean: [isConstant ? 0 : (Math.round((middle * steps) / 255) * 255) / steps],
    deviation: [isConstant ? 1 : deviation],
    lowest: [0],
    highest: [255],
    ...(resize && { resize }),
  };
  return {
    scaling,
    warnings: isConstant ? [t`all pixels have the same value: there is nothing to learn`] : [],
  };
}

/**
 * How features become inputs, learnt from `data`, which must be the training part alone.
 * Warns of constant features, whose deviation is set to 1, and of those whose decimals 32 bits cannot hold.
 */
export function learnScaling(
  data: Dataset,
  activationBits: Precision['activationBits'],
): { scaling: InputScaling; warnings: string[] } {
  if (data.values instanceof Uint8Array) return imageScaling(data.values, activationBits, resizeOf(data));
  const stride = data.features.length;
  const columns = data.features.map((_, i) => describeColumn(data.values, i, stride, data.rows));
  const range = Math.max(...columns.map(({ lowest, highest, deviation }) => (highest - lowest) / deviation));
  const scale = (range > 0 ? range : 1) / gridMaximum(activationBits);
  const decimals = columns.map((column, i) =>
    rawDecimals(column, scale * column.deviation, data.decimals[i]),
  );
  const isShort = columns.every((column, i) =>
    fitsRaw(column, scale * column.deviation, decimals[i], 'int16'),
  );
  return {
    scaling: {
      rawType: isShort ? 'int16' : 'int32',
      decimals,
      mean: columns.map((column) => column.mean),
      deviation: columns.map((column) => column.deviation),
      lowest: columns.map((column) => column.lowest),
      highest: columns.map((column) => column.highest),
    },
    warnings: data.features.flatMap((name, i) =>
      columns[i].isConstant
        ? [t`feature "${name}" is constant over the training rows: it carries no information`]
        : lostDecimals(scale * columns[i].deviation, data.decimals[i], decimals[i], name),
    ),
  };
}

/** (features,) the share of the rows' values outside lowest..highest, which the integer grid saturates. */
export function clippedShare(data: Dataset, scaling: InputScaling): Float64Array {
  const features = data.features.length;
  const share = new Float64Array(features);
  if (data.values instanceof Uint8Array) return share; // images: the grid covers 0..255
  for (let k = 0, i = 0; k < data.values.length; k++, i = i + 1 === features ? 0 : i + 1) {
    const value = data.values[k];
    if (value < entryOf(scaling.lowest, i) || value > entryOf(scaling.highest, i)) share[i]++;
  }
  return share.map((count) => count / data.rows);
}
