import type { ActivationName, OutputActivationName } from '../model/activations.js';
import { Problem } from '../model/problem.js';
import type { Precision } from '../model/network.js';
import { LIMITS } from '../model/quantized-model.js';
import type { Dataset } from '../dataset/dataset.js';
import { t } from '../model/messages.js';
import { resolveAugmentation, type Augmentation } from './augmentation.js';
import { checkContradictions } from './contradictions.js';
import type { InitializerName } from './initializers.js';
import type { LossName } from './loss.js';
import { LOSSES } from './loss.js';
import type { OptimizerName } from './optimizers.js';
import { OPTIMIZERS } from './optimizers.js';
import type { ScheduleName } from './schedules.js';

/** `balanced`: the cost of each row is multiplied by n / (K · rows of its class). */
export const CLASS_WEIGHTS = ['none', 'balanced'] as const;

/** Everything that decides, together with the data, what a training run computes. */
export interface TrainOptions {
  /** Neurons per hidden layer; empty for a single-layer perceptron. */
  readonly hidden: readonly number[];
  /** Of the hidden layers. */
  readonly activation: ActivationName;
  readonly output: OutputActivationName;
  /** Output neurons: one per class, or a lone one for two classes. */
  readonly outputs: number;
  readonly loss: LossName;
  /** λ₁ of λ₁/n Σ|W|. */
  readonly l1: number;
  /** λ of the lecture's cost. */
  readonly l2: number;
  /** The chance of a hidden activation to be left out of a step. */
  readonly dropout: number;
  /** Deviation of the Gaussian noise on standardised inputs. */
  readonly inputNoise: number;
  /** The way, 0..1, from a sure target to an unknown one. */
  readonly labelSmoothing: number;
  readonly classWeights: (typeof CLASS_WEIGHTS)[number];
  /** How the training rows are changed anew for every epoch; null: not at all. */
  readonly augment: Augmentation | null;
  readonly epochs: number;
  /** Rows per update; `full` is the lecture's accumulation over the whole data set. */
  readonly batch: number | 'full';
  readonly optimizer: OptimizerName;
  /** The peak of the schedule. */
  readonly learningRate: number;
  readonly momentum: number;
  /** Of adamw: each step takes this times the rate off every weight. */
  readonly weightDecay: number;
  readonly schedule: ScheduleName;
  /** Epochs in which the rate rises before the schedule begins. */
  readonly warmUp: number;
  /** Epochs without a better cost on the validation part after which training ends; null: it never ends early. */
  readonly patience: number | null;
  /** Share of the rows held out to judge by; 0 where there is no patience. */
  readonly validationSplit: number;
  readonly init: InitializerName;
  readonly seed: number;
  /** Train through the integers the board will compute with. */
  readonly fixedPoint: boolean;
  readonly precision: Precision;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
}

/** What each number may be, ends included; in the order of checking, as the usual `epochs` follow from `batch`. */
export const OPTION_RANGES = {
  hidden: { from: 1, to: LIMITS.units, whole: true },
  outputs: { from: 1, to: LIMITS.classes, whole: true },
  l1: { from: 0, to: 1e6, whole: false },
  l2: { from: 0, to: 1e6, whole: false },
  dropout: { from: 0, to: 0.9, whole: false },
  inputNoise: { from: 0, to: 100, whole: false },
  labelSmoothing: { from: 0, to: 0.9, whole: false },
  batch: { from: 1, to: 1e6, whole: true },
  epochs: { from: 1, to: 1e6, whole: true },
  learningRate: { from: 1e-9, to: 1000, whole: false },
  momentum: { from: 0, to: 0.999, whole: false },
  weightDecay: { from: 0, to: 1, whole: false },
  warmUp: { from: 0, to: 1e6, whole: true },
  patience: { from: 1, to: 1e6, whole: true },
  validationSplit: { from: 0, to: 0.9, whole: false },
  seed: { from: 0, to: Number.MAX_SAFE_INTEGER, whole: true },
} as const satisfies Record<string, Range>;

const MOST_HIDDEN_LAYERS = LIMITS.layers - 1;
const DEFAULT_PRECISION: Precision = { weightBits: 8, activationBits: 7, accumulator: 'auto' };
const DEFAULT_VALIDATION_SPLIT = 0.1;
/** From this many rows on, larger batches waste nothing. */
const MANY_ROWS = 1000;
/** Inputs from which on a hidden layer of 8 is too narrow, and a step of 0.02 too long for sums of so many terms. */
const MANY_FEATURES = 100;

/**
 * Small sets need many passes, large ones are fitted after few: XOR gets 2000, iris 100 (5-fold accuracy falls from
 * 96 to 94.5 % towards 400), MNIST 10 (with 16-bit sums 97.1 to 97.5 % by seed, after 5 epochs 97.0 to 97.2 %).
 */
function defaultEpochs(rows: number, updates: number, effort: number): number {
  return Math.min(
    Math.max(Math.ceil((12_000 * effort) / rows), Math.ceil((800 * effort) / updates), 10),
    2000,
  );
}

/**
 * Of MNIST's 784 pixels most are dark in most images, and L2 in Adam's gradient shrinks weights the less the more
 * their gradients vary; decay shrinks all alike: 97.24 % against 96.99 % in five folds with 16-bit sums.
 */
const OPTIMIZER_OF_MANY_FEATURES = 'adamw';

/** A class is right once its output is the largest; a number comes nearer for long: so many times the epochs. */
const REGRESSION_EFFORT = 5;

const usage = (code: string, message: string, hint: string): never => {
  throw new Problem({ kind: 'usage', code, message, hint });
};

function checkRange(name: string, value: number, { from, to, whole }: Range): void {
  if (value >= from && value <= to && (!whole || Number.isInteger(value))) return;
  const kind = whole ? t`a whole number` : t`a number`;
  usage('out-of-range', t`${name} is ${value}; expected ${kind} from ${from} to ${to}`, t`change ${name}`);
}

/** More weights than any board holds; an array of them would exhaust the memory before the first epoch. */
const MOST_WEIGHTS = 16_777_216;

function checkRanges(options: TrainOptions, features: number): void {
  const { hidden } = options;
  if (hidden.length > MOST_HIDDEN_LAYERS) {
    usage(
      'out-of-range',
      t`hidden has ${hidden.length} layers; expected at most ${MOST_HIDDEN_LAYERS}`,
      t`remove some`,
    );
  }
  for (const [name, range] of Object.entries(OPTION_RANGES)) {
    const value = options[name as keyof typeof OPTION_RANGES];
    if (value === null || value === 'full') continue;
    for (const number of typeof value === 'number' ? [value] : value) checkRange(name, number, range);
  }
  const sizes = [features, ...hidden, options.outputs];
  const weights = sizes.slice(1).reduce((sum, size, l) => sum + size * sizes[l], 0);
  if (weights > MOST_WEIGHTS) {
    usage(
      'out-of-range',
      t`hidden makes ${weights} weights; expected at most ${MOST_WEIGHTS}`,
      t`use narrower layers`,
    );
  }
}

/** Steps of gradient descent that one pass over the rows makes. */
export function updatesPerEpoch(rows: number, batch: number | 'full'): number {
  return batch === 'full' ? 1 : Math.ceil(rows / batch);
}

const HE_FAMILY: readonly ActivationName[] = ['relu', 'leaky-relu', 'elu', 'softplus'];

/**
 * Fills in what the caller left out, from the data's shape and from the other choices.
 * Throws a usage `Problem`: `out-of-range` naming the range, or `contradiction` naming both settings.
 */
export function resolveOptions(
  {
    augment,
    ...given
  }: Omit<Partial<TrainOptions>, 'augment'> & { readonly augment?: Partial<Augmentation> | null },
  data: Pick<Dataset, 'rows' | 'features' | 'classes' | 'targets' | 'image'>,
): TrainOptions {
  const classes = data.classes.length;
  const targets = data.targets?.names.length ?? 0;
  const isWide = data.image !== null || data.features.length > MANY_FEATURES;
  const hidden = given.hidden ?? (isWide ? [32] : [targets > 0 ? 16 : 8]);
  const activation = given.activation ?? 'relu';
  const lone = given.outputs === 1 || (given.outputs === undefined && classes === 2);
  const output =
    given.output ?? (targets > 0 ? 'identity' : given.loss === 'mse' || lone ? 'sigmoid' : 'softmax');
  const outputs =
    given.outputs ?? (targets > 0 ? targets : classes === 2 && output !== 'softmax' ? 1 : classes);
  // Rosenblatt's own setting: one row at a time, a constant rate, no momentum.
  const isPerceptron = hidden.length === 0 && output === 'step';
  const optimizer =
    given.optimizer ??
    (isPerceptron ? 'sgd' : isWide && given.l2 === undefined ? OPTIMIZER_OF_MANY_FEATURES : 'adam');
  const usual = OPTIMIZERS[optimizer];
  const isRosenblatt = isPerceptron && optimizer === 'sgd';
  const batch = given.batch ?? (isPerceptron ? 1 : data.rows < MANY_ROWS ? 16 : 64);
  const patience = given.patience ?? null;
  const options: TrainOptions = {
    hidden,
    activation,
    output,
    outputs,
    loss: given.loss ?? (LOSSES['cross-entropy'].outputs.includes(output) ? 'cross-entropy' : 'mse'),
    l1: given.l1 ?? 0,
    // Weight decay takes the place of L2: both would shrink the weights twice.
    l2: given.l2 ?? (isPerceptron || usual.weightDecay !== null ? 0 : Math.min(0.1, 0.001 * data.rows)),
    dropout: given.dropout ?? 0,
    inputNoise: given.inputNoise ?? 0,
    labelSmoothing: given.labelSmoothing ?? 0,
    classWeights: given.classWeights ?? 'none',
    augment: resolveAugmentation(augment, data.image !== null),
    epochs:
      given.epochs ??
      defaultEpochs(data.rows, updatesPerEpoch(data.rows, batch), targets > 0 ? REGRESSION_EFFORT : 1),
    batch,
    optimizer,
    learningRate: given.learningRate ?? (isWide ? usual.learningRate.many : usual.learningRate.few),
    momentum: given.momentum ?? (isRosenblatt ? 0 : (usual.momentum ?? 0)),
    weightDecay: given.weightDecay ?? (isWide ? usual.weightDecay?.many : usual.weightDecay?.few) ?? 0,
    schedule: given.schedule ?? (isRosenblatt ? 'constant' : usual.schedule),
    warmUp: given.warmUp ?? 0,
    patience,
    validationSplit: given.validationSplit ?? (patience === null ? 0 : DEFAULT_VALIDATION_SPLIT),
    init: given.init ?? (HE_FAMILY.includes(activation) ? 'he' : 'glorot'),
    seed: given.seed ?? 1,
    fixedPoint: given.fixedPoint ?? true,
    precision: given.precision ?? DEFAULT_PRECISION,
  };
  checkRanges(options, data.features.length);
  checkContradictions(options, { classes, targets });
  return options;
}
