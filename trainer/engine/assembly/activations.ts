import { exp4, sigmoid4, softplus4, splat, tanh4 } from './elementary';
import {
  ELU, HARD_SIGMOID, HARD_TANH, IDENTITY, LEAKY_RELU, RELU, SIGMOID, SOFTPLUS, STEP, TANH,
} from './layout';

/** a = g(z) of model/activations.ts. `kind` is a constant at every call, so that one branch remains. */
@inline
function value(kind: i32, z: v128): v128 {
  const zero = splat(0);
  if (kind == STEP) return v128.and(f32x4.ge(z, zero), splat(1));
  if (kind == SIGMOID) return sigmoid4(z);
  if (kind == TANH) return tanh4(z);
  if (kind == RELU) return f32x4.pmax(z, zero);
  if (kind == LEAKY_RELU) return v128.bitselect(z, f32x4.mul(z, splat(0.01)), f32x4.gt(z, zero));
  if (kind == ELU) return v128.bitselect(z, f32x4.sub(exp4(z), splat(1)), f32x4.gt(z, zero));
  if (kind == SOFTPLUS) return softplus4(z);
  if (kind == HARD_SIGMOID) {
    return f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(z, splat(0.2)), splat(0.5)), zero), splat(1));
  }
  if (kind == HARD_TANH) return f32x4.pmin(f32x4.pmax(z, splat(-1)), splat(1));
  return z;
}

/** g'(z), given z and a = g(z) */
@inline
function derivative(kind: i32, z: v128, a: v128): v128 {
  const one = splat(1);
  if (kind == STEP) return v128.and(f32x4.le(f32x4.abs(z), one), one);
  if (kind == SIGMOID) return f32x4.mul(a, f32x4.sub(one, a));
  if (kind == TANH) return f32x4.sub(one, f32x4.mul(a, a));
  if (kind == RELU) return v128.and(f32x4.gt(z, splat(0)), one);
  if (kind == LEAKY_RELU) return v128.bitselect(one, splat(0.01), f32x4.gt(z, splat(0)));
  if (kind == ELU) return v128.bitselect(one, f32x4.add(a, one), f32x4.gt(z, splat(0)));
  if (kind == SOFTPLUS) return sigmoid4(z);
  if (kind == HARD_SIGMOID) return v128.and(f32x4.lt(f32x4.abs(z), splat(2.5)), splat(0.2));
  if (kind == HARD_TANH) return v128.and(f32x4.lt(f32x4.abs(z), one), one);
  return one;
}

@inline
function loop(kind: i32, z: usize, a: usize, slope: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    const pre = v128.load(z + k);
    const post = value(kind, pre);
    v128.store(a + k, post);
    v128.store(slope + k, derivative(kind, pre, post));
  }
}

/** z -> a = g(z) and g'(z), over `bytes` of f32; z and a may be the same place. */
export function activate(kind: i32, z: usize, a: usize, slope: usize, bytes: usize): void {
  if (kind == RELU) loop(RELU, z, a, slope, bytes);
  else if (kind == SIGMOID) loop(SIGMOID, z, a, slope, bytes);
  else if (kind == TANH) loop(TANH, z, a, slope, bytes);
  else if (kind == STEP) loop(STEP, z, a, slope, bytes);
  else if (kind == LEAKY_RELU) loop(LEAKY_RELU, z, a, slope, bytes);
  else if (kind == ELU) loop(ELU, z, a, slope, bytes);
  else if (kind == SOFTPLUS) loop(SOFTPLUS, z, a, slope, bytes);
  else if (kind == HARD_SIGMOID) loop(HARD_SIGMOID, z, a, slope, bytes);
  else if (kind == HARD_TANH) loop(HARD_TANH, z, a, slope, bytes);
  else loop(IDENTITY, z, a, slope, bytes);
}
