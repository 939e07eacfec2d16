import type { DenseLayer } from '../model/network.js';
import type { TrainOptions } from './options.js';
import { updatesPerEpoch } from './options.js';
import { OPTIMIZERS } from './optimizers.js';
import type { Parameters } from './parameters.js';
import type { Propagation } from './propagation.js';
import { SCHEDULES } from './schedules.js';
import { gradientStep, type StepResult } from './step.js';

/**
 * One pass over the rows in this order, which moves the parameters: what its steps saw, or null where the numbers ran
 * away. `epoch` counts from 1; `order` (rows,) holds row numbers.
 */
export type RunEpoch = (epoch: number, order: Uint32Array) => StepResult | null;

/** Weights that are not below this have run away: NaN and infinities too, and so does any cost that is no number. */
const LARGEST_WEIGHT = 1e30;

export function areReasonable(weights: Float64Array): boolean {
  for (let k = 0; k < weights.length; k++) if (!(Math.abs(weights[k]) <= LARGEST_WEIGHT)) return false;
  return true;
}

/** The learning rate of one update of an epoch. */
export function learningRateAt(
  options: TrainOptions,
  epoch: number,
  update: number,
  updates: number,
): number {
  const progress = (epoch - 1 + update / updates) / options.epochs;
  return options.learningRate * SCHEDULES[options.schedule](progress);
}

/**
 * The reference in float64, readable beside the lecture; `engine/` computes the same in f32, many times as fast.
 * Epochs take turns through the propagations, whose ranges `calibrate` learns.
 */
export function referenceEpochs(
  labels: Uint16Array,
  parameters: Parameters,
  gradient: Parameters,
  propagations: readonly Propagation[],
  calibrate: (propagation: Propagation) => DenseLayer[],
  options: TrainOptions,
): RunEpoch {
  const rows = labels.length;
  const step = gradientStep(labels, parameters, gradient, options);
  const updateWeights = OPTIMIZERS[options.optimizer](parameters.vector.length, options.momentum);
  const batch = options.batch === 'full' ? rows : options.batch;
  const updates = updatesPerEpoch(rows, batch);
  return (epoch, order) => {
    const propagation = propagations[epoch % propagations.length];
    const layers = calibrate(propagation);
    let cost = 0;
    let right = 0;
    for (let update = 0; update < updates; update++) {
      const seen = step(propagation, layers, order.subarray(update * batch, (update + 1) * batch));
      cost += seen.cost;
      right += seen.right;
      updateWeights(parameters.vector, gradient.vector, learningRateAt(options, epoch, update, updates));
      if (!areReasonable(parameters.vector)) return null;
    }
    return { cost, right };
  };
}
