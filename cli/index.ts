/**
 * What the program does, as functions: `import { train, quantize, generate, verify } from 'neurona'`. Nothing here prints
 * or exits; whatever is wrong with data, options or devices is thrown as a `Problem`. docs/library.md has an example of each.
 */
import { evaluateFloat, scorePredictions, type Evaluation } from '../trainer/evaluate.js';
import type { Dataset } from '../dataset/dataset.js';
import { checkFeatures } from '../dataset/feature-check.js';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import type { Network } from '../model/network.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { generate as generateCommand } from './commands/generate.js';
import { search as searchCommand } from './commands/search.js';
import { train as trainCommand } from './commands/train.js';
import { verify as verifyCommand } from './commands/verify.js';
import { integerPredictions } from './predictions.js';
import type { GeneratedProject, GenerateSettings } from './project-generation.js';
import { verifyProject, type VerifySettings } from './project-verification.js';
import type { ProgressText } from './training-progress.js';
import { combineReports } from './verification-farm.js';
import type { VerificationReport } from './verification-summary.js';
import type { Port } from '../harness/port.js';
import type { MonitorOptions } from './monitoring.js';
import type { SearchResult, SearchSettings } from './search/search.js';
import { checkedSettings } from './settings.js';
import { runTraining, type Training, type TrainSettings } from './training.js';

export { loadDataset, type LoadOptions } from '../dataset/load.js';
export type { Dataset, Image, Targets } from '../dataset/dataset.js';
export type { Reference } from '../dataset/row-collector.js';
export { stratifiedFolds, stratifiedSplit, type Split } from '../dataset/split.js';
export { quantize, type LayerReport, type Quantization } from '../codegen/quantize.js';
export { readNetworkFile } from '../model/network-file.js';
export { modelFileText, readModelFile } from '../model/model-file.js';
export { predict, type Prediction } from '../model/infer.js';
export { probabilities } from '../model/probability.js';
export { inferRows } from '../model/infer-rows.js';
export { rawFeatures } from '../model/raw-features.js';
export { allBoards, findBoard, type Board } from '../model/board.js';
export type {
  AccumulatorBits,
  AccumulatorRequest,
  ActivationShift,
  DenseLayer,
  ImageResize,
  ImageSize,
  InputScaling,
  Network,
  Precision,
  PreActivationRange,
  RawType,
  TargetScaling,
  WeightBits,
} from '../model/network.js';
export type {
  ProbabilityScaling,
  QuantizedInput,
  QuantizedLayer,
  QuantizedModel,
  QuantizedTargets,
  Requantization,
} from '../model/quantized-model.js';
export { currentLanguage, inLanguage, LANGUAGES, setLanguage, type Language } from '../model/messages.js';
export { EXIT_CODES, Problem, type ProblemDetails, type ProblemKind } from '../model/problem.js';
export type { GeneratedProject, GenerateSettings } from './project-generation.js';
export type { Proof } from '../harness/prove.js';
export { buildFirmware as build, type BuildResult } from '../harness/build.js';
export type { StandIn } from '../harness/compile-model.js';
export { flashFirmware as flash, type FlashResult } from '../harness/flash.js';
export type { UploadProgress, UploadStep } from '../harness/upload-progress.js';
export type {
  BuilderName,
  ProgramBuilderName,
  ProjectToolName,
  ToolchainName,
} from '../harness/toolchains.js';
export { listPorts, type PortDescription } from '../harness/serial-port.js';
export {
  compareOnRows as compare,
  type ClassComparison,
  type Comparison,
  type TargetComparison,
} from './comparison.js';
export { explain, type RowExplanation } from './explain/explain-row.js';
export type { ExplanationObject, LayerExplanation } from './explain/explanation.js';
export { estimateBoard as estimate, type BoardEstimate } from '../codegen/board-estimate.js';
export type { Counted } from '../codegen/cost-terms.js';
export type { ProgramMemory } from '../codegen/layer-work.js';
export { openListeningPort as openPort } from './port-options.js';
export { closePort, type Port } from '../harness/port.js';
export { capture, type CaptureOptions, type CaptureResult } from '../harness/capture.js';
export { readLines, type TextLine } from '../harness/text-lines.js';
export { parsePrediction, type PredictionLine } from '../harness/prediction-line.js';
export type { LivePrediction, MonitorOptions } from './monitoring.js';
export type { SearchResult, SearchSettings } from './search/search.js';
export type { Trial } from './search/trial.js';
export type { Budget } from './search/figures.js';
export { starterFiles } from './starter/project.js';
export type { TemplateName } from './starter/templates.js';
export { captureSketch, type SensorName } from '../codegen/capture-sketch.js';
export { completionScript } from './completion/script.js';
export type { Shell } from './completion/vocabulary.js';
export { predictValues, type ValuePrediction } from './value-predictions.js';
export { checkUp, type Check } from './checkup.js';
export type { CycleEstimate, VerificationReport } from './verification-summary.js';
export type { VerifySettings } from './project-verification.js';
export type { Activity, LayerActivity } from '../codegen/activity.js';
export type { ActivationName, OutputActivationName } from '../model/activations.js';
export type { Augmentation } from '../trainer/augmentation.js';
export type { LossName } from '../trainer/loss.js';
export type { OptimizerName } from '../trainer/optimizers.js';
export type { TrainOptions } from '../trainer/options.js';
export type { RunIdentity } from './run-identity.js';
export type { Evaluation } from '../trainer/evaluate.js';
export type { TargetScore } from '../trainer/regression-scores.js';
export type { ClassOutcome, Outcome, Parts, TargetOutcome } from './outcome.js';
export type { ProgressText } from './training-progress.js';
export type { LayerWidths, RunReport, Training, TrainSettings, TrainReport } from './training.js';
export { writeFile } from './write-file.js';

export interface TrainRun {
  /** Makes a run reproducible; 1 by default. */
  readonly seed?: number;
  /** Hears of every epoch; what is said of it is made when it is called. */
  readonly onProgress?: (tell: () => ProgressText) => void;
}

/**
 * Fits a network to files of rows, as `neurona train` does; `settings` are its options in camelCase. `text` of what it
 * returns is the content of network.json. Warnings are in `report.warnings`.
 */
export async function train(
  files: readonly string[],
  settings: TrainSettings = {},
  { seed = 1, onProgress = () => {} }: TrainRun = {},
): Promise<Training> {
  return runTraining(files, checkedSettings(trainCommand, settings), seed, {
    progress: onProgress,
    warn: () => {},
    note: () => {},
    epochEnd: () => {},
  });
}

/**
 * Finds the network that does best of those that fit a board and a budget, as `neurona search` does; `settings` are its
 * options in camelCase, limits as numbers of bytes and microseconds. `training.text` of what it returns is the content of
 * network.json.
 */
export async function search(
  files: readonly string[],
  settings: SearchSettings & { readonly board: string },
  { seed = 1, onProgress = () => {} }: TrainRun = {},
): Promise<SearchResult> {
  const { runSearch } = await import('./search/search.js');
  return runSearch(files, checkedSettings(searchCommand, settings), seed, {
    progress: onProgress,
    warn: () => {},
    note: () => {},
    best: () => {},
  });
}

/**
 * Writes the C project of a model for a board, whole or not at all; a network is quantised on the way. Throws a
 * `Problem` for an unknown board, illegal names, a board that is too small, C that cannot be proven, and a folder with
 * files of others.
 */
export async function generate(
  source: Network | QuantizedModel,
  settings: GenerateSettings,
): Promise<GeneratedProject> {
  const { generateProject } = await import('./project-generation.js');
  return generateProject(source, checkedSettings(generateCommand, settings));
}

/** Tells every prediction that the board behind an open port prints, until there are enough, and closes the port. */
export async function monitor(port: Port, options: MonitorOptions): Promise<void> {
  const { monitorPort } = await import('./monitoring.js');
  return monitorPort(port, options);
}

/**
 * Accuracy, confusion and the class of every row, of a network in floating point or of a model in integers. Throws a
 * `Problem` for rows without classes (`no-labels`) or of `other-features`; a regression is measured by `compare`.
 */
export function evaluate(source: Network | QuantizedModel, data: Dataset): Evaluation {
  checkFeatures(data, 'decision' in source ? source.input.features : source.features);
  if (!('decision' in source)) return evaluateFloat(source, data);
  const labels = data.labels ?? rejectData('no-labels', t`the data has no label column to compare with`);
  return scorePredictions(labels, integerPredictions(source, data), source.classes.length);
}

/** Proves that a device computes what the model says; see `mismatches` and `stoppedBy` of what it returns. */
export async function verify(
  directory: string,
  files: readonly string[],
  settings: VerifySettings = {},
): Promise<VerificationReport> {
  const { reports } = await verifyProject(directory, files, checkedSettings(verifyCommand, settings));
  return reports.length === 1 ? reports[0] : combineReports(reports);
}

/** The page that `neurona report` writes. */
export async function report(
  directory: string,
  files: readonly string[] = [],
  options: { readonly network?: string; readonly label?: string; readonly header?: boolean } = {},
): Promise<string> {
  const [{ gatherSubject }, { reportPage }] = await Promise.all([
    import('./report/subject.js'),
    import('./report/page.js'),
  ]);
  return reportPage(await gatherSubject(directory, files, options));
}
