import { ACTIVATION_NAMES } from '../../model/activations.js';
import { m, t } from '../../model/messages.js';
import { TASKS } from '../../model/network.js';
import { rejectData } from '../../model/problem.js';
import { LIMITS } from '../../model/quantized-model.js';
import { AUGMENTATION_RANGES } from '../../trainer/augmentation.js';
import { INITIALIZERS, type InitializerName } from '../../trainer/initializers.js';
import { LOSSES, type LossName } from '../../trainer/loss.js';
import { OPTIMIZERS, type OptimizerName } from '../../trainer/optimizers.js';
import { CLASS_WEIGHTS, OPTION_RANGES } from '../../trainer/options.js';
import { SCHEDULES, type ScheduleName } from '../../trainer/schedules.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND, DATA_OPTIONS } from '../data-options.js';
import {
  amounts,
  choice,
  filePath,
  imageSize,
  integer,
  integerOr,
  names,
  real,
  sizes,
  text,
  toggle,
} from '../option-spec.js';

const keys = <K extends string>(table: Readonly<Record<K, unknown>>): K[] => Object.keys(table) as K[];

/** The options, under the headings of the help. */
export const TRAIN_OPTIONS = {
  'Files:': {
    out: filePath(m`the trained network (default: network.json)`, m`<file>`, 'o'),
    ...DATA_OPTIONS,
    task: choice(m`name classes, or predict numbers (default: classification)`, m`<task>`, TASKS),
    features: names(m`columns to learn from (default: all but the label)`, m`<columns>`),
    ignore: names(m`columns to leave out, as id,time`, m`<columns>`),
    crop: imageSize(m`keep only this much of the middle of images`, LIMITS.features),
    resize: imageSize(m`make images smaller or larger before all else`, LIMITS.features),
    resume: filePath(m`continue an interrupted run from its checkpoint`, m`<file>`),
    name: text(m`name of the network and of its C code (default: the data's)`, m`<name>`),
  },
  'Test:': {
    test: filePath(m`rows to test on`, m`<file>`),
    testSplit: real(m`share of the rows kept for testing, 0 for none (default: 0.2)`, { from: 0, to: 0.9 }),
    folds: integer(m`cross-validate first, with this many parts`, { from: 2, to: 100 }),
  },
  'Network:': {
    hidden: sizes(
      m`neurons of the hidden layers, as 16,8; 0 for none (default: 8, of images 32)`,
      OPTION_RANGES.hidden,
    ),
    activation: choice(m`of the hidden layers (default: relu)`, m`<name>`, ACTIVATION_NAMES),
    output: choice(m`activation of the outputs (default: softmax; sigmoid for one or mse)`, m`<name>`, [
      'softmax',
      ...ACTIVATION_NAMES,
    ]),
    outputs: choice(m`output neurons for two classes (default: 1)`, m`<n>`, [1, 2]),
    init: choice(
      m`initial weights (default: he for relu and its kin, else glorot)`,
      m`<name>`,
      keys<InitializerName>(INITIALIZERS),
    ),
  },
  'Fitting:': {
    loss: choice(m`cost that is minimised (default: cross-entropy)`, m`<name>`, keys<LossName>(LOSSES)),
    classWeights: choice(m`balanced: all classes weigh the same (default: none)`, m`<name>`, CLASS_WEIGHTS),
    epochs: integer(m`passes over the rows (default: 2000 to 10, fewer for more rows)`, OPTION_RANGES.epochs),
    batch: integerOr(m`rows per update (default: 16, from 1000 rows on 64)`, 'full', OPTION_RANGES.batch),
    optimizer: choice(
      m`how weights are updated (default: adam; of images adamw, without --l2)`,
      m`<name>`,
      keys<OptimizerName>(OPTIMIZERS),
    ),
    learningRate: real(
      m`peak of the schedule (default: with adam 0.02, of images 0.005)`,
      OPTION_RANGES.learningRate,
    ),
    momentum: real(m`of sgd, nesterov (default: 0.9), muon (0.95)`, OPTION_RANGES.momentum),
    weightDecay: real(m`of adamw (default: 0.01, of images 0.1)`, OPTION_RANGES.weightDecay),
    schedule: choice(
      m`course of the rate (default: one-cycle; with sgd and nesterov cosine)`,
      m`<name>`,
      keys<ScheduleName>(SCHEDULES),
    ),
    warmUp: integer(m`epochs in which the rate rises first (default: 0)`, OPTION_RANGES.warmUp),
  },
  'Against over-fitting:': {
    l1: real(m`L1 regularisation, as l2 with |w| (default: 0)`, OPTION_RANGES.l1),
    l2: real(
      m`L2 regularisation, the lambda of the cost (default: rows / 1000, at most 0.1)`,
      OPTION_RANGES.l2,
    ),
    dropout: real(m`share of hidden activations left out (default: 0)`, OPTION_RANGES.dropout),
    labelSmoothing: real(m`share of doubt in each target (default: 0)`, OPTION_RANGES.labelSmoothing),
    augment: amounts(
      m`change rows anew for every epoch, at random up to these limits: rotate (degrees), scale (share), shift and elastic (pixels), shear of images; noise, scale, shift of other rows`,
      AUGMENTATION_RANGES,
    ),
    inputNoise: real(m`deviation of noise on standardised inputs (default: 0)`, OPTION_RANGES.inputNoise),
    patience: integer(m`stop after so many epochs without progress`, OPTION_RANGES.patience),
    validationSplit: real(
      m`share of training rows to judge progress by (default: 0.1)`,
      OPTION_RANGES.validationSplit,
    ),
  },
  'Integers:': {
    bits: choice(m`bits of a weight on the board; 2: ternary (default: 8)`, m`<n>`, [8, 4, 2]),
    activationBits: choice(m`bits of an activation on the board (default: 7)`, m`<n>`, [7, 8]),
    accumulator: choice(m`bits of a sum (default: auto, the fewest that cost no accuracy)`, m`<bits>`, [
      'auto',
      16,
      24,
      32,
    ]),
    fixedPoint: toggle('off', m`train in floating point, blind to the integers`),
  },
};

export const train = defineCommand({
  name: 'train',
  group: 'From data to board:',
  summary: m`fit a network to rows of data`,
  description: m`Fits a multilayer perceptron to rows of numbers with a class. Inputs and outputs follow from the data: one input per column, one output per class.`,
  operands: DATA_OPERAND,
  groups: TRAIN_OPTIONS,
  conflicts: [
    ['test', 'testSplit'],
    ['features', 'ignore'],
  ],
  examples: [
    'neurona train iris.csv -o network.json',
    'neurona train iris.csv --label species --hidden 16,8 --folds 5',
    'neurona train readings.csv --label state --ignore id,time',
    'neurona train xor.csv --hidden 4 --activation tanh --test-split 0',
  ],
  async run(files, settings, context) {
    const [
      { trainResumably },
      { trainingBrief, trainingLines },
      { lockArtifact },
      { checkWritable, writeFile },
    ] = await Promise.all([
      import('../resumable-training.js'),
      import('../training-summary.js'),
      import('../lock.js'),
      import('../write-file.js'),
    ]);
    const { output } = context;
    const artifact = settings.out ?? 'network.json';
    checkWritable(artifact, 'network');
    lockArtifact(artifact);
    const { training, removeCheckpoint } = await trainResumably(artifact, files, settings, context);
    const { epochs } = training.report;
    // A network that never got through one epoch is a set of random weights: no reason to give up an earlier file.
    if (!training.diverged || epochs > 0) writeFile(artifact, training.text);
    if (training.diverged) {
      const kept =
        epochs > 0 ? t`${artifact} holds the network of the last good epoch` : t`nothing was written`;
      rejectData('diverged', t`the cost stopped being a number after ${epochs} epochs`, {
        hint: t`a smaller --learning-rate helps; ${kept}`,
      });
    }
    removeCheckpoint();
    output.result(
      { artifact, ...training.report },
      (colours) => trainingLines(training, artifact, colours),
      trainingBrief(training, artifact),
    );
  },
});
