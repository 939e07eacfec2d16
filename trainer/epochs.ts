import type { Dataset } from '../dataset/dataset.js';
import type { DenseLayer, InputScaling } from '../model/network.js';
import type { Random } from '../model/random.js';
import type { Aims } from './aims.js';
import type { CarriedCalibrations } from './carried-calibrations.js';
import type { Keep } from './carried-state.js';
import { within } from './carried-state.js';
import { createNoise } from './noise.js';
import { OPTIMIZERS } from './optimizers.js';
import type { TrainOptions } from './options.js';
import { updatesPerEpoch } from './options.js';
import type { Calibration, LayerShape, Parameters } from './parameters.js';
import { allocateParameters, layersOf } from './parameters.js';
import type { Propagation } from './propagation.js';
import { choosePropagations } from './propagation.js';
import { rateFactor, SCHEDULES } from './schedules.js';
import { compareRows, gradientStep, type Seen } from './step.js';

/** All that the epochs of a training have in common. */
export interface Setting extends Aims {
  /** The rows to learn from; with augmentation they have new values in every epoch. */
  readonly data: Dataset;
  readonly scaling: InputScaling;
  readonly shapes: readonly LayerShape[];
  /** What is learnt; every epoch moves it. */
  readonly parameters: Parameters;
  /** Row numbers from which the ranges are learnt at the start of epochs. */
  readonly calibrationRows: Uint32Array;
  readonly options: TrainOptions;
  readonly carried: CarriedCalibrations;
  /** For what the epochs carry on beside the parameters. */
  readonly keep: Keep;
  /** Where each epoch's noise comes from; it is part of the state. */
  readonly random: Random;
}

/**
 * One pass over the rows in this order, which moves the parameters: what its steps saw, or null where the numbers ran
 * away. `epoch` counts from 1; `order` (rows,) holds row numbers.
 */
export interface RunEpoch {
  (epoch: number, order: Uint32Array): Seen | null;
  /** As long as the order and for it, where that saves copying. */
  readonly order?: Uint32Array;
  /** `shuffle` of the setting's random numbers, to the same order, where there is a quicker one. */
  readonly shuffle?: (order: Uint32Array) => void;
  /** Must be called after the last epoch, whatever happened: gives back what only the process would. */
  readonly end?: () => void;
}

/** Weights that are not below this have run away: NaN and infinities too, and so does any cost that is no number. */
export const LARGEST_WEIGHT = 1e30;

function areReasonable(weights: Float64Array): boolean {
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
  const done = epoch - 1 + update / updates;
  return options.learningRate * rateFactor(SCHEDULES[options.schedule], options, done, 1 / updates);
}

/**
 * Layers as these rows of the propagation's data calibrate them, with the widths and shifts that they were `trained`
 * through where these are known: a choice made anew could differ from what training made up for.
 */
export function calibrateLayers(
  propagation: Propagation,
  shapes: readonly LayerShape[],
  parameters: Parameters,
  rows: Uint32Array,
  trained: readonly Calibration[],
): DenseLayer[] {
  const calibrations = propagation.calibrate(layersOf(parameters, shapes, trained), rows);
  return layersOf(parameters, shapes, calibrations);
}

/**
 * The reference in float64, readable beside the lecture; `engine/` computes the same in f32, many times as fast.
 * Epochs take turns through the propagations.
 */
export function referenceEpochs(setting: Setting): RunEpoch {
  const { data, scaling, shapes, parameters, calibrationRows, options, carried, keep, random } = setting;
  const propagations = choosePropagations(data, scaling, shapes, options);
  const gradient = allocateParameters(shapes);
  const compare = compareRows(setting, options);
  const noise = createNoise(random, options);
  const step = gradientStep(compare, data.rows, parameters, gradient, options, noise);
  const updateWeights = OPTIMIZERS[options.optimizer].start(shapes, options, within('optimizer', keep));
  const batch = options.batch === 'full' ? data.rows : options.batch;
  const updates = updatesPerEpoch(data.rows, batch);
  return (epoch, order) => {
    const propagation = propagations[epoch % propagations.length];
    if (options.augment) propagation.renewInputs();
    if (carried.isDue(epoch)) {
      carried.write(propagation.calibrate(layersOf(parameters, shapes, []), calibrationRows));
    }
    const layers = layersOf(parameters, shapes, carried.read());
    noise.beginEpoch();
    let cost = 0;
    let right = 0;
    for (let update = 0; update < updates; update++) {
      const seen = step(propagation, layers, order.subarray(update * batch, (update + 1) * batch));
      cost += seen.cost;
      right += seen.right;
      updateWeights(parameters, gradient, learningRateAt(options, epoch, update, updates));
      if (!areReasonable(parameters.vector)) return null;
    }
    return { cost, right };
  };
}
