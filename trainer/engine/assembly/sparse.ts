import {
  H_COLUMN_ENDS, H_COLUMN_LIST, H_COLUMN_STRIDE, H_SPARSE_ENTRY, H_SPARSE_START, H_SPARSE_TABLE, PANEL_BYTES,
} from './layout';

/**
 * The first layer where most inputs are 0: only the others are multiplied. The index of a data row is built once;
 * each batch's entries are sorted by input, so that each weight is loaded once and used for all rows. With two threads
 * each sorts its own rows: the second one's part of a list begins behind the places for the rows before.
 */
const ENTRY_BYTES: usize = 8;

@inline
function endsOf(part: i32, inputs: usize): usize {
  return load<usize>(H_COLUMN_ENDS) + <usize>part * (inputs << 2);
}

/** `first`: the first row of the part */
@inline
function listsOf(first: usize): usize {
  return load<usize>(H_COLUMN_LIST) + first * ENTRY_BYTES;
}

/** Integers: with halves that are 0, or all 1 where w is negative, the sum of two products of i16 is the one of i32. */
@inline
function add(isFixed: bool, z: usize, x: v128, w: v128): void {
  if (isFixed) v128.store(z, i32x4.add(v128.load(z), i32x4.dot_i16x8_s(x, w)));
  else v128.store(z, f32x4.add(v128.load(z), f32x4.mul(x, w)));
}

/** The value of a list's entry in f32. */
@inline
function valueOf(isFixed: bool, entry: usize): v128 {
  const x = v128.load32_splat(entry, 4);
  return isFixed ? f32x4.convert_i32x4_s(x) : x;
}

/** z (rows, 32) += x @ W, 4 panels */
@inline
function scatter4(
  isFixed: bool, ends: usize, lists: usize, inputs: usize, weights: usize, panelBytes: usize, z: usize,
): void {
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  for (let i: usize = 0; i < inputs; i++) {
    let e = lists + i * listBytes;
    const end = load<usize>(ends + (i << 2));
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
      add(isFixed, row, x, a0); add(isFixed, row + 16, x, b0);
      add(isFixed, row + 32, x, a1); add(isFixed, row + 48, x, b1);
      add(isFixed, row + 64, x, a2); add(isFixed, row + 80, x, b2);
      add(isFixed, row + 96, x, a3); add(isFixed, row + 112, x, b3);
      e += 8;
    } while (e < end);
  }
}

@inline
function scatter1(isFixed: bool, ends: usize, lists: usize, inputs: usize, weights: usize, z: usize): void {
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  for (let i: usize = 0; i < inputs; i++) {
    let e = lists + i * listBytes;
    const end = load<usize>(ends + (i << 2));
    const a = v128.load(weights + i * PANEL_BYTES), b = v128.load(weights + i * PANEL_BYTES, 16);
    while (e < end) {
      const row = z + load<usize>(e);
      const x = v128.load32_splat(e, 4);
      add(isFixed, row, x, a); add(isFixed, row + 16, x, b);
      e += 8;
    }
  }
}

/** z (rows, units) += x @ W, for one part's rows */
@inline
function scatter(isFixed: bool, part: i32, first: usize, weights: usize, inputs: usize, panels: usize, z: usize): void {
  const ends = endsOf(part, inputs);
  const lists = listsOf(first);
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  let p: usize = 0;
  for (; p + 4 <= panels; p += 4) {
    scatter4(isFixed, ends, lists, inputs, weights + p * panelBytes, panelBytes, z + p * PANEL_BYTES);
  }
  for (; p < panels; p++) scatter1(isFixed, ends, lists, inputs, weights + p * panelBytes, z + p * PANEL_BYTES);
}

/** The sorted entries of the rows from `first` to `end` @ W + bias -> z (rows, units), as `affine` of matrix.ts */
export function sparseAffine(part: i32, first: usize, end: usize, weights: usize, inputs: usize, panels: usize,
  z: usize, stride: usize): void {
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  for (let p: usize = 0; p < panels; p++) {
    const bias = weights + p * panelBytes + inputs * PANEL_BYTES;
    const a = v128.load(bias), b = v128.load(bias, 16);
    let row = z + first * stride + p * PANEL_BYTES;
    for (let r = first; r < end; r++) {
      v128.store(row, a); v128.store(row, b, 16);
      row += stride;
    }
  }
  scatter(false, part, first, weights, inputs, panels, z);
}

/** The same without bias, of integers: i32 sums. */
export function sparseIntegerDots(part: i32, first: usize, end: usize, weights: usize, inputs: usize, panels: usize,
  z: usize, stride: usize): void {
  memory.fill(z + first * stride, 0, (end - first) * stride);
  scatter(true, part, first, weights, inputs, panels, z);
}

/** What `touch` read: only so that the reads are not optimised away. */
let touched: u32 = 0;

/** Reads the rows' entries once, many cache misses at a time: rows lie scattered over all the data. */
function touch(order: usize, first: usize, end: usize, starts: usize, entries: usize): void {
  let sum: u32 = 0;
  for (let r = first; r < end; r++) {
    const start = starts + (load<usize>(order + (r << 2)) << 2);
    const last = entries + (load<usize>(start, 4) << 2);
    for (let k = entries + (load<usize>(start) << 2); k < last; k += 64) sum += load<u32>(k);
  }
  touched = sum;
}

/** Sorts the entries of the rows from `first` to `end` by input: row offsets in z and δ (r · stride), and values. */
export function sortByInput(part: i32, order: usize, first: usize, end: usize, inputs: usize, stride: usize): void {
  const starts = load<usize>(H_SPARSE_START);
  const entries = load<usize>(H_SPARSE_ENTRY);
  const table = load<usize>(H_SPARSE_TABLE);
  const ends = endsOf(part, inputs);
  const lists = listsOf(first);
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  touch(order, first, end, starts, entries);
  for (let i: usize = 0, list = lists; i < inputs; i++) {
    store<usize>(ends + (i << 2), list);
    list += listBytes;
  }
  let offset = <u32>(first * stride);
  for (let r = first; r < end; r++) {
    const start = starts + (load<usize>(order + (r << 2)) << 2);
    const last = entries + (load<usize>(start, 4) << 2);
    for (let k = entries + (load<usize>(start) << 2); k < last; k += 4) {
      const packed = load<usize>(k);
      const end = ends + ((packed >> 8) << 2);
      const at = load<usize>(end);
      store<u32>(at, offset);
      store<u32>(at, load<u32>(table + ((packed & 255) << 2)), 4);
      store<usize>(end, at + ENTRY_BYTES);
    }
    offset += <u32>stride;
  }
}

@inline
function scaled(isFixed: bool, x: v128, scale: v128): v128 {
  return isFixed ? f32x4.mul(x, scale) : x;
}

/**
 * Σ_rows a_i δ_n of 4 panels and the inputs from `from` to `to`, each (to − from, 8), one behind the other at `into`.
 * The second of `parts` begins at row `middle`.
 */
@inline
export function sparseGradient4(isFixed: bool, parts: i32, middle: usize, inputs: usize, from: usize, to: usize,
  delta: usize, into: usize, scale: v128): void {
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  const panelBytes = (to - from) * PANEL_BYTES;
  for (let i = from; i < to; i++) {
    let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
    for (let part = 0; part < parts; part++) {
      let e = listsOf(<usize>part * middle) + i * listBytes;
      const end = load<usize>(endsOf(part, inputs) + (i << 2));
      while (e < end) {
        const d = delta + load<usize>(e);
        const x = valueOf(isFixed, e);
        a0 = f32x4.add(a0, f32x4.mul(x, v128.load(d)));
        b0 = f32x4.add(b0, f32x4.mul(x, v128.load(d, 16)));
        a1 = f32x4.add(a1, f32x4.mul(x, v128.load(d, 32)));
        b1 = f32x4.add(b1, f32x4.mul(x, v128.load(d, 48)));
        a2 = f32x4.add(a2, f32x4.mul(x, v128.load(d, 64)));
        b2 = f32x4.add(b2, f32x4.mul(x, v128.load(d, 80)));
        a3 = f32x4.add(a3, f32x4.mul(x, v128.load(d, 96)));
        b3 = f32x4.add(b3, f32x4.mul(x, v128.load(d, 112)));
        e += ENTRY_BYTES;
      }
    }
    let at = into;
    v128.store(at, scaled(isFixed, a0, scale)); v128.store(at, scaled(isFixed, b0, scale), 16);
    at += panelBytes;
    v128.store(at, scaled(isFixed, a1, scale)); v128.store(at, scaled(isFixed, b1, scale), 16);
    at += panelBytes;
    v128.store(at, scaled(isFixed, a2, scale)); v128.store(at, scaled(isFixed, b2, scale), 16);
    at += panelBytes;
    v128.store(at, scaled(isFixed, a3, scale)); v128.store(at, scaled(isFixed, b3, scale), 16);
    into += PANEL_BYTES;
  }
}

/** The same for a single panel. */
@inline
export function sparseGradient1(isFixed: bool, parts: i32, middle: usize, inputs: usize, from: usize, to: usize,
  delta: usize, into: usize, scale: v128): void {
  const listBytes = load<usize>(H_COLUMN_STRIDE);
  for (let i = from; i < to; i++) {
    let a0 = f32x4.splat(0), b0 = a0;
    for (let part = 0; part < parts; part++) {
      let e = listsOf(<usize>part * middle) + i * listBytes;
      const end = load<usize>(endsOf(part, inputs) + (i << 2));
      while (e < end) {
        const d = delta + load<usize>(e);
        const x = valueOf(isFixed, e);
        a0 = f32x4.add(a0, f32x4.mul(x, v128.load(d)));
        b0 = f32x4.add(b0, f32x4.mul(x, v128.load(d, 16)));
        e += ENTRY_BYTES;
      }
    }
    v128.store(into, scaled(isFixed, a0, scale)); v128.store(into, scaled(isFixed, b0, scale), 16);
    into += PANEL_BYTES;
  }
}
