import { splat } from './elementary';
import { H_ARE_ZERO_POINTS_SPLIT, L_IN_ZERO_POINT, L_ZERO_PAIRS, PANEL_BYTES, S_BELOW, S_ZERO_POINT } from './layout';

/**
 * What bounds a neuron's sums, from its integer weights q: Σ q above 0, Σ q below 0 and what its inputs' zero points add,
 * Σ q·zeroPoint. They are exact: 2^31 has room for more inputs than memory has.
 */

/** Σ q above 0 of two neurons of a panel, of those at `sums`, as f64. */
@inline
export function sumsAbove(sums: usize): v128 {
  return f64x2.convert_low_i32x4_s(v128.load64_zero(sums));
}

/** Σ q below 0 of the same. */
@inline
export function sumsBelow(sums: usize): v128 {
  return f64x2.convert_low_i32x4_s(v128.load64_zero(sums, S_BELOW));
}

/** (4,) low + 128 · high as f64 */
@inline
function storeZeroPointSums(isSplit: bool, low: v128, high: v128, into: usize): void {
  const unit = f64x2.splat(128);
  let two = f64x2.convert_low_i32x4_s(low), next = f64x2.convert_low_i32x4_s(v128.shuffle<i64>(low, low, 1, 1));
  if (isSplit) {
    two = f64x2.add(two, f64x2.mul(unit, f64x2.convert_low_i32x4_s(high)));
    next = f64x2.add(next, f64x2.mul(unit, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(high, high, 1, 1))));
  }
  v128.store(into, two);
  v128.store(into, next, 16);
}

/** Σ q·zeroPoint of a panel of pairs, whose zero points are 128·quotient + remainder where they are split. */
@inline
function zeroPointSums(isSplit: bool, panel: usize, inputs: usize, zeroPairs: usize, into: usize): void {
  let low0 = splat(0), low1 = low0, high0 = low0, high1 = low0;
  for (const end = panel + ((inputs + 1) >> 1) * PANEL_BYTES; panel < end; panel += PANEL_BYTES) {
    const q0 = v128.load(panel), q1 = v128.load(panel, 16);
    const remainders = v128.load32_splat(zeroPairs);
    low0 = i32x4.add(low0, i32x4.dot_i16x8_s(q0, remainders));
    low1 = i32x4.add(low1, i32x4.dot_i16x8_s(q1, remainders));
    if (isSplit) {
      const quotients = v128.load32_splat(zeroPairs, 4);
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(q0, quotients));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(q1, quotients));
    }
    zeroPairs += 8;
  }
  storeZeroPointSums(isSplit, low0, high0, into);
  storeZeroPointSums(isSplit, low1, high1, into + 32);
}

@inline
function storeOfAlike(sums: usize, zeroPoint: v128, into: usize): void {
  v128.store(into, f64x2.mul(zeroPoint, f64x2.add(sumsAbove(sums), sumsBelow(sums))), S_ZERO_POINT);
}

/** Whether zero points add anything to the sums of a layer; where not, Σ q·zeroPoint is not stored. */
@inline
export function hasZeroPoint(layer: usize): bool {
  return load<u32>(layer, L_ZERO_PAIRS) != 0 || load<f64>(layer, L_IN_ZERO_POINT) != 0;
}

/** Σ q·zeroPoint of a panel of `inputs` integers for each neuron, whose other sums are at `sums` already. */
@inline
export function storeZeroPoints(paired: bool, layer: usize, panel: usize, inputs: usize, sums: usize): void {
  if (!hasZeroPoint(layer)) return;
  const zeroPairs = load<usize>(layer, L_ZERO_PAIRS);
  if (paired && zeroPairs) {
    if (load<u32>(H_ARE_ZERO_POINTS_SPLIT)) zeroPointSums(true, panel, inputs, zeroPairs, sums + S_ZERO_POINT);
    else zeroPointSums(false, panel, inputs, zeroPairs, sums + S_ZERO_POINT);
    return;
  }
  const zeroPoint = f64x2.splat(load<f64>(layer, L_IN_ZERO_POINT));
  storeOfAlike(sums, zeroPoint, sums);
  storeOfAlike(sums + 8, zeroPoint, sums + 16);
  storeOfAlike(sums + 16, zeroPoint, sums + 32);
  storeOfAlike(sums + 24, zeroPoint, sums + 48);
}
