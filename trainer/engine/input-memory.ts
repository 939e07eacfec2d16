import { entryOf } from '../../model/network.js';
import type { Arena } from './arena.js';
import * as at from './assembly/layout.js';
import type { Inputs } from './inputs.js';
import { panelsOf, recordOf, writeRows } from './layer-memory.js';

/** The network's inputs in the engine's memory: all of them, or where most are 0 an index of the others. */

const CACHE_LINE = 64;
/** Of sizes of zero points together: each is an i16, and weights times them add up in an i32. */
const MOST_ZERO_POINTS = 16_383; // · 127 < 2^31
/** Of an input as f32 and as i16. */
const WIDE_BYTES = 6;
/** So many stay in the nearest cache. */
const MOST_WIDE_BYTES = 16_384;

/** Addresses; 0 for what there is none of. */
export interface InputPlaces {
  /** (rows, features) of f32, or of u8 where they are integers. */
  readonly dense: number;
  /** f32 (batch, features filled up to panels): what the integers of a batch stand for, or real inputs and noise. */
  readonly reals: number;
  readonly starts: number;
  readonly entries: number;
  readonly table: number;
  readonly ends: number;
  readonly lists: number;
  /** Bytes from one list to the next. */
  readonly listBytes: number;
  /** See H_WIDE_REALS and H_WIDE_INTEGERS. */
  readonly wideReals: number;
  readonly wideIntegers: number;
  /** See L_ZERO_POINTS and L_ZERO_PAIRS. */
  readonly zeroPoints: number;
  readonly zeroPairs: number;
}

export function placeInputs(
  arena: Arena,
  { grid, sparse }: Inputs,
  rows: number,
  features: number,
  batch: number,
  isDisturbed: boolean,
  isChanging: boolean,
): InputPlaces {
  const ifSparse = (bytes: number): number => (sparse ? arena.take(bytes) : 0);
  const ifGrid = (bytes: number): number => (grid ? arena.take(bytes) : 0);
  const listBytes = batch * 8 + CACHE_LINE; // a power of two would put all lists into a few sets of the cache
  const perRow = panelsOf(features) * at.PANEL;
  const isWide =
    grid && !sparse && !isDisturbed && !isChanging && rows * perRow * WIDE_BYTES <= MOST_WIDE_BYTES;
  const ifWide = (bytes: number): number => (isWide ? arena.take(bytes) : 0);
  return {
    // Rows of bytes are read eight at a time.
    dense: sparse ? 0 : arena.take(grid ? rows * features + at.PANEL : rows * features * 4),
    reals: !sparse && (grid || isDisturbed) ? arena.take(batch * perRow * 4) : 0,
    starts: ifSparse((rows + 1) * 4),
    entries: ifSparse((sparse?.entries ?? 0) * 4),
    table: ifSparse(256 * 4),
    ends: ifSparse(at.MOST_THREADS * features * 4),
    lists: ifSparse(features * listBytes),
    listBytes,
    wideReals: ifWide(rows * perRow * 4),
    wideIntegers: ifWide(rows * perRow * 2),
    zeroPoints: ifGrid(perRow * 4),
    zeroPairs: ifGrid(Math.ceil(features / 2) * 8),
  };
}

/** Puts the inputs of all rows into a memory that is not sparse. */
export function writeDense(
  buffer: SharedArrayBuffer,
  { dense }: InputPlaces,
  { grid, read }: Inputs,
  rows: number,
  features: number,
): void {
  const all = grid
    ? new Uint8Array(buffer, dense, rows * features)
    : new Float32Array(buffer, dense, rows * features);
  for (let r = 0; r < rows; r++) read(r, all.subarray(r * features, (r + 1) * features));
}

/** The bytes that do not stand for 0, as input << 8 | byte, and where each row of them starts. */
function writeSparse(
  buffer: SharedArrayBuffer,
  places: InputPlaces,
  { bytes, table, entries: entryCount }: NonNullable<Inputs['sparse']>,
  isFixed: boolean,
  rows: number,
  features: number,
): void {
  const starts = new Uint32Array(buffer, places.starts, rows + 1);
  const entries = new Uint32Array(buffer, places.entries, entryCount);
  const values = isFixed
    ? new Int32Array(buffer, places.table, 256)
    : new Float32Array(buffer, places.table, 256);
  values.set(table);
  const isZero = Uint8Array.from(table, (value) => (value === 0 ? 1 : 0));
  let count = 0;
  for (let k = 0, r = 0; k < bytes.length;) {
    for (let i = 0; i < features; i++, k++) {
      if (!isZero[bytes[k]]) entries[count++] = (i << 8) | bytes[k];
    }
    starts[++r] = count;
  }
}

/** `zeroPoint` has an entry for each feature, or one for all. */
function writeZeroPoints(
  view: DataView,
  { zeroPoints, zeroPairs }: InputPlaces,
  zeroPoint: Int32Array,
  features: number,
): void {
  const isAlike = zeroPoint.every((zero) => zero === zeroPoint[0]);
  view.setUint32(recordOf(0) + at.L_ZERO_POINTS, zeroPoints, true);
  view.setUint32(recordOf(0) + at.L_ZERO_PAIRS, isAlike ? 0 : zeroPairs, true);
  const sizes = zeroPoint.reduce((sum, zero) => sum + Math.abs(zero), 0);
  const isSplit = sizes > MOST_ZERO_POINTS;
  view.setUint32(at.H_ARE_ZERO_POINTS_SPLIT, isSplit ? 1 : 0, true);
  for (let i = 0; i < features; i++) {
    const zero = entryOf(zeroPoint, i);
    const pair = zeroPairs + (i >> 1) * 8 + (i & 1) * 2;
    view.setFloat32(zeroPoints + 4 * i, zero, true);
    view.setInt16(pair, isSplit ? zero & 127 : zero, true);
    view.setInt16(pair + 4, isSplit ? zero >> 7 : 0, true);
  }
}

export function writeInputs(
  view: DataView,
  buffer: SharedArrayBuffer,
  places: InputPlaces,
  inputs: Inputs,
  rows: number,
  features: number,
  batch: number,
): void {
  const header = (field: number, x: number) => view.setUint32(field, x, true);
  header(at.H_DATA, places.dense);
  header(at.H_WIDE_REALS, places.wideReals);
  header(at.H_WIDE_INTEGERS, places.wideIntegers);
  header(at.H_SPARSE_START, places.starts);
  header(at.H_SPARSE_ENTRY, places.entries);
  header(at.H_SPARSE_TABLE, places.table);
  header(at.H_COLUMN_ENDS, places.ends);
  header(at.H_COLUMN_LIST, places.lists);
  header(at.H_COLUMN_STRIDE, places.listBytes);
  const { grid, sparse } = inputs;
  if (sparse) writeSparse(buffer, places, sparse, grid !== null, rows, features);
  else writeDense(buffer, places, inputs, rows, features);
  if (places.reals) {
    const addresses = view.getUint32(recordOf(0) + at.L_IN_ROWS, true);
    writeRows(view, addresses, places.reals, panelsOf(features) * at.PANEL_BYTES, batch);
  }
  if (grid) writeZeroPoints(view, places, grid.zeroPoint, features);
}
