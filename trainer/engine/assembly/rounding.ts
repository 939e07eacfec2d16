import { splat } from './elementary';
import {
  H_CLIP, H_DATA, H_WEIGHT_LIMIT, L_INPUTS, L_INTEGERS, L_PANELS, L_SCALE, L_SUMS, L_WEIGHTS, L_ZERO_PAIRS, L_ZERO_POINTS,
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
function quotient(isSaturating: bool, w: v128, inverse: v128, most: v128): v128 {
  const x = f32x4.mul(w, inverse);
  return isSaturating ? f32x4.pmin(f32x4.pmax(x, f32x4.neg(most)), most) : x;
}

@inline
function rounded(x: v128): v128 {
  return f32x4.add(x, splat(ROUNDING));
}

@inline
function distance(x: v128, r: v128): v128 {
  return f32x4.abs(f32x4.sub(x, f32x4.sub(r, splat(ROUNDING))));
}

@inline
function isDoubtful(distances: v128): bool {
  return v128.any_true(f32x4.gt(distances, splat(DOUBTFUL)));
}

@inline
function storeSums(sums: v128, into: usize): void {
  v128.store(into, f64x2.convert_low_i32x4_s(sums));
  v128.store(into, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(sums, sums, 1, 1)), 16);
}

/** Two rows of the panel, of which the second may be missing, into one of pairs. */
@inline
function roundPairs(isSaturating: bool, from: usize, to: usize, hasSecond: bool, inverse0: v128, inverse1: v128, most: v128,
  scales: usize): void {
  const x0 = quotient(isSaturating, v128.load(from), inverse0, most);
  const x1 = quotient(isSaturating, v128.load(from, 16), inverse1, most);
  const y0 = hasSecond ? quotient(isSaturating, v128.load(from, 32), inverse0, most) : splat(0);
  const y1 = hasSecond ? quotient(isSaturating, v128.load(from, 48), inverse1, most) : splat(0);
  let r0 = rounded(x0), r1 = rounded(x1), s0 = rounded(y0), s1 = rounded(y1);
  const distances = f32x4.pmax(
    f32x4.pmax(distance(x0, r0), distance(x1, r1)),
    f32x4.pmax(distance(y0, s0), distance(y1, s1)),
  );
  if (isDoubtful(distances)) {
    const limit = f64x2.splat(<f64>load<i32>(H_WEIGHT_LIMIT));
    r0 = divide4(v128.load(from), limit, scales);
    r1 = divide4(v128.load(from, 16), limit, scales + 32);
    if (hasSecond) {
      s0 = divide4(v128.load(from, 32), limit, scales);
      s1 = divide4(v128.load(from, 48), limit, scales + 32);
    }
  }
  const lower = i32x4.splat(0xffff);
  v128.store(to, v128.or(v128.and(r0, lower), i32x4.shl(s0, 16)));
  v128.store(to, v128.or(v128.and(r1, lower), i32x4.shl(s1, 16)), 16);
}

@inline
function roundPaired(isSaturating: bool, from: usize, to: usize, inputs: usize, scales: usize, sums: usize, sizes: usize): void {
  const most = splat(<f32>load<i32>(H_WEIGHT_LIMIT));
  const inverse0 = inverseOf(scales), inverse1 = inverseOf(scales + 32);
  const ones = i16x8.splat(1);
  let sum0 = splat(0), sum1 = sum0, size0 = sum0, size1 = sum0;
  const end = from + (inputs & ~1) * PANEL_BYTES;
  const isOdd = (inputs & 1) != 0;
  const last = to + ((inputs + 1) >> 1) * PANEL_BYTES;
  for (; to < last; to += PANEL_BYTES) {
    if (isOdd && from == end) roundPairs(isSaturating, from, to, false, inverse0, inverse1, most, scales);
    else roundPairs(isSaturating, from, to, true, inverse0, inverse1, most, scales);
    const q0 = v128.load(to), q1 = v128.load(to, 16);
    sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(q0, ones));
    sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(q1, ones));
    size0 = i32x4.add(size0, i32x4.dot_i16x8_s(i16x8.abs(q0), ones));
    size1 = i32x4.add(size1, i32x4.dot_i16x8_s(i16x8.abs(q1), ones));
    from += 2 * PANEL_BYTES;
  }
  storeSums(sum0, sums); storeSums(sum1, sums + 32);
  storeSums(size0, sizes); storeSums(size1, sizes + 32);
}

@inline
function roundSingle(isSaturating: bool, from: usize, to: usize, inputs: usize, scales: usize, sums: usize, sizes: usize): void {
  const most = splat(<f32>load<i32>(H_WEIGHT_LIMIT));
  const inverse0 = inverseOf(scales), inverse1 = inverseOf(scales + 32);
  const bits = i32x4.splat(ROUNDING_BITS);
  let sum0 = splat(0), sum1 = sum0, size0 = sum0, size1 = sum0;
  const end = from + inputs * PANEL_BYTES;
  for (; from < end; from += PANEL_BYTES) {
    const x0 = quotient(isSaturating, v128.load(from), inverse0, most);
    const x1 = quotient(isSaturating, v128.load(from, 16), inverse1, most);
    let r0 = rounded(x0), r1 = rounded(x1);
    if (isDoubtful(f32x4.pmax(distance(x0, r0), distance(x1, r1)))) {
      const limit = f64x2.splat(<f64>load<i32>(H_WEIGHT_LIMIT));
      r0 = divide4(v128.load(from), limit, scales);
      r1 = divide4(v128.load(from, 16), limit, scales + 32);
    }
    const q0 = i32x4.sub(r0, bits), q1 = i32x4.sub(r1, bits);
    v128.store(to, q0);
    v128.store(to, q1, 16);
    sum0 = i32x4.add(sum0, q0);
    sum1 = i32x4.add(sum1, q1);
    size0 = i32x4.add(size0, i32x4.abs(q0));
    size1 = i32x4.add(size1, i32x4.abs(q1));
    to += PANEL_BYTES;
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
    if (isSaturating) roundPaired(true, from, to, inputs, scales, sums, sizes);
    else roundPaired(false, from, to, inputs, scales, sums, sizes);
    if (load<u32>(layer, L_ZERO_POINTS)) zeroPointSums(to, inputs, load<usize>(layer, L_ZERO_PAIRS), sizes + unitBytes);
  } else if (isSaturating) roundSingle(true, from, to, inputs, scales, sums, sizes);
  else roundSingle(false, from, to, inputs, scales, sums, sizes);
}
