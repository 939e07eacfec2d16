import { splat } from './elementary';
import {
  H_CLIP, H_WEIGHT_LIMIT, L_BASE_SCALE, L_INPUTS, L_IN_SCALE, L_OUTPUTS, L_PANELS, L_REACH,
  L_SCALE, L_UNIT, L_WEIGHTS, PANEL_BYTES, SUMS,
} from './layout';
import { high } from './rounding';

/** model/weight-scales.ts, number for number, on weights that are f32. */

const SCALE_FLOOR: f64 = 1.0 / 256.0;
export const BIAS_LIMIT: f64 = 16777216.0;
const TERNARY_THRESHOLD: f64 = 0.7;

/**
 * (8,) largest |w| of a panel, into f64 at `into`. Compared as integers, which order magnitudes alike and quicker, and
 * put a NaN above all.
 */
function magnitudes(panel: usize, inputs: usize, into: usize): void {
  const sizeOnly = i32x4.splat(0x7fffffff);
  let a = splat(0), b = a;
  const end = panel + inputs * PANEL_BYTES;
  for (; panel < end; panel += PANEL_BYTES) {
    a = i32x4.max_s(a, v128.and(v128.load(panel), sizeOnly));
    b = i32x4.max_s(b, v128.and(v128.load(panel, 16), sizeOnly));
  }
  storeWide(a, into);
  storeWide(b, into + 32);
}

/** (8,) magnitudes of a panel, f64 at `sizes`, no more than H_CLIP root mean squares of each neuron's weights */
function clip(panel: usize, inputs: usize, sizes: usize): void {
  for (let lanes: usize = 0; lanes < 4; lanes++) {
    let squares = f64x2.splat(0);
    let from = panel + (lanes << 3);
    for (const end = from + inputs * PANEL_BYTES; from < end; from += PANEL_BYTES) {
      const w = f64x2.promote_low_f32x4(v128.load64_zero(from));
      squares = f64x2.add(squares, f64x2.mul(w, w));
    }
    const most = f64x2.mul(f64x2.splat(load<f64>(H_CLIP)), f64x2.sqrt(f64x2.div(squares, f64x2.splat(<f64>inputs))));
    const at = sizes + (lanes << 4);
    v128.store(at, f64x2.min(v128.load(at), most));
  }
}

@inline
function storeWide(x: v128, into: usize): void {
  v128.store(into, f64x2.promote_low_f32x4(x));
  v128.store(into, high(x), 16);
}

/** The biases of neuron n, which is even, and of the next. */
@inline
export function biasesOf(layer: usize, n: usize): v128 {
  const inputs = load<usize>(layer, L_INPUTS);
  const panel = load<usize>(layer, L_WEIGHTS) + (n >> 3) * (inputs + 1) * PANEL_BYTES;
  return f64x2.promote_low_f32x4(v128.load64_zero(panel + inputs * PANEL_BYTES + ((n & 7) << 2)));
}

@inline
function panelOf(layer: usize, p: usize): usize {
  return load<usize>(layer, L_WEIGHTS) + p * (load<usize>(layer, L_INPUTS) + 1) * PANEL_BYTES;
}

/** (8,) Σ|w| over the weights of a panel above `thresholds` (8,), and how many they are, into f64 at `sums` and `counts` */
function sumsAbove(panel: usize, inputs: usize, thresholds: usize, sums: usize, counts: usize): void {
  const one = f64x2.splat(1);
  for (let lanes: usize = 0; lanes < 4; lanes++) {
    const threshold = v128.load(thresholds + (lanes << 4));
    let sum = f64x2.splat(0), count = sum;
    let from = panel + (lanes << 3);
    for (const end = from + inputs * PANEL_BYTES; from < end; from += PANEL_BYTES) {
      const size = f64x2.abs(f64x2.promote_low_f32x4(v128.load64_zero(from)));
      const isAbove = f64x2.gt(size, threshold);
      sum = f64x2.add(sum, v128.and(size, isAbove));
      count = f64x2.add(count, v128.and(one, isAbove));
    }
    v128.store(sums + (lanes << 4), sum);
    v128.store(counts + (lanes << 4), count);
  }
}

/** `ternaryScales`, into L_SCALE */
function ternaryScales(layer: usize, isOutput: bool): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const scales = load<usize>(layer, L_SCALE);
  const panels = load<usize>(layer, L_PANELS);
  const thresholds = <usize>SUMS;
  const counts = <usize>SUMS + 64;
  for (let lane: usize = 0; lane < 64; lane += 8) store<f64>(thresholds + lane, -1);
  for (let p: usize = 0; p < panels; p++) {
    sumsAbove(panelOf(layer, p), inputs, thresholds, scales + (p << 6), counts);
  }
  let total: f64 = 0;
  for (let n: usize = 0; n < outputs; n++) total += load<f64>(scales + (n << 3));
  const mean = total / <f64>(inputs * outputs);
  let large: f64 = 0, many: f64 = 0;
  for (let p: usize = 0; p < panels; p++) {
    const end = min<usize>(outputs - (p << 3), 8) << 3;
    const at = scales + (p << 6);
    for (let lane: usize = 0; lane < end; lane += 8) {
      const ofNeuron = load<f64>(at + lane) / <f64>inputs;
      store<f64>(thresholds + lane, TERNARY_THRESHOLD * (isOutput ? mean : ofNeuron));
    }
    sumsAbove(panelOf(layer, p), inputs, thresholds, at, counts);
    for (let lane: usize = 0; lane < end; lane += 8) {
      const sum = load<f64>(at + lane);
      const count = load<f64>(counts + lane);
      large += sum;
      many += count;
      store<f64>(at + lane, sum / max(count, 1));
    }
  }
  if (isOutput) for (let n: usize = 0; n < outputs; n++) store<f64>(scales + (n << 3), large / max(many, 1));
}

/** The scales of layer `layer`, into L_SCALE: false where the weights are no numbers. */
export function weightScales(layer: usize, isOutput: bool): bool {
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const panels = load<usize>(layer, L_PANELS);
  const scales = load<usize>(layer, L_SCALE);
  const end = scales + (outputs << 3);
  const limit = f64x2.splat(<f64>load<i32>(H_WEIGHT_LIMIT));
  const unit = f64x2.splat(load<f64>(layer, L_IN_SCALE) * BIAS_LIMIT);
  const halfUnit = f64x2.mul(unit, f64x2.splat(0.5));
  const reach = f64x2.splat(load<f64>(layer, L_REACH));
  for (let p: usize = 0; p < panels; p++) magnitudes(panelOf(layer, p), inputs, scales + (p << 6));
  let isFinite = splat(-1);
  for (let at = scales; at < end; at += 16) {
    isFinite = v128.and(isFinite, f64x2.lt(v128.load(at), f64x2.splat(Infinity)));
  }
  if (!i64x2.all_true(isFinite)) return false;
  if (load<f64>(H_CLIP) > 0) for (let p: usize = 0; p < panels; p++) clip(panelOf(layer, p), inputs, scales + (p << 6));
  if (load<i32>(H_WEIGHT_LIMIT) == 1) ternaryScales(layer, isOutput);
  let largest2 = f64x2.splat(0);
  for (let n: usize = 0; n < outputs; n += 2) {
    const at = scales + (n << 3);
    const reaches = f64x2.pmax(f64x2.abs(biasesOf(layer, n)), reach);
    let scale = f64x2.div(v128.load(at), limit);
    // Seldom: it is the larger one only where weights are tiny beside their bias.
    if (!i64x2.all_true(f64x2.lt(reaches, f64x2.mul(scale, halfUnit)))) scale = f64x2.pmax(f64x2.div(reaches, unit), scale);
    v128.store(at, scale);
    isFinite = v128.and(isFinite, f64x2.lt(scale, f64x2.splat(Infinity)));
    largest2 = f64x2.pmax(largest2, scale);
  }
  if (!i64x2.all_true(isFinite)) return false;
  const largest = max(f64x2.extract_lane(largest2, 0), f64x2.extract_lane(largest2, 1));
  const none = 1 / <f64>load<i32>(H_WEIGHT_LIMIT); // of an all-zero layer
  const sums = load<f64>(layer, L_UNIT);
  let least = isOutput ? largest : largest * SCALE_FLOOR;
  if (sums > 0) {
    const base = load<f64>(layer, L_BASE_SCALE) / (sums * load<f64>(layer, L_IN_SCALE));
    least = max(largest == 0 ? none : largest, base);
  } else if (largest == 0) least = none;
  for (let at = scales; at < end; at += 16) {
    v128.store(at, f64x2.pmax(v128.load(at), f64x2.splat(least)));
  }
  for (let n = outputs; n < panels << 3; n++) store<f64>(scales + (n << 3), Infinity); // padding: integers 0
  return true;
}
