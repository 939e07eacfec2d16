/**
 * The arithmetic that TypeScript and C share under the same names (docs/arithmetic.md is normative;
 * firmware-templates/arithmetic.c.hbs is the C twin). All values are integers; every product stays
 * below 2^53, so that float64 is exact.
 */

/** floor(x + 1/2): the one rounding used when real numbers become integers. */
export function round(x: number): number {
  return Math.floor(x + 0.5);
}

export function clamp(x: number, lowest: number, highest: number): number {
  return Math.min(Math.max(x, lowest), highest);
}

/** A raw feature becomes an input 0..255: floor((clamp(raw - low, 0, span) · multiplier + 2^15) / 2^16). */
export function quantizeFeature(raw: number, low: number, span: number, multiplier: number): number {
  return Math.floor((clamp(raw - low, 0, span) * multiplier + 32768) / 65536);
}

/** An accumulator becomes an activation: clamp(floor((accumulator · multiplier + 2^(shift-1)) / 2^shift), 0, maximum); shift 1..30. */
export function requantize(accumulator: number, multiplier: number, shift: number, maximum: number): number {
  const unit = 1 << shift;
  const scaled = Math.floor((accumulator * multiplier + unit / 2) / unit);
  return clamp(scaled, 0, maximum);
}

/**
 * A raw output of a regression becomes a number in its unit:
 * base + floor(((accumulator - low) · multiplier + rounding) / 2^shift), with accumulator - low in 0..2^32 - 1.
 */
export function scaleOutput(
  accumulator: number,
  low: number,
  multiplier: number,
  rounding: number,
  shift: number,
  base: number,
): number {
  return base + Math.floor(((accumulator - low) * multiplier + rounding) / 2 ** shift);
}
