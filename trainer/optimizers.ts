import { orthogonalize } from './muon.js';
import type { LayerShape, Parameters } from './parameters.js';
import { parameterCount } from './parameters.js';
import type { ScheduleName } from './schedules.js';

/** Moves the parameters against the gradient, in place. Keeps its own state between calls. */
export type UpdateWeights = (parameters: Parameters, gradient: Parameters, learningRate: number) => void;

export interface OptimizerSettings {
  readonly momentum: number;
  readonly weightDecay: number;
}

export interface Optimizer {
  /** Makes the update rule of a training run over the parameters of these layers. */
  readonly start: (shapes: readonly LayerShape[], settings: OptimizerSettings) => UpdateWeights;
  /** What `momentum` is unless it is set; null where the rule takes none. */
  readonly momentum: number | null;
  /** What `weightDecay` is unless it is set; null where the rule takes none. */
  readonly weightDecay: number | null;
  /** The usual peak of the schedule, with few features and with many. */
  readonly learningRate: { readonly few: number; readonly many: number };
  readonly schedule: ScheduleName;
}

/** The same rule for every number, whatever its place; all (size,). */
type ElementwiseUpdate = (values: Float64Array, gradient: Float64Array, learningRate: number) => void;
type ElementwiseRule = (size: number, momentum: number) => ElementwiseUpdate;

const BETA1 = 0.9;
const BETA2 = 0.999;
const SQUARES_KEPT = 0.9;
const EPSILON = 1e-8;
/** The root mean square of Adam's steps, as a share of the rate: what Muon's steps are brought to. */
const ADAM_STEP = 0.2;

/** v := momentum · v + ∂J/∂W, W := W − rate · v; with momentum 0 the lecture's "ΔW ∝ −∂J/∂W". */
function sgd(size: number, momentum: number): ElementwiseUpdate {
  const velocity = new Float64Array(size);
  return (values, gradient, learningRate) => {
    for (let k = 0; k < size; k++) {
      velocity[k] = momentum * velocity[k] + gradient[k];
      values[k] -= learningRate * velocity[k];
    }
  };
}

/** Nesterov's momentum as Sutskever et al. (ICML 2013) bring it to SGD: the step looks one velocity ahead. */
function nesterov(size: number, momentum: number): ElementwiseUpdate {
  const velocity = new Float64Array(size);
  return (values, gradient, learningRate) => {
    for (let k = 0; k < size; k++) {
      velocity[k] = momentum * velocity[k] + gradient[k];
      values[k] -= learningRate * (gradient[k] + momentum * velocity[k]);
    }
  };
}

/** Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012. */
function rmsprop(size: number): ElementwiseUpdate {
  const squares = new Float64Array(size);
  return (values, gradient, learningRate) => {
    for (let k = 0; k < size; k++) {
      const g = gradient[k];
      squares[k] = SQUARES_KEPT * squares[k] + (1 - SQUARES_KEPT) * g * g;
      values[k] -= (learningRate * g) / (Math.sqrt(squares[k]) + EPSILON);
    }
  };
}

/** Kingma and Ba, "Adam", ICLR 2015, algorithm 1. */
function adam(size: number): ElementwiseUpdate {
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  let power1 = 1; // β1^t and β2^t, multiplied up because `**` is not fixed to the last bit
  let power2 = 1;
  return (values, gradient, learningRate) => {
    power1 *= BETA1;
    power2 *= BETA2;
    const rate = learningRate / (1 - power1);
    const correction = 1 / (1 - power2);
    for (let k = 0; k < size; k++) {
      const g = gradient[k];
      first[k] = BETA1 * first[k] + (1 - BETA1) * g;
      second[k] = BETA2 * second[k] + (1 - BETA2) * g * g;
      values[k] -= (rate * first[k]) / (Math.sqrt(second[k] * correction) + EPSILON);
    }
  };
}

/** Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019; biases do not decay. */
function adamw(shapes: readonly LayerShape[], { weightDecay }: OptimizerSettings): UpdateWeights {
  const update = adam(parameterCount(shapes));
  return (parameters, gradient, learningRate) => {
    const kept = 1 - learningRate * weightDecay;
    for (const { weights } of parameters.slices) for (let k = 0; k < weights.length; k++) weights[k] *= kept;
    update(parameters.vector, gradient.vector, learningRate);
  };
}

/**
 * Jordan et al., "Muon", 2024: hidden matrices step along the orthogonal matrix nearest to their Nesterov momentum;
 * biases and the output layer follow Adam. The step is √max(inputs, outputs) times the published one, after Liu et
 * al., "Muon is scalable for LLM training", 2025: it is then as long as Adam's, and one rate serves both.
 */
function muon(shapes: readonly LayerShape[], { momentum }: OptimizerSettings): UpdateWeights {
  const hidden = shapes.slice(0, -1).map(({ inputs, outputs }) => ({
    velocity: new Float64Array(inputs * outputs),
    direction: new Float64Array(inputs * outputs),
    length: ADAM_STEP * Math.sqrt(Math.max(inputs, outputs)),
    updateBias: adam(outputs),
  }));
  const { inputs, outputs } = shapes[shapes.length - 1];
  const updateOutput = { weights: adam(inputs * outputs), bias: adam(outputs) };
  return (parameters, gradient, learningRate) => {
    hidden.forEach(({ velocity, direction, length, updateBias }, l) => {
      const { weights, bias } = parameters.slices[l];
      const { weights: dW, bias: db } = gradient.slices[l];
      for (let k = 0; k < dW.length; k++) {
        velocity[k] = momentum * velocity[k] + dW[k];
        direction[k] = dW[k] + momentum * velocity[k];
      }
      const orthogonal = orthogonalize(direction, shapes[l].outputs, shapes[l].inputs);
      for (let k = 0; k < dW.length; k++) weights[k] -= learningRate * length * orthogonal[k];
      updateBias(bias, db, learningRate);
    });
    const { weights, bias } = parameters.slices[shapes.length - 1];
    const last = gradient.slices[shapes.length - 1];
    updateOutput.weights(weights, last.weights, learningRate);
    updateOutput.bias(bias, last.bias, learningRate);
  };
}

const elementwise =
  (rule: ElementwiseRule): Optimizer['start'] =>
  (shapes, { momentum }) => {
    const update = rule(parameterCount(shapes), momentum);
    return (parameters, gradient, learningRate) => update(parameters.vector, gradient.vector, learningRate);
  };

const SLOW = { few: 0.1, many: 0.03 } as const;
const ADAPTIVE = { few: 0.02, many: 0.005 } as const;

export type OptimizerName = 'sgd' | 'nesterov' | 'rmsprop' | 'adam' | 'adamw' | 'muon';

export const OPTIMIZERS: Readonly<Record<OptimizerName, Optimizer>> = {
  sgd: { start: elementwise(sgd), momentum: 0.9, weightDecay: null, learningRate: SLOW, schedule: 'cosine' },
  nesterov: {
    start: elementwise(nesterov),
    momentum: 0.9,
    weightDecay: null,
    learningRate: SLOW,
    schedule: 'cosine',
  },
  rmsprop: {
    start: elementwise(rmsprop),
    momentum: null,
    weightDecay: null,
    learningRate: ADAPTIVE,
    schedule: 'one-cycle',
  },
  adam: {
    start: elementwise(adam),
    momentum: null,
    weightDecay: null,
    learningRate: ADAPTIVE,
    schedule: 'one-cycle',
  },
  adamw: {
    start: adamw,
    momentum: null,
    weightDecay: 0.01,
    learningRate: ADAPTIVE,
    schedule: 'one-cycle',
  },
  muon: {
    start: muon,
    momentum: 0.95,
    weightDecay: null,
    learningRate: { few: 0.02, many: 0.002 },
    schedule: 'one-cycle',
  },
};
