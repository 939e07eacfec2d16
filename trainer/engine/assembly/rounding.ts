import { splat } from './elementary';
import {
  H_CLIP, H_DATA, H_WEIGHT_LIMIT, L_INPUTS, L_INTEGERS, L_PANELS, L_SCALE, L_SUMS, L_WEIGHTS, L_ZERO_PAIRS,
  PANEL_BYTES,
} from './layout';

/**
 * Weights to integers, a panel of 8 neurons at a time. Integers are i16 in pairs of inputs, (pairs, 8, 2), so that one
 * instruction multiplies and adds two inputs; pairs fill up to four with zeros. Sparse inputs come one by one: their
 * weights are i32, (inputs + 1, 8).
 */

/** Added to a number of at most 22 bits it leaves the nearest integer in the lowest bits. */
const ROUNDING: f32 = 12582912; // 1.5 · 2^23
const ROUNDING_BITS: i32 = 0x4b400000;

/**
 * A quotient in f32 errs by less than 3e-5, being at most 127. Where it lies no nearer to a half than this, it rounds
 * as the exact one does; the others are divided again in f64.
 */
const DOUBTFUL: f32 = 0.4999;

/** Layer 0's weights are multiplied one by one where its inputs are sparse. */
@inline
export function isPaired(l: i32): bool {
  return l > 0 || load<u32>(H_DATA) != 0;
}

/** Bytes of one panel of integers. */
@inline
export function integerBytes(inputs: usize, paired: bool): usize {
  return paired ? ((inputs + 7) >> 3) * (4 * PANEL_BYTES) : (inputs + 1) * PANEL_BYTES;
}

@inline
export function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

@inline
function roundHalf(w: v128, scale: v128, limit: v128): v128 {
  const q = f64x2.floor(f64x2.add(f64x2.div(w, scale), f64x2.splat(0.5)));
  return f64x2.pmin(f64x2.pmax(q, f64x2.neg(limit)), limit);
}

/** clamp(round(w / scale)) of 4 weights, as `rounded` leaves it. */
function divide4(w: v128, limit: v128, scales: usize): v128 {
  const low = roundHalf(f64x2.promote_low_f32x4(w), v128.load(scales), limit);
  const top = roundHalf(high(w), v128.load(scales, 16), limit);
  return rounded(v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(top), 0, 2));
}

/** 1 / scale of 4 neurons; 0 for those that only pad the panel. */
@inline
function inverseOf(scales: usize): v128 {
  const one = f64x2.splat(1);
  const low = f32x4.demote_f64x2_zero(f64x2.div(one, v128.load(scales)));
  const top = f32x4.demote_f64x2_zero(f64x2.div(one, v128.load(scales, 16)));
  return v128.shuffle<i64>(low, top, 0, 2);
}

@inline
function rounded(x: v128): v128 {
  return f32x4.add(x, splat(ROUNDING));
}

/** |x − r|; f32x4.abs would load its mask anew each time. */
@inline
function distance(x: v128, r: v128, sizeOnly: v128): v128 {
  return v128.and(f32x4.sub(x, f32x4.sub(r, splat(ROUNDING))), sizeOnly);
}

@inline
function pairUp(first: v128, second: v128): v128 {
  return v128.or(v128.and(first, i32x4.splat(0xffff)), i32x4.shl(second, 16));
}

/** `pairUp`, or both one behind the other */
@inline
function storeTwo(paired: bool, first: v128, second: v128, to: usize): void {
  if (paired) v128.store(to, pairUp(first, second));
  else {
    v128.store(to, i32x4.sub(first, i32x4.splat(ROUNDING_BITS)));
    v128.store(to, i32x4.sub(second, i32x4.splat(ROUNDING_BITS)), PANEL_BYTES);
  }
}

/** Up to four weights of each of four neurons, exactly. */
function divideBlock(paired: bool, from: usize, to: usize, count: usize, scales: usize): void {
  const limit = f64x2.splat(<f64>load<i32>(H_WEIGHT_LIMIT));
  for (let i: usize = 0; i < count; i += 2) {
    const first = divide4(v128.load(from), limit, scales);
    if (paired || i + 1 < count) {
      const second = i + 1 < count ? divide4(v128.load(from, PANEL_BYTES), limit, scales) : splat(ROUNDING);
      storeTwo(paired, first, second, to);
    } else v128.store(to, i32x4.sub(first, i32x4.splat(ROUNDING_BITS)));
    from += 2 * PANEL_BYTES;
    to += paired ? <usize>PANEL_BYTES : 2 * PANEL_BYTES;
  }
}

/** w / scale, not far beyond the largest integer */
@inline
function quotient(isSaturating: bool, from: usize, inverse: v128, most: v128): v128 {
  const x = f32x4.mul(v128.load(from), inverse);
  return isSaturating ? f32x4.pmin(f32x4.pmax(x, f32x4.neg(most)), most) : x;
}

/** Four weights of each of four neurons. */
@inline
function roundBlock(paired: bool, isSaturating: bool, from: usize, to: usize, inverse: v128, most: v128, scales: usize): void {
  const sizeOnly = i32x4.splat(0x7fffffff);
  const x0 = quotient(isSaturating, from, inverse, most);
  const r0 = rounded(x0);
  let distances = distance(x0, r0, sizeOnly);
  const x1 = quotient(isSaturating, from + PANEL_BYTES, inverse, most);
  const r1 = rounded(x1);
  distances = f32x4.pmax(distances, distance(x1, r1, sizeOnly));
  storeTwo(paired, r0, r1, to);
  const x2 = quotient(isSaturating, from + 2 * PANEL_BYTES, inverse, most);
  const r2 = rounded(x2);
  distances = f32x4.pmax(distances, distance(x2, r2, sizeOnly));
  const x3 = quotient(isSaturating, from + 3 * PANEL_BYTES, inverse, most);
  const r3 = rounded(x3);
  distances = f32x4.pmax(distances, distance(x3, r3, sizeOnly));
  storeTwo(paired, r2, r3, to + (paired ? <usize>PANEL_BYTES : 2 * PANEL_BYTES));
  if (v128.any_true(f32x4.gt(distances, splat(DOUBTFUL)))) divideBlock(paired, from, to, 4, scales);
}

@inline
function roundAll(paired: bool, isSaturating: bool, from: usize, to: usize, inputs: usize, scales: usize): void {
  const inverse0 = inverseOf(scales), inverse1 = inverseOf(scales + 32);
  const most = splat(<f32>load<i32>(H_WEIGHT_LIMIT));
  let left = inputs;
  for (; left >= 4; left -= 4) {
    roundBlock(paired, isSaturating, from, to, inverse0, most, scales);
    roundBlock(paired, isSaturating, from + 16, to + 16, inverse1, most, scales + 32);
    from += 4 * PANEL_BYTES;
    to += paired ? <usize>(2 * PANEL_BYTES) : 4 * PANEL_BYTES;
  }
  divideBlock(paired, from, to, left, scales);
  divideBlock(paired, from + 16, to + 16, left, scales + 32);
}

@inline
function storeSums(sums: v128, into: usize): void {
  v128.store(into, f64x2.convert_low_i32x4_s(sums));
  v128.store(into, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(sums, sums, 1, 1)), 16);
}

/** Σq, Σ|q|, (8,) each, of a panel of pairs, or of single weights */
@inline
function sumPanel(paired: bool, panel: usize, rows: usize, sums: usize, sizes: usize): void {
  const ones = i16x8.splat(1);
  let sum0 = splat(0), sum1 = sum0, size0 = sum0, size1 = sum0;
  for (const end = panel + rows * PANEL_BYTES; panel < end; panel += PANEL_BYTES) {
    const q0 = v128.load(panel), q1 = v128.load(panel, 16);
    sum0 = i32x4.add(sum0, paired ? i32x4.dot_i16x8_s(q0, ones) : q0);
    sum1 = i32x4.add(sum1, paired ? i32x4.dot_i16x8_s(q1, ones) : q1);
    size0 = i32x4.add(size0, paired ? i32x4.dot_i16x8_s(i16x8.abs(q0), ones) : i32x4.abs(q0));
    size1 = i32x4.add(size1, paired ? i32x4.dot_i16x8_s(i16x8.abs(q1), ones) : i32x4.abs(q1));
  }
  storeSums(sum0, sums); storeSums(sum1, sums + 32);
  storeSums(size0, sizes); storeSums(size1, sizes + 32);
}

/** Σ q·zeroPoint of a panel of pairs, whose zero points are 128·quotient + remainder. */
function zeroPointSums(panel: usize, inputs: usize, zeroPairs: usize, into: usize): void {
  let low0 = splat(0), low1 = low0, high0 = low0, high1 = low0;
  for (const end = panel + ((inputs + 1) >> 1) * PANEL_BYTES; panel < end; panel += PANEL_BYTES) {
    const q0 = v128.load(panel), q1 = v128.load(panel, 16);
    const remainders = v128.load32_splat(zeroPairs), quotients = v128.load32_splat(zeroPairs, 4);
    low0 = i32x4.add(low0, i32x4.dot_i16x8_s(q0, remainders));
    low1 = i32x4.add(low1, i32x4.dot_i16x8_s(q1, remainders));
    high0 = i32x4.add(high0, i32x4.dot_i16x8_s(q0, quotients));
    high1 = i32x4.add(high1, i32x4.dot_i16x8_s(q1, quotients));
    zeroPairs += 8;
  }
  const unit = f64x2.splat(128);
  const top0 = v128.shuffle<i64>(high0, high0, 1, 1), top1 = v128.shuffle<i64>(high1, high1, 1, 1);
  storeSums(low0, into); storeSums(low1, into + 32);
  v128.store(into, f64x2.add(v128.load(into), f64x2.mul(unit, f64x2.convert_low_i32x4_s(high0))));
  v128.store(into, f64x2.add(v128.load(into, 16), f64x2.mul(unit, f64x2.convert_low_i32x4_s(top0))), 16);
  v128.store(into, f64x2.add(v128.load(into, 32), f64x2.mul(unit, f64x2.convert_low_i32x4_s(high1))), 32);
  v128.store(into, f64x2.add(v128.load(into, 48), f64x2.mul(unit, f64x2.convert_low_i32x4_s(top1))), 48);
}

/** Panel `p` of w -> L_INTEGERS by the scales in L_SCALE, and its part of L_SUMS */
export function roundPanel(l: i32, layer: usize, p: usize): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const paired = isPaired(l);
  const from = load<usize>(layer, L_WEIGHTS) + p * (inputs + 1) * PANEL_BYTES;
  const to = load<usize>(layer, L_INTEGERS) + p * integerBytes(inputs, paired);
  const scales = load<usize>(layer, L_SCALE) + (p << 6);
  const unitBytes = load<usize>(layer, L_PANELS) << 6;
  const sums = load<usize>(layer, L_SUMS) + (p << 6);
  const sizes = sums + unitBytes;
  const isSaturating = load<f64>(H_CLIP) > 0 || load<i32>(H_WEIGHT_LIMIT) == 1;
  if (paired) {
    if (isSaturating) roundAll(true, true, from, to, inputs, scales);
    else roundAll(true, false, from, to, inputs, scales);
    sumPanel(true, to, (inputs + 1) >> 1, sums, sizes);
    if (load<u32>(layer, L_ZERO_PAIRS)) zeroPointSums(to, inputs, load<usize>(layer, L_ZERO_PAIRS), sizes + unitBytes);
  } else {
    if (isSaturating) roundAll(false, true, from, to, inputs, scales);
    else roundAll(false, false, from, to, inputs, scales);
    sumPanel(false, to, inputs, sums, sizes);
  }
}
