import { splat } from './elementary';
import {
  H_DROP_BELOW, H_GAIN, H_KEY, H_NOISE, H_SCRATCH, H_STREAMS, HEADER_BYTES, L_A, L_INPUTS, L_IN_INTEGERS, L_IN_ROWS,
  L_IN_SCALE, L_IN_STRIDE, L_IN_ZERO_POINT, L_IS_RELU, L_OUTPUTS, L_SLOPE, L_STRIDE, L_SUMS, L_Z, LAYER_BYTES, S_ZERO_POINT, SCRATCH_BYTES,
  SUM_BYTES,
} from './layout';
import { hasZeroPoint } from './weight-sums';

/**
 * trainer/noise.ts, number for number. A vector holds one number of each of 4 rows, which all draw alike, from generators of
 * their own: so it does not matter which thread has which rows.
 */

const GOLDEN: u64 = 0x9e3779b97f4a7c15;
/** Numbers drawn in one go for 4 rows: they stay in the nearest cache. */
const DRAWS: usize = 64;
const STREAM_BYTES: usize = 64; // of the generators of 4 rows

@inline
function streamsOf(r: usize): usize {
  return load<usize>(H_STREAMS) + (r >> 2) * STREAM_BYTES;
}

/** The output of SplitMix64 in this state. */
@inline
function mixed(state: u64): u64 {
  const y = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  const z = (y ^ (y >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** The generators of the rows from `from` to `to`; `first`: where in the epoch the batch begins. */
export function seedRows(first: u64, from: usize, to: usize): void {
  for (let r = from; r < to; r++) {
    const state = load<u64>(H_KEY) + (2 * (first + r) + 1) * GOLDEN;
    const at = streamsOf(r) + ((r & 3) << 2);
    const one = mixed(state), two = mixed(state + GOLDEN);
    store<u32>(at, <u32>one);
    store<u32>(at, <u32>(one >> 32), 16);
    store<u32>(at, <u32>two, 32);
    store<u32>(at, <u32>(two >> 32), 48);
  }
}

/** The next `count` numbers of 4 rows' generators, into (count, 4) */
function draw(streams: usize, count: usize, into: usize): void {
  let a = v128.load(streams), b = v128.load(streams, 16), c = v128.load(streams, 32), d = v128.load(streams, 48);
  for (const end = into + (count << 4); into < end; into += 16) {
    const x = i32x4.add(i32x4.shl(b, 2), b);
    const y = v128.or(i32x4.shl(x, 7), i32x4.shr_u(x, 25));
    v128.store(into, i32x4.add(i32x4.shl(y, 3), y));
    const e = v128.xor(c, a), f = v128.xor(d, b);
    const g = i32x4.shl(b, 9);
    a = v128.xor(a, f);
    b = v128.xor(b, e);
    c = v128.xor(e, g);
    d = v128.or(i32x4.shl(f, 11), i32x4.shr_u(f, 21));
  }
  v128.store(streams, a); v128.store(streams, b, 16); v128.store(streams, c, 32); v128.store(streams, d, 48);
}

/** What four inputs of a row get, from its numbers in two vectors at `drawn`. */
@inline
function noiseOf(table: usize, drawn: usize): v128 {
  const one = load<u32>(drawn), two = load<u32>(drawn, 16);
  let x = v128.load32_zero(table + (<usize>(one >> 16) << 2));
  x = v128.load32_lane(table + (<usize>(one & 0xffff) << 2), x, 1);
  x = v128.load32_lane(table + (<usize>(two >> 16) << 2), x, 2);
  return v128.load32_lane(table + (<usize>(two & 0xffff) << 2), x, 3);
}

/** Adds noise to the gathered inputs of the rows from `from` to `to`: to integers too, and what they stand for. */
export function disturb(isFixed: bool, part: i32, from: usize, to: usize): void {
  const layer = <usize>HEADER_BYTES;
  const table = load<usize>(H_NOISE);
  const draws = (load<usize>(layer, L_INPUTS) + 1) >> 1;
  const scratch = load<usize>(H_SCRATCH) + <usize>(part * SCRATCH_BYTES);
  const scale = splat(isFixed ? <f32>load<f64>(layer, L_IN_SCALE) : 1);
  const integers = load<usize>(layer, L_IN_INTEGERS);
  const inStride = load<usize>(layer, L_IN_STRIDE);
  for (let r = from; r < to; r += 4) {
    for (let k: usize = 0; k < draws; k += DRAWS) {
      const count = min(DRAWS, draws - k);
      draw(streamsOf(r), count, scratch);
      for (let lane: usize = 0; lane < 4; lane++) {
        let real = load<usize>(load<usize>(layer, L_IN_ROWS) + ((r + lane) << 2)) + (k << 3);
        let integer = integers + (r + lane) * inStride + (k << 2);
        let drawn = scratch + (lane << 2);
        for (const end = drawn + (count << 4); drawn < end; drawn += 32) {
          const noise = noiseOf(table, drawn);
          v128.store(real, f32x4.add(v128.load(real), f32x4.mul(noise, scale)));
          real += 16;
          if (!isFixed) continue;
          const steps = i32x4.trunc_sat_f32x4_s(noise);
          const q = i16x8.add(v128.load64_zero(integer), i16x8.narrow_i32x4_s(steps, steps));
          v128.store64_lane(integer, q, 0);
          integer += 8;
        }
      }
    }
  }
}

/** Four rows' numbers of four units -> all bits 1 where a row's unit is kept, row by row at `at` */
@inline
function storeKept(at: usize, below: v128): void {
  const a = i32x4.ge_u(v128.load(at), below), b = i32x4.ge_u(v128.load(at, 16), below);
  const c = i32x4.ge_u(v128.load(at, 32), below), d = i32x4.ge_u(v128.load(at, 48), below);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(at, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(at, v128.shuffle<i64>(ab, cd, 1, 3), 16);
  v128.store(at, v128.shuffle<i64>(AB, CD, 0, 2), 32);
  v128.store(at, v128.shuffle<i64>(AB, CD, 1, 3), 48);
}

/**
 * Dropout after a hidden layer, for the rows from `from` to `to`: activations become 0 or H_GAIN times themselves, their
 * slopes 0 where they do, and their integers those that stand for 0. `scaleDeltas` and `amplify` see to the gain there.
 */
export function dropUnits(layer: usize, isFixed: bool, part: i32, from: usize, to: usize): void {
  const units = load<usize>(layer, L_OUTPUTS);
  const stride = load<usize>(layer, L_STRIDE);
  const scratch = load<usize>(H_SCRATCH) + <usize>(part * SCRATCH_BYTES);
  const below = i32x4.splat(load<i32>(H_DROP_BELOW));
  const gain = splat(<f32>load<f64>(H_GAIN));
  const hasSlopes = load<i32>(layer, L_IS_RELU) == 0;
  const next = layer + LAYER_BYTES;
  const zero = i16x8.splat(isFixed ? <i16>load<f64>(next, L_IN_ZERO_POINT) : 0);
  for (let r = from; r < to; r += 4) {
    for (let k: usize = 0; k < units; k += DRAWS) {
      const count = min(DRAWS, units - k);
      draw(streamsOf(r), count, scratch);
      for (let n: usize = 0; n < count; n += 4) {
        storeKept(scratch + (n << 4), below);
        let row = r * stride + ((k + n) << 2);
        for (let lane: usize = 0; lane < 4; lane++) {
          const kept = v128.load(scratch + (n << 4) + (lane << 4));
          const a = load<usize>(layer, L_A) + row;
          v128.store(a, v128.and(f32x4.mul(v128.load(a), gain), kept));
          if (hasSlopes) {
            const slope = load<usize>(layer, L_SLOPE) + row;
            v128.store(slope, v128.and(v128.load(slope), kept));
          }
          if (isFixed) {
            const q = load<usize>(next, L_IN_INTEGERS) + (row >> 1);
            v128.store64_lane(q, v128.bitselect(v128.load64_zero(q), zero, i16x8.narrow_i32x4_s(kept, kept)), 0);
          }
          row += stride;
        }
      }
    }
  }
}

/** δ of units that dropout left follow their gain; all others are 0. */
export function scaleDeltas(delta: usize, bytes: usize): void {
  const gain = splat(<f32>load<f64>(H_GAIN));
  for (const end = delta + bytes; delta < end; delta += 16) v128.store(delta, f32x4.mul(v128.load(delta), gain));
}

/** Two dots' share above the zero points', times the gain, to the nearest integer. */
@inline
function amplified(dots: v128, still: v128, gain: v128): v128 {
  const moved = f64x2.floor(f64x2.add(f64x2.mul(gain, f64x2.sub(dots, still)), f64x2.splat(0.5)));
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.add(still, moved));
}

/** i32 dots in L_Z of a layer whose inputs dropout has left: what they would be were its integers H_GAIN times as large. */
export function amplify(layer: usize, from: usize, to: usize): void {
  const stride = load<usize>(layer, L_STRIDE);
  const gain = f64x2.splat(load<f64>(H_GAIN));
  const isStill = hasZeroPoint(layer);
  for (let k: usize = 0; k < stride; k += 16) {
    const still = load<usize>(layer, L_SUMS) + (k >> 5) * SUM_BYTES + S_ZERO_POINT + ((k & 16) << 1);
    const still0 = isStill ? v128.load(still) : splat(0), still1 = isStill ? v128.load(still, 16) : splat(0);
    let at = load<usize>(layer, L_Z) + from * stride + k;
    for (const end = at + (to - from) * stride; at < end; at += stride) {
      const dots = v128.load(at);
      const low = amplified(f64x2.convert_low_i32x4_s(dots), still0, gain);
      const high = amplified(f64x2.convert_low_i32x4_s(v128.shuffle<i64>(dots, dots, 1, 1)), still1, gain);
      v128.store(at, v128.shuffle<i64>(low, high, 0, 2));
    }
  }
}
