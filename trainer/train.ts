import type { Dataset } from '../dataset/dataset.js';
import { rowsOf, stratifiedSplit } from '../dataset/split.js';
import { t } from '../model/messages.js';
import type { DenseLayer, InputScaling, Network } from '../model/network.js';
import { createRandom } from '../model/random.js';
import { trainingRule } from '../model/weight-scales.js';
import { aimsOf, checkAims, trainingAims } from './aims.js';
import { augmentedRows } from './augmentation.js';
import { carryCalibrations } from './carried-calibrations.js';
import type { SavedState } from './carried-state.js';
import { checkRestored, createState } from './carried-state.js';
import { regularization } from './cost.js';
import { earlyStopping } from './early-stopping.js';
import { engineEpochs } from './engine/engine.js';
import { calibrateLayers, referenceEpochs } from './epochs.js';
import type { EpochProgress } from './history.js';
import { historyArrays, historyRecord, readHistory } from './history.js';
import { INITIALIZERS } from './initializers.js';
import type { TrainOptions } from './options.js';
import type { Calibration, LayerShape, Parameters } from './parameters.js';
import { allocateParameters, initialize } from './parameters.js';
import { choosePropagations } from './propagation.js';
import { clippedShare, learnScaling } from './standardization.js';
import { saturatedShares } from './saturation.js';
import { keepIntegerWeights } from './integer-weights.js';
import { learnTargets } from './target-scaling.js';
import { validator } from './validation.js';

/** Rows from which ranges are learnt: at the start of each epoch, and for good at the end. */
const CALIBRATION_ROWS = { epoch: 1024, end: 8192 } as const;
/** From this share of a layer's activations on, saturation is worth a warning. */
const SATURATION_LIMIT = 1e-4;
/** Weights and biases keep this many significant digits, so that network.json is short and holds them exactly. */
const DIGITS = 9;
const shorten = (value: number): number => Number(value.toPrecision(DIGITS));

export interface TrainResult {
  readonly network: Network;
  readonly history: readonly EpochProgress[];
  /** The epoch whose network was kept: the last good one, or that of the best validation cost; 0 for none. */
  readonly bestEpoch: number;
  /**
   * The share of each hidden layer's activations that saturate, 0..1, over rows that the calibration of its range has
   * not seen; 0 where it has seen them all.
   */
  readonly saturation: readonly number[];
  /** Sentences for people. */
  readonly warnings: readonly string[];
  /** The cost stopped being a number; the network is the one after `bestEpoch`. */
  readonly diverged: boolean;
}

/** "4 inputs, 16 hidden, 3 outputs" as shapes; the last has the output activation. */
export function layerShapes(features: number, options: TrainOptions): LayerShape[] {
  const units = [features, ...options.hidden, options.outputs];
  return units.slice(1).map((outputs, l) => ({
    inputs: units[l],
    outputs,
    activation: l === options.hidden.length ? options.output : options.activation,
  }));
}

const pick = (data: Dataset, rows: Uint32Array): Dataset => ({
  ...data,
  values: rowsOf(data.values, data.features.length, rows),
  rows: rows.length,
});

/** The layers as they are now, with their ranges over these rows. */
function layersOver(
  data: Dataset,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  parameters: Parameters,
  rows: Uint32Array,
  options: TrainOptions,
  trained: readonly Calibration[],
): DenseLayer[] {
  const [propagation] = choosePropagations(pick(data, rows), scaling, shapes, options);
  return calibrateLayers(
    propagation,
    shapes,
    parameters,
    rows.map((_, r) => r),
    trained,
  );
}

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;

/** What a trained network can't do, where that shows. */
function doubts(parameters: Parameters, options: TrainOptions, history: readonly EpochProgress[]): string[] {
  const found = parameters.slices.flatMap(({ weights }, l) =>
    weights.every((w) => w === 0)
      ? [t`layer ${l + 1}: all weights are 0, so its outputs do not depend on its inputs`]
      : [],
  );
  const isPerceptron = options.hidden.length === 0 && options.output === 'step';
  if (isPerceptron && history.slice(-2).some(({ accuracy }) => accuracy !== null && accuracy < 1)) {
    found.push(
      t`a single layer of step neurons still errs after ${history.length} epochs: the classes seem not to be linearly separable (as in XOR); a hidden layer can separate them`,
    );
  }
  return found;
}

/** The rows to learn from and those held out, if any are. */
function partsOf(data: Dataset, { patience, validationSplit, seed }: TrainOptions) {
  if (patience === null) return { part: data, validation: null };
  const { train: part, test: validation } = stratifiedSplit(data, validationSplit, seed);
  return { part, validation };
}

/**
 * Fits a multilayer perceptron to the rows of `data`, which is the training part alone. The same data, options and
 * seed give the same network to the last bit on every machine. Throws a `Problem` for data that nothing can be learnt
 * from (see `checkAims`) and for too few rows to hold some out (`too-few-rows`).
 *
 * `onEpoch` may save the run at the end of any epoch. With what it saved as `resumed` the same data and options end in
 * the same network as without the interruption, to the last bit; a state of another run is a `Problem` (`wrong-state`).
 */
export function train(
  data: Dataset,
  options: TrainOptions,
  onEpoch: (progress: EpochProgress, save: () => SavedState) => void = () => {},
  resumed: SavedState | null = null,
): TrainResult {
  checkAims(data);
  const state = createState();
  const { part, validation } = partsOf(data, options);
  checkAims(part);
  const targets = part.targets && learnTargets(part.targets);
  const { scaling, warnings } = learnScaling(part, options.precision.activationBits);
  clippedShare(part, scaling).forEach((share, i) => {
    if (share > 0) {
      warnings.push(
        t`feature "${data.features[i]}": ${percent(share)} of the values are outliers and saturate`,
      );
    }
  });
  const shapes = layerShapes(data.features.length, options);
  const parameters = allocateParameters(shapes);
  const random = createRandom(options.seed);
  state.keep('parameters', parameters.vector);
  state.keep('random numbers', random.state.words);
  state.keep('spare normal', random.state.spare);
  initialize(parameters, shapes, INITIALIZERS[options.init], random);
  const firstOrder = Uint32Array.from({ length: part.rows }, (_, r) => r);
  random.shuffle(firstOrder);
  const calibrationRows = firstOrder.subarray(0, CALIBRATION_ROWS.end);
  const unseenRows = firstOrder.subarray(CALIBRATION_ROWS.end, 2 * CALIBRATION_ROWS.end);
  const epochRows = calibrationRows.subarray(0, CALIBRATION_ROWS.epoch);
  const aims = trainingAims(part, targets, options);
  const augmented = options.augment && augmentedRows(part, scaling, options.augment, random);
  const carried = carryCalibrations(shapes, part.rows, options, state.keep);
  const setting = {
    data: augmented?.data ?? part,
    ...aims,
    scaling,
    shapes,
    parameters,
    calibrationRows: epochRows,
    options,
    carried,
    keep: state.keep,
    random,
  };
  const runSteps = engineEpochs(setting) ?? referenceEpochs(setting);
  const shuffle = runSteps.shuffle ?? random.shuffle;
  const order = state.keep('order', runSteps.order ?? firstOrder.slice());
  order.set(firstOrder);
  const validationAims = validation && aimsOf(validation, targets, aims.classWeights);
  const validate = validator(validation, scaling, shapes, options, validationAims, () =>
    layersOver(part, scaling, shapes, parameters, epochRows, options, carried.read()),
  );

  /** One pass over the rows in a new order; null where the numbers ran away. */
  function runEpoch(epoch: number): EpochProgress | null {
    shuffle(order);
    augmented?.renew();
    const seen = runSteps(epoch, order);
    if (!seen) return null;
    const penalty = regularization(parameters.slices, options.l2, part.rows, options.l1);
    return {
      epoch,
      loss: seen.cost / part.rows + penalty,
      accuracy: targets ? null : seen.right / part.rows,
      validation: validate(),
    };
  }

  const history: EpochProgress[] = [];
  const best = state.keep('best parameters', parameters.vector.slice());
  const stopping = earlyStopping(options.patience);
  let diverged = false;
  try {
    if (resumed) {
      const { past, rest } = readHistory(resumed, validation !== null, targets === null);
      history.push(...past);
      state.restore(rest);
      checkRestored(random, order);
      past.forEach(({ epoch, validation: held }) => stopping.isBest(epoch, held && held.loss));
    }
    for (let epoch = history.length + 1; epoch <= options.epochs && !stopping.isOver(epoch - 1); epoch++) {
      const progress = runEpoch(epoch);
      if (!progress) {
        diverged = true;
        warnings.push(
          t`training diverged in epoch ${epoch}: the cost is no longer a number; kept the network of epoch ${stopping.bestEpoch()}`,
        );
        break;
      }
      if (stopping.isBest(epoch, progress.validation && progress.validation.loss)) {
        best.set(parameters.vector);
        carried.markBest();
      }
      history.push(progress);
      onEpoch(progress, () => ({ ...state.save(), ...historyArrays(history) }));
    }
  } finally {
    runSteps.end?.();
  }
  const bestEpoch = stopping.bestEpoch();
  parameters.vector.set(best.map(shorten));
  warnings.push(...doubts(parameters, options, history));
  const { fixedPoint, precision } = options;
  let layers = layersOver(part, scaling, shapes, parameters, calibrationRows, options, carried.readBest());
  const rule = trainingRule(precision);
  if (fixedPoint && (precision.weightBits === 2 || rule.clip !== undefined)) {
    layers = keepIntegerWeights(layers, scaling, data.features, rule, shorten);
  }
  const saturation = saturatedShares(pick(part, unseenRows), scaling, layers, options.precision);
  saturation.forEach((share, l) => {
    if (share >= SATURATION_LIMIT) {
      warnings.push(
        t`layer ${l + 1}: ${percent(share)} of the activations are beyond the calibrated range and saturate`,
      );
    }
  });
  const network: Network = {
    name: data.name,
    features: data.features,
    classes: data.classes,
    targets,
    input: scaling,
    layers,
    precision,
    training: {
      options,
      data: data.sha256,
      rows: part.rows,
      ...(validation && { validationRows: validation.rows, bestEpoch }),
      epochs: history.length,
      ...(bestEpoch > 0 && { loss: history[bestEpoch - 1].loss }),
      history: historyRecord(history),
    },
  };
  return { network, history, bestEpoch, saturation, warnings, diverged };
}
