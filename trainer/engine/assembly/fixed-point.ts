import { activate } from './activations';
import { splat } from './elementary';
import {
  C_ABOVE, C_BIAS, C_CAP, C_LAST, C_MULTIPLIER, C_STEP, CONSTANT_BYTES, H_HIGH, H_LAYERS, H_LOW, HEADER_BYTES, L_A,
  L_ACTIVATION, L_BIAS, L_CONSTANTS, L_HIGH, L_IN_INTEGERS, L_IN_MAXIMUM, L_IN_SCALE, L_IN_ZERO_POINT, L_LOW, L_MASK, L_MAXIMUM, L_OFFSET, L_OUTPUTS, L_SHIFT, L_SLOPE, L_STEP,
  L_STRIDE, L_SUMS, L_TABLE, L_UNIT, L_Z, LAYER_BYTES, PANEL_BYTES, RELU,
} from './layout';

/** From i32 dots to z, to the next layer's integers and to slopes: trainer/fixed-point.ts, four lanes of i32 at a time. */

@inline
function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** `requantize` of model/arithmetic.ts. What is below 0 becomes 0 anyway, so that the products fit 32 bits unsigned. */
@inline
function index(sum: v128, multiplier: v128, cap: v128, half: v128, shift: i32, most: v128): v128 {
  const within = i32x4.min_s(i32x4.max_s(sum, i32x4.splat(0)), cap);
  const q = i32x4.shr_u(i32x4.add(i32x4.mul(within, multiplier), half), shift);
  return i32x4.min_s(q, most);
}

@inline
function lookUp(table: usize, k: v128): v128 {
  const a = i32x4.splat(load<u8>(table + <usize>i32x4.extract_lane(k, 0)));
  const b = i32x4.replace_lane(a, 1, load<u8>(table + <usize>i32x4.extract_lane(k, 1)));
  const c = i32x4.replace_lane(b, 2, load<u8>(table + <usize>i32x4.extract_lane(k, 2)));
  return i32x4.replace_lane(c, 3, load<u8>(table + <usize>i32x4.extract_lane(k, 3)));
}

/** Four activations: a = scale · (q − zeroPoint) for the gradient, q in i16 for the next layer's products. */
@inline
function storeActivations(q: v128, zeroPoint: v128, scale: v128, real: usize, integer: usize): void {
  v128.store(real, f32x4.mul(scale, f32x4.convert_i32x4_s(i32x4.sub(q, zeroPoint))));
  v128.store64_lane(integer, i16x8.narrow_i32x4_s(q, q), 0);
}

@inline
function nextScale(layer: usize): v128 {
  return splat(<f32>load<f64>(layer + LAYER_BYTES, L_IN_SCALE));
}

/** Dots of four neurons at `dots` -> activations and slopes, as bits; all rows `stride` bytes apart, from `row` to `end` */
@inline
function rectify(shift: i32, largest: i32, scale: v128, constants: usize, row: usize, end: usize, stride: usize,
  dots: usize, slope: usize, a: usize, q: usize): void {
  const most = i32x4.splat(largest);
  const half = i32x4.splat(1 << (shift - 1));
  const bias = v128.load(constants, C_BIAS);
  const multiplier = v128.load(constants, C_MULTIPLIER), cap = v128.load(constants, C_CAP);
  const above = v128.load(constants, C_ABOVE), last = v128.load(constants, C_LAST);
  for (; row < end; row += stride) {
    const sum = i32x4.add(v128.load(dots + row), bias);
    v128.store(slope + row, v128.andnot(i32x4.gt_s(sum, above), i32x4.gt_s(sum, last)));
    storeActivations(index(sum, multiplier, cap, half, shift, most), splat(0), scale, a + row, q + (row >> 1));
  }
}

/** The same of the eight neurons of a panel that share a scale, whose activations are their sums over 2^shift. */
@inline
function rectifyAlike(shift: i32, largest: i32, scale: v128, above: v128, last: v128, constants: usize, row: usize, end: usize,
  stride: usize, dots: usize, slope: usize, a: usize, q: usize): void {
  const most = i32x4.splat(largest), half = i32x4.splat(1 << (shift - 1)), zero = splat(0);
  const bias0 = v128.load(constants, C_BIAS), bias1 = v128.load(constants, C_BIAS + 16);
  for (; row < end; row += stride) {
    const sum0 = i32x4.add(v128.load(dots + row), bias0), sum1 = i32x4.add(v128.load(dots + row, 16), bias1);
    v128.store(slope + row, v128.andnot(i32x4.gt_s(sum0, above), i32x4.gt_s(sum0, last)));
    v128.store(slope + row, v128.andnot(i32x4.gt_s(sum1, above), i32x4.gt_s(sum1, last)), 16);
    const q0 = i32x4.min_s(i32x4.shr_u(i32x4.add(i32x4.max_s(sum0, zero), half), shift), most);
    const q1 = i32x4.min_s(i32x4.shr_u(i32x4.add(i32x4.max_s(sum1, zero), half), shift), most);
    v128.store(a + row, f32x4.mul(scale, f32x4.convert_i32x4_s(q0)));
    v128.store(a + row, f32x4.mul(scale, f32x4.convert_i32x4_s(q1)), 16);
    v128.store(q + (row >> 1), i16x8.narrow_i32x4_s(q0, q1));
  }
}

/** ReLU of all neurons: none of its slopes takes a second pass. */
function rectifyLayer(layer: usize, begin: usize, end: usize): void {
  const stride = load<usize>(layer, L_STRIDE);
  const dots = load<usize>(layer, L_Z);
  const slope = load<usize>(layer, L_SLOPE);
  const as = load<usize>(layer, L_A);
  const integers = load<usize>(layer + LAYER_BYTES, L_IN_INTEGERS);
  const shift = load<i32>(layer, L_SHIFT);
  const unit = load<f64>(layer, L_UNIT);
  const largest = load<i32>(layer + LAYER_BYTES, L_IN_MAXIMUM);
  const scale = nextScale(layer);
  let constants = load<usize>(layer, L_CONSTANTS);
  const above = v128.load32_splat(constants, C_ABOVE), last = v128.load32_splat(constants, C_LAST); // where all are alike
  for (const panels = begin + stride; begin < panels; begin += PANEL_BYTES) {
    if (unit == 256) rectifyAlike(8, largest, scale, above, last, constants, begin, end, stride, dots, slope, as, integers);
    else if (unit == 128) rectifyAlike(7, largest, scale, above, last, constants, begin, end, stride, dots, slope, as, integers);
    else if (unit == 64) rectifyAlike(6, largest, scale, above, last, constants, begin, end, stride, dots, slope, as, integers);
    else if (unit == 32) rectifyAlike(5, largest, scale, above, last, constants, begin, end, stride, dots, slope, as, integers);
    else {
      for (let half: usize = 0; half < 32; half += 16) {
        const row = begin + half, these = constants + half;
        if (shift == 24) rectify(24, largest, scale, these, row, end, stride, dots, slope, as, integers);
        else if (shift == 16) rectify(16, largest, scale, these, row, end, stride, dots, slope, as, integers);
        else rectify(8, largest, scale, these, row, end, stride, dots, slope, as, integers);
      }
    }
    constants += CONSTANT_BYTES;
  }
}

/** z of four output neurons, whose step is one and whose offset is 0. */
@inline
function scaleOutputs(step: v128, constants: usize, row: usize, end: usize, stride: usize, z: usize): void {
  const bias = v128.load(constants, C_BIAS);
  for (; row < end; row += stride) {
    v128.store(z + row, f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(v128.load(z + row), bias)), step));
  }
}

/** The general case; the slopes are left to `activate`. */
@inline
function activateAny(layer: usize, isHidden: bool, k: usize, constants: usize, row: usize, end: usize, stride: usize,
  integers: usize): void {
  const shift = load<i32>(layer, L_SHIFT);
  const half = i32x4.splat(1 << (shift - 1)), most = i32x4.splat(<i32>load<f64>(layer, L_MAXIMUM));
  const bias = v128.load(constants, C_BIAS);
  const multiplier = v128.load(constants, C_MULTIPLIER), cap = v128.load(constants, C_CAP);
  const offset = load<usize>(layer, L_OFFSET) + (k << 1), step = load<usize>(layer, L_STEP) + (k << 1);
  const offset0 = v128.load(offset), offset1 = v128.load(offset, 16);
  const step0 = v128.load(step), step1 = v128.load(step, 16);
  const low = f64x2.splat(load<f64>(layer, L_LOW)), high = f64x2.splat(load<f64>(layer, L_HIGH));
  const scale = nextScale(layer);
  const zeroPoint = i32x4.splat(<i32>load<f64>(layer + LAYER_BYTES, L_IN_ZERO_POINT));
  const table = load<usize>(layer, L_TABLE);
  const zs = load<usize>(layer, L_Z), as = load<usize>(layer, L_A), mask = load<usize>(layer, L_MASK);
  for (; row < end; row += stride) {
    const sum = i32x4.add(v128.load(zs + row), bias);
    const top = v128.shuffle<i64>(sum, sum, 1, 1);
    const z0 = f64x2.mul(step0, f64x2.sub(f64x2.convert_low_i32x4_s(sum), offset0));
    const z1 = f64x2.mul(step1, f64x2.sub(f64x2.convert_low_i32x4_s(top), offset1));
    v128.store(zs + row, narrow(z0, z1));
    if (!isHidden) continue;
    const outside0 = v128.or(f64x2.lt(z0, low), f64x2.gt(z0, high));
    const outside1 = v128.or(f64x2.lt(z1, low), f64x2.gt(z1, high));
    v128.store(mask + row, v128.not(v128.shuffle<i32>(outside0, outside1, 0, 2, 4, 6)));
    const q = index(sum, multiplier, cap, half, shift, most);
    storeActivations(table ? lookUp(table, q) : q, zeroPoint, scale, as + row, integers + (row >> 1));
  }
}

/**
 * Dots in L_Z -> for hidden layers a in L_A, its integers in the next layer's L_IN_INTEGERS, and g' in L_SLOPE, 0 beyond
 * the range; for all others z in L_Z.
 */
export function activateIntegers(l: i32, from: usize, to: usize): void {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const isHidden = l < load<i32>(H_LAYERS) - 1;
  const stride = load<usize>(layer, L_STRIDE);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const zs = load<usize>(layer, L_Z);
  const slope = load<usize>(layer, L_SLOPE);
  const integers = isHidden ? load<usize>(layer + LAYER_BYTES, L_IN_INTEGERS) : 0;
  const kind = load<i32>(layer, L_ACTIVATION);
  const begin = from * stride;
  const bytes = to * stride;
  if (isHidden && kind == RELU) {
    rectifyLayer(layer, begin, bytes);
    return;
  }
  const used = ((outputs + 3) & ~3) << 2;
  const commonStep = v128.load32_splat(load<usize>(layer, L_CONSTANTS), C_STEP);
  for (let k: usize = 0; k < used; k += 16) {
    const constants = load<usize>(layer, L_CONSTANTS) + (k >> 5) * CONSTANT_BYTES + (k & 16);
    const row = begin + k;
    if (!isHidden && outputs > 1) scaleOutputs(commonStep, constants, row, bytes, stride, zs);
    else activateAny(layer, isHidden, k, constants, row, bytes, stride, integers);
  }
  if (!isHidden) return;
  const mask = load<usize>(layer, L_MASK);
  activate(kind, zs + begin, zs + begin, slope + begin, bytes - begin);
  for (let k = begin; k < bytes; k += 16) {
    v128.store(slope + k, v128.and(v128.load(slope + k), v128.load(mask + k)));
  }
}

/** The least and the largest of each neuron's dots in L_Z and of those before, to L_SUMS: (4,) i32 each by four neurons. */
export function widenDots(l: i32, rows: usize, isFirst: bool): void {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const stride = load<usize>(layer, L_STRIDE);
  const used = ((load<usize>(layer, L_OUTPUTS) + 3) & ~3) << 2;
  let into = load<usize>(layer, L_SUMS);
  for (let k: usize = 0; k < used; k += 16) {
    let at = load<usize>(layer, L_Z) + k;
    let least = isFirst ? v128.load(at) : v128.load(into), most = isFirst ? least : v128.load(into, 16);
    for (const end = at + rows * stride; at < end; at += stride) {
      const dots = v128.load(at);
      least = i32x4.min_s(least, dots);
      most = i32x4.max_s(most, dots);
    }
    v128.store(into, least);
    v128.store(into, most, 16);
    into += 32;
  }
}

/** z of neuron n for a dot */
@inline
function preActivation(layer: usize, n: usize, dot: i32): f64 {
  const k = n << 3;
  const sum = <f64>dot + load<f64>(load<usize>(layer, L_BIAS) + k);
  return load<f64>(load<usize>(layer, L_STEP) + k) * (sum - load<f64>(load<usize>(layer, L_OFFSET) + k));
}

/** The range of z that the dots of `widenDots` stand for, to H_LOW and H_HIGH: z grows with them. */
export function storeRange(l: i32): void {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  let low: f64 = Infinity, high: f64 = -Infinity;
  for (let n: usize = 0; n < load<usize>(layer, L_OUTPUTS); n++) {
    const dots = load<usize>(layer, L_SUMS) + ((n >> 2) << 5) + ((n & 3) << 2);
    low = min(low, preActivation(layer, n, load<i32>(dots)));
    high = max(high, preActivation(layer, n, load<i32>(dots, 16)));
  }
  store<f64>(H_LOW, low);
  store<f64>(H_HIGH, high);
}
