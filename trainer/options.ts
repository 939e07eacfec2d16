import type { ActivationName, OutputActivationName } from '../model/activations.js';
import { Problem } from '../model/problem.js';
import type { Precision } from '../model/network.js';
import { LIMITS } from '../model/quantized-model.js';
import type { Dataset } from '../dataset/dataset.js';
import type { InitializerName } from './initializers.js';
import type { LossName } from './loss.js';
import { LOSSES } from './loss.js';
import type { OptimizerName } from './optimizers.js';
import type { ScheduleName } from './schedules.js';

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
  /** λ of the lecture's cost. */
  readonly l2: number;
  readonly epochs: number;
  /** Rows per update; `full` is the lecture's accumulation over the whole data set. */
  readonly batch: number | 'full';
  readonly optimizer: OptimizerName;
  /** The peak of the schedule. */
  readonly learningRate: number;
  readonly momentum: number;
  readonly schedule: ScheduleName;
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

/** What each number may be, ends included. */
export const OPTION_RANGES = {
  hidden: { from: 1, to: LIMITS.units, whole: true },
  outputs: { from: 1, to: LIMITS.classes, whole: true },
  l2: { from: 0, to: 1e6, whole: false },
  epochs: { from: 1, to: 1e6, whole: true },
  batch: { from: 1, to: 1e6, whole: true },
  learningRate: { from: 1e-9, to: 1000, whole: false },
  momentum: { from: 0, to: 0.999, whole: false },
  seed: { from: 0, to: Number.MAX_SAFE_INTEGER, whole: true },
} as const satisfies Record<string, Range>;

const MOST_HIDDEN_LAYERS = LIMITS.layers - 1;
const DEFAULT_PRECISION: Precision = { weightBits: 8, activationBits: 7, accumulator: 'auto' };
/** From this many rows on, larger batches waste nothing. */
const MANY_ROWS = 1000;
/** Inputs from which on a hidden layer of 8 is too narrow, and a step of 0.02 too long for sums of so many terms. */
const MANY_FEATURES = 100;

/**
 * Small sets need many passes, large ones are fitted after few: XOR gets 2000, iris 100 (5-fold accuracy falls from
 * 96 to 94.5 % towards 400), MNIST 5.
 */
function defaultEpochs(rows: number, updates: number): number {
  return Math.min(Math.max(Math.ceil(12_000 / rows), Math.ceil(800 / updates), 5), 2000);
}

const usage = (code: string, message: string, hint: string): never => {
  throw new Problem({ kind: 'usage', code, message, hint });
};

function checkRange(name: string, value: number, { from, to, whole }: Range): void {
  if (value >= from && value <= to && (!whole || Number.isInteger(value))) return;
  const kind = whole ? 'a whole number' : 'a number';
  usage('out-of-range', `${name} is ${value}; expected ${kind} from ${from} to ${to}`, `change ${name}`);
}

function checkRanges(options: TrainOptions): void {
  const { hidden, outputs, l2, epochs, batch, learningRate, momentum, seed } = options;
  hidden.forEach((units) => checkRange('hidden', units, OPTION_RANGES.hidden));
  if (hidden.length > MOST_HIDDEN_LAYERS) {
    usage(
      'out-of-range',
      `hidden has ${hidden.length} layers; expected at most ${MOST_HIDDEN_LAYERS}`,
      'remove some',
    );
  }
  if (batch !== 'full') checkRange('batch', batch, OPTION_RANGES.batch);
  const numbers = { outputs, l2, epochs, learningRate, momentum, seed };
  for (const [name, value] of Object.entries(numbers)) {
    checkRange(name, value, OPTION_RANGES[name as keyof typeof numbers]);
  }
}

/** Each contradiction: when it holds, what to say, and the way out. */
function checkContradictions(options: TrainOptions, classes: number): void {
  const { output, outputs, loss, optimizer, momentum } = options;
  const contradiction = (message: string, hint: string) => usage('contradiction', message, hint);
  if (!LOSSES[loss].outputs.includes(output)) {
    contradiction(
      `loss ${loss} does not go with output ${output}; it goes with ${LOSSES[loss].outputs.join(', ')}`,
      `choose another loss or another output activation`,
    );
  }
  if (output === 'softmax' && outputs === 1) {
    contradiction(
      'output softmax does not go with outputs 1: a lone softmax neuron always says 1',
      'use output sigmoid, or outputs 2',
    );
  }
  if (outputs !== classes && !(outputs === 1 && classes === 2)) {
    contradiction(
      `outputs ${outputs} does not go with ${classes} classes`,
      classes === 2
        ? 'two classes need 1 or 2 outputs'
        : `leave outputs out: it is one per class, ${classes}`,
    );
  }
  if (optimizer === 'adam' && momentum !== 0) {
    contradiction(
      `momentum ${momentum} does not go with optimizer adam, which has its own`,
      'leave momentum out, or use optimizer sgd',
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
  given: Partial<TrainOptions>,
  data: Pick<Dataset, 'rows' | 'features' | 'classes' | 'image'>,
): TrainOptions {
  const classes = data.classes.length;
  const isWide = data.image !== null || data.features.length > MANY_FEATURES;
  const hidden = given.hidden ?? (isWide ? [32] : [8]);
  const activation = given.activation ?? 'relu';
  const lone = given.outputs === 1 || (given.outputs === undefined && classes === 2);
  const output = given.output ?? (given.loss === 'mse' || lone ? 'sigmoid' : 'softmax');
  const outputs = given.outputs ?? (classes === 2 && output !== 'softmax' ? 1 : classes);
  // Rosenblatt's own setting: one row at a time, a constant rate, no momentum.
  const isPerceptron = hidden.length === 0 && output === 'step';
  const optimizer = given.optimizer ?? (isPerceptron ? 'sgd' : 'adam');
  const batch = given.batch ?? (isPerceptron ? 1 : data.rows < MANY_ROWS ? 16 : 64);
  const options: TrainOptions = {
    hidden,
    activation,
    output,
    outputs,
    loss: given.loss ?? (LOSSES['cross-entropy'].outputs.includes(output) ? 'cross-entropy' : 'mse'),
    l2: given.l2 ?? (isPerceptron ? 0 : Math.min(0.1, 0.001 * data.rows)),
    epochs: given.epochs ?? defaultEpochs(data.rows, updatesPerEpoch(data.rows, batch)),
    batch,
    optimizer,
    learningRate: given.learningRate ?? (optimizer === 'adam' ? (isWide ? 0.005 : 0.02) : 0.1),
    momentum: given.momentum ?? (optimizer === 'adam' || isPerceptron ? 0 : 0.9),
    schedule: given.schedule ?? (optimizer === 'adam' ? 'one-cycle' : isPerceptron ? 'constant' : 'cosine'),
    init: given.init ?? (HE_FAMILY.includes(activation) ? 'he' : 'glorot'),
    seed: given.seed ?? 1,
    fixedPoint: given.fixedPoint ?? true,
    precision: given.precision ?? DEFAULT_PRECISION,
  };
  checkRanges(options);
  checkContradictions(options, classes);
  return options;
}
