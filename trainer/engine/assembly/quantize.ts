import { quantizeCommon } from './common-scale';
import { storeConstants } from './constants';
import { lostShare } from './loss';
import { roundPanel } from './rounding';
import { biasesOf, weightScales } from './scales';
import { hasZeroPoint, sumsAbove, sumsBelow } from './weight-sums';
import {
  BIAS_OVERFLOW, H_FREELY_LOST, H_LAYERS, H_MEASURES, H_STATUS, HEADER_BYTES, L_ACCUMULATOR, L_BASE_SCALE, L_BIAS, L_GAIN,
  L_IN_MAXIMUM, L_IN_SCALE, L_IS_STALE, L_IS_THRESHOLD, L_MULTIPLIER, L_NEEDS_STAGE, L_OFFSET, L_OUTPUTS,
  L_PANELS, L_SCALE, L_STAGE_OFFSET, L_STAGE_SCALE, L_STAGE_ZERO_POINT, L_STEP, L_SUMS, L_UNIT, LAYER_BYTES, NOT_FINITE,
  S_ZERO_POINT, SUM_BYTES,
} from './layout';

/** `quantizeDense` of model/quantization.ts, number for number, on weights that are f32; neurons go two by two. */

/** Makes layer `l`'s activation stage for the largest z per unit of accumulator: `stageOf` of model/. */
@external('env', 'stage')
declare function stage(l: i32, stepScale: f64): void;

const COARSENING: f64 = 1.005;

/** L_STEP by the present scales; returns the largest. Neurons that pad the panel have none. */
function writeSteps(layer: usize, outputs: usize): f64 {
  const scales = load<usize>(layer, L_SCALE);
  const steps = load<usize>(layer, L_STEP);
  const inScale = f64x2.splat(load<f64>(layer, L_IN_SCALE));
  let largest = f64x2.splat(0);
  for (let n: usize = 0; n < outputs; n += 2) {
    const step = f64x2.mul(v128.load(scales + (n << 3)), inScale);
    v128.store(steps + (n << 3), step);
    largest = f64x2.pmax(largest, v128.and(step, f64x2.lt(step, f64x2.splat(Infinity))));
  }
  return max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}

/** The largest excess over the accumulator's range of the neurons from `from` to `to`, of one panel; at least 1. */
function assess(layer: usize, from: usize, to: usize): f64 {
  const scales = load<usize>(layer, L_SCALE);
  const steps = load<usize>(layer, L_STEP);
  const sums = load<usize>(layer, L_SUMS) + (from >> 3) * SUM_BYTES;
  const hasZeroPoints = hasZeroPoint(layer);
  const isThreshold = load<i32>(layer, L_IS_THRESHOLD) != 0;
  const gain = f64x2.splat(load<f64>(layer, L_GAIN));
  const scale = load<f64>(layer, L_STAGE_SCALE);
  const toAdd = load<f64>(layer, L_STAGE_OFFSET) / scale + load<f64>(layer, L_STAGE_ZERO_POINT);
  const hasConstant = toAdd != 0;
  const constant = f64x2.splat(toAdd);
  const inMaximum = f64x2.splat(<f64>load<i32>(layer, L_IN_MAXIMUM));
  const bits = load<i32>(layer, L_ACCUMULATOR);
  const most = <f64>(<i64>1 << (bits - 1)) - 1; // of an accumulator
  const one = f64x2.splat(1), half = f64x2.splat(0.5), zero = f64x2.splat(0);
  let worst = one;
  for (let n = from; n < to; n += 2) {
    const at = n << 3;
    const step = v128.load(steps + at);
    const inPanel = (n & 7) << 2;
    let folded = one;
    if (!isThreshold) {
      const multiplier = f64x2.div(f64x2.mul(gain, step), f64x2.splat(scale));
      v128.store(load<usize>(layer, L_MULTIPLIER) + at, multiplier);
      folded = hasConstant ? f64x2.div(constant, multiplier) : zero;
    }
    const rounded = f64x2.floor(f64x2.add(f64x2.add(f64x2.div(biasesOf(layer, n), step), folded), half));
    const total = hasZeroPoints ? f64x2.sub(rounded, v128.load(sums + 2 * inPanel, S_ZERO_POINT)) : rounded;
    const isWithin = v128.and(
      f64x2.ge(total, f64x2.splat(-2147483648.0)),
      f64x2.le(total, f64x2.splat(2147483647.0)),
    );
    if (!i64x2.all_true(isWithin)) store<i32>(H_STATUS, BIAS_OVERFLOW);
    v128.store(load<usize>(layer, L_BIAS) + at, total);
    v128.store(load<usize>(layer, L_OFFSET) + at, folded);
    if (!bits) continue;
    const highest = f64x2.add(total, f64x2.mul(inMaximum, sumsAbove(sums + inPanel)));
    const lowest = f64x2.add(total, f64x2.mul(inMaximum, sumsBelow(sums + inPanel)));
    const isOver = v128.or(f64x2.gt(highest, f64x2.splat(most)), f64x2.lt(lowest, f64x2.splat(-1 - most)));
    if (!v128.any_true(isOver)) continue;
    const excess = f64x2.pmax(
      f64x2.div(highest, f64x2.splat(most)),
      f64x2.div(f64x2.neg(lowest), f64x2.splat(most + 1)),
    );
    worst = f64x2.pmax(worst, excess);
    const coarse = f64x2.mul(v128.load(scales + at), f64x2.mul(excess, f64x2.splat(COARSENING)));
    v128.store(scales + at, v128.bitselect(coarse, v128.load(scales + at), isOver));
  }
  return max(f64x2.extract_lane(worst, 0), f64x2.extract_lane(worst, 1));
}

/**
 * One round of `quantizeDense`: true where it has to be repeated because scales became coarser. Only what depends on
 * numbers that the last round changed is computed: all of it where this is the first.
 */
function quantizeOnce(l: i32, layer: usize, isFirst: bool): bool {
  const outputs = load<usize>(layer, L_OUTPUTS);
  const panels = load<usize>(layer, L_PANELS);
  const stale = load<usize>(layer, L_IS_STALE);
  for (let p: usize = 0; p < panels; p++) if (isFirst || load<u8>(stale + p)) roundPanel(l, layer, p);
  if (isFirst && load<i32>(H_MEASURES)) store<f64>(H_FREELY_LOST, lostShare(l));
  const largest = writeSteps(layer, outputs);
  let isNew = isFirst;
  const finest = (load<f64>(layer, L_GAIN) * largest) / 255;
  if (load<i32>(layer, L_NEEDS_STAGE) || finest > load<f64>(layer, L_BASE_SCALE)) {
    stage(l, largest);
    isNew = true;
  }
  let isOver = false;
  for (let p: usize = 0; p < panels; p++) {
    if (!isNew && !load<u8>(stale + p)) continue;
    const isStale = assess(layer, p << 3, min((p << 3) + 8, outputs)) > 1;
    store<u8>(stale + p, isStale ? 1 : 0);
    isOver = isOver || isStale;
  }
  return isOver;
}

/**
 * Quantises layer `l` by its present weights and stage. Returns how often: more than once where its scales had to be
 * coarser for its sums to fit L_ACCUMULATOR, 0 where the weights are no numbers, and −1 where its grid would be above
 * H_MOST_SCALE, so that the layer is left as it was.
 */
export function quantizeLayer(l: i32): i32 {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const isOutput = l == load<i32>(H_LAYERS) - 1;
  if (isOutput || load<f64>(layer, L_UNIT) > 0) return quantizeCommon(l, layer, isOutput);
  if (!weightScales(layer, false)) {
    store<i32>(H_STATUS, NOT_FINITE);
    return 0;
  }
  let rounds = 1;
  while (quantizeOnce(l, layer, rounds == 1) && !load<i32>(H_STATUS)) rounds++;
  storeConstants(layer);
  return rounds;
}
