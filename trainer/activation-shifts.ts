import type { Grid } from '../model/activation-stage.js';
import { ACTIVATIONS } from '../model/activations.js';
import { stageOf } from '../model/activation-stage.js';
import type { ActivationShift, DenseLayer, Precision } from '../model/network.js';
import { quantizeDense } from '../model/quantization.js';
import type { WeightRule } from '../model/weight-scales.js';
import { lostShare } from './accumulators.js';

/**
 * Which layers requantise by a power of two, which costs an AVR some 4 cycles instead of 30: 2^8 means the upper byte of
 * a 16-bit accumulator. For that all neurons share one weight scale, and the grid of the activations is as coarse as
 * 2^shift units of the accumulator are.
 */

/** The cheapest first. */
export const ACTIVATION_SHIFTS: readonly ActivationShift[] = [8, 7, 6, 5];

/** How many times as coarse as their range asks for the activations may become. */
const MOST_COARSER = 3;
/** The same of tables: no more than roundings make. */
const SAME = 1 + 2 ** -20;
/** The share of Σw² that one scale for all neurons may cost beyond what scales of their own do. */
const MOST_LOST = 1 / 100;

const isTabled = ({ activation: name }: Pick<DenseLayer, 'activation'>): boolean =>
  name !== 'softmax' && ACTIVATIONS[name].integerForm.kind === 'table';

/** Whether the question arises: 8-bit weights, sums of 16 bits, and a table, or ReLU with 7-bit activations. */
export function mayShift(
  { activation, accumulator }: Pick<DenseLayer, 'activation' | 'accumulator'>,
  precision: Precision,
): boolean {
  const { weightBits, activationBits } = precision;
  const bits = accumulator ?? precision.accumulator;
  return (
    weightBits === 8 &&
    bits === 16 &&
    (isTabled({ activation }) || (activation === 'relu' && activationBits === 7))
  );
}

/**
 * The coarsest scale of a grid that its range alone would give the scale `base`. Tables are not made anew whenever
 * weights change, so theirs must stay as fine as it is.
 */
export const coarsestScale = (shape: Pick<DenseLayer, 'activation'>, base: number): number =>
  (isTabled(shape) ? SAME : MOST_COARSER) * base;

/** `free` and `lost`: shares of Σw² lost with scales of their own and with one. */
export const losesLittle = (free: number, lost: number): boolean => lost <= free + MOST_LOST;

/**
 * The shift of a layer that has its range and its width of accumulators; undefined where multipliers cost less of its
 * resolution. `input` is the grid of its inputs.
 */
export function chooseActivationShift(
  layer: DenseLayer,
  input: Grid,
  precision: WeightRule,
): ActivationShift | undefined {
  if (!mayShift(layer, precision)) return undefined;
  const free = lostShare(layer, quantizeDense(layer, input, precision));
  const { scale } = stageOf(layer, precision.activationBits, 0);
  return ACTIVATION_SHIFTS.find((activationShift) => {
    const dense = quantizeDense({ ...layer, activationShift }, input, precision);
    const shifted = Math.max(scale, 2 ** activationShift * dense.weightScale[0] * input.scale);
    return shifted <= coarsestScale(layer, scale) && losesLittle(free, lostShare(layer, dense));
  });
}
