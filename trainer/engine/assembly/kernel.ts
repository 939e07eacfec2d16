import { activate } from './activations';
import { activateIntegers, widenRange } from './fixed-point';
import {
  H_BATCH, H_COST, H_DATA, H_EXPONENT, H_FIXED, H_HIGH, H_LAYERS, H_LOW, H_ORDER, H_PRODUCT, H_RATES, H_RIGHT, H_ROWS,
  H_SCRATCH, H_STATUS, HEADER_BYTES, L_A, L_ACTIVATION, L_DELTA, L_INPUTS, L_INTEGERS, L_IN_ROWS, L_OUTPUTS, L_PANELS,
  L_SCALE, L_SLOPE, L_STRIDE, L_TRANSPOSED, L_WEIGHTS, L_Z, LAYER_BYTES, OK, PANEL_BYTES,
} from './layout';
import { accumulateGradient, affine, integerDots, propagateDelta, transpose } from './matrix';
import { outputError } from './output';
import { quantizeLayer } from './quantize';
import { sortByInput, sparseAffine, sparseGradient1, sparseGradient4, sparseIntegerDots } from './sparse';
import { updatePanel } from './update';

export { quantizeLayer };

@inline
function layerAt(l: i32): usize {
  return <usize>(HEADER_BYTES + l * LAYER_BYTES);
}

/** The addresses of the batch's rows, or its entries where the data is sparse; rows that only fill up the last tile are the batch's first again. */
function gather(order: usize, rows: usize, padded: usize): void {
  const data = load<usize>(H_DATA);
  if (!data) {
    sortByInput(order, rows, load<usize>(layerAt(0), L_INPUTS), load<usize>(layerAt(0), L_STRIDE));
    return;
  }
  const rowBytes = load<usize>(layerAt(0), L_INPUTS) << 2;
  const table = load<usize>(layerAt(0), L_IN_ROWS);
  for (let r: usize = 0; r < padded; r++) {
    const row = load<usize>(order + ((r < rows ? r : 0) << 2));
    store<u32>(table + (r << 2), <u32>(data + row * rowBytes));
  }
}

/** z, or i32 dots, of layer l into its L_Z */
function multiply(l: i32, isFixed: bool, rows: usize, padded: usize): void {
  const layer = layerAt(l);
  const inputs = load<usize>(layer, L_INPUTS);
  const panels = load<usize>(layer, L_PANELS);
  const z = load<usize>(layer, L_Z);
  const stride = load<usize>(layer, L_STRIDE);
  const table = load<usize>(layer, L_IN_ROWS);
  const weights = isFixed ? load<usize>(layer, L_INTEGERS) : load<usize>(layer, L_WEIGHTS);
  if (l == 0 && !load<u32>(H_DATA)) {
    if (isFixed) sparseIntegerDots(rows, weights, inputs, panels, z, stride, load<usize>(layer, L_A));
    else sparseAffine(rows, weights, inputs, panels, z, stride);
  } else if (isFixed) integerDots(table, padded, weights, inputs, panels, z, stride);
  else affine(table, padded, weights, inputs, panels, z, stride);
}

function forward(layers: i32, isFixed: bool, rows: usize, padded: usize): void {
  for (let l = 0; l < layers; l++) {
    multiply(l, isFixed, rows, padded);
    if (isFixed) activateIntegers(l, padded);
    else if (l < layers - 1) {
      const layer = layerAt(l);
      const z = load<usize>(layer, L_Z);
      activate(load<i32>(layer, L_ACTIVATION), z, load<usize>(layer, L_A), load<usize>(layer, L_SLOPE),
        padded * load<usize>(layer, L_STRIDE));
    }
  }
}

/** δ of all layers below the last */
function backward(layers: i32, isFixed: bool, padded: usize): void {
  for (let l = layers - 1; l > 0; l--) {
    const layer = layerAt(l);
    const below = layerAt(l - 1);
    const inputs = load<usize>(layer, L_INPUTS);
    const outputs = load<usize>(layer, L_OUTPUTS);
    const transposed = load<usize>(layer, L_TRANSPOSED);
    if (isFixed) transpose(load<usize>(layer, L_INTEGERS), inputs, outputs, load<usize>(layer, L_SCALE), transposed);
    else transpose(load<usize>(layer, L_WEIGHTS), inputs, outputs, 0, transposed);
    propagateDelta(load<usize>(layer, L_DELTA), load<usize>(layer, L_STRIDE), padded, transposed, outputs, inputs,
      load<usize>(below, L_SLOPE), load<usize>(below, L_DELTA), load<usize>(below, L_STRIDE));
  }
}

/** Each panel's gradient is used up before the next one's is formed, so that it stays in the cache. */
function update(l: i32, isFixed: bool, rows: usize, padded: usize, rate: f32, correction: f32): void {
  const layer = layerAt(l);
  const inputs = load<usize>(layer, L_INPUTS);
  const panels = load<usize>(layer, L_PANELS);
  const stride = load<usize>(layer, L_STRIDE);
  const table = load<usize>(layer, L_IN_ROWS);
  const scratch = load<usize>(H_SCRATCH);
  const isSparse = l == 0 && !load<u32>(H_DATA);
  const panelBytes = (inputs + 1) * PANEL_BYTES;
  let delta = load<usize>(layer, L_DELTA);
  for (let p: usize = 0; p < panels; ) {
    let count: usize = 1;
    if (!isSparse) accumulateGradient(table, padded, inputs, delta, stride, scratch);
    else if (p + 4 <= panels) {
      count = 4;
      sparseGradient4(rows, inputs, delta, stride, scratch);
    } else sparseGradient1(rows, inputs, delta, stride, scratch);
    for (let k: usize = 0; k < count; k++) {
      updatePanel(layer, (p + k) * panelBytes, scratch + k * panelBytes, isFixed, rate, correction);
    }
    p += count;
    delta += count * PANEL_BYTES;
  }
}

/** One pass over the rows in the order at H_ORDER, a step per batch. Ends early where H_STATUS is not OK. */
export function runEpoch(): void {
  const layers = load<i32>(H_LAYERS);
  const isFixed = load<i32>(H_FIXED) != 0;
  const all = load<usize>(H_ROWS);
  const batch = load<usize>(H_BATCH);
  let rates = load<usize>(H_RATES);
  const order = load<usize>(H_ORDER);
  store<f64>(H_COST, 0);
  store<f64>(H_PRODUCT, 1);
  store<i32>(H_EXPONENT, 0);
  store<i32>(H_RIGHT, 0);
  store<i32>(H_STATUS, OK);
  for (let from: usize = 0; from < all; from += batch) {
    const rows = min(batch, all - from);
    const padded = (rows + 3) & ~3;
    const at = order + (from << 2);
    if (isFixed) {
      for (let l = 0; l < layers; l++) quantizeLayer(l);
      if (load<i32>(H_STATUS) != OK) return;
    }
    gather(at, rows, padded);
    forward(layers, isFixed, rows, padded);
    outputError(layerAt(layers - 1), at, rows, padded);
    backward(layers, isFixed, padded);
    for (let l = 0; l < layers; l++) {
      update(l, isFixed, rows, padded, load<f32>(rates), load<f32>(rates, 4));
    }
    rates += 8;
  }
}

/** The range of layer l's z over `count` rows at `order`, through the integers: into H_LOW and H_HIGH. */
export function measureRange(l: i32, order: usize, count: usize): void {
  const batch = load<usize>(H_BATCH);
  store<f64>(H_LOW, Infinity);
  store<f64>(H_HIGH, -Infinity);
  for (let from: usize = 0; from < count; from += batch) {
    const rows = min(batch, count - from);
    const padded = (rows + 3) & ~3;
    const at = order + (from << 2);
    gather(at, rows, padded);
    for (let k = 0; k < l; k++) {
      multiply(k, true, rows, padded);
      activateIntegers(k, padded);
    }
    multiply(l, true, rows, padded);
    widenRange(l, rows);
  }
}
