import { splat } from './elementary';
import {
  BIAS_OVERFLOW, C_BIAS, CONSTANT_BYTES, H_STATUS, L_BIAS, L_CONSTANTS, L_INPUTS, L_INTEGERS, L_IN_MAXIMUM, L_OUTPUTS,
  L_SCALE, L_SUMS, L_WEIGHTS, PANEL_BYTES, S_ZERO_POINT, SUM_BYTES,
} from './layout';
import { integerBytes, roundRows, saturates } from './rounding';
import { hasZeroPoint, storeZeroPoints, sumsAbove, sumsBelow } from './weight-sums';

/** Weights, their sums and biases to integers, a panel of eight neurons that share one scale in one go. */

/** Added to an integer of 32 bits it leaves it in the lower half of an f64. */
const INTEGER: f64 = 6755399441055744; // 1.5 · 2^52

/** The highest and the lowest sum, set by `quantizePanels`. */
export let highest: f64 = 0;
export let lowest: f64 = 0;

/** An integer of 32 bits; quicker than a conversion, which asks whether it is one. */
@inline
export function lowerHalf(x: f64): i32 {
  return i32x4.extract_lane(f64x2.splat(x + INTEGER), 0);
}

@inline
function larger(x: v128): f64 {
  return f64x2.extract_lane(f64x2.pmax(x, v128.shuffle<i64>(x, x, 1, 0)), 0);
}

/** Two biases less what their inputs' zero points add to their sums. */
@inline
function biasOf(from: usize, step: v128, folded: v128, hasZeroPoints: bool, zeroPointSums: usize): v128 {
  const bias = f64x2.div(f64x2.promote_low_f32x4(v128.load64_zero(from)), step);
  const rounded = f64x2.floor(f64x2.add(f64x2.add(bias, folded), f64x2.splat(0.5)));
  return hasZeroPoints ? f64x2.sub(rounded, v128.load(zeroPointSums)) : rounded;
}

@inline
function storeBiases(bias0: v128, bias1: v128, reals: usize, integers: usize): void {
  const magic = f64x2.splat(INTEGER);
  v128.store(reals, bias0);
  v128.store(reals, bias1, 16);
  v128.store(integers, v128.shuffle<i32>(f64x2.add(bias0, magic), f64x2.add(bias1, magic), 0, 2, 4, 6), C_BIAS);
}

/** The highest sums of four neurons, two by two. */
@inline
function highestOf(bias0: v128, bias1: v128, maximum: v128, sums: usize): v128 {
  const first = f64x2.add(bias0, f64x2.mul(maximum, sumsAbove(sums)));
  return f64x2.pmax(first, f64x2.add(bias1, f64x2.mul(maximum, sumsAbove(sums + 8))));
}

@inline
function lowestOf(bias0: v128, bias1: v128, maximum: v128, sums: usize): v128 {
  const first = f64x2.add(bias0, f64x2.mul(maximum, sumsBelow(sums)));
  return f64x2.pmin(first, f64x2.add(bias1, f64x2.mul(maximum, sumsBelow(sums + 8))));
}

/** All panels of a layer; what fills up the last four neurons gets the bias 0. */
@inline
function quantizePanelsBy(paired: bool, isSaturating: bool, layer: usize, scale: f64, step: f64, folded: f64): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const weightBytes = (inputs + 1) * PANEL_BYTES, panelBytes = integerBytes(inputs, paired);
  const maximum = f64x2.splat(<f64>load<i32>(layer, L_IN_MAXIMUM));
  const hasZeroPoints = hasZeroPoint(layer);
  const inverse = splat(<f32>(1 / scale));
  const steps = f64x2.splat(step), add = f64x2.splat(folded), scaleTwice = f64x2.splat(scale);
  let weights = load<usize>(layer, L_WEIGHTS);
  let panel = load<usize>(layer, L_INTEGERS);
  let scales = load<usize>(layer, L_SCALE);
  let reals = load<usize>(layer, L_BIAS);
  let integers = load<usize>(layer, L_CONSTANTS);
  let sums = load<usize>(layer, L_SUMS);
  let most = f64x2.splat(-Infinity), least = f64x2.splat(Infinity);
  for (let left = <i32>load<usize>(layer, L_OUTPUTS); left > 0; left -= 8) {
    v128.store(scales, scaleTwice); v128.store(scales, scaleTwice, 16);
    v128.store(scales, scaleTwice, 32); v128.store(scales, scaleTwice, 48);
    roundRows(paired, isSaturating, weights, panel, inputs, scales, inverse, inverse, sums);
    storeZeroPoints(paired, layer, panel, inputs, sums);
    const row = weights + inputs * PANEL_BYTES;
    let bias0 = biasOf(row, steps, add, hasZeroPoints, sums + S_ZERO_POINT);
    let bias1 = biasOf(row + 8, steps, add, hasZeroPoints, sums + S_ZERO_POINT + 16);
    if (left < 4) {
      if (left == 1) bias0 = f64x2.replace_lane(bias0, 1, 0);
      bias1 = left == 3 ? f64x2.replace_lane(bias1, 1, 0) : splat(0);
    }
    storeBiases(bias0, bias1, reals, integers);
    most = f64x2.pmax(most, highestOf(bias0, bias1, maximum, sums));
    least = f64x2.pmin(least, lowestOf(bias0, bias1, maximum, sums));
    if (left > 4) {
      let bias2 = biasOf(row + 16, steps, add, hasZeroPoints, sums + S_ZERO_POINT + 32);
      let bias3 = biasOf(row + 24, steps, add, hasZeroPoints, sums + S_ZERO_POINT + 48);
      if (left < 8) {
        if (left == 5) bias2 = f64x2.replace_lane(bias2, 1, 0);
        bias3 = left == 7 ? f64x2.replace_lane(bias3, 1, 0) : splat(0);
      }
      storeBiases(bias2, bias3, reals + 32, integers + 16);
      most = f64x2.pmax(most, highestOf(bias2, bias3, maximum, sums + 16));
      least = f64x2.pmin(least, lowestOf(bias2, bias3, maximum, sums + 16));
    }
    weights += weightBytes;
    panel += panelBytes;
    scales += 64;
    reals += 64;
    integers += CONSTANT_BYTES;
    sums += SUM_BYTES;
  }
  highest = larger(most);
  lowest = -larger(f64x2.neg(least));
}

/** As most layers are, in a function that asks nothing in its loops and calls nothing. */
function quantizePairs(layer: usize, scale: f64, step: f64, folded: f64): void {
  quantizePanelsBy(true, false, layer, scale, step, folded);
}

function quantizeSaturating(layer: usize, scale: f64, step: f64, folded: f64): void {
  quantizePanelsBy(true, true, layer, scale, step, folded);
}

function quantizeSingles(layer: usize, scale: f64, step: f64, folded: f64): void {
  quantizePanelsBy(false, true, layer, scale, step, folded);
}

/** BIAS_OVERFLOW in H_STATUS where a bias is beyond 32 bits. */
export function checkBiases(layer: usize): void {
  const biases = load<usize>(layer, L_BIAS);
  for (let n: usize = 0; n < load<usize>(layer, L_OUTPUTS); n++) {
    const bias = load<f64>(biases + (n << 3));
    if (!(bias <= 2147483647.0 && bias >= -2147483648.0)) store<i32>(H_STATUS, BIAS_OVERFLOW);
  }
}

/**
 * L_SCALE, L_INTEGERS, L_SUMS, L_BIAS and C_BIAS of all panels by one scale, and the ends of their sums in `highest` and
 * `lowest`. `step`: z per unit of accumulator; `folded`: what the activation adds, in these units.
 */
export function quantizePanels(paired: bool, layer: usize, scale: f64, step: f64, folded: f64): void {
  if (!paired) quantizeSingles(layer, scale, step, folded);
  else if (saturates()) quantizeSaturating(layer, scale, step, folded);
  else quantizePairs(layer, scale, step, folded);
}
