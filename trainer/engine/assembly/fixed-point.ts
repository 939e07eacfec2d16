import { activate } from './activations';
import { splat } from './elementary';
import {
  H_HIGH, H_LAYERS, H_LOW, HEADER_BYTES, L_A, L_ACTIVATION, L_BIAS, L_HIGH, L_LOW, L_MASK, L_MAXIMUM, L_MULTIPLIER,
  L_OFFSET, L_OUTPUTS, L_SHIFT, L_SLOPE, L_STEP, L_STRIDE, L_TABLE, L_Z, LAYER_BYTES, RELU,
} from './layout';

/** From i32 dots to z, to the next layer's integers and to slopes: trainer/fixed-point.ts, two lanes of f64 at a time. */

@inline
function index(sum: v128, multiplier: v128, half: v128, unit: v128, most: v128): v128 {
  const scaled = f64x2.floor(f64x2.mul(f64x2.add(f64x2.mul(sum, multiplier), half), unit));
  return f64x2.pmin(f64x2.pmax(scaled, f64x2.splat(0)), most);
}

@inline
function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

@inline
function lookUp(table: usize, q: v128): v128 {
  const k = i32x4.trunc_sat_f32x4_s(q);
  const a = <f32>load<u8>(table + <usize>i32x4.extract_lane(k, 0));
  const b = <f32>load<u8>(table + <usize>i32x4.extract_lane(k, 1));
  const c = <f32>load<u8>(table + <usize>i32x4.extract_lane(k, 2));
  const d = <f32>load<u8>(table + <usize>i32x4.extract_lane(k, 3));
  return f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(splat(a), 1, b), 2, c), 3, d);
}

/**
 * Dots in L_Z -> z in L_Z; for hidden layers also integers in L_A, and g' in L_SLOPE, 0 beyond the range. ReLU, whose
 * slope is a comparison, takes no second pass.
 */
export function activateIntegers(l: i32, from: usize, to: usize): void {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const isHidden = l < load<i32>(H_LAYERS) - 1;
  const stride = load<usize>(layer, L_STRIDE);
  const bias = load<usize>(layer, L_BIAS);
  const offset = load<usize>(layer, L_OFFSET);
  const step = load<usize>(layer, L_STEP);
  const multiplier = load<usize>(layer, L_MULTIPLIER);
  const table = load<usize>(layer, L_TABLE);
  const zs = load<usize>(layer, L_Z);
  const as = load<usize>(layer, L_A);
  const mask = load<usize>(layer, L_MASK);
  const slope = load<usize>(layer, L_SLOPE);
  const size = <f64>(1 << load<i32>(layer, L_SHIFT));
  const half = f64x2.splat(size / 2);
  const unit = f64x2.splat(1 / size);
  const most = f64x2.splat(load<f64>(layer, L_MAXIMUM));
  const low = f64x2.splat(load<f64>(layer, L_LOW));
  const high = f64x2.splat(load<f64>(layer, L_HIGH));
  const kind = load<i32>(layer, L_ACTIVATION);
  const isRelu = kind == RELU;
  const one = splat(1);
  const zero = splat(0);
  const begin = from * stride;
  const bytes = to * stride;
  const used = ((load<usize>(layer, L_OUTPUTS) + 3) & ~3) << 2;
  for (let k: usize = 0; k < used; k += 16) {
    const n = k << 1;
    const bias0 = v128.load(bias + n), bias1 = v128.load(bias + n, 16);
    const offset0 = v128.load(offset + n), offset1 = v128.load(offset + n, 16);
    const step0 = v128.load(step + n), step1 = v128.load(step + n, 16);
    const multiplier0 = v128.load(multiplier + n), multiplier1 = v128.load(multiplier + n, 16);
    for (let r = begin + k; r < bytes; r += stride) {
      const dots = v128.load(zs + r);
      const sum0 = f64x2.add(f64x2.convert_low_i32x4_s(dots), bias0);
      const sum1 = f64x2.add(f64x2.convert_low_i32x4_s(v128.shuffle<i64>(dots, dots, 1, 1)), bias1);
      const z0 = f64x2.mul(step0, f64x2.sub(sum0, offset0));
      const z1 = f64x2.mul(step1, f64x2.sub(sum1, offset1));
      const z = narrow(z0, z1);
      v128.store(zs + r, z);
      if (isHidden) {
        const outside0 = v128.or(f64x2.lt(z0, low), f64x2.gt(z0, high));
        const outside1 = v128.or(f64x2.lt(z1, low), f64x2.gt(z1, high));
        const outside = v128.shuffle<i32>(outside0, outside1, 0, 2, 4, 6);
        if (isRelu) v128.store(slope + r, v128.andnot(v128.and(f32x4.gt(z, zero), one), outside));
        else v128.store(mask + r, v128.not(outside));
        const q = narrow(index(sum0, multiplier0, half, unit, most), index(sum1, multiplier1, half, unit, most));
        v128.store(as + r, table ? lookUp(table, q) : q);
      }
    }
  }
  if (!isHidden || isRelu) return;
  activate(kind, zs + begin, zs + begin, slope + begin, bytes - begin);
  for (let k = begin; k < bytes; k += 16) {
    v128.store(slope + k, v128.and(v128.load(slope + k), v128.load(mask + k)));
  }
}

/** Widens H_LOW..H_HIGH to the z that the dots in L_Z stand for. */
export function widenRange(l: i32, rows: usize): void {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const stride = load<usize>(layer, L_STRIDE);
  const bias = load<usize>(layer, L_BIAS);
  const offset = load<usize>(layer, L_OFFSET);
  const step = load<usize>(layer, L_STEP);
  const dots = load<usize>(layer, L_Z);
  let low = f64x2.splat(load<f64>(H_LOW));
  let high = f64x2.splat(load<f64>(H_HIGH));
  let n: usize = 0;
  for (; n + 2 <= outputs; n += 2) {
    const b = v128.load(bias + (n << 3)), o = v128.load(offset + (n << 3)), s = v128.load(step + (n << 3));
    let at = dots + (n << 2);
    for (let r: usize = 0; r < rows; r++) {
      const dot = f64x2.convert_low_i32x4_s(v128.load64_zero(at));
      const z = f64x2.mul(s, f64x2.sub(f64x2.add(dot, b), o));
      low = f64x2.pmin(low, z);
      high = f64x2.pmax(high, z);
      at += stride;
    }
  }
  let lowest = min(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1));
  let highest = max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1));
  if (n < outputs) {
    const b = load<f64>(bias + (n << 3)), o = load<f64>(offset + (n << 3)), s = load<f64>(step + (n << 3));
    for (let r: usize = 0; r < rows; r++) {
      const z = s * (<f64>load<i32>(dots + r * stride + (n << 2)) + b - o);
      lowest = min(lowest, z);
      highest = max(highest, z);
    }
  }
  store<f64>(H_LOW, lowest);
  store<f64>(H_HIGH, highest);
}
