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
 * Σ_rows J, and δ^(L) of each row into the last `pass.delta`. `targets` (rows, K). The regularisation is not part
 * of it.
 */
export function outputError(
  loss: Loss,
  layers: readonly DenseLayer[],
  pass: Pass,
  targets: Float64Array,
  rows: number,
): number {
  const last = layers.length - 1;
  const { outputs, activation } = layers[last];
  let cost = 0;
  for (let from = 0; from < rows * outputs; from += outputs) {
    const z = pass.z[last].subarray(from, from + outputs);
    const a = pass.a[last + 1].subarray(from, from + outputs);
    const t = targets.subarray(from, from + outputs);
    cost += loss.value(activation, z, a, t);
    loss.delta(activation, z, a, t, pass.delta[last].subarray(from, from + outputs));
  }
  return cost;
}

/** lecture: λ/2n Σ_l Σ_i Σ_j (W_ji^(l))², over weights only: biases are not regularised. */
export function regularization(layers: readonly LayerSlice[], l2: number, n: number): number {
  if (l2 === 0) return 0;
  let squares = 0;
  for (const { weights } of layers)
    for (let k = 0; k < weights.length; k++) squares += weights[k] * weights[k];
  return (l2 / (2 * n)) * squares;
}

/**
 * Turns Δ = Σ_rows ∂J/∂W into the gradient of the lecture's cost, in place: Δ/rows, plus λ/n·W for weights. `n` is
 * the number of rows in the whole data set, so that mini-batches expect the same gradient.
 */
export function finishGradient(
  gradient: readonly LayerSlice[],
  layers: readonly LayerSlice[],
  rows: number,
  l2: number,
  n: number,
): void {
  const decay = l2 / n;
  gradient.forEach(({ weights: dW, bias: db }, l) => {
    const W = layers[l].weights;
    for (let k = 0; k < dW.length; k++) dW[k] = dW[k] / rows + decay * W[k];
    for (let k = 0; k < db.length; k++) db[k] /= rows;
  });
}
