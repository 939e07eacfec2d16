import { activate } from './activations';
import { splat } from './elementary';
import {
  H_HIGH, H_LAYERS, H_LOW, HEADER_BYTES, L_A, L_ACTIVATION, L_BIAS, L_HIGH, L_LOW, L_MASK, L_MAXIMUM, L_MULTIPLIER,
  L_OFFSET, L_OUTPUTS, L_SHIFT, L_SLOPE, L_STEP, L_STRIDE, L_TABLE, L_Z, LAYER_BYTES,
} from './layout';

/** From i32 dots to z, to the next layer's integers and to slopes: trainer/fixed-point.ts, two lanes of f64 at a time. */

@inline
function real(dot: v128, bias: usize, offset: usize, step: usize): v128 {
  return f64x2.mul(v128.load(step), f64x2.sub(f64x2.add(dot, v128.load(bias)), v128.load(offset)));
}

@inline
function index(dot: v128, bias: usize, multiplier: usize, half: v128, unit: v128, most: v128): v128 {
  const product = f64x2.mul(f64x2.add(dot, v128.load(bias)), v128.load(multiplier));
  const scaled = f64x2.floor(f64x2.mul(f64x2.add(product, half), unit));
  return f64x2.min(f64x2.max(scaled, f64x2.splat(0)), most);
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

/** Dots in L_Z -> z in L_Z; for hidden layers also integers in L_A, and g' in L_SLOPE, 0 beyond the range. */
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
  const begin = from * stride;
  const bytes = to * stride;
  for (let r = begin; r < bytes; r += stride) {
    for (let k: usize = 0; k < stride; k += 16) {
      const n = k << 1;
      const dots = v128.load(zs + r + k);
      const dot0 = f64x2.convert_low_i32x4_s(dots);
      const dot1 = f64x2.convert_low_i32x4_s(v128.shuffle<i64>(dots, dots, 1, 1));
      const z0 = real(dot0, bias + n, offset + n, step + n);
      const z1 = real(dot1, bias + n + 16, offset + n + 16, step + n + 16);
      v128.store(zs + r + k, narrow(z0, z1));
      if (isHidden) {
        const outside0 = v128.or(f64x2.lt(z0, low), f64x2.gt(z0, high));
        const outside1 = v128.or(f64x2.lt(z1, low), f64x2.gt(z1, high));
        v128.store(mask + r + k, v128.not(v128.shuffle<i32>(outside0, outside1, 0, 2, 4, 6)));
        const q0 = index(dot0, bias + n, multiplier + n, half, unit, most);
        const q1 = index(dot1, bias + n + 16, multiplier + n + 16, half, unit, most);
        const q = narrow(q0, q1);
        v128.store(as + r + k, table ? lookUp(table, q) : q);
      }
    }
  }
  if (!isHidden) return;
  activate(load<i32>(layer, L_ACTIVATION), zs + begin, zs + begin, slope + begin, bytes - begin);
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
  let low = load<f64>(H_LOW);
  let high = load<f64>(H_HIGH);
  let row = load<usize>(layer, L_Z);
  for (let r: usize = 0; r < rows; r++) {
    for (let n: usize = 0; n < outputs; n++) {
      const accumulator = <f64>load<i32>(row + (n << 2)) + load<f64>(bias + (n << 3));
      const z = load<f64>(step + (n << 3)) * (accumulator - load<f64>(offset + (n << 3)));
      low = min(low, z);
      high = max(high, z);
    }
    row += stride;
  }
  store<f64>(H_LOW, low);
  store<f64>(H_HIGH, high);
}
