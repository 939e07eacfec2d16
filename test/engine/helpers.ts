import type { Dataset } from '../../dataset/dataset.js';
import type { ActivationName, OutputActivationName } from '../../model/activations.js';
import type { Precision } from '../../model/network.js';
import { createRandom, type Random } from '../../model/random.js';
import { trainingAims } from '../../trainer/aims.js';
import { createState } from '../../trainer/carried-state.js';
import { engineEpochs } from '../../trainer/engine/engine.js';
import { carryCalibrations } from '../../trainer/carried-calibrations.js';
import { referenceEpochs, type RunEpoch } from '../../trainer/epochs.js';
import { INITIALIZERS } from '../../trainer/initializers.js';
import type { LossName } from '../../trainer/loss.js';
import type { TrainOptions } from '../../trainer/options.js';
import { resolveOptions } from '../../trainer/options.js';
import type { Parameters } from '../../trainer/parameters.js';
import { allocateParameters, initialize } from '../../trainer/parameters.js';
import { learnScaling } from '../../trainer/standardization.js';
import { learnTargets } from '../../trainer/target-scaling.js';
import { layerShapes } from '../../trainer/train.js';

/** Rows of random numbers, or of pixels most of which are black. */
export function randomData(
  seed: number,
  rows: number,
  features: number,
  classes: number,
  isImage = false,
): Dataset {
  const random = createRandom(seed);
  const size = rows * features;
  const pixel = () => (random.below(5) === 0 ? random.below(256) : 0);
  return {
    name: 'random',
    features: Array.from({ length: features }, (_, i) => `x${i + 1}`),
    classes: Array.from({ length: classes }, (_, k) => `c${k}`),
    rows,
    values: isImage
      ? Uint8Array.from({ length: size }, pixel)
      : Float64Array.from({ length: size }, () => Math.round(100 * random.normal()) / 100),
    labels: Uint16Array.from({ length: rows }, () => random.below(classes)),
    targets: null,
    decimals: Array.from({ length: isImage ? 1 : features }, () => (isImage ? 0 : 2)),
    image: isImage ? { width: features, height: 1 } : null,
    sha256: '0'.repeat(64),
  };
}

/** The same rows with `count` random numbers to predict. */
export function withTargets(data: Dataset, count: number): Dataset {
  const random = createRandom(count);
  const values = Float64Array.from({ length: data.rows * count }, () => 20 + 5 * random.normal());
  const names = Array.from({ length: count }, (_, k) => `y${k + 1}`);
  return { ...data, classes: [], labels: null, targets: { names, values, decimals: names.map(() => 2) } };
}

export interface Twin {
  readonly engine: { readonly run: RunEpoch; readonly parameters: Parameters };
  readonly reference: { readonly run: RunEpoch; readonly parameters: Parameters };
  readonly options: TrainOptions;
}

const f32 = (parameters: Parameters): void => {
  parameters.vector.forEach((value, k) => (parameters.vector[k] = Math.fround(value)));
};

/** The same problem for the engine and for the reference, from the same weights, which f32 holds exactly. */
export function twins(data: Dataset, given: Partial<TrainOptions>, random?: Random): Twin {
  const { setting, options, start } = problem(data, given);
  const [mine, theirs] = [start(), start()];
  const own = () => {
    const { keep } = createState();
    const carried = carryCalibrations(setting.shapes, data.rows, options, keep);
    return { keep, carried, random: random ?? createRandom(options.seed) };
  };
  const engine = engineEpochs({ ...setting, ...own(), parameters: mine });
  if (!engine) throw new Error('the engine does not take these options');
  return {
    options,
    engine: { run: engine, parameters: mine },
    reference: {
      run: referenceEpochs({ ...setting, ...own(), parameters: theirs }),
      parameters: theirs,
    },
  };
}

/** All of a training but its parameters, and what makes those: the same each time. */
export function problem(data: Dataset, given: Partial<TrainOptions>) {
  const options = resolveOptions(given, data);
  const { scaling } = learnScaling(data, options.precision.activationBits);
  const shapes = layerShapes(data.features.length, options);
  const rows = Uint32Array.from({ length: data.rows }, (_, r) => r);
  const make = (): Parameters => {
    const parameters = allocateParameters(shapes);
    const random = createRandom(options.seed);
    initialize(parameters, shapes, INITIALIZERS[options.init], random);
    for (const { bias } of parameters.slices) bias.forEach((_, n) => (bias[n] = 0.2 * random.normal()));
    f32(parameters);
    return parameters;
  };
  const setting = {
    data,
    ...trainingAims(data, data.targets && learnTargets(data.targets), options),
    scaling,
    shapes,
    calibrationRows: rows,
    options,
  };
  return { setting, options, start: make };
}

/** The largest difference of a vector from the other, as a share of the other's largest entry. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k])), 0) / largest;
}

export const LOSS_OUTPUTS: readonly (readonly [LossName, OutputActivationName])[] = [
  ['cross-entropy', 'softmax'],
  ['cross-entropy', 'sigmoid'],
  ['mse', 'identity'],
  ['mse', 'sigmoid'],
  ['mse', 'tanh'],
  ['mse', 'relu'],
  ['mse', 'leaky-relu'],
  ['mse', 'elu'],
  ['mse', 'softplus'],
  ['mse', 'hard-sigmoid'],
  ['mse', 'hard-tanh'],
];

export const DEPTHS: readonly (readonly number[])[] = [[], [7], [9, 33], [5, 4, 3]];

export const PRECISIONS: readonly Precision[] = [
  { weightBits: 8, activationBits: 7, accumulator: 'auto' },
  { weightBits: 8, activationBits: 8, accumulator: 'auto' },
  { weightBits: 4, activationBits: 7, accumulator: 'auto' },
  { weightBits: 8, activationBits: 7, accumulator: 16 },
  { weightBits: 2, activationBits: 8, accumulator: 'auto' },
  { weightBits: 2, activationBits: 7, accumulator: 16 },
];

export type { ActivationName };
