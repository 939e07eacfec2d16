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
 * A quotient in f32 errs by less than 2e-5, being at most 127. Where it lies no nearer to a half than this, it rounds
 * as the exact one does; where others are among them, all of a chunk are divided again in f64.
 */
const DOUBTFUL: f32 = 0.49998;

/** Inputs that are rounded in one go: no call among them, which would keep V8 from holding their sums in registers. */
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

/** |x − q|; f32x4.abs would load its mask anew each time. */
@inline
function distance(x: v128, q: v128, sizeOnly: v128): v128 {
  return v128.and(f32x4.sub(x, q), sizeOnly);
}

@inline
function whole(r: v128): v128 {
  return f32x4.sub(r, splat(ROUNDING));
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

/** w / scale, not far beyond the largest integer */
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

@inline
function addSums(isFirst: bool, sum: v128, into: usize): void {
  const low = f64x2.promote_low_f32x4(sum), top = high(sum);
  v128.store(into, isFirst ? low : f64x2.add(v128.load(into), low));
  v128.store(into, isFirst ? top : f64x2.add(v128.load(into, 16), top), 16);
}

/**
 * The weights of eight neurons and `count` inputs to integers; Σq and Σ|q|, (8,) each, to `sums` and `sizes`, or added
 * to them. Sums of so few are exact in f32. False, and nothing added, where a quotient is doubtful.
 */
@inline
function roundChunk(paired: bool, isSaturating: bool, isExact: bool, from: usize, to: usize, count: usize, scales: usize,
  inverse0: v128, inverse1: v128, most: v128, isFirst: bool, sums: usize, sizes: usize): bool {
  const sizeOnly = i32x4.splat(0x7fffffff);
  let distances = splat(0), sum0 = distances, sum1 = distances, size0 = distances, size1 = distances;
  for (const end = from + (count & ~1) * PANEL_BYTES; from < end; from += 2 * PANEL_BYTES) {
    const x0 = quotient(isSaturating, from, inverse0, most);
    const x1 = quotient(isSaturating, from + PANEL_BYTES, inverse0, most);
    const r0 = nearest(isExact, x0, from, scales), r1 = nearest(isExact, x1, from + PANEL_BYTES, scales);
    const q0 = whole(r0), q1 = whole(r1);
    sum0 = f32x4.add(sum0, f32x4.add(q0, q1));
    size0 = f32x4.add(size0, f32x4.add(v128.and(q0, sizeOnly), v128.and(q1, sizeOnly)));
    if (!isExact) distances = f32x4.pmax(distances, f32x4.pmax(distance(x0, q0, sizeOnly), distance(x1, q1, sizeOnly)));
    storeTwo(paired, r0, r1, to);
    const x2 = quotient(isSaturating, from + 16, inverse1, most);
    const x3 = quotient(isSaturating, from + 16 + PANEL_BYTES, inverse1, most);
    const r2 = nearest(isExact, x2, from + 16, scales + 32), r3 = nearest(isExact, x3, from + 16 + PANEL_BYTES, scales + 32);
    const q2 = whole(r2), q3 = whole(r3);
    sum1 = f32x4.add(sum1, f32x4.add(q2, q3));
    size1 = f32x4.add(size1, f32x4.add(v128.and(q2, sizeOnly), v128.and(q3, sizeOnly)));
    if (!isExact) distances = f32x4.pmax(distances, f32x4.pmax(distance(x2, q2, sizeOnly), distance(x3, q3, sizeOnly)));
    storeTwo(paired, r2, r3, to + 16);
    to += paired ? <usize>PANEL_BYTES : 2 * PANEL_BYTES;
  }
  if (count & 1) {
    const x0 = quotient(isSaturating, from, inverse0, most), x2 = quotient(isSaturating, from + 16, inverse1, most);
    const r0 = nearest(isExact, x0, from, scales), r2 = nearest(isExact, x2, from + 16, scales + 32);
    const q0 = whole(r0), q2 = whole(r2);
    sum0 = f32x4.add(sum0, q0); sum1 = f32x4.add(sum1, q2);
    size0 = f32x4.add(size0, v128.and(q0, sizeOnly)); size1 = f32x4.add(size1, v128.and(q2, sizeOnly));
    distances = f32x4.pmax(distances, f32x4.pmax(distance(x0, q0, sizeOnly), distance(x2, q2, sizeOnly)));
    if (paired) { storeTwo(true, r0, splat(ROUNDING), to); storeTwo(true, r2, splat(ROUNDING), to + 16); }
    else { storeOne(r0, to); storeOne(r2, to + 16); }
  }
  if (!isExact && v128.any_true(f32x4.gt(distances, splat(DOUBTFUL)))) return false;
  addSums(isFirst, sum0, sums); addSums(isFirst, sum1, sums + 32);
  addSums(isFirst, size0, sizes); addSums(isFirst, size1, sizes + 32);
  return true;
}

/** `roundChunk`, exactly */
function divideChunk(paired: bool, from: usize, to: usize, count: usize, scales: usize, isFirst: bool, sums: usize, sizes: usize): void {
  const none = splat(0);
  if (paired) roundChunk(true, false, true, from, to, count, scales, none, none, none, isFirst, sums, sizes);
  else roundChunk(false, false, true, from, to, count, scales, none, none, none, isFirst, sums, sizes);
}

@inline
function roundAll(paired: bool, isSaturating: bool, from: usize, to: usize, inputs: usize, scales: usize, inverse0: v128, inverse1: v128,
  sums: usize, sizes: usize): void {
  const most = splat(<f32>load<i32>(H_WEIGHT_LIMIT));
  for (let i: usize = 0; i < inputs; i += CHUNK) {
    const count = min<usize>(inputs - i, CHUNK);
    const isSure = roundChunk(paired, isSaturating, false, from, to, count, scales, inverse0, inverse1, most, i == 0, sums, sizes);
    if (!isSure) divideChunk(paired, from, to, count, scales, i == 0, sums, sizes);
    from += CHUNK * PANEL_BYTES;
    to += paired ? <usize>(CHUNK / 2 * PANEL_BYTES) : CHUNK * PANEL_BYTES;
  }
}

/** `roundAll` of pairs that do not saturate: the usual case, in a function of its own so that nothing is asked in its loop. */
function roundPairs(from: usize, to: usize, inputs: usize, scales: usize, inverse0: v128, inverse1: v128, sums: usize, sizes: usize): void {
  roundAll(true, false, from, to, inputs, scales, inverse0, inverse1, sums, sizes);
}

@inline
function storeSums(sums: v128, into: usize): void {
  v128.store(into, f64x2.convert_low_i32x4_s(sums));
  v128.store(into, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(sums, sums, 1, 1)), 16);
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

@inline
function roundPanelBy(isSaturating: bool, paired: bool, layer: usize, inputs: usize, from: usize, to: usize, scales: usize,
  inverse0: v128, inverse1: v128, sums: usize, unitBytes: usize): void {
  const sizes = sums + unitBytes;
  if (paired) {
    if (isSaturating) roundAll(true, true, from, to, inputs, scales, inverse0, inverse1, sums, sizes);
    else roundPairs(from, to, inputs, scales, inverse0, inverse1, sums, sizes);
    if (load<u32>(layer, L_ZERO_PAIRS)) zeroPointSums(to, inputs, load<usize>(layer, L_ZERO_PAIRS), sizes + unitBytes);
  } else if (isSaturating) roundAll(false, true, from, to, inputs, scales, inverse0, inverse1, sums, sizes);
  else roundAll(false, false, from, to, inputs, scales, inverse0, inverse1, sums, sizes);
}

@inline
function saturates(): bool {
  return load<f64>(H_CLIP) > 0 || load<i32>(H_WEIGHT_LIMIT) == 1;
}

/** Panel `p` of w -> L_INTEGERS by the scales in L_SCALE, and its part of L_SUMS */
export function roundPanel(l: i32, layer: usize, p: usize): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const paired = isPaired(l);
  const from = load<usize>(layer, L_WEIGHTS) + p * (inputs + 1) * PANEL_BYTES;
  const to = load<usize>(layer, L_INTEGERS) + p * integerBytes(inputs, paired);
  const scales = load<usize>(layer, L_SCALE) + (p << 6);
  const sums = load<usize>(layer, L_SUMS) + (p << 6);
  roundPanelBy(saturates(), paired, layer, inputs, from, to, scales, inverseOf(scales), inverseOf(scales + 32), sums,
    load<usize>(layer, L_PANELS) << 6);
}

/** All panels, by one scale, which L_SCALE has for every neuron. */
export function roundCommon(l: i32, layer: usize, scale: f64): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const paired = isPaired(l);
  const isSaturating = saturates();
  const inverse = splat(<f32>(1 / scale));
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  const intoBytes = integerBytes(inputs, paired);
  const unitBytes = load<usize>(layer, L_PANELS) << 6;
  let from = load<usize>(layer, L_WEIGHTS);
  let to = load<usize>(layer, L_INTEGERS);
  let scales = load<usize>(layer, L_SCALE);
  let sums = load<usize>(layer, L_SUMS);
  for (const end = sums + unitBytes; sums < end; sums += 64) {
    roundPanelBy(isSaturating, paired, layer, inputs, from, to, scales, inverse, inverse, sums, unitBytes);
    from += panelBytes;
    to += intoBytes;
    scales += 64;
  }
}
