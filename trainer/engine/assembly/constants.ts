import {
  C_ABOVE, C_BIAS, C_CAP, C_LAST, C_MULTIPLIER, C_STEP, CONSTANT_BYTES, H_STREAMS, L_ACCUMULATOR, L_ACTIVATION, L_BIAS, L_CONSTANTS, L_HIGH, L_IS_THRESHOLD, L_LOW,
  L_MAXIMUM, L_MULTIPLIER, L_OFFSET, L_OUTPUTS, L_PANELS, L_SHIFT, L_STEP, RELU,
} from './layout';

/** What turns a quantised layer's sums into activations and slopes, as 32-bit numbers: see fixed-point.ts. */

@inline
function storeIntegers(x: v128, into: usize): void {
  v128.store64_lane(into, i32x4.trunc_sat_f64x2_s_zero(x), 0);
}

/** The widest shift at which multipliers up to `largest` fit 16 bits. */
@inline
function shiftFor(largest: f64): i32 {
  if (Math.floor(largest * 16777216 + 0.5) <= 65535) return 24;
  return Math.floor(largest * 65536 + 0.5) <= 65535 ? 16 : 8;
}

/** Real multipliers as integers over 2^shift. */
@inline
function multiplierOf(real: v128, shift: i32): v128 {
  const multiplier = f64x2.floor(f64x2.add(f64x2.mul(real, f64x2.splat(<f64>(1 << shift))), f64x2.splat(0.5)));
  return f64x2.pmin(f64x2.pmax(multiplier, f64x2.splat(1)), f64x2.splat(65535));
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
  const shift = shiftFor(largest);
  for (let at = multipliers; at < multipliers + (outputs << 3); at += 16) v128.store(at, multiplierOf(v128.load(at), shift));
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
function storeBounds(layer: usize, step: v128, offset: v128, into: usize): void {
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

/** Two neurons' multipliers and caps at `into`. */
@inline
function storeMultipliers(layer: usize, multiplier: v128, into: usize): void {
  const size = <f64>(1 << load<i32>(layer, L_SHIFT));
  const largest = f64x2.splat(load<f64>(layer, L_MAXIMUM) * size - size / 2);
  // All products fit 32 bits unsigned, but where noise makes sums longer.
  const isShort = load<i32>(layer, L_ACCUMULATOR) == 16 && !load<usize>(H_STREAMS);
  storeIntegers(multiplier, into + C_MULTIPLIER);
  if (isShort) v128.store64_lane(into, i32x4.splat(0x7fffffff), 0, C_CAP);
  else storeIntegers(f64x2.ceil(f64x2.div(largest, multiplier)), into + C_CAP);
}

/**
 * The bounds of a layer of ReLU all of whose neurons have this step and offset: only the first one's are stored. As
 * `storeBounds`, which this is for one neuron, but most often nothing is asked of `above`.
 */
export function storeCommonBounds(layer: usize, step: f64, offset: f64): void {
  const into = load<usize>(layer, L_CONSTANTS);
  const low = load<f64>(layer, L_LOW), high = load<f64>(layer, L_HIGH);
  if (low > 0 || offset != 0) {
    storeBounds(layer, f64x2.splat(step), f64x2.splat(offset), into);
    return;
  }
  let last = Math.floor(high / step);
  if (!(step * last <= high)) last -= 1;
  else if (step * (last + 1) <= high) last += 1;
  store<i32>(into, 0, C_ABOVE);
  storeIntegers(f64x2.splat(last), into + C_LAST);
}

/** The requantisation of a layer all of whose neurons have this real multiplier. */
export function spreadMultiplier(layer: usize, real: f64): void {
  const shift = shiftFor(real);
  const first = load<usize>(layer, L_CONSTANTS);
  store<i32>(layer, shift, L_SHIFT);
  storeMultipliers(layer, multiplierOf(f64x2.splat(real), shift), first);
  const multiplier = v128.load32_splat(first, C_MULTIPLIER), cap = v128.load32_splat(first, C_CAP);
  const end = first + load<usize>(layer, L_PANELS) * CONSTANT_BYTES;
  for (let panel = first; panel < end; panel += CONSTANT_BYTES) {
    v128.store(panel, multiplier, C_MULTIPLIER); v128.store(panel, multiplier, C_MULTIPLIER + 16);
    v128.store(panel, cap, C_CAP); v128.store(panel, cap, C_CAP + 16);
  }
}

/** The step of an output layer: only the first neuron's is stored. */
export function storeCommonStep(layer: usize, step: f32): void {
  store<f32>(load<usize>(layer, L_CONSTANTS), step, C_STEP);
}

/** L_CONSTANTS, L_MULTIPLIER and L_SHIFT of a hidden layer; clears what `quantizeOnce` left in a neuron that fills up a pair. */
export function storeConstants(layer: usize): void {
  const outputs = load<usize>(layer, L_OUTPUTS);
  const steps = load<usize>(layer, L_STEP);
  const multipliers = load<usize>(layer, L_MULTIPLIER);
  requantization(layer, outputs);
  const isRelu = load<i32>(layer, L_ACTIVATION) == RELU;
  if (outputs & 1) {
    store<f64>(steps + (outputs << 3), 0);
    store<f64>(multipliers + (outputs << 3), 0);
  }
  for (let n: usize = 0; n < outputs; n += 2) {
    const at = n << 3;
    const into = load<usize>(layer, L_CONSTANTS) + (n >> 3) * CONSTANT_BYTES + ((n & 7) << 2);
    storeIntegers(v128.load(load<usize>(layer, L_BIAS) + at), into + C_BIAS);
    storeMultipliers(layer, v128.load(multipliers + at), into);
    if (isRelu) storeBounds(layer, v128.load(steps + at), v128.load(load<usize>(layer, L_OFFSET) + at), into);
  }
}
