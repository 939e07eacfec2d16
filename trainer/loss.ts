import type { OutputActivationName } from '../model/activations.js';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../model/activations.js';
import { exp, log, softplus } from '../model/elementary.js';

/** The cost of one row and its error δ^(L) = ∂J/∂z^(L), from the output layer's z, a = g(z) and targets t, all (K,). */
export interface Loss {
  /** Output activations whose δ this loss knows. */
  readonly outputs: readonly OutputActivationName[];
  /** J of the row, without regularisation. */
  readonly value: (output: OutputActivationName, z: Float64Array, a: Float64Array, t: Float64Array) => number;
  /** δ (K,), into `delta`. */
  readonly delta: (
    output: OutputActivationName,
    z: Float64Array,
    a: Float64Array,
    t: Float64Array,
    delta: Float64Array,
  ) => void;
  /** What an output neuron is trained towards for "not this class" and "this class". */
  readonly targets: (output: OutputActivationName) => readonly [number, number];
}

/** a = softmax(z), (K,) -> (K,); shifted by the largest z, so that nothing overflows. */
export function softmax(z: Float64Array, a: Float64Array): void {
  let largest = -Infinity;
  for (let k = 0; k < z.length; k++) largest = Math.max(largest, z[k]);
  let sum = 0;
  for (let k = 0; k < z.length; k++) sum += a[k] = exp(z[k] - largest);
  for (let k = 0; k < z.length; k++) a[k] /= sum;
}

/** log Σ e^z */
function logSumExp(z: Float64Array): number {
  let largest = -Infinity;
  for (let k = 0; k < z.length; k++) largest = Math.max(largest, z[k]);
  let sum = 0;
  for (let k = 0; k < z.length; k++) sum += exp(z[k] - largest);
  return largest + log(sum);
}

export type LossName = 'cross-entropy' | 'mse';

export const LOSSES: Readonly<Record<LossName, Loss>> = {
  /**
   * lecture: J = −Σ_k y_k log h_k + (1 − y_k) log(1 − h_k), "función de costo usada en Redes Neuronales", with
   * sigmoid outputs: written in z as softplus(z) − y·z, which is the same and loses nothing near 0 and 1.
   * With softmax outputs the sum is −Σ_k y_k log h_k. lecture: δ^(L) = a^(L) − y for both.
   */
  'cross-entropy': {
    outputs: ['sigmoid', 'softmax'],
    value: (output, z, _a, t) => {
      let cost = output === 'softmax' ? logSumExp(z) : 0;
      for (let k = 0; k < z.length; k++) cost += (output === 'softmax' ? 0 : softplus(z[k])) - t[k] * z[k];
      return cost;
    },
    delta: (_output, _z, a, t, delta) => {
      for (let k = 0; k < a.length; k++) delta[k] = a[k] - t[k];
    },
    targets: () => [0, 1],
  },
  /**
   * lecture, exercise: J = ½ Σ_k (t_k − a_k)², hence δ_k = ∂J/∂z_k = (a_k − t_k) · g'(z_k). A step has no slope to
   * follow: there δ = a − y makes ΔW ∝ (y − a)·x, the perceptron's learning rule (Rosenblatt 1958).
   */
  mse: {
    outputs: ACTIVATION_NAMES,
    value: (_output, _z, a, t) => {
      let cost = 0;
      for (let k = 0; k < a.length; k++) cost += 0.5 * (t[k] - a[k]) * (t[k] - a[k]);
      return cost;
    },
    delta: (output, z, a, t, delta) => {
      const derivative = output === 'softmax' || output === 'step' ? null : ACTIVATIONS[output].derivative;
      for (let k = 0; k < a.length; k++) {
        delta[k] = (a[k] - t[k]) * (derivative ? derivative(z[k], a[k]) : 1);
      }
    },
    targets: (output) => (output === 'softmax' ? [0, 1] : ACTIVATIONS[output].targets),
  },
};
