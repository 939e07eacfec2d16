import {
  H_COLUMN_ENTRY, H_COLUMN_START, H_SPARSE_INDEX, H_SPARSE_START, H_SPARSE_VALUE, PANEL_BYTES,
} from './layout';
import { sumDeltas } from './matrix';

/** The first layer where most inputs are 0: only the others are multiplied, through an index built once. */

/** See EXACT_TERMS in matrix.ts. */
const EXACT_TERMS: usize = 512;

/** One row's entries from `entry` to `end` × 4 panels -> 32 columns; the f32 sums, or i32 dots added, at `out` */
// @ts-ignore: decorator
@inline
function row4(isInteger: bool, value: usize, index: usize, end: usize, panel: usize, panelBytes: usize,
  bias: usize, out: usize): void {
  const panel1 = panel + panelBytes, panel2 = panel1 + panelBytes, panel3 = panel2 + panelBytes;
  let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
  if (!isInteger) {
    a0 = v128.load(bias); b0 = v128.load(bias, 16);
    a1 = v128.load(bias + panelBytes); b1 = v128.load(bias + panelBytes, 16);
    a2 = v128.load(bias + 2 * panelBytes); b2 = v128.load(bias + 2 * panelBytes, 16);
    a3 = v128.load(bias + 3 * panelBytes); b3 = v128.load(bias + 3 * panelBytes, 16);
  }
  while (value < end) {
    const x = v128.load32_splat(value);
    const at = <usize>load<u16>(index) * PANEL_BYTES;
    a0 = f32x4.add(a0, f32x4.mul(x, v128.load(panel + at)));
    b0 = f32x4.add(b0, f32x4.mul(x, v128.load(panel + at, 16)));
    a1 = f32x4.add(a1, f32x4.mul(x, v128.load(panel1 + at)));
    b1 = f32x4.add(b1, f32x4.mul(x, v128.load(panel1 + at, 16)));
    a2 = f32x4.add(a2, f32x4.mul(x, v128.load(panel2 + at)));
    b2 = f32x4.add(b2, f32x4.mul(x, v128.load(panel2 + at, 16)));
    a3 = f32x4.add(a3, f32x4.mul(x, v128.load(panel3 + at)));
    b3 = f32x4.add(b3, f32x4.mul(x, v128.load(panel3 + at, 16)));
    value += 4;
    index += 2;
  }
  keep(isInteger, a0, out); keep(isInteger, b0, out + 16);
  keep(isInteger, a1, out + 32); keep(isInteger, b1, out + 48);
  keep(isInteger, a2, out + 64); keep(isInteger, b2, out + 80);
  keep(isInteger, a3, out + 96); keep(isInteger, b3, out + 112);
}

// @ts-ignore: decorator
@inline
function row1(isInteger: bool, value: usize, index: usize, end: usize, panel: usize, bias: usize, out: usize): void {
  let a0 = f32x4.splat(0), b0 = a0;
  if (!isInteger) {
    a0 = v128.load(bias); b0 = v128.load(bias, 16);
  }
  while (value < end) {
    const x = v128.load32_splat(value);
    const at = panel + <usize>load<u16>(index) * PANEL_BYTES;
    a0 = f32x4.add(a0, f32x4.mul(x, v128.load(at)));
    b0 = f32x4.add(b0, f32x4.mul(x, v128.load(at, 16)));
    value += 4;
    index += 2;
  }
  keep(isInteger, a0, out); keep(isInteger, b0, out + 16);
}

// @ts-ignore: decorator
@inline
function keep(isInteger: bool, sum: v128, at: usize): void {
  if (isInteger) v128.store(at, i32x4.add(v128.load(at), i32x4.trunc_sat_f32x4_s(sum)));
  else v128.store(at, sum);
}

/** The rows numbered at `order` @ W -> z, as `affine` and `integerDots` of matrix.ts */
// @ts-ignore: decorator
@inline
function product(isInteger: bool, order: usize, rows: usize, weights: usize, inputs: usize, panels: usize,
  z: usize, stride: usize): void {
  const starts = load<usize>(H_SPARSE_START);
  const index = load<usize>(H_SPARSE_INDEX);
  const value = load<usize>(H_SPARSE_VALUE);
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  const biasAt = inputs * PANEL_BYTES;
  if (isInteger) memory.fill(z, 0, rows * stride);
  for (let r: usize = 0; r < rows; r++) {
    const start = starts + (load<usize>(order + (r << 2)) << 2);
    const last = load<usize>(start, 4);
    let from = load<usize>(start);
    do {
      const to = isInteger ? min(from + EXACT_TERMS, last) : last;
      const v = value + (from << 2), k = index + (from << 1), end = value + (to << 2);
      let out = z + r * stride;
      let panel = weights;
      let p: usize = 0;
      for (; p + 4 <= panels; p += 4) {
        row4(isInteger, v, k, end, panel, panelBytes, panel + biasAt, out);
        panel += 4 * panelBytes;
        out += 4 * PANEL_BYTES;
      }
      for (; p < panels; p++) {
        row1(isInteger, v, k, end, panel, panel + biasAt, out);
        panel += panelBytes;
        out += PANEL_BYTES;
      }
      from = to;
    } while (from < last);
  }
}

export function sparseAffine(order: usize, rows: usize, weights: usize, inputs: usize, panels: usize, z: usize,
  stride: usize): void {
  product(false, order, rows, weights, inputs, panels, z, stride);
}

export function sparseIntegerDots(order: usize, rows: usize, weights: usize, inputs: usize, panels: usize, z: usize,
  stride: usize): void {
  product(true, order, rows, weights, inputs, panels, z, stride);
}

/** Sorts the batch's entries by input (counting sort): row offsets in δ (r · stride) and values. */
export function sortByColumn(order: usize, rows: usize, inputs: usize, stride: usize): void {
  const starts = load<usize>(H_SPARSE_START);
  const index = load<usize>(H_SPARSE_INDEX);
  const value = load<usize>(H_SPARSE_VALUE);
  const column = load<usize>(H_COLUMN_START);
  const entry = load<usize>(H_COLUMN_ENTRY);
  memory.fill(column, 0, (inputs + 2) << 2);
  for (let r: usize = 0; r < rows; r++) {
    const start = starts + (load<usize>(order + (r << 2)) << 2);
    const end = index + (load<usize>(start, 4) << 1);
    for (let k = index + (load<usize>(start) << 1); k < end; k += 2) {
      const c = column + (<usize>load<u16>(k) << 2);
      store<u32>(c, load<u32>(c, 8) + 1, 8); // counts lie two to the right
    }
  }
  let sum: u32 = 0;
  for (let i: usize = 0; i < inputs; i++) {
    const c = column + (i << 2);
    sum += load<u32>(c, 8);
    store<u32>(c, sum, 8);
  }
  for (let r: usize = 0; r < rows; r++) {
    const start = starts + (load<usize>(order + (r << 2)) << 2);
    const end = load<usize>(start, 4);
    for (let k = load<usize>(start); k < end; k++) {
      const c = column + (<usize>load<u16>(index + (k << 1)) << 2);
      const at = load<u32>(c, 4);
      store<u32>(c, at + 1, 4); // the next column's start moves to this column's end
      const e = entry + (<usize>at << 3);
      store<u32>(e, <u32>(r * stride));
      store<f32>(e, load<f32>(value + (k << 2)), 4);
    }
  }
}

/** Σ_rows a_i δ_n of 4 panels, each (inputs + 1, 8), `panelBytes` apart at `into` */
export function sparseGradient4(rows: usize, inputs: usize, delta: usize, stride: usize, into: usize): void {
  const column = load<usize>(H_COLUMN_START);
  const entry = load<usize>(H_COLUMN_ENTRY);
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  let e = entry;
  for (let i: usize = 0; i < inputs; i++) {
    let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
    const end = entry + (load<usize>(column + (i << 2), 4) << 3);
    while (e < end) {
      const d = delta + load<usize>(e);
      const x = v128.load32_splat(e, 4);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(d)));
      b0 = f32x4.add(b0, f32x4.mul(x, v128.load(d, 16)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(d, 32)));
      b1 = f32x4.add(b1, f32x4.mul(x, v128.load(d, 48)));
      a2 = f32x4.add(a2, f32x4.mul(x, v128.load(d, 64)));
      b2 = f32x4.add(b2, f32x4.mul(x, v128.load(d, 80)));
      a3 = f32x4.add(a3, f32x4.mul(x, v128.load(d, 96)));
      b3 = f32x4.add(b3, f32x4.mul(x, v128.load(d, 112)));
      e += 8;
    }
    let at = into + i * PANEL_BYTES;
    v128.store(at, a0); v128.store(at, b0, 16);
    at += panelBytes;
    v128.store(at, a1); v128.store(at, b1, 16);
    at += panelBytes;
    v128.store(at, a2); v128.store(at, b2, 16);
    at += panelBytes;
    v128.store(at, a3); v128.store(at, b3, 16);
  }
  for (let p: usize = 0; p < 4; p++) {
    sumDeltas(rows, delta + p * PANEL_BYTES, stride, into + p * panelBytes + inputs * PANEL_BYTES);
  }
}

/** The same for a single panel. */
export function sparseGradient1(rows: usize, inputs: usize, delta: usize, stride: usize, into: usize): void {
  const column = load<usize>(H_COLUMN_START);
  const entry = load<usize>(H_COLUMN_ENTRY);
  let e = entry;
  for (let i: usize = 0; i < inputs; i++) {
    let a0 = f32x4.splat(0), b0 = a0;
    const end = entry + (load<usize>(column + (i << 2), 4) << 3);
    while (e < end) {
      const d = delta + load<usize>(e);
      const x = v128.load32_splat(e, 4);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(d)));
      b0 = f32x4.add(b0, f32x4.mul(x, v128.load(d, 16)));
      e += 8;
    }
    v128.store(into, a0); v128.store(into, b0, 16);
    into += PANEL_BYTES;
  }
  sumDeltas(rows, delta, stride, into);
}
