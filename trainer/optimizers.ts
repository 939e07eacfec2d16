import type { Keep } from './carried-state.js';
import { within } from './carried-state.js';
import { orthogonalize } from './muon.js';
import type { LayerShape, Parameters } from './parameters.js';
import { parameterCount } from './parameters.js';
import type { ScheduleName } from './schedules.js';

/** Moves the parameters against the gradient, in place. What it remembers between calls is part of the state. */
export type UpdateWeights = (parameters: Parameters, gradient: Parameters, learningRate: number) => void;

export interface OptimizerSettings {
  readonly momentum: number;
  readonly weightDecay: number;
}

export interface Optimizer {
  /** Makes the update rule of a training run over the parameters of these layers. */
  readonly start: (shapes: readonly LayerShape[], settings: OptimizerSettings, keep: Keep) => UpdateWeights;
  /** What `momentum` is unless it is set; null where the rule takes none. */
  readonly momentum: number | null;
  /** What `weightDecay` is unless it is set, with few features and with many; null where the rule takes none. */
  readonly weightDecay: { readonly few: number; readonly many: number } | null;
  /** The usual peak of the schedule, with few features and with many. */
  readonly learningRate: { readonly few: number; readonly many: number };
  readonly schedule: ScheduleName;
}

/** The same rule for every number, whatever its place; all (size,). */
type ElementwiseUpdate = (values: Float64Array, gradient: Float64Array, learningRate: number) => void;
type ElementwiseRule = (size: number, keep: Keep, momentum: number) => ElementwiseUpdate;

const BETA1 = 0.9;
const BETA2 = 0.999;
const SQUARES_KEPT = 0.9;
const EPSILON = 1e-8;
/** The root mean square of Adam's steps, as a share of the rate: what Muon's steps are brought to. */
const ADAM_STEP = 0.2;

/** v := momentum · v + ∂J/∂W, W := W − rate · v; with momentum 0 the lecture's "ΔW ∝ −∂J/∂W". */
function sgd(size: number, keep: Keep, momentum: number): ElementwiseUpdate {
  const velocity = keep('velocity', new Float64Array(size));
  return (values, gradient, learningRate) => {
    for (let k = 0; k < size; k++) {
      velocity[k] = momentum * velocity[k] + gradient[k];
      values[k] -= learningRate * velocity[k];
    }
  };
}

/** Nesterov's momentum as Sutskever et al. (ICML 2013) bring it to SGD: the step looks one velocity ahead. */
function nesterov(size: number, keep: Keep, momentum: number): ElementwiseUpdate {
  const velocity = keep('velocity', new Float64Array(size));
  return (values, gradient, learningRate) => {
    for (let k = 0; k < size; k++) {
      velocity[k] = momentum * velocity[k] + gradient[k];
      values[k] -= learningRate * (gradient[k] + momentum * velocity[k]);
    }
  };
}

/** Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012. */
function rmsprop(size: number, keep: Keep): ElementwiseUpdate {
  const squares = keep('squares', new Float64Array(size));
  return (values, gradient, learningRate) => {
    for (let k = 0; k < size; k++) {
      const g = gradient[k];
      squares[k] = SQUARES_KEPT * squares[k] + (1 - SQUARES_KEPT) * g * g;
      values[k] -= (learningRate * g) / (Math.sqrt(squares[k]) + EPSILON);
    }
  };
}

/** Kingma and Ba, "Adam", ICLR 2015, algorithm 1. */
function adam(size: number, keep: Keep): ElementwiseUpdate {
  const first = keep('first moment', new Float64Array(size));
  const second = keep('second moment', new Float64Array(size));
  const powers = keep('powers', Float64Array.of(1, 1)); // β1^t, β2^t: multiplied up, `**` is not fixed to the last bit
  return (values, gradient, learningRate) => {
    powers[0] *= BETA1;
    powers[1] *= BETA2;
    const rate = learningRate / (1 - powers[0]);
    const correction = 1 / (1 - powers[1]);
    for (let k = 0; k < size; k++) {
      const g = gradient[k];
      first[k] = BETA1 * first[k] + (1 - BETA1) * g;
      second[k] = BETA2 * second[k] + (1 - BETA2) * g * g;
      values[k] -= (rate * first[k]) / (Math.sqrt(second[k] * correction) + EPSILON);
    }
  };
}

/** Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019; biases do not decay. */
function adamw(shapes: readonly LayerShape[], { weightDecay }: OptimizerSettings, keep: Keep): UpdateWeights {
  const update = adam(parameterCount(shapes), keep);
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
function muon(shapes: readonly LayerShape[], { momentum }: OptimizerSettings, keep: Keep): UpdateWeights {
  const hidden = shapes.slice(0, -1).map(({ inputs, outputs }, l) => ({
    velocity: keep(`velocity ${l + 1}`, new Float64Array(inputs * outputs)),
    direction: new Float64Array(inputs * outputs),
    length: ADAM_STEP * Math.sqrt(Math.max(inputs, outputs)),
    updateBias: adam(outputs, within(`bias ${l + 1}`, keep)),
  }));
  const { inputs, outputs } = shapes[shapes.length - 1];
  const updateOutput = {
    weights: adam(inputs * outputs, within('output weights', keep)),
    bias: adam(outputs, within('output bias', keep)),
  };
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
  (shapes, { momentum }, keep) => {
    const update = rule(parameterCount(shapes), keep, momentum);
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
    weightDecay: { few: 0.01, many: 0.1 },
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
