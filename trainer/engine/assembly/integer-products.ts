import { splat } from './elementary';
import { PANEL_BYTES } from './layout';
import { integerBytes } from './rounding';

/** The products of the fixed-point forward pass: i16 inputs by i16 weights in pairs, exact in i32. */

/** 4 rows of pairs × panel (pairs, 8, 2) -> 4 rows of 8 sums at `out` */
@inline
function tile(table: usize, panel: usize, pairs: usize, out: usize, outStride: usize): void {
  let q0 = load<usize>(table), q1 = load<usize>(table, 4), q2 = load<usize>(table, 8), q3 = load<usize>(table, 12);
  let a0 = splat(0), a1 = a0, a2 = a0, a3 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const end = q0 + (pairs << 2);
  while (q0 < end) {
    const w0 = v128.load(panel);
    const w1 = v128.load(panel, 16);
    const x0 = v128.load32_splat(q0);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x0, w0));
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(x0, w1));
    const x1 = v128.load32_splat(q1);
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x1, w0));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(x1, w1));
    const x2 = v128.load32_splat(q2);
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x2, w0));
    b2 = i32x4.add(b2, i32x4.dot_i16x8_s(x2, w1));
    const x3 = v128.load32_splat(q3);
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x3, w0));
    b3 = i32x4.add(b3, i32x4.dot_i16x8_s(x3, w1));
    q0 += 4; q1 += 4; q2 += 4; q3 += 4;
    panel += PANEL_BYTES;
  }
  v128.store(out, a0); v128.store(out, b0, 16);
  out += outStride;
  v128.store(out, a1); v128.store(out, b1, 16);
  out += outStride;
  v128.store(out, a2); v128.store(out, b2, 16);
  out += outStride;
  v128.store(out, a3); v128.store(out, b3, 16);
}

/** `rows` (a multiple of 4) of `inputs` i16, at the addresses in `table` -> W·q (rows, panels · 8), i32 */
export function integerDots(
  table: usize, rows: usize, weights: usize, inputs: usize, panels: usize, sums: usize, stride: usize,
): void {
  const panelBytes = integerBytes(inputs, true);
  for (let p: usize = 0; p < panels; p++) {
    for (let r: usize = 0; r < rows; r += 4) {
      tile(table + (r << 2), weights + p * panelBytes, (inputs + 1) >> 1, sums + r * stride + p * PANEL_BYTES, stride);
    }
  }
}

@inline
function real(integers: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(integers), scale);
}

/** Panels of pairs -> Wᵀ as `transpose` of matrix.ts makes it, each column n times scale[n] (f64) */
export function transposeIntegers(weights: usize, inputs: usize, outputs: usize, scale: usize, into: usize): void {
  const panelBytes = integerBytes(inputs, true);
  const columnBytes = outputs * PANEL_BYTES;
  for (let n: usize = 0; n < outputs; n++) {
    const factor = splat(<f32>load<f64>(scale + (n << 3)));
    let w = weights + (n >> 3) * panelBytes + ((n & 7) << 2);
    let wT = into + n * PANEL_BYTES;
    for (let i: usize = 0; i < inputs; i += 8) {
      let q = v128.load32_zero(w);
      q = v128.load32_lane(w + PANEL_BYTES, q, 1);
      q = v128.load32_lane(w + 2 * PANEL_BYTES, q, 2);
      q = v128.load32_lane(w + 3 * PANEL_BYTES, q, 3);
      v128.store(wT, real(i32x4.extend_low_i16x8_s(q), factor));
      v128.store(wT, real(i32x4.extend_high_i16x8_s(q), factor), 16);
      w += 4 * PANEL_BYTES;
      wT += columnBytes;
    }
  }
}

/** `count` u8 -> as many i16, filled up to a multiple of 8 by what comes next in memory */
@inline
export function widenIntegers(bytes: usize, count: usize, integers: usize): void {
  for (const end = bytes + count; bytes < end; bytes += 8) {
    v128.store(integers, v128.load8x8_u(bytes));
    integers += 16;
  }
}

/**
 * `count` u8 -> as many i16 and f32 scale · (q − zeroPoint), both filled up to a multiple of 8 by what comes next in
 * memory. `zeroPoints`: f32, filled up too.
 */
@inline
export function widenRow(bytes: usize, count: usize, integers: usize, reals: usize, zeroPoints: usize, scale: v128): void {
  for (const end = bytes + count; bytes < end; bytes += 8) {
    const q = v128.load8x8_u(bytes);
    const a = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(q)), b = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(q));
    v128.store(integers, q);
    v128.store(reals, f32x4.mul(scale, f32x4.sub(a, v128.load(zeroPoints))));
    v128.store(reals, f32x4.mul(scale, f32x4.sub(b, v128.load(zeroPoints, 16))), 16);
    integers += 16;
    reals += 32;
    zeroPoints += 32;
  }
}
