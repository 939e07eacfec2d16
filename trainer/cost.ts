import type { OutputActivationName } from '../model/activations.js';
import type { DenseLayer } from '../model/network.js';
import type { Pass } from './forward.js';
import type { Loss } from './loss.js';
import type { LayerSlice } from './parameters.js';

/** Targets t (rows, K) of classes: one neuron per class (one-vs-all), or a lone neuron for the second of two. */
export function writeTargets(
  labels: ArrayLike<number>,
  rows: number,
  outputs: number,
  [no, yes]: readonly [number, number],
  targets: Float64Array,
): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < outputs; k++) {
      targets[r * outputs + k] = labels[r] === (outputs === 1 ? 1 : k) ? yes : no;
    }
  }
}

/**
 * What outputs are trained towards, for "not this class" and "this class", moved by `smoothing` (0..1) of the way to
 * where nothing is known: 1/K of the whole for softmax (Szegedy et al., CVPR 2016), the middle for other outputs.
 */
export function targetPair(
  loss: Loss,
  output: OutputActivationName,
  outputs: number,
  smoothing: number,
): readonly [number, number] {
  const [no, yes] = loss.targets(output);
  const unknown = no + (yes - no) / (output === 'softmax' ? outputs : 2);
  return [no + smoothing * (unknown - no), yes + smoothing * (unknown - yes)];
}

/**
 * (classes,) what the cost of a row is multiplied by: n / (K · n_class), so that all classes weigh the same and the
 * mean over the rows is 1. K counts the classes that have rows; the others get 0.
 */
export function balancedWeights(labels: Uint16Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  labels.forEach((label) => counts[label]++);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (present * count)));
}

/**
 * Σ_rows J, and δ^(L) of each row into the last `pass.delta`. `targets` (rows, K). `weights` (rows,): factors of
 * the rows' costs, 1 where they are left out. The regularisation is not part of it.
 */
export function outputError(
  loss: Loss,
  layers: readonly DenseLayer[],
  pass: Pass,
  targets: Float64Array,
  rows: number,
  weights: Float64Array | null = null,
): number {
  const last = layers.length - 1;
  const { outputs, activation } = layers[last];
  let cost = 0;
  for (let r = 0, from = 0; r < rows; r++, from += outputs) {
    const z = pass.z[last].subarray(from, from + outputs);
    const a = pass.a[last + 1].subarray(from, from + outputs);
    const t = targets.subarray(from, from + outputs);
    const delta = pass.delta[last].subarray(from, from + outputs);
    const weight = weights ? weights[r] : 1;
    cost += weight * loss.value(activation, z, a, t);
    loss.delta(activation, z, a, t, delta);
    if (weight !== 1) for (let k = 0; k < outputs; k++) delta[k] *= weight;
  }
  return cost;
}

/** lecture: λ/2n Σ_l Σ_i Σ_j (W_ji^(l))², plus λ₁/n Σ |W|, over weights only: biases are not regularised. */
export function regularization(layers: readonly LayerSlice[], l2: number, n: number, l1 = 0): number {
  if (l2 === 0 && l1 === 0) return 0;
  let squares = 0;
  let magnitudes = 0;
  for (const { weights } of layers) {
    for (let k = 0; k < weights.length; k++) {
      squares += weights[k] * weights[k];
      magnitudes += Math.abs(weights[k]);
    }
  }
  return (l2 / (2 * n)) * squares + (l1 / n) * magnitudes;
}

/**
 * Turns Δ = Σ_rows ∂J/∂W into the gradient of the lecture's cost, in place: Δ/rows, plus λ/n·W + λ₁/n·sign(W) for
 * weights. `n` is the number of rows in the whole data set, so that mini-batches expect the same gradient.
 */
export function finishGradient(
  gradient: readonly LayerSlice[],
  layers: readonly LayerSlice[],
  rows: number,
  l2: number,
  n: number,
  l1 = 0,
): void {
  const decay = l2 / n;
  const pull = l1 / n;
  gradient.forEach(({ weights: dW, bias: db }, l) => {
    const W = layers[l].weights;
    for (let k = 0; k < dW.length; k++) dW[k] = dW[k] / rows + decay * W[k];
    if (pull > 0) for (let k = 0; k < dW.length; k++) dW[k] += pull * Math.sign(W[k]);
    for (let k = 0; k < db.length; k++) db[k] /= rows;
  });
}
