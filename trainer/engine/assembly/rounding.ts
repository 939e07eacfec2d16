import { splat } from './elementary';
import {
  H_CLIP, H_DATA, H_WEIGHT_LIMIT, L_INPUTS, L_INTEGERS, L_SCALE, L_SUMS, L_WEIGHTS, PANEL_BYTES, S_BELOW, SUM_BYTES,
} from './layout';
import { storeZeroPoints } from './weight-sums';

/**
 * Weights to integers, a panel of 8 neurons at a time. Integers are i16 in pairs of inputs, (pairs, 8, 2), so that one
 * instruction multiplies and adds two inputs; pairs fill up to four with zeros. Sparse inputs come one by one: their
 * weights are i32, (inputs + 1, 8).
 */

/** Added to a number of at most 22 bits it leaves the nearest integer in the lowest bits. */
const ROUNDING: f32 = 12582912; // 1.5 · 2^23
const ROUNDING_BITS: i32 = 0x4b400000;

/**
 * A quotient in f32 errs by less than 2e-5, being at most 127. Where it lies no nearer to a half than this, it rounds
 * as the exact one does; where others are among them, all of a chunk are divided again in f64.
 */
const DOUBTFUL: f32 = 0.49998;

/** Inputs that are rounded in one go, so that few are divided where one is doubtful. */
const CHUNK: usize = 64;

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
@inline
function divide4(w: v128, scales: usize): v128 {
  const limit = f64x2.splat(<f64>load<i32>(H_WEIGHT_LIMIT));
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

/** From x to the integer that `r` stands for; f32x4.abs would load its mask anew each time. */
@inline
function distance(x: v128, r: v128, sizeOnly: v128): v128 {
  return v128.and(f32x4.sub(x, f32x4.sub(r, splat(ROUNDING))), sizeOnly);
}

/** Four neurons' integers of two inputs side by side, i16 (4, 2) */
@inline
function pairOf(first: v128, second: v128): v128 {
  return v128.shuffle<i16>(first, i32x4.shl(second, 16), 0, 9, 2, 11, 4, 13, 6, 15);
}

/** Four neurons' integers of one input, i32 (4,) */
@inline
function integerOf(r: v128): v128 {
  return i32x4.sub(r, i32x4.splat(ROUNDING_BITS));
}

/** w / scale, no further from 0 than the largest integer where it may be */
@inline
function quotient(isSaturating: bool, from: usize, inverse: v128, most: v128): v128 {
  const x = f32x4.mul(v128.load(from), inverse);
  return isSaturating ? f32x4.pmin(f32x4.pmax(x, f32x4.neg(most)), most) : x;
}

/** x to the nearest integer, or exactly the weights at `from` by their scales, as `rounded` leaves it. */
@inline
function nearest(isExact: bool, x: v128, from: usize, scales: usize): v128 {
  return isExact ? divide4(v128.load(from), scales) : rounded(x);
}

/** Adds what a chunk's integers add up to, those above 0 and all of them, to four neurons' sums at `into`. */
@inline
function addSums(isFirst: bool, above: v128, total: v128, into: usize): void {
  const below = i32x4.sub(total, above);
  v128.store(into, isFirst ? above : i32x4.add(v128.load(into), above));
  v128.store(into, isFirst ? below : i32x4.add(v128.load(into, S_BELOW), below), S_BELOW);
}

/**
 * The weights of eight neurons and `count` inputs in pairs to integers, whose sums are added to those at `sums`. False, and
 * nothing added, where a quotient is doubtful. Sums of a chunk's pairs fit 16 bits.
 */
@inline
function roundPairs(isSaturating: bool, isExact: bool, from: usize, to: usize, count: usize, scales: usize, inverse0: v128,
  inverse1: v128, most: v128, isFirst: bool, sums: usize): bool {
  const sizeOnly = i32x4.splat(0x7fffffff), none = splat(0), ones = i16x8.splat(1);
  let distances = none, above0 = none, above1 = none, total0 = none, total1 = none;
  for (const end = from + (count & ~1) * PANEL_BYTES; from < end; from += 2 * PANEL_BYTES) {
    const x0 = quotient(isSaturating, from, inverse0, most);
    const x1 = quotient(isSaturating, from + PANEL_BYTES, inverse0, most);
    const r0 = nearest(isExact, x0, from, scales), r1 = nearest(isExact, x1, from + PANEL_BYTES, scales);
    const q0 = pairOf(r0, r1);
    v128.store(to, q0);
    above0 = i16x8.add(above0, i16x8.max_s(q0, none));
    total0 = i16x8.add(total0, q0);
    const x2 = quotient(isSaturating, from + 16, inverse1, most);
    const x3 = quotient(isSaturating, from + 16 + PANEL_BYTES, inverse1, most);
    const r2 = nearest(isExact, x2, from + 16, scales + 32), r3 = nearest(isExact, x3, from + 16 + PANEL_BYTES, scales + 32);
    const q1 = pairOf(r2, r3);
    v128.store(to, q1, 16);
    above1 = i16x8.add(above1, i16x8.max_s(q1, none));
    total1 = i16x8.add(total1, q1);
    if (!isExact) {
      const distance0 = f32x4.pmax(distance(x0, r0, sizeOnly), distance(x1, r1, sizeOnly));
      const distance1 = f32x4.pmax(distance(x2, r2, sizeOnly), distance(x3, r3, sizeOnly));
      distances = f32x4.pmax(distances, f32x4.pmax(distance0, distance1));
    }
    to += PANEL_BYTES;
  }
  if (count & 1) {
    const x0 = quotient(isSaturating, from, inverse0, most), x2 = quotient(isSaturating, from + 16, inverse1, most);
    const r0 = nearest(isExact, x0, from, scales), r2 = nearest(isExact, x2, from + 16, scales + 32);
    const q0 = pairOf(r0, splat(ROUNDING)), q1 = pairOf(r2, splat(ROUNDING));
    v128.store(to, q0); v128.store(to, q1, 16);
    above0 = i16x8.add(above0, i16x8.max_s(q0, none));
    total0 = i16x8.add(total0, q0);
    above1 = i16x8.add(above1, i16x8.max_s(q1, none));
    total1 = i16x8.add(total1, q1);
    if (!isExact) distances = f32x4.pmax(distances, f32x4.pmax(distance(x0, r0, sizeOnly), distance(x2, r2, sizeOnly)));
  }
  if (!isExact && v128.any_true(f32x4.gt(distances, splat(DOUBTFUL)))) return false;
  addSums(isFirst, i32x4.dot_i16x8_s(above0, ones), i32x4.dot_i16x8_s(total0, ones), sums);
  addSums(isFirst, i32x4.dot_i16x8_s(above1, ones), i32x4.dot_i16x8_s(total1, ones), sums + 16);
  return true;
}

/** As `roundPairs`, input by input. */
@inline
function roundSingles(isExact: bool, from: usize, to: usize, count: usize, scales: usize, inverse0: v128, inverse1: v128,
  most: v128, isFirst: bool, sums: usize): bool {
  const sizeOnly = i32x4.splat(0x7fffffff), none = splat(0);
  let distances = none, above0 = none, above1 = none, total0 = none, total1 = none;
  for (const end = from + count * PANEL_BYTES; from < end; from += PANEL_BYTES) {
    const x0 = quotient(true, from, inverse0, most), x1 = quotient(true, from + 16, inverse1, most);
    const r0 = nearest(isExact, x0, from, scales), r1 = nearest(isExact, x1, from + 16, scales + 32);
    const q0 = integerOf(r0), q1 = integerOf(r1);
    v128.store(to, q0); v128.store(to, q1, 16);
    above0 = i32x4.add(above0, i32x4.max_s(q0, none));
    total0 = i32x4.add(total0, q0);
    above1 = i32x4.add(above1, i32x4.max_s(q1, none));
    total1 = i32x4.add(total1, q1);
    if (!isExact) distances = f32x4.pmax(distances, f32x4.pmax(distance(x0, r0, sizeOnly), distance(x1, r1, sizeOnly)));
    to += PANEL_BYTES;
  }
  if (!isExact && v128.any_true(f32x4.gt(distances, splat(DOUBTFUL)))) return false;
  addSums(isFirst, above0, total0, sums);
  addSums(isFirst, above1, total1, sums + 16);
  return true;
}

@inline
function roundChunk(paired: bool, isSaturating: bool, isExact: bool, from: usize, to: usize, count: usize, scales: usize,
  inverse0: v128, inverse1: v128, most: v128, isFirst: bool, sums: usize): bool {
  return paired
    ? roundPairs(isSaturating, isExact, from, to, count, scales, inverse0, inverse1, most, isFirst, sums)
    : roundSingles(isExact, from, to, count, scales, inverse0, inverse1, most, isFirst, sums);
}

/**
 * The weights of a panel to integers, by the inverses of their scales, and their sums above and below 0 to `sums`. It calls
 * nothing, so that V8 keeps all in registers.
 */
@inline
export function roundRows(paired: bool, isSaturating: bool, from: usize, to: usize, inputs: usize, scales: usize, inverse0: v128,
  inverse1: v128, sums: usize): void {
  const most = splat(<f32>load<i32>(H_WEIGHT_LIMIT)), none = splat(0);
  for (let left = inputs; left > 0; ) {
    const count = min<usize>(left, CHUNK), isFirst = left == inputs;
    if (!roundChunk(paired, isSaturating, false, from, to, count, scales, inverse0, inverse1, most, isFirst, sums)) {
      roundChunk(paired, isSaturating, true, from, to, count, scales, none, none, most, isFirst, sums);
    }
    from += CHUNK * PANEL_BYTES;
    to += paired ? <usize>(CHUNK / 2 * PANEL_BYTES) : CHUNK * PANEL_BYTES;
    left -= count;
  }
}

/** Whether weights may lie beyond the largest integer. */
@inline
export function saturates(): bool {
  return load<f64>(H_CLIP) > 0 || load<i32>(H_WEIGHT_LIMIT) == 1;
}

/** Panel `p` of w -> L_INTEGERS by the scales in L_SCALE, and its part of L_SUMS */
export function roundPanel(l: i32, layer: usize, p: usize): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const paired = isPaired(l);
  const from = load<usize>(layer, L_WEIGHTS) + p * (inputs + 1) * PANEL_BYTES;
  const to = load<usize>(layer, L_INTEGERS) + p * integerBytes(inputs, paired);
  const scales = load<usize>(layer, L_SCALE) + (p << 6);
  const sums = load<usize>(layer, L_SUMS) + p * SUM_BYTES;
  const inverse0 = inverseOf(scales), inverse1 = inverseOf(scales + 32);
  if (!paired) roundRows(false, true, from, to, inputs, scales, inverse0, inverse1, sums);
  else if (saturates()) roundRows(true, true, from, to, inputs, scales, inverse0, inverse1, sums);
  else roundRows(true, false, from, to, inputs, scales, inverse0, inverse1, sums);
  storeZeroPoints(paired, layer, to, inputs, sums);
}
