import { PANEL_BYTES } from './layout';

/**
 * The products, on panels of 8 columns. Register tiles hold 4 rows × 8 columns: more than 8 vector accumulators
 * would spill in V8.
 */

/** What a tile starts from and how it ends. */
@inline
const AFFINE = 0; // bias + W·a
@inline
const RELU = 1; // max(bias + W·a, 0)
@inline
const SLOPED = 2; // (Wᵀ·δ) · g'
@inline
const MASKED = 3; // (Wᵀ·δ), 0 where a is not above 0
@inline
const FILTERED = 4; // (Wᵀ·δ) & g', g' being all bits 0 or 1
@inline
const PLAIN = 5; // X·P

@inline
function finish(mode: i32, sum: v128, at: usize, slope: usize): void {
  if (mode == SLOPED) v128.store(at, f32x4.mul(sum, v128.load(slope)));
  else if (mode == MASKED) v128.store(at, v128.and(sum, f32x4.gt(v128.load(slope), f32x4.splat(0))));
  else if (mode == RELU) v128.store(at, f32x4.pmax(sum, f32x4.splat(0)));
  else if (mode == FILTERED) v128.store(at, v128.and(sum, v128.load(slope)));
  else v128.store(at, sum);
}

@inline
function finishRow(mode: i32, isHalf: bool, a: v128, b: v128, at: usize, slope: usize): void {
  finish(mode, a, at, slope);
  if (!isHalf) finish(mode, b, at + 16, slope + 16);
}

/** 4 rows (k,) × panel (k, 8) -> 4 rows of 8 at `out`, or of their first four where `isHalf` */
@inline
function tile(
  mode: i32, isHalf: bool, p0: usize, p1: usize, p2: usize, p3: usize, panel: usize, count: usize,
  bias: usize, out: usize, stride: usize, slope: usize,
): void {
  const isBiased = mode == AFFINE || mode == RELU;
  let a0 = isBiased ? v128.load(bias) : f32x4.splat(0);
  let b0 = isBiased ? v128.load(bias, 16) : f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0;
  let b1 = b0, b2 = b0, b3 = b0;
  const end = p0 + (count << 2);
  while (p0 < end) {
    const w0 = v128.load(panel);
    const w1 = v128.load(panel, 16);
    const x0 = v128.load32_splat(p0);
    a0 = f32x4.add(a0, f32x4.mul(x0, w0));
    if (!isHalf) b0 = f32x4.add(b0, f32x4.mul(x0, w1));
    const x1 = v128.load32_splat(p1);
    a1 = f32x4.add(a1, f32x4.mul(x1, w0));
    if (!isHalf) b1 = f32x4.add(b1, f32x4.mul(x1, w1));
    const x2 = v128.load32_splat(p2);
    a2 = f32x4.add(a2, f32x4.mul(x2, w0));
    if (!isHalf) b2 = f32x4.add(b2, f32x4.mul(x2, w1));
    const x3 = v128.load32_splat(p3);
    a3 = f32x4.add(a3, f32x4.mul(x3, w0));
    if (!isHalf) b3 = f32x4.add(b3, f32x4.mul(x3, w1));
    p0 += 4; p1 += 4; p2 += 4; p3 += 4;
    panel += PANEL_BYTES;
  }
  finishRow(mode, isHalf, a0, b0, out, slope);
  out += stride; slope += stride;
  finishRow(mode, isHalf, a1, b1, out, slope);
  out += stride; slope += stride;
  finishRow(mode, isHalf, a2, b2, out, slope);
  out += stride; slope += stride;
  finishRow(mode, isHalf, a3, b3, out, slope);
}

/** Of so many columns, the panels with more than four; what is left is no more than half a panel. */
@inline
export function wholePanels(columns: usize): usize {
  return (columns + 3) >> 3;
}

@inline
function productOf(
  mode: i32, isHalf: bool, table: usize, rows: usize, panel: usize, inputs: usize, z: usize, stride: usize,
): void {
  const bias = panel + inputs * PANEL_BYTES;
  for (let r: usize = 0; r < rows; r += 4) {
    const t = table + (r << 2);
    tile(mode, isHalf, load<usize>(t), load<usize>(t, 4), load<usize>(t, 8), load<usize>(t, 12), panel, inputs, bias,
      z + r * stride, stride, 0);
  }
}

@inline
function product(
  mode: i32, table: usize, rows: usize, weights: usize, inputs: usize, outputs: usize, z: usize, stride: usize,
): void {
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  const wholes = wholePanels(outputs);
  for (let p: usize = 0; p < wholes; p++) {
    productOf(mode, false, table, rows, weights + p * panelBytes, inputs, z + p * PANEL_BYTES, stride);
  }
  if (outputs > wholes << 3) {
    productOf(mode, true, table, rows, weights + wholes * panelBytes, inputs, z + wholes * PANEL_BYTES, stride);
  }
}

/** `rows` (a multiple of 4) of `inputs` f32, at the addresses in `table` -> z (rows, outputs), rows `stride` bytes apart */
export function affine(
  table: usize, rows: usize, weights: usize, inputs: usize, outputs: usize, z: usize, stride: usize,
): void {
  product(AFFINE, table, rows, weights, inputs, outputs, z, stride);
}

/** The same -> max(z, 0) */
export function affineRelu(
  table: usize, rows: usize, weights: usize, inputs: usize, outputs: usize, a: usize, stride: usize,
): void {
  product(RELU, table, rows, weights, inputs, outputs, a, stride);
}

/**
 * W (panels of i) -> Wᵀ (panels of n, without bias) for the inputs from `from`, a multiple of 8, to `to`
 */
export function transpose(
  weights: usize, inputs: usize, outputs: usize, from: usize, to: usize, into: usize,
): void {
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  for (let n: usize = 0; n < outputs; n++) {
    let w = weights + (n >> 3) * panelBytes + from * PANEL_BYTES + ((n & 7) << 2);
    let wT = into + (from >> 3) * outputs * PANEL_BYTES + n * PANEL_BYTES;
    for (let i = from; i < to; i++) {
      store<f32>(wT, load<f32>(w));
      w += PANEL_BYTES;
      wT += 4;
      if ((i & 7) == 7) wT += (outputs - 1) * PANEL_BYTES;
    }
  }
}

@inline
function propagate(
  mode: i32, delta: usize, deltaStride: usize, rows: usize, transposed: usize, outputs: usize, inputs: usize,
  slope: usize, into: usize, stride: usize,
): void {
  const panels = (inputs + 7) >> 3;
  for (let p: usize = 0; p < panels; p++) {
    const panel = transposed + p * outputs * PANEL_BYTES;
    for (let r: usize = 0; r < rows; r += 4) {
      const d = delta + r * deltaStride;
      const at = r * stride + p * PANEL_BYTES;
      tile(mode, false, d, d + deltaStride, d + 2 * deltaStride, d + 3 * deltaStride, panel, outputs, 0,
        into + at, stride, slope + at);
    }
  }
}

/** δ (rows, n) @ Wᵀ · g' -> δ of the layer before (rows, i) */
export function propagateDelta(
  delta: usize, deltaStride: usize, rows: usize, transposed: usize, outputs: usize, inputs: usize,
  slope: usize, into: usize, stride: usize,
): void {
  propagate(SLOPED, delta, deltaStride, rows, transposed, outputs, inputs, slope, into, stride);
}

/** The same where g' is 1 for a > 0 and 0 elsewhere. */
export function propagateDeltaRelu(
  delta: usize, deltaStride: usize, rows: usize, transposed: usize, outputs: usize, inputs: usize,
  a: usize, into: usize, stride: usize,
): void {
  propagate(MASKED, delta, deltaStride, rows, transposed, outputs, inputs, a, into, stride);
}

/** The same where g' is a mask of bits. */
export function propagateDeltaFiltered(
  delta: usize, deltaStride: usize, rows: usize, transposed: usize, outputs: usize, inputs: usize,
  mask: usize, into: usize, stride: usize,
): void {
  propagate(FILTERED, delta, deltaStride, rows, transposed, outputs, inputs, mask, into, stride);
}

/** rows (a multiple of 4) of `count` f32 at the addresses in `table` @ panels (count, 8) -> out, both strides in bytes */
export function multiplyPanels(
  table: usize, rows: usize, matrix: usize, count: usize, panelBytes: usize, panels: usize, out: usize,
  rowStride: usize, panelStride: usize,
): void {
  for (let p: usize = 0; p < panels; p++) {
    for (let r: usize = 0; r < rows; r += 4) {
      const t = table + (r << 2);
      tile(PLAIN, false, load<usize>(t), load<usize>(t, 4), load<usize>(t, 8), load<usize>(t, 12), matrix + p * panelBytes,
        count, 0, out + r * rowStride + p * panelStride, rowStride, 0);
    }
  }
}

/** Σ_rows a_i δ_n of one panel of n and the inputs from `from` to `to`, (to − from, 8) at `into` */
export function accumulateGradient(
  table: usize, rows: usize, from: usize, to: usize, delta: usize, stride: usize, into: usize,
): void {
  const end = table + (rows << 2);
  let i = from;
  for (; i + 4 <= to; i += 4) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
    let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    let d = delta;
    const skip = i << 2;
    for (let t = table; t < end; t += 4) {
      const x = load<usize>(t) + skip;
      const d0 = v128.load(d);
      const d1 = v128.load(d, 16);
      const x0 = v128.load32_splat(x);
      a0 = f32x4.add(a0, f32x4.mul(x0, d0));
      b0 = f32x4.add(b0, f32x4.mul(x0, d1));
      const x1 = v128.load32_splat(x, 4);
      a1 = f32x4.add(a1, f32x4.mul(x1, d0));
      b1 = f32x4.add(b1, f32x4.mul(x1, d1));
      const x2 = v128.load32_splat(x, 8);
      a2 = f32x4.add(a2, f32x4.mul(x2, d0));
      b2 = f32x4.add(b2, f32x4.mul(x2, d1));
      const x3 = v128.load32_splat(x, 12);
      a3 = f32x4.add(a3, f32x4.mul(x3, d0));
      b3 = f32x4.add(b3, f32x4.mul(x3, d1));
      d += stride;
    }
    v128.store(into, a0); v128.store(into, b0, 16);
    v128.store(into, a1, 32); v128.store(into, b1, 48);
    v128.store(into, a2, 64); v128.store(into, b2, 80);
    v128.store(into, a3, 96); v128.store(into, b3, 112);
    into += 4 * PANEL_BYTES;
  }
  for (; i < to; i++) {
    let a0 = f32x4.splat(0), b0 = a0;
    let d = delta;
    for (let t = table; t < end; t += 4) {
      const x0 = v128.load32_splat(load<usize>(t) + (i << 2));
      a0 = f32x4.add(a0, f32x4.mul(x0, v128.load(d)));
      b0 = f32x4.add(b0, f32x4.mul(x0, v128.load(d, 16)));
      d += stride;
    }
    v128.store(into, a0); v128.store(into, b0, 16);
    into += PANEL_BYTES;
  }
}

/** Σ_rows δ of 8 columns */
export function sumDeltas(rows: usize, delta: usize, stride: usize, into: usize): void {
  let a0 = f32x4.splat(0), b0 = a0;
  for (let r: usize = 0; r < rows; r++) {
    a0 = f32x4.add(a0, v128.load(delta));
    b0 = f32x4.add(b0, v128.load(delta, 16));
    delta += stride;
  }
  v128.store(into, a0); v128.store(into, b0, 16);
}
