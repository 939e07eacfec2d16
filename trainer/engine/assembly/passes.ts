import { activate } from './activations';
import { activateIntegers } from './fixed-point';
import {
  BLOCK, H_DATA, H_GAIN, H_NOISE, H_ROWS, H_SCRATCH, H_WIDE_INTEGERS, H_WIDE_REALS, HEADER_BYTES, L_A, L_ACTIVATION, L_DELTA, L_INPUTS, L_INTEGERS, L_IN_INTEGERS, L_IN_INTEGER_ROWS,
  L_IN_ROWS, L_IN_SCALE, L_IN_STRIDE, L_IS_RELU, L_OUTPUTS, L_PANELS, L_SCALE, L_SLOPE, L_STRIDE, L_TRANSPOSED, L_WEIGHTS, L_Z, L_ZERO_POINTS,
  LAYER_BYTES, PANEL_BYTES, RELU, SCRATCH_BYTES,
} from './layout';
import { integerDots, transposeIntegers, widenIntegers, widenRow } from './integer-products';
import {
  accumulateGradient, affine, affineRelu, propagateDelta, propagateDeltaFiltered, propagateDeltaRelu, sumDeltas,
  transpose, wholePanels,
} from './matrix';
import { sortByInput, sparseAffine, sparseGradient1, sparseGradient4, sparseIntegerDots } from './sparse';
import { amplify, dropUnits, scaleDeltas } from './noise';
import { updatePanel } from './update';

/**
 * What a step does for the rows from `from` to `to` of a batch, multiples of 4, and with the weights of some inputs:
 * one thread does all of it, two threads a part each. Every number comes from the same operations in the same order.
 */

@inline
export function layerAt(l: i32): usize {
  return <usize>(HEADER_BYTES + l * LAYER_BYTES);
}

/** Where the rows of a part end, of a batch of `rows`; so few rows leave the second part none, not even its first. */
@inline
function endOfRows(from: usize, to: usize, rows: usize): usize {
  return max(from, min(to, rows));
}

/** Bytes: so few are there anyway. */
const NEAREST_CACHE: usize = 16384;

/** What `touch` read: only so that the reads are not optimised away. */
let touched: u32 = 0;

/**
 * Reads the rows' `bytes` each once, many cache misses at a time: they lie scattered over all the data, and what is done
 * with them next is too long for the processor to look ahead to the next row.
 */
function touch(data: usize, bytes: usize, order: usize, from: usize, to: usize): void {
  if (load<usize>(H_ROWS) * bytes <= NEAREST_CACHE) return;
  let sum: u32 = 0;
  for (let r = from; r < to; r++) {
    const row = data + load<usize>(order + (r << 2)) * bytes;
    for (let k: usize = 0; k < bytes; k += 64) sum += load<u32>(row + k);
  }
  touched = sum;
}

/** All rows to H_WIDE_REALS and H_WIDE_INTEGERS, which must exist. */
export function widenInputs(): void {
  const inputs = load<usize>(layerAt(0), L_INPUTS);
  const stride = load<usize>(layerAt(0), L_IN_STRIDE);
  const scale = f32x4.splat(<f32>load<f64>(layerAt(0), L_IN_SCALE));
  const zeroPoints = load<usize>(layerAt(0), L_ZERO_POINTS);
  let integers = load<usize>(H_WIDE_INTEGERS);
  let reals = load<usize>(H_WIDE_REALS);
  let row = load<usize>(H_DATA);
  for (const end = row + load<usize>(H_ROWS) * inputs; row < end; row += inputs) {
    widenRow(row, inputs, integers, reals, zeroPoints, scale);
    integers += stride;
    reals += 2 * stride;
  }
}

function gatherWide(order: usize, from: usize, to: usize, rows: usize): void {
  const stride = load<usize>(layerAt(0), L_IN_STRIDE);
  const integers = load<usize>(H_WIDE_INTEGERS);
  const reals = load<usize>(H_WIDE_REALS);
  const integerRows = load<usize>(layerAt(0), L_IN_INTEGER_ROWS);
  const realRows = load<usize>(layerAt(0), L_IN_ROWS);
  for (let r = from; r < to; r++) {
    const at = load<usize>(order + ((r < rows ? r : 0) << 2)) * stride;
    store<usize>(integerRows + (r << 2), integers + at);
    store<usize>(realRows + (r << 2), reals + 2 * at);
  }
}

/**
 * The batch's rows: their addresses, their integers, or their entries where the data is sparse; rows that only fill up the
 * last tile are the batch's first again. Rows that will be disturbed are copied.
 */
export function gather(part: i32, isFixed: bool, order: usize, from: usize, to: usize, rows: usize): void {
  const data = load<usize>(H_DATA);
  if (!data) {
    sortByInput(part, order, from, endOfRows(from, to, rows), load<usize>(layerAt(0), L_INPUTS), load<usize>(layerAt(0), L_STRIDE));
    return;
  }
  const table = load<usize>(layerAt(0), L_IN_ROWS);
  if (isFixed && load<usize>(H_WIDE_REALS)) gatherWide(order, from, to, rows);
  else if (isFixed) {
    const inputs = load<usize>(layerAt(0), L_INPUTS);
    const stride = load<usize>(layerAt(0), L_IN_STRIDE);
    const scale = f32x4.splat(<f32>load<f64>(layerAt(0), L_IN_SCALE));
    const zeroPoints = load<usize>(layerAt(0), L_ZERO_POINTS);
    let integers = load<usize>(layerAt(0), L_IN_INTEGERS) + from * stride;
    touch(data, inputs, order, from, endOfRows(from, to, rows));
    for (let r = from; r < to; r++) {
      const row = data + load<usize>(order + ((r < rows ? r : 0) << 2)) * inputs;
      widenRow(row, inputs, integers, load<usize>(table + (r << 2)), zeroPoints, scale);
      integers += stride;
    }
  } else gatherReals(order, from, to, rows);
}

function gatherReals(order: usize, from: usize, to: usize, rows: usize): void {
  const data = load<usize>(H_DATA);
  const table = load<usize>(layerAt(0), L_IN_ROWS);
  const rowBytes = load<usize>(layerAt(0), L_INPUTS) << 2;
  touch(data, rowBytes, order, from, endOfRows(from, to, rows));
  if (load<usize>(H_NOISE)) {
    for (let r = from; r < to; r++) {
      const row = data + load<usize>(order + ((r < rows ? r : 0) << 2)) * rowBytes;
      memory.copy(load<usize>(table + (r << 2)), row, rowBytes);
    }
    return;
  }
  for (let r = from; r < to; r++) {
    store<usize>(table + (r << 2), data + load<usize>(order + ((r < rows ? r : 0) << 2)) * rowBytes);
  }
}

/** The rows' integers alone, which is all that a forward pass needs. */
export function gatherIntegers(part: i32, order: usize, from: usize, to: usize, rows: usize): void {
  const data = load<usize>(H_DATA);
  if (!data || load<usize>(H_WIDE_REALS)) {
    gather(part, true, order, from, to, rows);
    return;
  }
  const inputs = load<usize>(layerAt(0), L_INPUTS);
  const stride = load<usize>(layerAt(0), L_IN_STRIDE);
  let integers = load<usize>(layerAt(0), L_IN_INTEGERS) + from * stride;
  for (let r = from; r < to; r++) {
    widenIntegers(data + load<usize>(order + ((r < rows ? r : 0) << 2)) * inputs, inputs, integers);
    integers += stride;
  }
}

/** z, or i32 dots, of layer l into its L_Z; where g is ReLU in floating point, a into L_A. */
export function multiply(l: i32, isFixed: bool, part: i32, from: usize, to: usize, rows: usize): void {
  const layer = layerAt(l);
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const panels = load<usize>(layer, L_PANELS);
  const stride = load<usize>(layer, L_STRIDE);
  const z = load<usize>(layer, L_Z);
  const a = load<usize>(layer, L_A);
  const table = load<usize>(layer, L_IN_ROWS) + (from << 2);
  const weights = isFixed ? load<usize>(layer, L_INTEGERS) : load<usize>(layer, L_WEIGHTS);
  const isRelu = load<i32>(layer, L_IS_RELU) != 0;
  const begin = from * stride;
  if (l == 0 && !load<u32>(H_DATA)) {
    const end = endOfRows(from, to, rows);
    if (isFixed) sparseIntegerDots(part, from, end, weights, inputs, panels, z, stride);
    else sparseAffine(part, from, end, weights, inputs, panels, z, stride);
    if (isRelu) rectify(z + begin, a + begin, (to - from) * stride);
  } else if (isFixed) {
    const integerRows = load<usize>(layer, L_IN_INTEGER_ROWS) + (from << 2);
    integerDots(integerRows, to - from, weights, inputs, panels, z + begin, stride);
  } else if (isRelu) affineRelu(table, to - from, weights, inputs, outputs, a + begin, stride);
  else affine(table, to - from, weights, inputs, outputs, z + begin, stride);
}

function rectify(z: usize, a: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += 16) v128.store(a + k, f32x4.pmax(v128.load(z + k), zero));
}

export function forward(layers: i32, isFixed: bool, part: i32, from: usize, to: usize, rows: usize): void {
  const drops = load<f64>(H_GAIN) != 1;
  for (let l = 0; l < layers; l++) {
    multiply(l, isFixed, part, from, to, rows);
    if (drops && isFixed && l > 0) amplify(layerAt(l), from, to);
    const layer = layerAt(l);
    if (isFixed) activateIntegers(l, from, to);
    else if (l < layers - 1 && !load<i32>(layer, L_IS_RELU)) {
      const stride = load<usize>(layer, L_STRIDE);
      const begin = from * stride;
      activate(load<i32>(layer, L_ACTIVATION), load<usize>(layer, L_Z) + begin, load<usize>(layer, L_A) + begin,
        load<usize>(layer, L_SLOPE) + begin, (to - from) * stride);
    }
    if (drops && l < layers - 1) dropUnits(layer, isFixed, part, from, to);
  }
}

/** Wᵀ of layer l for the inputs from `from` to `to` */
export function transposeLayer(l: i32, from: usize, to: usize): void {
  const layer = layerAt(l);
  transpose(load<usize>(layer, L_WEIGHTS), load<usize>(layer, L_INPUTS), load<usize>(layer, L_OUTPUTS), from, to,
    load<usize>(layer, L_TRANSPOSED));
}

/** The same of the real weights that the integers of layer l > 0 stand for, of all inputs. */
export function transposeQuantized(l: i32): void {
  const layer = layerAt(l);
  transposeIntegers(load<usize>(layer, L_INTEGERS), load<usize>(layer, L_INPUTS), load<usize>(layer, L_OUTPUTS),
    load<usize>(layer, L_SCALE), load<usize>(layer, L_TRANSPOSED));
}

/** δ of all layers below the last */
export function backward(layers: i32, isFixed: bool, from: usize, to: usize): void {
  const drops = load<f64>(H_GAIN) != 1;
  for (let l = layers - 1; l > 0; l--) {
    const layer = layerAt(l);
    const below = layerAt(l - 1);
    const inputs = load<usize>(layer, L_INPUTS);
    const outputs = load<usize>(layer, L_OUTPUTS);
    const stride = load<usize>(layer, L_STRIDE);
    const strideBelow = load<usize>(below, L_STRIDE);
    const begin = from * strideBelow;
    const delta = load<usize>(layer, L_DELTA) + from * stride;
    const into = load<usize>(below, L_DELTA) + begin;
    const transposed = load<usize>(layer, L_TRANSPOSED);
    if (load<i32>(below, L_IS_RELU)) {
      propagateDeltaRelu(delta, stride, to - from, transposed, outputs, inputs, load<usize>(below, L_A) + begin, into,
        strideBelow);
    } else if (isFixed && load<i32>(below, L_ACTIVATION) == RELU) {
      propagateDeltaFiltered(delta, stride, to - from, transposed, outputs, inputs, load<usize>(below, L_SLOPE) + begin,
        into, strideBelow);
    } else {
      propagateDelta(delta, stride, to - from, transposed, outputs, inputs, load<usize>(below, L_SLOPE) + begin, into,
        strideBelow);
    }
    if (drops) scaleDeltas(into, (to - from) * strideBelow);
  }
}

@inline
function formGradient(isFixed: bool, isSparse: bool, four: bool, layer: usize, parts: i32, middle: usize, rows: usize,
  from: usize, to: usize, delta: usize, into: usize): void {
  if (!isSparse) {
    accumulateGradient(load<usize>(layer, L_IN_ROWS), rows, from, to, delta, load<usize>(layer, L_STRIDE), into);
    return;
  }
  const inputs = load<usize>(layer, L_INPUTS);
  const scale = f32x4.splat(isFixed ? <f32>load<f64>(layer, L_IN_SCALE) : 1);
  if (four) sparseGradient4(isFixed, parts, middle, inputs, from, to, delta, into, scale);
  else sparseGradient1(isFixed, parts, middle, inputs, from, to, delta, into, scale);
}

/**
 * Moves the weights of layer l of the inputs from `from` to `to`. `parts` and `middle`: how the rows were gathered;
 * `rates`: this update's entry in H_RATES.
 */
export function update(l: i32, isFixed: bool, part: i32, parts: i32, middle: usize, rows: usize, from: usize, to: usize,
  rates: usize): void {
  const layer = layerAt(l);
  const panels = load<usize>(layer, L_PANELS);
  const wholes = wholePanels(load<usize>(layer, L_OUTPUTS));
  const stride = load<usize>(layer, L_STRIDE);
  const sums = load<usize>(H_SCRATCH) + <usize>(part * SCRATCH_BYTES);
  const scratch = sums + 4 * PANEL_BYTES;
  const isSparse = l == 0 && !load<u32>(H_DATA);
  let delta = load<usize>(layer, L_DELTA);
  for (let p: usize = 0; p < panels; ) {
    const count: usize = isSparse && p + 4 <= panels ? 4 : 1;
    const isHalf = p == wholes; // then it is the last
    for (let k: usize = 0; k < count; k++) sumDeltas(rows, delta + k * PANEL_BYTES, stride, sums + k * PANEL_BYTES);
    let begin = from;
    do {
      const end = min(begin + BLOCK, to);
      if (!isSparse) formGradient(isFixed, false, false, layer, parts, middle, rows, begin, end, delta, scratch);
      else if (isFixed) formGradient(true, true, count == 4, layer, parts, middle, rows, begin, end, delta, scratch);
      else formGradient(false, true, count == 4, layer, parts, middle, rows, begin, end, delta, scratch);
      for (let k: usize = 0; k < count; k++) {
        const gradient = scratch + k * (end - begin) * PANEL_BYTES;
        updatePanel(layer, p + k, isHalf, begin, end, gradient, sums + k * PANEL_BYTES, rates);
      }
      begin = end;
    } while (begin < to);
    p += count;
    delta += count * PANEL_BYTES;
  }
}
