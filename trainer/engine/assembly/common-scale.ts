import { checkBiases, highest, lowerHalf, lowest, quantizePanels } from './common-panel';
import { spreadMultiplier, storeCommonBounds, storeCommonStep } from './constants';
import { splat } from './elementary';
import {
  H_CLIP, H_DECISION, H_FREELY_LOST, H_MEASURES, H_MOST_SCALE, H_STATUS, H_WEIGHT_LIMIT, L_ACCUMULATOR, L_ACTIVATION,
  L_BASE_SCALE, L_GAIN, L_INPUTS, L_IN_MAXIMUM, L_IN_SCALE, L_OFFSET, L_OUTPUTS, L_PANELS, L_REACH, L_SCALE,
  L_STAGE_OFFSET, L_STAGE_SCALE, L_STAGE_ZERO_POINT, L_STEP, L_TABLE, L_UNIT, L_UNIT_SHIFT, L_WEIGHTS, LAYER_BYTES,
  NOT_FINITE, PANEL_BYTES, RELU,
} from './layout';
import { lostShare } from './loss';
import { isPaired } from './rounding';
import { BIAS_LIMIT, weightScales } from './scales';

/**
 * `quantizeDense` of model/quantization.ts, number for number, of a layer whose neurons share one weight scale, as those
 * of most layers do: what quantize.ts finds neuron by neuron is found once.
 */

/** Makes layer `l`'s activation stage for the largest z per unit of accumulator: `stageOf` of model/. */
@external('env', 'stage')
declare function stage(l: i32, stepScale: f64): void;

const COARSENING: f64 = 1.005;
/** Of activations of 7 bits. */
const MOST: i32 = 127;

/** The largest of eight magnitudes: compared as integers, which order them alike and put a NaN above all. */
@inline
function largestOf(sizes0: v128, sizes1: v128): f64 {
  const four = i32x4.max_s(sizes0, sizes1);
  const two = i32x4.max_s(four, v128.shuffle<i32>(four, four, 2, 3, 0, 1));
  return <f64>f32x4.extract_lane(i32x4.max_s(two, v128.shuffle<i32>(two, two, 1, 0, 3, 2)), 0);
}

/** `max` without its branches, which nothing predicts; a NaN as the first stays one. */
@inline
function above(a: f64, b: f64): f64 {
  return f64x2.extract_lane(f64x2.pmax(f64x2.splat(a), f64x2.splat(b)), 0);
}

/** The larger of `sizes` and of four |w| at `weights`. */
@inline
function widened(sizes: v128, weights: usize, sizeOnly: v128): v128 {
  return i32x4.max_s(sizes, v128.and(v128.load(weights), sizeOnly));
}

/** The scale of layer `layer`, infinity or NaN where its weights are no numbers: `weightScales`. */
@inline
function commonScale(layer: usize, isOutput: bool): f64 {
  const limit = <f64>load<i32>(H_WEIGHT_LIMIT);
  if (load<f64>(H_CLIP) > 0 || limit == 1) {
    return weightScales(layer, isOutput) ? load<f64>(load<usize>(layer, L_SCALE)) : Infinity;
  }
  const weightBytes = load<usize>(layer, L_INPUTS) * PANEL_BYTES;
  const inScale = load<f64>(layer, L_IN_SCALE);
  const unit = load<f64>(layer, L_UNIT);
  const sizeOnly = i32x4.splat(0x7fffffff);
  let weights0 = splat(0), weights1 = weights0, biases0 = weights0, biases1 = weights0;
  let panel = load<usize>(layer, L_WEIGHTS);
  for (const last = panel + load<usize>(layer, L_PANELS) * (weightBytes + PANEL_BYTES); panel < last; ) {
    for (const end = panel + weightBytes; panel < end; panel += PANEL_BYTES) {
      weights0 = widened(weights0, panel, sizeOnly);
      weights1 = widened(weights1, panel + 16, sizeOnly);
    }
    biases0 = widened(biases0, panel, sizeOnly);
    biases1 = widened(biases1, panel + 16, sizeOnly);
    panel += PANEL_BYTES;
  }
  const largest = largestOf(weights0, weights1);
  const reach = above(largestOf(biases0, biases1), load<f64>(layer, L_REACH));
  const reachable = inScale * BIAS_LIMIT;
  let scale = largest / limit;
  // Seldom: only where weights are tiny beside their bias.
  if (!(reach < 0.5 * (scale * reachable))) scale = max(scale, reach / reachable);
  const least = unit > 0 ? load<f64>(layer, L_BASE_SCALE) / (unit * inScale) : 0;
  return above(scale == 0 ? 1 / limit : scale, least);
}

/** The grid of activations that are sums over `unit`, for this step; others' do not depend on it. */
@inline
function takeStage(l: i32, layer: usize, unit: f64, step: f64): void {
  const scale = above(load<f64>(layer, L_BASE_SCALE), unit * step);
  if (scale == load<f64>(layer, L_STAGE_SCALE)) return;
  if (load<u32>(layer, L_TABLE)) {
    stage(l, step);
    return;
  }
  store<f64>(layer, scale, L_STAGE_SCALE);
  store<f64>(layer + LAYER_BYTES, scale, L_IN_SCALE);
}

@inline
function realMultiplier(layer: usize, step: f64): f64 {
  return (load<f64>(layer, L_GAIN) * step) / load<f64>(layer, L_STAGE_SCALE);
}

/** What the activation adds to z, in accumulator units. */
@inline
function foldedOf(layer: usize, isOutput: bool, step: f64): f64 {
  if (isOutput) {
    const threshold = load<usize>(layer, L_OUTPUTS) == 1 ? load<f64>(H_DECISION) : 0;
    return threshold != 0 ? -threshold / step : 0;
  }
  const offset = load<f64>(layer, L_STAGE_OFFSET); // 0 of ReLU: a division less
  const toAdd = (offset == 0 ? 0 : offset / load<f64>(layer, L_STAGE_SCALE)) + load<f64>(layer, L_STAGE_ZERO_POINT);
  return toAdd != 0 ? toAdd / realMultiplier(layer, step) : 0;
}

/** Whether the sums fit their accumulator, of 32 bits where any width will do. Then biases do: a sum may be no more than one. */
@inline
function fits(bits: i32): bool {
  const most = <f64>(<i64>1 << ((bits ? bits : 32) - 1)) - 1;
  return highest <= most && lowest >= -1 - most;
}

/** How many times the sums exceed the range of their accumulator. */
@inline
function excess(bits: i32): f64 {
  const most = <f64>(<i64>1 << (bits - 1)) - 1;
  return max(highest / most, -lowest / (most + 1));
}

/** x for the eight neurons of each panel. */
@inline
function fill(at: usize, panels: usize, x: f64): void {
  const two = f64x2.splat(x);
  for (const end = at + (panels << 6); at < end; at += 64) {
    v128.store(at, two); v128.store(at, two, 16); v128.store(at, two, 32); v128.store(at, two, 48);
  }
}

/** The next layer's L_IN_MAXIMUM where activations are sums over 2^shift: what no sum reaches, no activation is. */
@inline
function storeReached(layer: usize): void {
  const shift = load<i32>(layer, L_UNIT_SHIFT);
  const reached = (lowerHalf(highest) + (1 << (shift - 1))) >> shift;
  store<i32>(layer + LAYER_BYTES, min(max(reached, 1), MOST), L_IN_MAXIMUM);
}

/** As `quantizeLayer` of quantize.ts. */
export function quantizeCommon(l: i32, layer: usize, isOutput: bool): i32 {
  const panels = load<usize>(layer, L_PANELS);
  const inScale = load<f64>(layer, L_IN_SCALE);
  const unit = load<f64>(layer, L_UNIT);
  const bits = load<i32>(layer, L_ACCUMULATOR);
  let scale = commonScale(layer, isOutput);
  if (!(scale < Infinity)) {
    store<i32>(H_STATUS, NOT_FINITE);
    return 0;
  }
  let step: f64, folded: f64;
  let rounds = 0;
  for (; ;) {
    step = scale * inScale;
    if (unit * step > load<f64>(H_MOST_SCALE)) return -1;
    rounds++;
    if (!isOutput) takeStage(l, layer, unit, step);
    folded = foldedOf(layer, isOutput, step);
    quantizePanels(isPaired(l), layer, scale, step, folded);
    if (fits(bits)) break;
    checkBiases(layer);
    if (!bits || load<i32>(H_STATUS)) break;
    if (rounds == 1 && load<i32>(H_MEASURES)) store<f64>(H_FREELY_LOST, lostShare(l));
    scale *= excess(bits) * COARSENING;
  }
  if (isOutput) storeCommonStep(layer, <f32>step);
  else if (!load<u32>(layer, L_TABLE)) storeReached(layer);
  if (!isOutput && load<i32>(layer, L_ACTIVATION) == RELU) {
    storeCommonBounds(layer, step, folded);
    return rounds;
  }
  if (!isOutput) spreadMultiplier(layer, realMultiplier(layer, step));
  else if (load<usize>(layer, L_OUTPUTS) > 1) return rounds;
  fill(load<usize>(layer, L_STEP), panels, step);
  fill(load<usize>(layer, L_OFFSET), panels, folded);
  return rounds;
}
