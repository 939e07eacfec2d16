import { splat } from './elementary';
import {
  ADAM, ADAMW, H_DECAY, H_LAYERS, H_MOMENTUM, H_OPTIMIZER, H_PULL, HEADER_BYTES, L_FIRST, L_INPUTS,
  L_SECOND, L_WEIGHTS, LAYER_BYTES, MUON, NESTEROV, PANEL_BYTES, RMSPROP, SGD,
} from './layout';

/** Magnitudes below this become 0: subnormal numbers would cost a hundred times the time. */
const TINY: f32 = 1e-30;

@inline
function flush(x: v128): v128 {
  return v128.and(x, f32x4.ge(f32x4.abs(x), splat(TINY)));
}

/** Kingma and Ba, "Adam", ICLR 2015, algorithm 1, as trainer/optimizers.ts has it. */
@inline
function adam(weights: usize, first: usize, second: usize, g: v128, rate: v128, correction: v128): void {
  const m = flush(f32x4.add(f32x4.mul(splat(0.9), v128.load(first)), f32x4.mul(splat(0.1), g)));
  const squares = f32x4.add(f32x4.mul(f32x4.mul(splat(0.001), g), g), splat(TINY));
  const v = f32x4.add(f32x4.mul(splat(0.999), v128.load(second)), squares);
  v128.store(first, m);
  v128.store(second, v);
  const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction)), splat(1e-8));
  v128.store(weights, f32x4.sub(v128.load(weights), f32x4.div(f32x4.mul(rate, m), root)));
}

/** v := momentum · v + ∂J/∂W, W := W − rate · v */
@inline
function sgd(weights: usize, first: usize, g: v128, rate: v128, momentum: v128): void {
  const v = flush(f32x4.add(f32x4.mul(momentum, v128.load(first)), g));
  v128.store(first, v);
  v128.store(weights, f32x4.sub(v128.load(weights), f32x4.mul(rate, v)));
}

/** The same, the step looking one velocity ahead. */
@inline
function nesterov(weights: usize, first: usize, g: v128, rate: v128, momentum: v128): void {
  const v = flush(f32x4.add(f32x4.mul(momentum, v128.load(first)), g));
  v128.store(first, v);
  const ahead = f32x4.add(g, f32x4.mul(momentum, v));
  v128.store(weights, f32x4.sub(v128.load(weights), f32x4.mul(rate, ahead)));
}

/** Tieleman and Hinton, as trainer/optimizers.ts has it. */
@inline
function rmsprop(weights: usize, first: usize, g: v128, rate: v128): void {
  const squares = f32x4.add(f32x4.mul(f32x4.mul(splat(0.1), g), g), splat(TINY));
  const s = f32x4.add(f32x4.mul(splat(0.9), v128.load(first)), squares);
  v128.store(first, s);
  const root = f32x4.add(f32x4.sqrt(s), splat(1e-8));
  v128.store(weights, f32x4.sub(v128.load(weights), f32x4.div(f32x4.mul(rate, g), root)));
}

/** v := momentum · v + ∂J/∂W, and the direction ∂J/∂W + momentum · v, which muon.ts makes orthogonal once it is whole */
@inline
function muon(velocity: usize, direction: usize, g: v128, momentum: v128): void {
  const v = flush(f32x4.add(f32x4.mul(momentum, v128.load(velocity)), g));
  v128.store(velocity, v);
  v128.store(direction, f32x4.add(g, f32x4.mul(momentum, v)));
}

@inline
function move(rule: i32, weights: usize, first: usize, second: usize, g: v128, rate: v128, factor: v128): void {
  if (rule == ADAM) adam(weights, first, second, g, rate, factor);
  else if (rule == MUON) muon(first, second, g, factor);
  else if (rule == NESTEROV) nesterov(weights, first, g, rate, factor);
  else if (rule == RMSPROP) rmsprop(weights, first, g, rate);
  else sgd(weights, first, g, rate, factor);
}

/** x with the sign of w; 0 for w = 0 */
@inline
function towards(w: v128, x: v128): v128 {
  return v128.and(v128.or(v128.and(w, i32x4.splat(0x80000000)), x), f32x4.ne(w, splat(0)));
}

/** Four weights against their gradient. */
@inline
function moveAlong(rule: i32, weights: usize, first: usize, second: usize, gradient: usize, rate: v128, factor: v128,
  decay: v128, isPulled: bool, pull: v128, isAdamW: bool, kept: v128): void {
  const w = v128.load(weights);
  let g = f32x4.add(v128.load(gradient), f32x4.mul(decay, w));
  if (isPulled) g = f32x4.add(g, towards(w, pull));
  if (isAdamW) v128.store(weights, f32x4.mul(w, kept));
  move(rule, weights, first, second, g, rate, factor);
}

/**
 * Σ_rows δ a, and λ/n·W + λ₁/n·sign(W) for weights, not for biases. `factor`: Adam's correction or the momentum.
 */
@inline
function panel(
  rule: i32, layer: usize, p: usize, isHalf: bool, from: usize, to: usize, gradient: usize, sums: usize, factor: v128,
  rates: usize,
): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const offset = (p * (inputs + 1) + from) * PANEL_BYTES;
  let weights = load<usize>(layer, L_WEIGHTS) + offset;
  let first = load<usize>(layer, L_FIRST) + offset;
  let second = load<usize>(layer, L_SECOND) + offset;
  const end = weights + (to - from) * PANEL_BYTES;
  const rate = v128.load32_splat(rates);
  const decay = splat(load<f32>(H_DECAY));
  const pull = splat(load<f32>(H_PULL));
  const isPulled = load<f32>(H_PULL) > 0;
  const isAdamW = rule == ADAM && load<i32>(H_OPTIMIZER) == ADAMW;
  const kept = v128.load32_splat(rates, 8);
  while (weights < end) {
    moveAlong(rule, weights, first, second, gradient, rate, factor, decay, isPulled, pull, isAdamW, kept);
    if (!isHalf) {
      moveAlong(rule, weights + 16, first + 16, second + 16, gradient + 16, rate, factor, decay, isPulled, pull, isAdamW, kept);
    }
    gradient += PANEL_BYTES; weights += PANEL_BYTES; first += PANEL_BYTES; second += PANEL_BYTES;
  }
  if (to < inputs) return;
  const ofBias = rule == MUON ? ADAM : rule;
  const biasFactor = rule == MUON ? v128.load32_splat(rates, 4) : factor;
  move(ofBias, weights, first, second, v128.load(sums), rate, biasFactor);
  if (!isHalf) move(ofBias, weights + 16, first + 16, second + 16, v128.load(sums, 16), rate, biasFactor);
}

/**
 * Moves the weights of panel `p`, or of its first four neurons where `isHalf`, and the inputs from `from` to `to` against
 * their gradient (to − from, 8), and with the last input's the biases, against the sums of δ (8,). `at`: this update's entry in H_RATES.
 */
export function updatePanel(
  layer: usize, p: usize, isHalf: bool, from: usize, to: usize, gradient: usize, sums: usize, at: usize,
): void {
  const optimizer = load<i32>(H_OPTIMIZER);
  const isOutput = layer == <usize>(HEADER_BYTES + (load<i32>(H_LAYERS) - 1) * LAYER_BYTES);
  const correction = v128.load32_splat(at, 4);
  const momentum = splat(load<f32>(H_MOMENTUM));
  if (optimizer == MUON && !isOutput) panel(MUON, layer, p, isHalf, from, to, gradient, sums, momentum, at);
  else if (optimizer == SGD) panel(SGD, layer, p, isHalf, from, to, gradient, sums, momentum, at);
  else if (optimizer == NESTEROV) panel(NESTEROV, layer, p, isHalf, from, to, gradient, sums, momentum, at);
  else if (optimizer == RMSPROP) panel(RMSPROP, layer, p, isHalf, from, to, gradient, sums, momentum, at);
  else panel(ADAM, layer, p, isHalf, from, to, gradient, sums, correction, at);
}
