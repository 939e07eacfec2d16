import {
  H_COLUMN_BYTES, H_COLUMN_LIST, H_COLUMN_STRIDE, H_SPARSE_ENTRY, H_SPARSE_START, H_SPARSE_TABLE, PANEL_BYTES,
} from './layout';
import { sumDeltas } from './matrix';

/**
 * The first layer where most inputs are 0: only the others are multiplied. The index of a data row is built once;
 * each batch's entries are sorted by input, so that each weight is loaded once and used for all rows.
 */

/** See EXACT_TERMS in matrix.ts. */
const EXACT_TERMS: usize = 512;

@inline
function add(z: usize, x: v128, w: v128): void {
  v128.store(z, f32x4.add(v128.load(z), f32x4.mul(x, w)));
}

/** z (rows, 32) += x @ W of the inputs from `from` to `to`, 4 panels */
function scatter4(from: usize, to: usize, weights: usize, panelBytes: usize, z: usize): void {
  const lengths = load<usize>(H_COLUMN_BYTES);
  const lists = load<usize>(H_COLUMN_LIST);
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  for (let i = from; i < to; i++) {
    let e = lists + i * listBytes;
    const end = e + load<usize>(lengths + (i << 2));
    if (e == end) continue;
    let at = weights + i * PANEL_BYTES;
    const a0 = v128.load(at), b0 = v128.load(at, 16);
    at += panelBytes;
    const a1 = v128.load(at), b1 = v128.load(at, 16);
    at += panelBytes;
    const a2 = v128.load(at), b2 = v128.load(at, 16);
    at += panelBytes;
    const a3 = v128.load(at), b3 = v128.load(at, 16);
    do {
      const row = z + load<usize>(e);
      const x = v128.load32_splat(e, 4);
      add(row, x, a0); add(row + 16, x, b0);
      add(row + 32, x, a1); add(row + 48, x, b1);
      add(row + 64, x, a2); add(row + 80, x, b2);
      add(row + 96, x, a3); add(row + 112, x, b3);
      e += 8;
    } while (e < end);
  }
}

function scatter1(from: usize, to: usize, weights: usize, z: usize): void {
  const lengths = load<usize>(H_COLUMN_BYTES);
  const lists = load<usize>(H_COLUMN_LIST);
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  for (let i = from; i < to; i++) {
    let e = lists + i * listBytes;
    const end = e + load<usize>(lengths + (i << 2));
    const a = v128.load(weights + i * PANEL_BYTES), b = v128.load(weights + i * PANEL_BYTES, 16);
    while (e < end) {
      const row = z + load<usize>(e);
      const x = v128.load32_splat(e, 4);
      add(row, x, a); add(row + 16, x, b);
      e += 8;
    }
  }
}

/** z (rows, units) += x @ W of the inputs from `from` to `to` */
function scatter(from: usize, to: usize, weights: usize, inputs: usize, panels: usize, z: usize): void {
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  let p: usize = 0;
  for (; p + 4 <= panels; p += 4) {
    scatter4(from, to, weights + p * panelBytes, panelBytes, z + p * PANEL_BYTES);
  }
  for (; p < panels; p++) scatter1(from, to, weights + p * panelBytes, z + p * PANEL_BYTES);
}

/** The batch's sorted entries @ W + bias -> z (rows, units), as `affine` of matrix.ts */
export function sparseAffine(rows: usize, weights: usize, inputs: usize, panels: usize, z: usize, stride: usize): void {
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  for (let p: usize = 0; p < panels; p++) {
    const bias = weights + p * panelBytes + inputs * PANEL_BYTES;
    const a = v128.load(bias), b = v128.load(bias, 16);
    let row = z + p * PANEL_BYTES;
    for (let r: usize = 0; r < rows; r++) {
      v128.store(row, a); v128.store(row, b, 16);
      row += stride;
    }
  }
  scatter(0, inputs, weights, inputs, panels, z);
}

/** As `integerDots` of matrix.ts; `sums` (rows, units) is working space. */
export function sparseIntegerDots(rows: usize, weights: usize, inputs: usize, panels: usize, z: usize, stride: usize,
  sums: usize): void {
  const bytes = rows * stride;
  memory.fill(z, 0, bytes);
  for (let from: usize = 0; from < inputs; from += EXACT_TERMS) {
    memory.fill(sums, 0, bytes);
    scatter(from, min(from + EXACT_TERMS, inputs), weights, inputs, panels, sums);
    for (let k: usize = 0; k < bytes; k += 16) {
      v128.store(z + k, i32x4.add(v128.load(z + k), i32x4.trunc_sat_f32x4_s(v128.load(sums + k))));
    }
  }
}

/** What `touch` read: only so that the reads are not optimised away. */
let touched: u32 = 0;

/** Reads the batch's entries once, many cache misses at a time: rows lie scattered over all the data. */
function touch(order: usize, rows: usize, starts: usize, entries: usize): void {
  let sum: u32 = 0;
  for (let r: usize = 0; r < rows; r++) {
    const start = starts + (load<usize>(order + (r << 2)) << 2);
    const end = entries + (load<usize>(start, 4) << 2);
    for (let k = entries + (load<usize>(start) << 2); k < end; k += 64) sum += load<u32>(k);
  }
  touched = sum;
}

/** Sorts the batch's entries by input: row offsets in z and δ (r · stride), and values. */
export function sortByInput(order: usize, rows: usize, inputs: usize, stride: usize): void {
  const starts = load<usize>(H_SPARSE_START);
  const entries = load<usize>(H_SPARSE_ENTRY);
  const table = load<usize>(H_SPARSE_TABLE);
  const lengths = load<usize>(H_COLUMN_BYTES);
  const lists = load<usize>(H_COLUMN_LIST);
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  touch(order, rows, starts, entries);
  memory.fill(lengths, 0, inputs << 2);
  let offset: u32 = 0;
  for (let r: usize = 0; r < rows; r++) {
    const start = starts + (load<usize>(order + (r << 2)) << 2);
    const end = entries + (load<usize>(start, 4) << 2);
    for (let k = entries + (load<usize>(start) << 2); k < end; k += 4) {
      const packed = load<usize>(k);
      const i = packed >> 8;
      const length = lengths + (i << 2);
      const used = load<usize>(length);
      const at = lists + i * listBytes + used;
      store<u32>(at, offset);
      store<f32>(at, load<f32>(table + ((packed & 255) << 2)), 4);
      store<usize>(length, used + 8);
    }
    offset += <u32>stride;
  }
}

/** Σ_rows a_i δ_n of 4 panels, each (inputs + 1, 8), `panelBytes` apart at `into` */
export function sparseGradient4(rows: usize, inputs: usize, delta: usize, stride: usize, into: usize): void {
  const lengths = load<usize>(H_COLUMN_BYTES);
  let list = load<usize>(H_COLUMN_LIST);
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  for (let i: usize = 0; i < inputs; i++) {
    let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
    let e = list;
    const end = e + load<usize>(lengths + (i << 2));
    list += listBytes;
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
  const lengths = load<usize>(H_COLUMN_BYTES);
  let list = load<usize>(H_COLUMN_LIST);
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  for (let i: usize = 0; i < inputs; i++) {
    let a0 = f32x4.splat(0), b0 = a0;
    let e = list;
    const end = e + load<usize>(lengths + (i << 2));
    list += listBytes;
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
