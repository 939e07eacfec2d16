import { exp, log, sigmoid, softplus, tanh } from './elementary.js';

/**
 * How an activation becomes integers (docs/arithmetic.md):
 * - `clamp`: a = clamp(gain·z + offset, lowest, highest): requantisation alone does it;
 * - `threshold`: a ∈ {0, 1}, 1 where z >= 0;
 * - `table`: 256 entries over the calibrated range of z, at most ±`reach`.
 */
export type IntegerForm =
  | {
      readonly kind: 'clamp';
      readonly gain: number;
      readonly offset: number;
      readonly lowest: number;
      readonly highest: number;
    }
  | { readonly kind: 'threshold' }
  | { readonly kind: 'table'; readonly reach: number };

/** An activation function g (lecture: "función de activación"). */
export interface Activation {
  /** a = g(z). */
  readonly value: (z: number) => number;
  /** g'(z), given z and a = g(z). */
  readonly derivative: (z: number, a: number) => number;
  readonly integerForm: IntegerForm;
  /** What an output neuron is trained towards for "not this class" and "this class" under squared error. */
  readonly targets: readonly [number, number];
  /** The pre-activation above which a lone output neuron means the second class. */
  readonly decisionThreshold: number;
  /** True where g' is zero almost everywhere, so that `derivative` is a straight-through stand-in (Bengio et al. 2013). */
  readonly surrogateDerivative?: true;
}

const clampForm = (gain: number, offset: number, lowest: number, highest: number): IntegerForm => ({
  kind: 'clamp',
  gain,
  offset,
  lowest,
  highest,
});

const LEAK = 0.01;
/** softplus(z) = 1/2 */
const SOFTPLUS_HALF = log(exp(0.5) - 1);

/** Every activation the tool knows. A new one is a new entry: trainer, tables, C and tests iterate over this. */
export const ACTIVATIONS = {
  identity: {
    value: (z) => z,
    derivative: () => 1,
    integerForm: clampForm(1, 0, -Infinity, Infinity),
    targets: [0, 1],
    decisionThreshold: 0.5,
  },
  step: {
    value: (z) => (z >= 0 ? 1 : 0),
    derivative: (z) => (Math.abs(z) <= 1 ? 1 : 0),
    integerForm: { kind: 'threshold' },
    targets: [0, 1],
    decisionThreshold: 0,
    surrogateDerivative: true,
  },
  sigmoid: {
    value: sigmoid,
    derivative: (_z, a) => a * (1 - a),
    integerForm: { kind: 'table', reach: 8 },
    targets: [0, 1],
    decisionThreshold: 0,
  },
  tanh: {
    value: tanh,
    derivative: (_z, a) => 1 - a * a,
    integerForm: { kind: 'table', reach: 4 },
    targets: [-1, 1],
    decisionThreshold: 0,
  },
  relu: {
    value: (z) => Math.max(z, 0),
    derivative: (z) => (z > 0 ? 1 : 0),
    integerForm: clampForm(1, 0, 0, Infinity),
    targets: [0, 1],
    decisionThreshold: 0.5,
  },
  'leaky-relu': {
    value: (z) => (z > 0 ? z : LEAK * z),
    derivative: (z) => (z > 0 ? 1 : LEAK),
    integerForm: { kind: 'table', reach: Infinity },
    targets: [0, 1],
    decisionThreshold: 0.5,
  },
  elu: {
    value: (z) => (z > 0 ? z : exp(z) - 1),
    derivative: (z, a) => (z > 0 ? 1 : a + 1),
    integerForm: { kind: 'table', reach: Infinity },
    targets: [0, 1],
    decisionThreshold: 0.5,
  },
  softplus: {
    value: softplus,
    derivative: (z) => sigmoid(z),
    integerForm: { kind: 'table', reach: Infinity },
    targets: [0, 1],
    decisionThreshold: SOFTPLUS_HALF,
  },
  'hard-sigmoid': {
    value: (z) => Math.min(Math.max(0.2 * z + 0.5, 0), 1),
    derivative: (z) => (Math.abs(z) < 2.5 ? 0.2 : 0),
    integerForm: clampForm(0.2, 0.5, 0, 1),
    targets: [0, 1],
    decisionThreshold: 0,
  },
  'hard-tanh': {
    value: (z) => Math.min(Math.max(z, -1), 1),
    derivative: (z) => (Math.abs(z) < 1 ? 1 : 0),
    integerForm: clampForm(1, 0, -1, 1),
    targets: [-1, 1],
    decisionThreshold: 0,
  },
} as const satisfies Record<string, Activation>;

export type ActivationName = keyof typeof ACTIVATIONS;
/** Softmax couples all neurons of the output layer, so it is not in the table of element-wise functions. */
export type OutputActivationName = ActivationName | 'softmax';

export const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as ActivationName[];

export function activation(name: ActivationName): Activation {
  return ACTIVATIONS[name];
}
