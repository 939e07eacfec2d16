import { activate } from './activations';
import { exp4, log4, splat } from './elementary';
import {
  CROSS_ENTROPY, H_CLASS_WEIGHTS, H_DECISION, H_LABELS, H_LOSS, H_OUTPUTS, H_TARGETS, H_TARGET_NO, H_TARGET_YES,
  L_ACTIVATION, L_DELTA, L_OUTPUTS,
  L_STRIDE, L_Z, OUTPUT_ROWS, SOFTMAX, T_COST, T_EXPONENT, T_PRODUCT, T_RIGHT, THREAD_BYTES, THREADS,
} from './layout';

/**
 * Cost, hits and δ^(L) of a batch, 4 rows at a time: a vector holds one unit's number for each of them. Logarithms
 * are left to TypeScript: the arguments of all rows are multiplied up, as product · 2^exponent.
 */

/** 4 × 4 numbers, rows `fromStride` apart -> columns `toStride` apart */
@inline
function transpose4(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from), b = v128.load(from + fromStride);
  const c = v128.load(from + 2 * fromStride), d = v128.load(from + 3 * fromStride);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + toStride, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 2 * toStride, v128.shuffle<i64>(AB, CD, 0, 2));
  v128.store(to + 3 * toStride, v128.shuffle<i64>(AB, CD, 1, 3));
}

/** The classes that z (count, 4), whose largest is `largest`, stands for; `decideClass` of model/network.ts. */
@inline
function decide(z: usize, count: usize, largest: v128): v128 {
  if (count == 1) {
    const decision = f64x2.splat(load<f64>(H_DECISION));
    const low = f64x2.gt(f64x2.promote_low_f32x4(largest), decision);
    const high = f64x2.gt(f64x2.promote_low_f32x4(v128.shuffle<i64>(largest, largest, 1, 1)), decision);
    return v128.and(v128.shuffle<i32>(low, high, 0, 2, 4, 6), i32x4.splat(1));
  }
  let best = i32x4.splat(0);
  for (let k = count - 1; <isize>k >= 0; k--) {
    best = v128.bitselect(i32x4.splat(<i32>k), best, f32x4.eq(v128.load(z + (k << 4)), largest));
  }
  return best;
}

@inline
function product4(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) * <f64>f32x4.extract_lane(x, 1) *
    (<f64>f32x4.extract_lane(x, 2) * <f64>f32x4.extract_lane(x, 3))
  );
}

@inline
function sum4(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) + <f64>f32x4.extract_lane(x, 1) +
    (<f64>f32x4.extract_lane(x, 2) + <f64>f32x4.extract_lane(x, 3))
  );
}

/** Keeps the product within f64; all its factors are at least 1. */
@inline
function shrunk(product: f64, seen: usize): f64 {
  if (product <= 1e200) return product;
  store<i32>(seen, load<i32>(seen, T_EXPONENT) + 512, T_EXPONENT);
  return product * 7.458340731200207e-155; // 2^-512
}

/** Which of the rows from r on, 4 of them, are among the batch's. */
@inline
function isRow(r: usize, rows: usize): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(<i32>r), i32x4(0, 1, 2, 3)), i32x4.splat(<i32>rows));
}

@inline
function labelAt(order: usize, r: usize, rows: usize): i32 {
  return <i32>load<u16>(load<usize>(H_LABELS) + (load<usize>(order + ((r < rows ? r : 0) << 2)) << 1));
}

@inline
function targetAt(column: usize, order: usize, r: usize, rows: usize, count: usize): f32 {
  return load<f32>(column + ((load<usize>(order + ((r < rows ? r : 0) << 2)) * count) << 2));
}

/** Target k, of `count`, of 4 rows. */
@inline
function targetsAt(targets: usize, order: usize, r: usize, rows: usize, count: usize, k: usize): v128 {
  const column = targets + (k << 2);
  const one = splat(targetAt(column, order, r, rows, count));
  const two = f32x4.replace_lane(one, 1, targetAt(column, order, r + 1, rows, count));
  const three = f32x4.replace_lane(two, 2, targetAt(column, order, r + 2, rows, count));
  return f32x4.replace_lane(three, 3, targetAt(column, order, r + 3, rows, count));
}

/** What the 4 rows' costs are multiplied by. */
@inline
function weightsOf(classWeights: usize, label: v128): v128 {
  const a = v128.load32_splat(classWeights + (i32x4.extract_lane(label, 0) << 2));
  const b = f32x4.replace_lane(a, 1, load<f32>(classWeights + (i32x4.extract_lane(label, 1) << 2)));
  const c = f32x4.replace_lane(b, 2, load<f32>(classWeights + (i32x4.extract_lane(label, 2) << 2)));
  return f32x4.replace_lane(c, 3, load<f32>(classWeights + (i32x4.extract_lane(label, 3) << 2)));
}

/** exp(z), or exp(−|z|) where `isNegated`, over `bytes`: of many rows in one go, as each has to wait for itself. */
@inline
function exponentials(isNegated: bool, z: usize, into: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    const x = v128.load(z + k);
    v128.store(into + k, exp4(isNegated ? f32x4.neg(f32x4.abs(x)) : x));
  }
}

/**
 * Of the rows from `from` to `to`, multiples of 4, of a batch whose row numbers are at `order`; δ of those beyond
 * `rows` becomes 0. Adds to the results of thread `part`, whose working space it uses.
 */
export function outputError(layer: usize, order: usize, from: usize, to: usize, rows: usize, part: i32): void {
  const count = load<usize>(layer, L_OUTPUTS);
  const stride = load<usize>(layer, L_STRIDE);
  const kind = load<i32>(layer, L_ACTIVATION);
  const isEntropy = load<i32>(H_LOSS) == CROSS_ENTROPY;
  const no = splat(load<f32>(H_TARGET_NO));
  const yes = splat(load<f32>(H_TARGET_YES));
  const targets = load<usize>(H_TARGETS);
  const one = splat(1);
  const seen = <usize>(THREADS + part * THREAD_BYTES);
  const classWeights = load<usize>(H_CLASS_WEIGHTS);
  const bytes = count << 4;
  const used = ((count + 3) & ~3) << 2;
  const rowShare = splat(<f32>1 / <f32>rows);
  const block = <usize>OUTPUT_ROWS * stride;
  const labels = load<usize>(H_OUTPUTS) + <usize>part * (3 * block + 4 * stride + OUTPUT_ROWS * 4);
  const delta = labels + OUTPUT_ROWS * 4; // of 4 rows; what fills up its columns is never written and stays 0
  const zs = delta + 4 * stride;
  const as = zs + block;
  const slopes = as + block;
  let cost = load<f64>(seen, T_COST);
  let product = load<f64>(seen, T_PRODUCT);
  let right = load<i32>(seen, T_RIGHT);
  for (let begin = from; begin < to; begin += OUTPUT_ROWS) {
    const end = min(begin + OUTPUT_ROWS, to);
    for (let r = begin, z = zs; r < end; r += 4, z += bytes) {
      const zRow = load<usize>(layer, L_Z) + r * stride;
      for (let k: usize = 0; k < used; k += 16) transpose4(zRow + k, stride, z + (k << 2), 16);
      const label = i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(
        labelAt(order, r, rows)), 1, labelAt(order, r + 1, rows)), 2, labelAt(order, r + 2, rows)), 3,
        labelAt(order, r + 3, rows));
      v128.store(labels + ((r - begin) << 2), label);
      let largest = v128.load(z);
      for (let k: usize = 16; k < bytes; k += 16) largest = f32x4.pmax(largest, v128.load(z + k));
      right += popcnt(i32x4.bitmask(v128.and(i32x4.eq(decide(z, count, largest), label), isRow(r, rows))));
      if (kind != SOFTMAX) continue;
      for (let k: usize = 0; k < bytes; k += 16) v128.store(z + k, f32x4.sub(v128.load(z + k), largest));
    }
    const all = (end - begin) * count << 2;
    if (kind == SOFTMAX) exponentials(false, zs, as, all);
    else if (isEntropy) exponentials(true, zs, as, all);
    else activate(kind, zs, as, slopes, all);
    for (let r = begin, done: usize = 0; r < end; r += 4, done += bytes) {
      const z = zs + done;
      const a = as + done;
      const label = v128.load(labels + ((r - begin) << 2));
      const hot = count == 1 ? i32x4.sub(i32x4.splat(1), label) : label;
      const weight = classWeights ? weightsOf(classWeights, label) : one;
      const share = v128.and(f32x4.mul(weight, rowShare), isRow(r, rows));
      let sum = splat(0);
      let id = i32x4.splat(0);
      if (kind == SOFTMAX) {
        let total = splat(0);
        for (let k: usize = 0; k < bytes; k += 16) {
          total = f32x4.add(total, v128.load(a + k));
          const t = v128.bitselect(yes, no, i32x4.eq(id, hot));
          sum = f32x4.sub(sum, f32x4.mul(t, v128.load(z + k)));
          id = i32x4.add(id, i32x4.splat(1));
        }
        if (classWeights) sum = f32x4.add(sum, log4(total)); // a product cannot weigh its factors
        else product = shrunk(product * product4(v128.bitselect(total, one, isRow(r, rows))), seen);
        const inverse = f32x4.div(one, total);
        id = i32x4.splat(0);
        for (let k: usize = 0; k < bytes; k += 16) {
          const t = v128.bitselect(yes, no, i32x4.eq(id, hot));
          v128.store(delta + k, f32x4.mul(f32x4.sub(f32x4.mul(v128.load(a + k), inverse), t), share));
          id = i32x4.add(id, i32x4.splat(1));
        }
      } else if (isEntropy) {
        // lecture: softplus(z) − y·z, softplus(z) = max(z, 0) + log(1 + e^-|z|); δ = a − y
        for (let k: usize = 0; k < bytes; k += 16) {
          const x = v128.load(z + k);
          const t = v128.bitselect(yes, no, i32x4.eq(id, hot));
          const e = v128.load(a + k);
          const whole = f32x4.add(one, e);
          if (classWeights) sum = f32x4.add(sum, log4(whole));
          else product = shrunk(product * product4(v128.bitselect(whole, one, isRow(r, rows))), seen);
          sum = f32x4.add(sum, f32x4.sub(f32x4.pmax(x, splat(0)), f32x4.mul(t, x)));
          const y = f32x4.div(v128.bitselect(one, e, f32x4.ge(x, splat(0))), whole);
          v128.store(delta + k, f32x4.mul(f32x4.sub(y, t), share));
          id = i32x4.add(id, i32x4.splat(1));
        }
      } else {
        // lecture, exercise: J = ½ Σ (t − a)², δ = (a − t) · g'(z)
        for (let k: usize = 0; k < bytes; k += 16) {
          const t = targets
            ? targetsAt(targets, order, r, rows, count, k >> 4)
            : v128.bitselect(yes, no, i32x4.eq(id, hot));
          const error = f32x4.sub(v128.load(a + k), t);
          sum = f32x4.add(sum, f32x4.mul(f32x4.mul(error, error), splat(0.5)));
          v128.store(delta + k, f32x4.mul(f32x4.mul(error, share), v128.load(slopes + done + k)));
          id = i32x4.add(id, i32x4.splat(1));
        }
      }
      cost += sum4(v128.and(f32x4.mul(sum, weight), isRow(r, rows)));
      const deltaRow = load<usize>(layer, L_DELTA) + r * stride;
      for (let k: usize = 0; k < used; k += 16) transpose4(delta + (k << 2), 16, deltaRow + k, stride);
    }
  }
  store<f64>(seen, cost, T_COST);
  store<f64>(seen, product, T_PRODUCT);
  store<i32>(seen, right, T_RIGHT);
}
