/**
 * exp and friends on four f32 at once, from + − × ÷ alone: the same bits on every machine. Here and elsewhere `pmin`
 * and `pmax` stand for `min` and `max`: one instruction each instead of eight. A NaN as their first argument stays one.
 */

/** Added to a number of at most 22 bits it leaves the nearest integer in the lowest bits. */
const ROUNDING: f32 = 12582912; // 1.5 · 2^23

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** e^x to 1e-7; 0 below −87, so that nothing becomes subnormal, and e^88 above 88. Cody and Waite; Cephes' expf. */
@inline
export function exp4(x: v128): v128 {
  const y = f32x4.pmin(f32x4.pmax(x, splat(-87)), splat(88));
  const rounded = f32x4.add(f32x4.mul(y, splat(1.44269504)), splat(ROUNDING));
  const k = f32x4.sub(rounded, splat(ROUNDING));
  let r = f32x4.sub(y, f32x4.mul(k, splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(k, splat(-2.12194440e-4)));
  let p = splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), splat(1));
  const scale = i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23); // 2^k; the shift drops all but k's bits
  return v128.andnot(f32x4.mul(p, scale), f32x4.lt(x, splat(-87)));
}

/** 1 / (1 + e^-x), without overflow at either end. */
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const one = splat(1);
  return f32x4.div(v128.bitselect(one, e, f32x4.ge(x, splat(0))), f32x4.add(one, e));
}

@inline
export function tanh4(x: v128): v128 {
  const one = splat(1);
  const a = f32x4.abs(x);
  const e = exp4(f32x4.mul(a, splat(-2)));
  const far = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  const s = f32x4.mul(x, x); // (1 − e) would cancel below 1/4
  let p = splat(62.0 / 2835.0);
  p = f32x4.add(f32x4.mul(p, s), splat(-17.0 / 315.0));
  p = f32x4.add(f32x4.mul(p, s), splat(2.0 / 15.0));
  p = f32x4.add(f32x4.mul(p, s), splat(-1.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, s), one);
  const near = f32x4.mul(x, p);
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(near, signed, f32x4.lt(a, splat(0.25)));
}

/** log(1 + e^x) = max(x, 0) + 2·atanh(e / (2 + e)) with e = e^-|x|. */
@inline
export function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(e, f32x4.add(splat(2), e)); // 0..1/3
  const s2 = f32x4.mul(s, s);
  let p = splat(1.0 / 15.0);
  p = f32x4.add(f32x4.mul(p, s2), splat(1.0 / 13.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(1.0 / 11.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(1.0 / 9.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(1.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(1.0 / 5.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(1.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(1));
  return f32x4.add(f32x4.pmax(x, splat(0)), f32x4.mul(f32x4.mul(splat(2), s), p));
}

/** log x to 1e-7, for x from 1 to infinity: e · log 2 + 2·atanh((m − 1) / (m + 1)) with x = m · 2^e. */
@inline
export function log4(x: v128): v128 {
  const isUpper = i32x4.gt_s(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x003504f3)); // m above √2: halve it
  const e = i32x4.sub(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127)), isUpper);
  const m = f32x4.mul(
    v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f800000)),
    v128.bitselect(splat(0.5), splat(1), isUpper),
  );
  const s = f32x4.div(f32x4.sub(m, splat(1)), f32x4.add(m, splat(1)));
  const s2 = f32x4.mul(s, s);
  let p = splat(2.0 / 9.0);
  p = f32x4.add(f32x4.mul(p, s2), splat(2.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(2.0 / 5.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(2.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, s2), splat(2));
  const value = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(e), splat(0.69314718)), f32x4.mul(s, p));
  return v128.bitselect(value, x, f32x4.lt(x, splat(Infinity))); // infinity and NaN stay
}
