import { activate } from './activations';
import { exp4, splat } from './elementary';
import {
  CROSS_ENTROPY, H_COST, H_DECISION, H_EXPONENT, H_LABELS, H_LOSS, H_PRODUCT, H_RIGHT, H_TARGET_NO, H_TARGET_YES, L_A,
  L_ACTIVATION, L_DELTA, L_OUTPUTS, L_SLOPE, L_STRIDE, L_Z, SOFTMAX,
} from './layout';

/**
 * Cost, hits and δ^(L) of a batch. Logarithms are left to TypeScript: the arguments of all rows are multiplied up, as
 * product · 2^exponent.
 */

/** The class that z (count,) stands for; `decideClass` of model/network.ts. */
@inline
function decide(z: usize, count: i32): i32 {
  if (count == 1) return <f64>load<f32>(z) > load<f64>(H_DECISION) ? 1 : 0;
  let best = 0;
  let largest = load<f32>(z);
  for (let k = 1; k < count; k++) {
    const value = load<f32>(z + (<usize>k << 2));
    if (value > largest) {
      largest = value;
      best = k;
    }
  }
  return best;
}

@inline
function lanes(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) * <f64>f32x4.extract_lane(x, 1) *
    (<f64>f32x4.extract_lane(x, 2) * <f64>f32x4.extract_lane(x, 3))
  );
}

@inline
function sumOf(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** `order`: row numbers of the batch; δ of rows from `rows` to `padded` becomes 0. */
export function outputError(layer: usize, order: usize, rows: usize, padded: usize): void {
  const count = load<i32>(layer, L_OUTPUTS);
  const bytes = <usize>count << 2;
  const stride = load<usize>(layer, L_STRIDE);
  const kind = load<i32>(layer, L_ACTIVATION);
  const isEntropy = load<i32>(H_LOSS) == CROSS_ENTROPY;
  const labels = load<usize>(H_LABELS);
  const no = splat(load<f32>(H_TARGET_NO));
  const yes = splat(load<f32>(H_TARGET_YES));
  const share = splat(<f32>1 / <f32>rows);
  let z = load<usize>(layer, L_Z);
  let a = load<usize>(layer, L_A);
  let slope = load<usize>(layer, L_SLOPE);
  let delta = load<usize>(layer, L_DELTA);
  if (!isEntropy) activate(kind, z, a, slope, rows * stride);
  let cost: f64 = 0;
  let product = load<f64>(H_PRODUCT);
  let right = 0;
  for (let r: usize = 0; r < rows; r++) {
    const label = <i32>load<u16>(labels + (load<usize>(order + (r << 2)) << 1));
    const best = decide(z, count);
    right += i32(best == label);
    const hot = i32x4.splat(count == 1 ? 1 - label : label);
    let id = i32x4(0, 1, 2, 3);
    if (kind == SOFTMAX) {
      const largest = load<f32>(z + (<usize>best << 2));
      let sum = splat(0);
      for (let k: usize = 0; k < bytes; k += 16) {
        const e = v128.and(
          exp4(f32x4.sub(v128.load(z + k), splat(largest))),
          i32x4.lt_s(id, i32x4.splat(count)),
        );
        v128.store(a + k, e);
        sum = f32x4.add(sum, e);
        id = i32x4.add(id, i32x4.splat(4));
      }
      const total = sumOf(sum);
      product *= <f64>total;
      cost += <f64>largest - <f64>load<f32>(z + (<usize>label << 2));
      id = i32x4(0, 1, 2, 3);
      for (let k: usize = 0; k < bytes; k += 16) {
        const t = v128.and(i32x4.eq(id, hot), splat(1));
        v128.store(delta + k, f32x4.mul(f32x4.sub(f32x4.div(v128.load(a + k), splat(total)), t), share));
        id = i32x4.add(id, i32x4.splat(4));
      }
    } else {
      let sum = splat(0);
      for (let k: usize = 0; k < bytes; k += 16) {
        const isReal = i32x4.lt_s(id, i32x4.splat(count));
        const t = v128.bitselect(yes, no, i32x4.eq(id, hot));
        let error: v128;
        if (isEntropy) {
          // lecture: softplus(z) − y·z, softplus(z) = max(z, 0) + log(1 + e^-|z|); δ = a − y
          const x = v128.load(z + k);
          const one = splat(1);
          const e = exp4(f32x4.neg(f32x4.abs(x)));
          const whole = f32x4.add(one, e);
          product *= lanes(v128.bitselect(whole, one, isReal));
          sum = f32x4.add(sum, v128.and(f32x4.sub(f32x4.max(x, splat(0)), f32x4.mul(t, x)), isReal));
          error = f32x4.sub(f32x4.div(v128.bitselect(one, e, f32x4.ge(x, splat(0))), whole), t);
        } else {
          // lecture, exercise: J = ½ Σ (t − a)², δ = (a − t) · g'(z)
          error = f32x4.sub(v128.load(a + k), t);
          sum = f32x4.add(sum, v128.and(f32x4.mul(f32x4.mul(error, error), splat(0.5)), isReal));
          error = f32x4.mul(error, v128.load(slope + k));
        }
        v128.store(delta + k, v128.and(f32x4.mul(error, share), isReal));
        id = i32x4.add(id, i32x4.splat(4));
      }
      cost += <f64>sumOf(sum);
    }
    if (product > 1e200) {
      product *= 7.458340731200207e-155; // 2^-512
      store<i32>(H_EXPONENT, load<i32>(H_EXPONENT) + 512);
    }
    z += stride; a += stride; slope += stride; delta += stride;
  }
  memory.fill(delta, 0, (padded - rows) * stride);
  store<f64>(H_COST, load<f64>(H_COST) + cost);
  store<f64>(H_PRODUCT, product);
  store<i32>(H_RIGHT, load<i32>(H_RIGHT) + right);
}
