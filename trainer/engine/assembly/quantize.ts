import { splat } from './elementary';
import { biasOf, high, storeWide, weightScales } from './scales';
import {
  BIAS_OVERFLOW, H_DECISION, H_LAYERS, H_STATUS, H_WEIGHT_LIMIT, HEADER_BYTES, L_ACCUMULATOR, L_BASE_SCALE, L_BIAS, L_GAIN,
  L_INPUTS, L_INTEGERS, L_IN_MAXIMUM, L_IN_SCALE, L_IN_ZERO_POINT, L_IS_THRESHOLD, L_MULTIPLIER, L_NEEDS_STAGE,
  L_OFFSET, L_OUTPUTS, L_PANELS, L_REACH, L_SCALE, L_SHIFT, L_STAGE_OFFSET, L_STAGE_SCALE, L_STAGE_ZERO_POINT, L_STEP,
  L_WEIGHTS, L_ZERO_POINTS, LAYER_BYTES, NOT_FINITE, PANEL_BYTES, SUMS,
} from './layout';

/** `quantizeDense` of model/quantization.ts, number for number, on weights that are f32. */

/** Makes layer `l`'s activation stage for the largest z per unit of accumulator: `stageOf` of model/. */
@external('env', 'stage')
declare function stage(l: i32, stepScale: f64): void;

const COARSENING: f64 = 1.005;

@inline
function roundHalf(w: v128, scale: v128, limit: v128): v128 {
  const q = f64x2.floor(f64x2.add(f64x2.div(w, scale), f64x2.splat(0.5)));
  return f64x2.pmin(f64x2.pmax(q, f64x2.neg(limit)), limit);
}

/** clamp(round(w / scale)) of 4 weights. */
function divide4(w: v128, limit: v128, scales: usize): v128 {
  const low = roundHalf(f64x2.promote_low_f32x4(w), v128.load(scales), limit);
  const top = roundHalf(high(w), v128.load(scales, 16), limit);
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(top), 0, 2);
}

/**
 * A quotient in f32 errs by less than 3e-5, being at most 127. Where it lies no nearer to a half than this, it rounds
 * as the exact one does; the others are divided again in f64.
 */
const DOUBTFUL: f32 = 0.4999;

/** w -> integers of one panel; Σw, Σ|w| and Σ w·zeroPoint, (8,) f64 each, into SUMS */
function roundPanel(layer: usize, p: usize): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const offset = p * (inputs + 1) * PANEL_BYTES;
  let from = load<usize>(layer, L_WEIGHTS) + offset;
  let to = load<usize>(layer, L_INTEGERS) + offset;
  const scales = load<usize>(layer, L_SCALE) + (p << 6);
  const limit = f64x2.splat(<f64>load<i32>(H_WEIGHT_LIMIT));
  const most = splat(<f32>load<i32>(H_WEIGHT_LIMIT));
  const least = f32x4.neg(most);
  const isBounded = load<i32>(layer, L_ACCUMULATOR) != 0;
  const end = from + inputs * PANEL_BYTES;
  let zeroPoints = load<usize>(layer, L_ZERO_POINTS);
  const inverse0 = inverseOf(scales);
  const inverse1 = inverseOf(scales + 32);
  let sum0 = splat(0), sum1 = sum0, size0 = sum0, size1 = sum0;
  let zero0 = f64x2.splat(0), zero1 = zero0, zero2 = zero0, zero3 = zero0;
  while (from < end) {
    const x0 = f32x4.mul(v128.load(from), inverse0);
    const x1 = f32x4.mul(v128.load(from, 16), inverse1);
    let q0 = f32x4.nearest(x0);
    let q1 = f32x4.nearest(x1);
    const distance = f32x4.pmax(f32x4.abs(f32x4.sub(x0, q0)), f32x4.abs(f32x4.sub(x1, q1)));
    if (v128.any_true(f32x4.gt(distance, splat(DOUBTFUL)))) {
      q0 = divide4(v128.load(from), limit, scales);
      q1 = divide4(v128.load(from, 16), limit, scales + 32);
    }
    q0 = f32x4.pmin(f32x4.pmax(q0, least), most);
    q1 = f32x4.pmin(f32x4.pmax(q1, least), most);
    v128.store(to, q0);
    v128.store(to, q1, 16);
    sum0 = f32x4.add(sum0, q0);
    sum1 = f32x4.add(sum1, q1);
    if (isBounded) {
      size0 = f32x4.add(size0, f32x4.abs(q0));
      size1 = f32x4.add(size1, f32x4.abs(q1));
    }
    if (zeroPoints) {
      const zeroPoint = f64x2.splat(<f64>load<f32>(zeroPoints));
      zero0 = f64x2.add(zero0, f64x2.mul(zeroPoint, f64x2.promote_low_f32x4(q0)));
      zero1 = f64x2.add(zero1, f64x2.mul(zeroPoint, high(q0)));
      zero2 = f64x2.add(zero2, f64x2.mul(zeroPoint, f64x2.promote_low_f32x4(q1)));
      zero3 = f64x2.add(zero3, f64x2.mul(zeroPoint, high(q1)));
      zeroPoints += 4;
    }
    from += PANEL_BYTES; to += PANEL_BYTES;
  }
  storeWide(sum0, SUMS); storeWide(sum1, SUMS + 32);
  storeWide(size0, SUMS + 64); storeWide(size1, SUMS + 96);
  v128.store(SUMS + 128, zero0); v128.store(SUMS + 144, zero1);
  v128.store(SUMS + 160, zero2); v128.store(SUMS + 176, zero3);
}

/** 1 / scale of 4 neurons; 0 for those that only pad the panel. */
@inline
function inverseOf(scales: usize): v128 {
  const one = f64x2.splat(1);
  const low = f32x4.demote_f64x2_zero(f64x2.div(one, v128.load(scales)));
  const top = f32x4.demote_f64x2_zero(f64x2.div(one, v128.load(scales, 16)));
  return v128.shuffle<i64>(low, top, 0, 2);
}

/** `requantization`, from the real multipliers in L_MULTIPLIER */
function requantization(layer: usize, outputs: usize): void {
  const multipliers = load<usize>(layer, L_MULTIPLIER);
  let largest: f64 = 0;
  for (let n: usize = 0; n < outputs; n++) largest = max(largest, load<f64>(multipliers + (n << 3)));
  let shift = 8;
  if (Math.floor(largest * 16777216 + 0.5) <= 65535) shift = 24;
  else if (Math.floor(largest * 65536 + 0.5) <= 65535) shift = 16;
  const unit = <f64>(1 << shift);
  for (let n: usize = 0; n < outputs; n++) {
    const at = multipliers + (n << 3);
    store<f64>(at, min(max(Math.floor(load<f64>(at) * unit + 0.5), 1), 65535));
  }
  store<i32>(layer, shift, L_SHIFT);
}

/** `quantizeWithScales`, with `coarsen` where an accumulator width is asked for: true where it has to be repeated. */
function quantizeOnce(l: i32, layer: usize, isOutput: bool): bool {
  const outputs = load<usize>(layer, L_OUTPUTS);
  const scales = load<usize>(layer, L_SCALE);
  const steps = load<usize>(layer, L_STEP);
  const biases = load<usize>(layer, L_BIAS);
  const offsets = load<usize>(layer, L_OFFSET);
  const multipliers = load<usize>(layer, L_MULTIPLIER);
  const isThreshold = load<i32>(layer, L_IS_THRESHOLD) != 0;
  let largest: f64 = 0;
  for (let n: usize = 0; n < outputs; n++) {
    const step = load<f64>(scales + (n << 3)) * load<f64>(layer, L_IN_SCALE);
    store<f64>(steps + (n << 3), step);
    largest = max(largest, step);
  }
  const gain = load<f64>(layer, L_GAIN);
  if (!isOutput && (load<i32>(layer, L_NEEDS_STAGE) || (gain * largest) / 255 > load<f64>(layer, L_BASE_SCALE))) {
    stage(l, largest);
  }
  const inMaximum = <f64>load<i32>(layer, L_IN_MAXIMUM);
  const bits = load<i32>(layer, L_ACCUMULATOR);
  const most = <f64>(<i64>1 << (bits - 1)) - 1; // of an accumulator
  const threshold = outputs == 1 ? load<f64>(H_DECISION) : 0;
  let worst: f64 = 1;
  for (let n: usize = 0; n < outputs; n++) {
    const k = n & 7;
    if (k == 0) roundPanel(layer, n >> 3);
    const at = n << 3;
    const step = load<f64>(steps + at);
    const sum = load<f64>(<usize>SUMS + (k << 3));
    const zeroPointSum = load<u32>(layer, L_ZERO_POINTS)
      ? load<f64>(<usize>SUMS + 128 + (k << 3))
      : sum * load<f64>(layer, L_IN_ZERO_POINT);
    let folded: f64;
    if (isOutput) folded = -(threshold / step);
    else if (isThreshold) folded = 1;
    else {
      const scale = load<f64>(layer, L_STAGE_SCALE);
      const multiplier = (gain * step) / scale;
      store<f64>(multipliers + at, multiplier);
      folded = (load<f64>(layer, L_STAGE_OFFSET) / scale + load<f64>(layer, L_STAGE_ZERO_POINT)) / multiplier;
    }
    const total = Math.floor(biasOf(layer, n) / step + folded + 0.5) - zeroPointSum;
    if (!(total >= -2147483648.0 && total <= 2147483647.0)) store<i32>(H_STATUS, BIAS_OVERFLOW);
    store<f64>(biases + at, total);
    store<f64>(offsets + at, folded);
    if (bits) {
      const size = load<f64>(<usize>SUMS + 64 + (k << 3));
      const highest = total + (inMaximum * (size + sum)) / 2;
      const lowest = total - (inMaximum * (size - sum)) / 2;
      const excess = max(highest / most, -lowest / (most + 1));
      if (excess > 1 && !isOutput) store<f64>(scales + at, load<f64>(scales + at) * (excess * COARSENING));
      worst = max(worst, excess);
    }
  }
  if (!isOutput) {
    if (isThreshold) {
      store<i32>(layer, 8, L_SHIFT);
      for (let n: usize = 0; n < outputs; n++) store<f64>(multipliers + (n << 3), 256);
    } else requantization(layer, outputs);
  }
  if (isOutput && worst > 1) {
    for (let n: usize = 0; n < outputs; n++) {
      const at = scales + (n << 3);
      store<f64>(at, load<f64>(at) * (worst * COARSENING));
    }
  }
  return worst > 1;
}

/**
 * Quantises layer `l` by its present weights and stage. Returns how often: more than once where its scales had to be
 * coarser for its sums to fit L_ACCUMULATOR, and 0 where the weights are no numbers.
 */
export function quantizeLayer(l: i32): i32 {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const isOutput = l == load<i32>(H_LAYERS) - 1;
  if (!weightScales(layer, isOutput)) {
    store<i32>(H_STATUS, NOT_FINITE);
    return 0;
  }
  let rounds = 1;
  while (quantizeOnce(l, layer, isOutput) && !load<i32>(H_STATUS)) rounds++;
  return rounds;
}

/** Σ(w − ŵ)² / Σw² of layer `l` as it was quantised last: `lostShare` of trainer/accumulators.ts */
export function lostShare(l: i32): f64 {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  let lost: f64 = 0, total: f64 = 0;
  for (let n: usize = 0; n < outputs; n++) {
    const scale = load<f64>(load<usize>(layer, L_SCALE) + (n << 3));
    let k = (n >> 3) * (inputs + 1) * PANEL_BYTES + ((n & 7) << 2);
    for (let i: usize = 0; i < inputs; i++) {
      const w = <f64>load<f32>(load<usize>(layer, L_WEIGHTS) + k);
      const error = w - scale * <f64>load<f32>(load<usize>(layer, L_INTEGERS) + k);
      lost += error * error;
      total += w * w;
      k += PANEL_BYTES;
    }
  }
  return total > 0 ? lost / total : 0;
}
