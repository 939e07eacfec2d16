import type { OutputActivationName } from '../model/activations.js';
import type { DenseLayer } from '../model/network.js';
import type { Random } from '../model/random.js';
import type { Initializer } from './initializers.js';

/** One layer's share of a flat vector: weights (outputs, inputs) row major, then bias (outputs,). */
export interface LayerSlice {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

export interface LayerShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: OutputActivationName;
}

/** A vector of one number per weight and bias, and the views of it that are the layers. */
export interface Parameters {
  readonly vector: Float64Array;
  readonly slices: readonly LayerSlice[];
}

/** Weights and biases together. */
export function parameterCount(shapes: readonly LayerShape[]): number {
  return shapes.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
}

/** All parameters lie in one vector, so that optimisers, snapshots and checks are single loops. */
export function allocateParameters(shapes: readonly LayerShape[]): Parameters {
  const vector = new Float64Array(parameterCount(shapes));
  let at = 0;
  const slices = shapes.map(({ inputs, outputs }) => {
    const weights = vector.subarray(at, (at += inputs * outputs));
    const bias = vector.subarray(at, (at += outputs));
    return { weights, bias };
  });
  return { vector, slices };
}

/** Weights drawn layer by layer, row by row; biases stay 0. */
export function initialize(
  parameters: Parameters,
  shapes: readonly LayerShape[],
  initializer: Initializer,
  random: Random,
): void {
  shapes.forEach(({ inputs, outputs }, l) => {
    const { weights } = parameters.slices[l];
    for (let k = 0; k < weights.length; k++) weights[k] = initializer(random, inputs, outputs);
  });
}

/** What the training rows and the weights say of a layer's integers. */
export type Calibration = Pick<DenseLayer, 'range' | 'accumulator' | 'activationShift'>;

const UNCALIBRATED: Calibration = { range: null };

/** Layers whose weights are the parameters themselves, not copies. */
export function layersOf(
  parameters: Parameters,
  shapes: readonly LayerShape[],
  calibrations: readonly Calibration[],
): DenseLayer[] {
  return shapes.map((shape, l) => ({
    ...shape,
    ...parameters.slices[l],
    ...(calibrations[l] ?? UNCALIBRATED),
  }));
}
