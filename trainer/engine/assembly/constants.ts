import {
  C_ABOVE, C_BIAS, C_CAP, C_LAST, C_MULTIPLIER, C_STEP, CONSTANT_BYTES, H_STREAMS, L_ACCUMULATOR, L_ACTIVATION, L_BIAS, L_CONSTANTS, L_HIGH, L_IS_THRESHOLD, L_LOW,
  L_MAXIMUM, L_MULTIPLIER, L_OFFSET, L_OUTPUTS, L_SHIFT, L_STEP, RELU,
} from './layout';

/** What turns a quantised layer's sums into activations and slopes, as 32-bit numbers: see fixed-point.ts. */

@inline
function storeIntegers(x: v128, into: usize): void {
  v128.store64_lane(into, i32x4.trunc_sat_f64x2_s_zero(x), 0);
}

/** `requantization`, from the real multipliers in L_MULTIPLIER */
function requantization(layer: usize, outputs: usize): void {
  const multipliers = load<usize>(layer, L_MULTIPLIER);
  if (load<i32>(layer, L_IS_THRESHOLD)) {
    store<i32>(layer, 8, L_SHIFT);
    for (let n: usize = 0; n < outputs; n++) store<f64>(multipliers + (n << 3), 256);
    return;
  }
  let largest: f64 = 0;
  for (let n: usize = 0; n < outputs; n++) largest = max(largest, load<f64>(multipliers + (n << 3)));
  let shift = 8;
  if (Math.floor(largest * 16777216 + 0.5) <= 65535) shift = 24;
  else if (Math.floor(largest * 65536 + 0.5) <= 65535) shift = 16;
  const unit = f64x2.splat(<f64>(1 << shift)), half = f64x2.splat(0.5);
  for (let n: usize = 0; n < outputs; n += 2) {
    const at = multipliers + (n << 3);
    const multiplier = f64x2.floor(f64x2.add(f64x2.mul(v128.load(at), unit), half));
    v128.store(at, f64x2.pmin(f64x2.pmax(multiplier, f64x2.splat(1)), f64x2.splat(65535)));
  }
  store<i32>(layer, shift, L_SHIFT);
}

@inline
function count(condition: v128): v128 {
  return v128.and(condition, f64x2.splat(1));
}

/**
 * Between which accumulators z = step · (accumulator − offset) is above 0 and within the range. Quotients are off by
 * less than 1, so that two candidates each are tried by the formula itself.
 */
@inline
function storeBounds(layer: usize, at: usize, into: usize): void {
  const step = v128.load(load<usize>(layer, L_STEP) + at);
  const offset = v128.load(load<usize>(layer, L_OFFSET) + at);
  const low = f64x2.splat(max(load<f64>(layer, L_LOW), 0)), high = f64x2.splat(load<f64>(layer, L_HIGH));
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  const first = f64x2.ceil(load<f64>(layer, L_LOW) > 0 ? f64x2.add(f64x2.div(low, step), offset) : offset);
  const z0 = f64x2.mul(step, f64x2.sub(f64x2.sub(first, one), offset));
  const z1 = f64x2.mul(step, f64x2.sub(first, offset));
  const isBelow0 = v128.or(f64x2.lt(z0, low), f64x2.le(z0, zero));
  const isBelow1 = v128.or(f64x2.lt(z1, low), f64x2.le(z1, zero));
  const above = f64x2.add(f64x2.sub(first, f64x2.splat(2)), f64x2.add(count(isBelow0), count(isBelow1)));
  const last = f64x2.floor(f64x2.add(f64x2.div(high, step), offset));
  const isWithin0 = f64x2.le(f64x2.mul(step, f64x2.sub(last, offset)), high);
  const isWithin1 = f64x2.le(f64x2.mul(step, f64x2.sub(f64x2.add(last, one), offset)), high);
  const end = f64x2.add(f64x2.sub(last, one), f64x2.add(count(isWithin0), count(isWithin1)));
  storeIntegers(above, into + C_ABOVE);
  storeIntegers(end, into + C_LAST);
}

/** L_CONSTANTS, L_MULTIPLIER and L_SHIFT; clears what `quantizeOnce` left in a neuron that fills up a pair. */
export function storeConstants(layer: usize, isOutput: bool): void {
  const outputs = load<usize>(layer, L_OUTPUTS);
  const steps = load<usize>(layer, L_STEP);
  const multipliers = load<usize>(layer, L_MULTIPLIER);
  if (!isOutput) requantization(layer, outputs);
  if (outputs & 1) {
    store<f64>(steps + (outputs << 3), 0);
    store<f64>(multipliers + (outputs << 3), 0);
  }
  const size = <f64>(1 << load<i32>(layer, L_SHIFT));
  const largest = f64x2.splat(load<f64>(layer, L_MAXIMUM) * size - size / 2);
  // All products fit 32 bits unsigned, but where noise makes sums longer.
  const isShort = load<i32>(layer, L_ACCUMULATOR) == 16 && !load<usize>(H_STREAMS);
  const isRelu = load<i32>(layer, L_ACTIVATION) == RELU;
  for (let n: usize = 0; n < outputs; n += 2) {
    const at = n << 3;
    const into = load<usize>(layer, L_CONSTANTS) + (n >> 3) * CONSTANT_BYTES + ((n & 7) << 2);
    storeIntegers(v128.load(load<usize>(layer, L_BIAS) + at), into + C_BIAS);
    v128.store64_lane(into + C_STEP, f32x4.demote_f64x2_zero(v128.load(steps + at)), 0);
    if (isOutput) continue;
    const multiplier = v128.load(multipliers + at);
    storeIntegers(multiplier, into + C_MULTIPLIER);
    const cap = isShort ? f64x2.splat(2147483647.0) : f64x2.ceil(f64x2.div(largest, multiplier));
    storeIntegers(cap, into + C_CAP);
    if (isRelu) storeBounds(layer, at, into);
  }
}
