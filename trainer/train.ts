import type { Dataset } from '../dataset/dataset.js';
import type { DenseLayer, InputScaling, Network } from '../model/network.js';
import { rejectData } from '../model/problem.js';
import { createRandom } from '../model/random.js';
import { regularization } from './cost.js';
import { engineEpochs } from './engine/engine.js';
import { referenceEpochs, type RunEpoch } from './epochs.js';
import { INITIALIZERS } from './initializers.js';
import type { TrainOptions } from './options.js';
import type { LayerShape, Parameters } from './parameters.js';
import { allocateParameters, initialize, layersOf } from './parameters.js';
import type { Propagation } from './propagation.js';
import { fixedPointPropagation, floatPropagation } from './propagation.js';
import { rowsOf } from './samples.js';
import { clippedShare, learnScaling } from './standardization.js';

/** Rows from which ranges are learnt: at the start of each epoch, and for good at the end. */
const CALIBRATION_ROWS = { epoch: 1024, end: 8192 } as const;
/** Weights and biases keep this many significant digits, so that network.json is short and holds them exactly. */
const DIGITS = 9;
export interface EpochProgress {
  readonly epoch: number; // from 1
  /** Mean cost of the epoch's rows, each at the weights of its step, plus the regularisation at its end. */
  readonly loss: number;
  /** Share of the epoch's rows that were right when they were seen. */
  readonly accuracy: number;
}

export interface TrainResult {
  readonly network: Network;
  readonly history: readonly EpochProgress[];
  /** Sentences for people. */
  readonly warnings: readonly string[];
  /** The cost stopped being a number; the network is the one after the last good epoch. */
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

function labelsOf(data: Dataset): Uint16Array {
  if (!data.labels) rejectData('no-labels', 'the data has no label column to learn from');
  if (new Set(data.labels).size < 2) {
    const message = `all ${data.rows} training rows have the same class: there is nothing to tell apart`;
    rejectData('one-class', message, {
      hint: 'add rows of another class, or name the label column with --label',
    });
  }
  return data.labels;
}

/**
 * Epochs take turns through these. Training through the integers is enough for both worlds where the cost leaves a
 * margin; the perceptron's rule leaves none: it stops as soon as no row is wrong, and a row on the very threshold
 * falls to one side in integers and to the other in floating point. So it learns from the mistakes of both.
 */
function choosePropagations(
  data: Dataset,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  options: TrainOptions,
): Propagation[] {
  if (!options.fixedPoint) return [floatPropagation(data, scaling, shapes)];
  const fixedPoint = fixedPointPropagation(data, scaling, shapes, options.precision);
  return options.output === 'step' ? [fixedPoint, floatPropagation(data, scaling, shapes)] : [fixedPoint];
}

/** Layers with the ranges of their z over these rows. */
function calibrated(
  propagation: Propagation,
  shapes: readonly LayerShape[],
  parameters: Parameters,
  rows: Uint32Array,
): DenseLayer[] {
  const ranges = propagation.ranges(layersOf(parameters, shapes, []), rows);
  return layersOf(parameters, shapes, ranges);
}

function reference(
  data: Dataset,
  labels: Uint16Array,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  parameters: Parameters,
  rows: Uint32Array,
  options: TrainOptions,
): RunEpoch {
  const propagations = choosePropagations(data, scaling, shapes, options);
  const calibrate = (propagation: Propagation) => calibrated(propagation, shapes, parameters, rows);
  const gradient = allocateParameters(shapes);
  return referenceEpochs(labels, parameters, gradient, propagations, calibrate, options);
}

/** The layers of the finished network, with their final ranges. */
function finalLayers(
  data: Dataset,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  parameters: Parameters,
  rows: Uint32Array,
  options: TrainOptions,
): DenseLayer[] {
  const sample = { ...data, values: rowsOf(data.values, data.features.length, rows), rows: rows.length };
  const [propagation] = choosePropagations(sample, scaling, shapes, options);
  return calibrated(
    propagation,
    shapes,
    parameters,
    rows.map((_, r) => r),
  );
}

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;

/** What a trained network can't do, where that shows. */
function doubts(parameters: Parameters, options: TrainOptions, history: readonly EpochProgress[]): string[] {
  const found = parameters.slices.flatMap(({ weights }, l) =>
    weights.every((w) => w === 0)
      ? [`layer ${l + 1}: all weights are 0, so its outputs do not depend on its inputs`]
      : [],
  );
  const isPerceptron = options.hidden.length === 0 && options.output === 'step';
  if (isPerceptron && history.slice(-2).some(({ accuracy }) => accuracy < 1)) {
    found.push(
      `a single layer of step neurons still errs after ${history.length} epochs: the classes seem not to be ` +
        'linearly separable (as in XOR); a hidden layer can separate them',
    );
  }
  return found;
}

/**
 * Fits a multilayer perceptron to the rows of `data`, which is the training part alone. The same data, options and
 * seed give the same network to the last bit on every machine. Throws a `Problem` for unlabelled data
 * (`no-labels`) and for rows of a single class (`one-class`).
 */
export function train(
  data: Dataset,
  options: TrainOptions,
  onEpoch: (progress: EpochProgress) => void = () => {},
): TrainResult {
  const labels = labelsOf(data);
  const { scaling, warnings } = learnScaling(data, options.precision.activationBits);
  clippedShare(data, scaling).forEach((share, i) => {
    if (share > 0) {
      warnings.push(
        `feature "${data.features[i]}": ${percent(share)} of the values are outliers and saturate`,
      );
    }
  });
  const shapes = layerShapes(data.features.length, options);
  const parameters = allocateParameters(shapes);
  const random = createRandom(options.seed);
  initialize(parameters, shapes, INITIALIZERS[options.init], random);
  const order = Uint32Array.from({ length: data.rows }, (_, r) => r);
  random.shuffle(order);
  const calibrationRows = order.slice(0, CALIBRATION_ROWS.end);
  const epochRows = calibrationRows.subarray(0, CALIBRATION_ROWS.epoch);
  const runSteps =
    engineEpochs(data, labels, scaling, shapes, parameters, epochRows, options) ??
    reference(data, labels, scaling, shapes, parameters, epochRows, options);

  /** One pass over the rows in a new order; null where the numbers ran away. */
  function runEpoch(epoch: number): EpochProgress | null {
    random.shuffle(order);
    const seen = runSteps(epoch, order);
    if (!seen) return null;
    const loss = seen.cost / data.rows + regularization(parameters.slices, options.l2, data.rows);
    return { epoch, loss, accuracy: seen.right / data.rows };
  }

  const history: EpochProgress[] = [];
  const lastGood = parameters.vector.slice();
  let diverged = false;
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const progress = runEpoch(epoch);
    if (!progress) {
      diverged = true;
      warnings.push(
        `training diverged in epoch ${epoch}: the cost is no longer a number; kept the network of epoch ${epoch - 1}`,
      );
      break;
    }
    lastGood.set(parameters.vector);
    history.push(progress);
    onEpoch(progress);
  }
  parameters.vector.set(lastGood.map((value) => Number(value.toPrecision(DIGITS))));
  warnings.push(...doubts(parameters, options, history));
  const network: Network = {
    name: data.name,
    features: data.features,
    classes: data.classes,
    input: scaling,
    layers: finalLayers(data, scaling, shapes, parameters, calibrationRows, options),
    precision: options.precision,
    training: {
      options,
      data: data.sha256,
      rows: data.rows,
      epochs: history.length,
      ...(history.length > 0 && { loss: history[history.length - 1].loss }),
    },
  };
  return { network, history, warnings, diverged };
}
