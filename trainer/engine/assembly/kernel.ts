import { activateIntegers, narrowDots, storeRange, widenDots } from './fixed-point';
import {
  H_BATCH, H_FIXED, H_FROM, H_IS_QUANTIZED, H_LAYERS, H_MEASURED, H_MEASURED_ORDER, H_MEASURED_ROWS, H_NOISE, H_OPTIMIZER, H_ORDER, H_RATES, H_ROWS,
  H_STATUS, H_STREAMS, H_TO, L_INPUTS, MUON, OK, T_COST, T_EXPONENT, T_PRODUCT, T_RIGHT, THREAD_BYTES, THREADS,
} from './layout';
import { lostShare } from './loss';
import { moveHidden } from './muon';
import { disturb, seedRows } from './noise';
import { outputError } from './output';
import { backward, forward, gather, gatherIntegers, layerAt, multiply, transposeLayer, transposeQuantized, update, widenInputs } from './passes';
import { readParameters } from './parameters';
import { quantizeLayer } from './quantize';
import { writeRates } from './rates';
import { shuffle } from './shuffle';
import { isAssisted, meet, nextCall, summon } from './threads';

export { isAssisted, lostShare, quantizeLayer, readParameters, shuffle, widenInputs };

/** The integers of all layers, and the transposed weights that errors go back through. */
function quantize(layers: i32): void {
  if (!load<i32>(H_IS_QUANTIZED)) for (let l = 0; l < layers; l++) quantizeLayer(l);
  store<i32>(H_IS_QUANTIZED, 0);
  for (let l = 1; l < layers; l++) transposeQuantized(l);
}

/**
 * One thread's share of a step. Rows are divided for the forward pass and the errors, inputs for the update, which
 * needs the errors of all rows: the threads meet before it and after. False where H_STATUS is not OK, for both.
 */
function step(thread: i32, threads: i32, isFixed: bool, at: usize, rows: usize, rates: usize): bool {
  const layers = load<i32>(H_LAYERS);
  const isMuon = load<i32>(H_OPTIMIZER) == MUON;
  const padded = (rows + 3) & ~3;
  const middle = ((padded >> 1) + 3) & ~3;
  const from: usize = thread == 0 ? 0 : middle;
  const to: usize = thread == threads - 1 ? padded : middle;
  gather(thread, isFixed, at, from, to, rows);
  if (load<usize>(H_STREAMS)) {
    seedRows(<u64>((at - load<usize>(H_ORDER)) >> 2), from, to);
    if (load<usize>(H_NOISE)) disturb(isFixed, thread, from, to);
  }
  if (isFixed) {
    if (thread == 0) quantize(layers);
    if (threads == 2) meet(thread);
    if (load<i32>(H_STATUS) != OK) return false;
  }
  forward(layers, isFixed, thread, from, to, rows);
  // Always in two parts, so that sums of costs do not depend on the number of threads.
  if (from == 0) outputError(layerAt(layers - 1), at, 0, middle, rows, 0);
  if (to == padded) outputError(layerAt(layers - 1), at, middle, padded, rows, 1);
  backward(layers, isFixed, from, to);
  if (threads == 2) meet(thread);
  for (let l = 0; l < layers; l++) {
    const inputs = load<usize>(layerAt(l), L_INPUTS);
    const cut = min(((inputs >> 1) + 7) & ~7, inputs); // `transposeLayer` wants a multiple of 8
    const first: usize = thread == 0 ? 0 : cut;
    const end: usize = thread == threads - 1 ? inputs : cut;
    if (first == end) continue; // so few inputs that the first thread has them all, and the biases with them
    update(l, isFixed, thread, threads, middle, padded, first, end, rates);
    if (l > 0 && !isFixed && !isMuon) transposeLayer(l, first, end);
  }
  if (threads == 2) meet(thread);
  if (!isMuon) return true;
  if (thread == 0) {
    moveHidden(load<f32>(rates, 8));
    if (!isFixed) for (let l = 1; l < layers; l++) transposeLayer(l, 0, load<usize>(layerAt(l), L_INPUTS));
  }
  if (threads == 2) meet(thread);
  return true;
}

/** The steps from row H_FROM of the order to row H_TO. */
function steps(thread: i32, threads: i32): void {
  const isFixed = load<i32>(H_FIXED) != 0;
  const all = load<usize>(H_ROWS);
  const batch = load<usize>(H_BATCH);
  const order = load<usize>(H_ORDER);
  const end = load<usize>(H_TO);
  for (let from = load<usize>(H_FROM); from < end; from += batch) {
    const rates = load<usize>(H_RATES) + (from / batch) * 12;
    if (!step(thread, threads, isFixed, order + (from << 2), min(batch, all - from), rates)) return;
  }
}

/** To be called before the steps of an epoch. `isQuantized`: all layers were, by their present weights. */
export function beginEpoch(isQuantized: i32): void {
  store<i32>(H_STATUS, OK);
  store<i32>(H_IS_QUANTIZED, isQuantized);
  writeRates();
  for (let part = 0; part < 2; part++) {
    const seen = <usize>(THREADS + part * THREAD_BYTES);
    store<f64>(seen, 0, T_COST);
    store<f64>(seen, 1, T_PRODUCT);
    store<i32>(seen, 0, T_EXPONENT);
    store<i32>(seen, 0, T_RIGHT);
  }
  if (load<i32>(H_FIXED)) return;
  const layers = load<i32>(H_LAYERS);
  for (let l = 1; l < layers; l++) transposeLayer(l, 0, load<usize>(layerAt(l), L_INPUTS));
}

/**
 * A step per batch for the rows from `from`, the first of a batch, to `to` in the order at H_ORDER, on `threads`
 * threads, 1 or 2. Ends early where H_STATUS is not OK.
 */
export function runSteps(from: i32, to: i32, threads: i32): void {
  store<i32>(H_FROM, from);
  store<i32>(H_TO, to);
  store<i32>(H_MEASURED, -1);
  if (threads == 2) summon();
  steps(0, threads);
}

/** One thread's share of the rows whose dots are measured. */
function measure(thread: i32, threads: i32): void {
  const l = load<i32>(H_MEASURED);
  const batch = load<usize>(H_BATCH);
  const count = load<usize>(H_MEASURED_ROWS);
  narrowDots(l, thread);
  for (let first: usize = 0; first < count; first += batch) {
    const rows = min(batch, count - first);
    const padded = (rows + 3) & ~3;
    const middle = ((padded >> 1) + 3) & ~3;
    const from: usize = thread == 0 ? 0 : middle;
    const to: usize = thread == threads - 1 ? padded : middle;
    gatherIntegers(thread, load<usize>(H_MEASURED_ORDER) + (first << 2), from, to, rows);
    for (let k = 0; k < l; k++) {
      multiply(k, true, thread, from, to, rows);
      activateIntegers(k, from, to);
    }
    multiply(l, true, thread, from, to, rows);
    widenDots(l, thread, from, min(to, rows)); // rows that only fill up a tile are not those of sparse inputs
  }
  if (threads == 2) meet(thread);
}

/** The second thread: its share of all that is done on two; never returns. */
export function assist(): void {
  for (let call: u32 = 0; ; ) {
    call = nextCall(call);
    if (load<i32>(H_MEASURED) < 0) steps(1, 2);
    else measure(1, 2);
  }
}

/** The range of layer l's z over `count` rows at `order`, through the integers: into H_LOW and H_HIGH. */
export function measureRange(l: i32, order: usize, count: usize, threads: i32): void {
  store<i32>(H_MEASURED, l);
  store<usize>(H_MEASURED_ROWS, count);
  store<usize>(H_MEASURED_ORDER, order);
  if (threads == 2) summon();
  measure(0, threads);
  storeRange(l, threads);
}
