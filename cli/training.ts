import { quantize } from '../codegen/quantize.js';
import type { Dataset } from '../dataset/dataset.js';
import { loadDataset } from '../dataset/load.js';
import { resizeOf } from '../dataset/resize.js';
import { stratifiedSplit } from '../dataset/split.js';
import { t } from '../model/messages.js';
import { networkFileText } from '../model/network-text.js';
import { architecture, type AccumulatorBits, type Network, type WeightBits } from '../model/network.js';
import { Problem } from '../model/problem.js';
import type { SavedState } from '../trainer/carried-state.js';
import { crossValidate } from '../trainer/cross-validation.js';
import type { EpochProgress } from '../trainer/history.js';
import { resolveOptions, type TrainOptions } from '../trainer/options.js';
import { train as fit, type TrainResult } from '../trainer/train.js';
import { epochsOf } from './checkpoint-text.js';
import type { TRAIN_OPTIONS } from './commands/train.js';
import { compareOnRows, type Comparison } from './comparison.js';
import { countingWarnings } from './counting-warnings.js';
import type { OptionValues } from './option-spec.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { sourceOf } from './training-source.js';
import { checkSameRun, runIdentity, type RunIdentity } from './run-identity.js';
import { counted } from './text-table.js';
import { progressTeller, type ProgressText } from './training-progress.js';
import type { TrainingState } from './training-thread.js';

/** What `neurona train` computes, from file names to the text of network.json; prints and writes nothing. */

export type TrainSettings = OptionValues<typeof TRAIN_OPTIONS>;

export interface TrainEvents {
  /** Hears how far it is; what is said of it is only made when it is asked for. */
  readonly progress: (tell: () => ProgressText) => void;
  readonly warn: (text: string) => void;
  /** Hears how a file was read, where that is worth saying. */
  readonly note: (text: string) => void;
  /** Hears of the end of every epoch; another run can continue from what `save` gives. */
  readonly epochEnd: (save: () => TrainingState) => void;
}

/** The fields of `--json`, apart from the path of the artefact. */
export type TrainReport = Outcome & RunReport;

export interface RunReport {
  readonly seed: number;
  readonly architecture: string;
  readonly features: readonly string[];
  /** Of the data; `trainRows` of them were trained on, `testRows` came from them or from another file. */
  readonly rows: number;
  readonly trainRows: number;
  readonly testRows: number;
  readonly epochs: number;
  /** Of `epochs`, those that an earlier run did; `seconds` is without them. */
  readonly resumedEpochs?: number;
  /** The epoch whose network was kept: the last good one, or with early stopping the best. */
  readonly bestEpoch: number;
  readonly seconds: number;
  readonly samplesPerSecond: number;
  /** The width of each layer's weights and sums on the board, in bits. */
  readonly integers: readonly LayerWidths[];
  /** Share of each hidden layer's activations that saturate, over rows that calibration has not seen. */
  readonly saturation: readonly number[];
  readonly warnings: readonly string[];
}

export interface LayerWidths {
  readonly weightBits: WeightBits;
  readonly accumulatorBits: AccumulatorBits;
}

export interface Training {
  readonly report: TrainReport;
  readonly network: Network;
  /** The bytes of network.json. */
  readonly text: string;
  readonly options: TrainOptions;
  readonly run: RunIdentity;
  readonly diverged: boolean;
}

const DEFAULT_TEST_SHARE = 0.2;

/** The rows that the settings name, and how they are parted; `test` is null where none are kept for testing. */
export async function loadParts(
  files: readonly string[],
  settings: TrainSettings,
  seed: number,
  note: TrainEvents['note'],
): Promise<{ all: Dataset; train: Dataset; test: Dataset | null; testSplit: number }> {
  const { label, header, ignore, crop, resize, task } = settings;
  const columns = { label, header, ignore, features: settings.features, note };
  const loaded = await loadDataset(files, { ...columns, crop, resize, task });
  const all = { ...loaded, name: settings.name ?? loaded.name };
  if (settings.test !== undefined) {
    const { features, classes, targets } = all;
    const reference = { features, classes, targets, resize: resizeOf(all) };
    const test = await loadDataset([settings.test], { ...columns, reference });
    return { all, train: all, test, testSplit: 0 };
  }
  const testSplit = settings.testSplit ?? DEFAULT_TEST_SHARE;
  if (testSplit === 0) return { all, train: all, test: null, testSplit };
  return { all, ...stratifiedSplit(all, testSplit, seed), testSplit };
}

/** What the trainer makes of the settings, for these training rows. */
export function optionsFor(settings: TrainSettings, seed: number, data: Dataset): TrainOptions {
  const { bits, activationBits, accumulator } = settings;
  const { precision } = resolveOptions({}, data); // the usual widths, for those that were not given
  return resolveOptions(
    {
      hidden: settings.hidden,
      activation: settings.activation,
      output: settings.output,
      outputs: settings.outputs,
      init: settings.init,
      loss: settings.loss,
      l1: settings.l1,
      l2: settings.l2,
      dropout: settings.dropout,
      augment: settings.augment,
      inputNoise: settings.inputNoise,
      labelSmoothing: settings.labelSmoothing,
      classWeights: settings.classWeights,
      epochs: settings.epochs,
      batch: settings.batch,
      optimizer: settings.optimizer,
      learningRate: settings.learningRate,
      momentum: settings.momentum,
      weightDecay: settings.weightDecay,
      schedule: settings.schedule,
      warmUp: settings.warmUp,
      patience: settings.patience,
      validationSplit: settings.validationSplit,
      fixedPoint: settings.fixedPoint,
      seed,
      precision: {
        weightBits: bits ?? precision.weightBits,
        activationBits: activationBits ?? precision.activationBits,
        accumulator: accumulator ?? precision.accumulator,
      },
    },
    data,
  );
}

const measure = (network: Network, data: Dataset): Comparison =>
  compareOnRows(network, quantize(network).model, data);

/** The state in the checkpoint, if this run is to continue one; a `Problem` where that is of another run. */
async function stateToResume({ resume }: TrainSettings, run: RunIdentity): Promise<SavedState | null> {
  if (resume === undefined) return null;
  const { readCheckpoint } = await import('./checkpoint-file.js');
  const checkpoint = readCheckpoint(resume);
  checkSameRun(checkpoint, run, resume);
  return checkpoint.state;
}

/** Fits; a state that only the trainer sees to be wrong is a problem of the file it came from. */
function fitFrom(resumed: SavedState | null, file: string | undefined, ...rest: FitArguments): TrainResult {
  try {
    return fit(...rest, resumed);
  } catch (error) {
    if (!(error instanceof Problem) || error.details.code !== 'wrong-state') throw error;
    throw new Problem({ ...error.details, file });
  }
}

type FitArguments = [data: Dataset, options: TrainOptions, onEpoch: Parameters<typeof fit>[2]];

/** Loads, splits, trains and measures. Throws a `Problem` for bad data or contradicting settings. */
export async function runTraining(
  files: readonly string[],
  settings: TrainSettings,
  seed: number,
  events: TrainEvents,
): Promise<Training> {
  const { all, train, test, testSplit } = await loadParts(files, settings, seed, events.note);
  const source = sourceOf(files, settings, test, testSplit);
  const options = optionsFor(settings, seed, train);
  const run = runIdentity(all, testSplit, options);
  const resumed = await stateToResume(settings, run);
  const resumedEpochs = resumed ? epochsOf(resumed) : 0;
  if (settings.folds !== undefined) {
    const text = t`cross-validating in ${settings.folds} parts …`;
    events.progress(() => ({ text, live: text, course: [] }));
  }
  const folds =
    settings.folds === undefined
      ? null
      : crossValidate(all, settings.folds, options).map((fold) => measure(fold.network, fold.test));

  const begin = performance.now();
  const teller = progressTeller(options.epochs, train.rows, resumedEpochs);
  function tell(progress: EpochProgress, save: () => SavedState): void {
    events.progress(teller(progress));
    events.epochEnd(() => ({ run, epochs: options.epochs, state: save() }));
  }
  const fitted = fitFrom(resumed, settings.resume, train, options, tell);
  const { network, history, bestEpoch, saturation, diverged } = fitted;
  const warnings = [...countingWarnings(all, settings), ...fitted.warnings];
  const seconds = (performance.now() - begin) / 1000;
  warnings.forEach(events.warn);
  const measuring = t`measuring on ${counted(all.rows, 'row')} …`;
  events.progress(() => ({ text: measuring, live: measuring, course: [] }));
  const integers = quantize(network).layers.map(({ weightBits, accumulatorBits }) => ({
    weightBits,
    accumulatorBits,
  }));
  const outcome = outcomeOf(network, measure(network, train), test && measure(network, test), folds);
  const report: TrainReport = {
    seed,
    architecture: architecture(network.layers),
    features: network.features,
    rows: all.rows,
    trainRows: train.rows,
    testRows: test?.rows ?? 0,
    epochs: history.length,
    ...(resumed && { resumedEpochs }),
    bestEpoch,
    seconds,
    samplesPerSecond: (train.rows * (history.length - resumedEpochs)) / seconds,
    integers,
    saturation,
    ...outcome,
    warnings,
  };
  const recorded = { ...network, training: { ...network.training, source } };
  return { report, network: recorded, text: networkFileText(recorded).text, options, run, diverged };
}
