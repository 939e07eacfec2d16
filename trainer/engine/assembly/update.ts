import { splat } from './elementary';
import {
  ADAM, H_DECAY, H_LAYERS, H_MOMENTUM, H_OPTIMIZER, HEADER_BYTES, L_FIRST, L_INPUTS, L_IN_SCALE, L_IN_ZERO_POINT, L_SECOND, L_WEIGHTS,
  L_ZERO_POINTS, LAYER_BYTES, MUON, PANEL_BYTES, SGD,
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
  else if (rule == MUON) muon(first, second, g, splat(load<f32>(H_MOMENTUM)));
  else sgd(weights, first, g, rate, factor);
}

/**
 * Σ_rows δ a is Σ δ·scale·(q − zeroPoint) where the inputs are integers q; λ/n·W for weights, not for biases.
 */
@inline
function panel(
  rule: i32, isFixed: bool, layer: usize, p: usize, from: usize, to: usize, gradient: usize, sums: usize,
  rate: v128, factor: v128,
): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const offset = (p * (inputs + 1) + from) * PANEL_BYTES;
  let weights = load<usize>(layer, L_WEIGHTS) + offset;
  let first = load<usize>(layer, L_FIRST) + offset;
  let second = load<usize>(layer, L_SECOND) + offset;
  const end = weights + (to - from) * PANEL_BYTES;
  const decay = splat(load<f32>(H_DECAY));
  const scale = splat(<f32>load<f64>(layer, L_IN_SCALE));
  const sum0 = v128.load(sums);
  const sum1 = v128.load(sums, 16);
  let zeroPoint = splat(<f32>load<f64>(layer, L_IN_ZERO_POINT));
  let zeroPoints = load<usize>(layer, L_ZERO_POINTS);
  const step: usize = zeroPoints ? 4 : 0;
  zeroPoints += from * step;
  while (weights < end) {
    let g0 = v128.load(gradient);
    let g1 = v128.load(gradient, 16);
    if (isFixed) {
      if (step) zeroPoint = v128.load32_splat(zeroPoints);
      g0 = f32x4.mul(scale, f32x4.sub(g0, f32x4.mul(zeroPoint, sum0)));
      g1 = f32x4.mul(scale, f32x4.sub(g1, f32x4.mul(zeroPoint, sum1)));
      zeroPoints += step;
    }
    g0 = f32x4.add(g0, f32x4.mul(decay, v128.load(weights)));
    g1 = f32x4.add(g1, f32x4.mul(decay, v128.load(weights, 16)));
    move(rule, weights, first, second, g0, rate, factor);
    move(rule, weights + 16, first + 16, second + 16, g1, rate, factor);
    gradient += PANEL_BYTES; weights += PANEL_BYTES; first += PANEL_BYTES; second += PANEL_BYTES;
  }
  if (to < inputs) return;
  const ofBias = rule == MUON ? ADAM : rule;
  move(ofBias, weights, first, second, sum0, rate, factor);
  move(ofBias, weights + 16, first + 16, second + 16, sum1, rate, factor);
}

/**
 * Moves the weights of panel `p` and the inputs from `from` to `to` against their gradient (to − from, 8), and with
 * the last input's the biases, against the sums of δ (8,). `correction` is Adam's 1 / (1 − β2^t).
 */
export function updatePanel(layer: usize, p: usize, from: usize, to: usize, gradient: usize, sums: usize, isFixed: bool,
  rate: f32, correction: f32): void {
  const optimizer = load<i32>(H_OPTIMIZER);
  const isOutput = layer == <usize>(HEADER_BYTES + (load<i32>(H_LAYERS) - 1) * LAYER_BYTES);
  const factor = splat(correction);
  const momentum = splat(load<f32>(H_MOMENTUM));
  if (optimizer == MUON && !isOutput) {
    if (isFixed) panel(MUON, true, layer, p, from, to, gradient, sums, splat(rate), factor);
    else panel(MUON, false, layer, p, from, to, gradient, sums, splat(rate), factor);
  } else if (optimizer == ADAM || optimizer == MUON) {
    if (isFixed) panel(ADAM, true, layer, p, from, to, gradient, sums, splat(rate), factor);
    else panel(ADAM, false, layer, p, from, to, gradient, sums, splat(rate), factor);
  } else {
    if (isFixed) panel(SGD, true, layer, p, from, to, gradient, sums, splat(rate), momentum);
    else panel(SGD, false, layer, p, from, to, gradient, sums, splat(rate), momentum);
  }
}
