import { splat } from './elementary';
import { H_CLIP, H_DATA, H_WEIGHT_LIMIT, L_INPUTS, L_INTEGERS, L_SCALE, L_WEIGHTS, PANEL_BYTES } from './layout';

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

/** Four neurons' integers of two inputs side by side, or one behind the other. */
@inline
function storeTwo(paired: bool, first: v128, second: v128, to: usize): void {
  if (paired) v128.store(to, v128.shuffle<i16>(first, i32x4.shl(second, 16), 0, 9, 2, 11, 4, 13, 6, 15));
  else {
    storeOne(first, to);
    storeOne(second, to + PANEL_BYTES);
  }
}

@inline
function storeOne(r: v128, to: usize): void {
  v128.store(to, i32x4.sub(r, i32x4.splat(ROUNDING_BITS)));
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

/** The weights of eight neurons and `count` inputs to integers. False where a quotient is doubtful. */
@inline
function roundChunk(paired: bool, isSaturating: bool, isExact: bool, from: usize, to: usize, count: usize, scales: usize,
  inverse0: v128, inverse1: v128, most: v128): bool {
  const sizeOnly = i32x4.splat(0x7fffffff);
  let distances = splat(0);
  for (const end = from + (count & ~1) * PANEL_BYTES; from < end; from += 2 * PANEL_BYTES) {
    const x0 = quotient(isSaturating, from, inverse0, most);
    const x1 = quotient(isSaturating, from + PANEL_BYTES, inverse0, most);
    const r0 = nearest(isExact, x0, from, scales), r1 = nearest(isExact, x1, from + PANEL_BYTES, scales);
    storeTwo(paired, r0, r1, to);
    const x2 = quotient(isSaturating, from + 16, inverse1, most);
    const x3 = quotient(isSaturating, from + 16 + PANEL_BYTES, inverse1, most);
    const r2 = nearest(isExact, x2, from + 16, scales + 32), r3 = nearest(isExact, x3, from + 16 + PANEL_BYTES, scales + 32);
    storeTwo(paired, r2, r3, to + 16);
    if (!isExact) {
      const distance0 = f32x4.pmax(distance(x0, r0, sizeOnly), distance(x1, r1, sizeOnly));
      const distance1 = f32x4.pmax(distance(x2, r2, sizeOnly), distance(x3, r3, sizeOnly));
      distances = f32x4.pmax(distances, f32x4.pmax(distance0, distance1));
    }
    to += paired ? <usize>PANEL_BYTES : 2 * PANEL_BYTES;
  }
  if (count & 1) {
    const x0 = quotient(isSaturating, from, inverse0, most), x2 = quotient(isSaturating, from + 16, inverse1, most);
    const r0 = nearest(isExact, x0, from, scales), r2 = nearest(isExact, x2, from + 16, scales + 32);
    if (!isExact) distances = f32x4.pmax(distances, f32x4.pmax(distance(x0, r0, sizeOnly), distance(x2, r2, sizeOnly)));
    if (paired) { storeTwo(true, r0, splat(ROUNDING), to); storeTwo(true, r2, splat(ROUNDING), to + 16); }
    else { storeOne(r0, to); storeOne(r2, to + 16); }
  }
  return isExact || !v128.any_true(f32x4.gt(distances, splat(DOUBTFUL)));
}

/** The weights of a panel to integers, by the inverses of their scales. It calls nothing, so that V8 keeps all in registers. */
@inline
export function roundRows(paired: bool, isSaturating: bool, from: usize, to: usize, inputs: usize, scales: usize, inverse0: v128,
  inverse1: v128): void {
  const most = splat(<f32>load<i32>(H_WEIGHT_LIMIT)), none = splat(0);
  for (let left = inputs; left > 0; ) {
    const count = min<usize>(left, CHUNK);
    if (!roundChunk(paired, isSaturating, false, from, to, count, scales, inverse0, inverse1, most)) {
      roundChunk(paired, isSaturating, true, from, to, count, scales, none, none, most);
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

/** Panel `p` of w -> L_INTEGERS by the scales in L_SCALE */
export function roundPanel(l: i32, layer: usize, p: usize): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const paired = isPaired(l);
  const from = load<usize>(layer, L_WEIGHTS) + p * (inputs + 1) * PANEL_BYTES;
  const to = load<usize>(layer, L_INTEGERS) + p * integerBytes(inputs, paired);
  const scales = load<usize>(layer, L_SCALE) + (p << 6);
  const inverse0 = inverseOf(scales), inverse1 = inverseOf(scales + 32);
  if (!paired) roundRows(false, true, from, to, inputs, scales, inverse0, inverse1);
  else if (saturates()) roundRows(true, true, from, to, inputs, scales, inverse0, inverse1);
  else roundRows(true, false, from, to, inputs, scales, inverse0, inverse1);
}
