import type { Dataset } from '../../dataset/dataset.js';
import { selectRows, stratifiedFolds, stratifiedSplit, type Split } from '../../dataset/split.js';
import { quantize } from '../../codegen/quantize.js';
import { findBoard } from '../../model/board.js';
import { t } from '../../model/messages.js';
import type { Network, WeightBits } from '../../model/network.js';
import { Problem } from '../../model/problem.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import type { TrainOptions } from '../../trainer/options.js';
import type { TargetScore } from '../../trainer/regression-scores.js';
import { train } from '../../trainer/train.js';
import { compareOnRows } from '../comparison.js';
import type { SEARCH_OPTIONS } from '../commands/search.js';
import type { OptionValues } from '../option-spec.js';
import type { ProgressText } from '../training-progress.js';
import { loadParts, optionsFor, runTraining, type Training, type TrainSettings } from '../training.js';
import { candidatesFor, thinned, type Candidate } from './candidates.js';
import { excessesOf, figuresOf, moreOf, type Budget, type Target } from './figures.js';
import { frontOf, ranked, survivors } from './front.js';
import { nothingFits, trialOf, type Entry, type Trial } from './trial.js';

/** What `neurona search` computes, from file names to the text of network.json; prints and writes nothing. */

export type SearchSettings = OptionValues<typeof SEARCH_OPTIONS>;

export interface SearchEvents {
  readonly progress: (tell: () => ProgressText) => void;
  readonly warn: (text: string) => void;
  /** Hears how a file was read, where that is worth saying. */
  readonly note: (text: string) => void;
  /** Hears of the best so far that fits, after every part of the data. */
  readonly best: (trial: Trial) => void;
}

export interface SearchResult {
  readonly seed: number;
  readonly rows: number;
  readonly board: string;
  readonly budget: Budget;
  /** Parts of the data by which networks are judged. */
  readonly folds: number;
  /** All that were looked at, by the flash of their weights. */
  readonly trials: readonly Trial[];
  /** The one with the best score of those that fit and were trained on all parts; the first of the front. */
  readonly best: Trial;
  /** Those that fit, were trained on all parts, and than which no other is better in one thing and nowhere worse. */
  readonly front: readonly Trial[];
  /** How the best does on the test rows; null where none were kept. */
  readonly testScore: number | null;
  /** The best, trained as `neurona train` trains it. */
  readonly training: Training;
}

const DEFAULT_TRIALS = 64;
const DEFAULT_FOLDS = 5;
/** From this many rows on, the first of the parts tells enough. */
const MANY_ROWS = 10_000;
/** Rows of each class from which an untrained network learns its ranges. */
const LOOK_ROWS = 32;
/** What is beyond its budget by less than this may yet fit once it is trained. */
const MARGIN = 1.05;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const judged = (entry: Entry) => ({ entry, figures: entry.figures, score: mean(entry.scores) });

/** Some rows of every class. */
function fewRows(data: Dataset): Dataset {
  const counts = new Map<number, number>();
  const rows = Array.from({ length: data.rows }, (_, row) => row).filter((row) => {
    const label = data.labels?.[row] ?? 0;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    return counts.get(label)! <= LOOK_ROWS;
  });
  return selectRows(data, Uint32Array.from(rows));
}

const meanR2 = (scores: readonly TargetScore[]): number => mean(scores.map(({ r2 }) => r2 ?? 0));

/** The share of rows that integers get right, or the mean R² of the targets. */
function scoreOf(network: Network, model: QuantizedModel, test: Dataset): number {
  const found = compareOnRows(network, model, test);
  return found.task === 'classification' ? found.integer : meanR2(found.integer);
}

/** The same of the test rows. */
function testScoreOf({ report }: Training): number | null {
  if (report.task === 'classification') return report.quantizedAccuracy.test;
  return report.quantizedScores.test && meanR2(report.quantizedScores.test);
}

const settingsOf = (settings: TrainSettings, { hidden, bits }: Candidate): TrainSettings => ({
  ...settings,
  hidden,
  bits,
});

/** Options of every candidate; those that contradict what the user wants, such as dropout without hidden neurons, are left out. */
function optionsOfAll(
  candidates: readonly Candidate[],
  settings: TrainSettings,
  seed: number,
  data: Dataset,
): Map<Candidate, TrainOptions> {
  const found = new Map<Candidate, TrainOptions>();
  let refusal: unknown;
  for (const candidate of candidates) {
    try {
      found.set(candidate, optionsFor(settingsOf(settings, candidate), seed, data));
    } catch (error) {
      if (!(error instanceof Problem) || error.details.code !== 'contradiction') throw error;
      refusal = error;
    }
  }
  if (found.size === 0) throw refusal;
  return found;
}

const refuse = (code: string, message: string, hint: string): never => {
  throw new Problem({ kind: 'usage', code, message, hint });
};

function targetOf({ board: id = '', format, constantTime = false }: SearchSettings): Target {
  const board = findBoard(id);
  if (format !== undefined && !board.formats.includes(format)) {
    const message = t`format "${format}" does not go with board "${id}"; it takes ${board.formats.join(', ')}`;
    refuse('format-not-for-board', message, t`leave --format out`);
  }
  return { board, format: format ?? board.formats[0], constantTime };
}

/** Parts of the training rows: what to learn from, and what to judge by. */
function partsOf(data: Dataset, folds: number | undefined, seed: number): Split[] {
  if (folds === undefined && data.rows >= MANY_ROWS) return [stratifiedSplit(data, 1 / DEFAULT_FOLDS, seed)];
  return stratifiedFolds(data, folds ?? DEFAULT_FOLDS, seed);
}

/**
 * Finds the network that does best of those that fit a board and a budget. Every candidate is first measured untrained;
 * those that may fit are trained on one part of the data after another, and after each part only the better half and those
 * that nothing dominates go on. The test rows have no say. The same data, settings and seed give the same result. Throws a
 * `Problem` of kind `fit` where nothing fits.
 */
export async function runSearch(
  files: readonly string[],
  settings: SearchSettings,
  seed: number,
  events: SearchEvents,
): Promise<SearchResult> {
  const target = targetOf(settings);
  const budget: Budget = {
    flashBytes: settings.maxFlash ?? null,
    ramBytes: settings.maxRam ?? null,
    microseconds: settings.maxLatency ?? null,
  };
  const { folds, trials: most = DEFAULT_TRIALS, bits, ...given } = settings;
  const trainSettings: TrainSettings = given;
  const { train: data } = await loadParts(files, trainSettings, seed, events.note);
  const { outputs } = optionsFor(trainSettings, seed, data);
  const shape = { features: data.features.length, outputs, rows: data.rows };
  const widths: readonly WeightBits[] = bits === undefined ? [8, 4, 2] : [bits];
  const options = optionsOfAll(candidatesFor(shape, widths), trainSettings, seed, data);

  const few = fewRows(data);
  const entries = [...options].map(([candidate, chosen]): Entry => {
    const { network } = train(few, { ...chosen, epochs: 0 });
    const figures = figuresOf(quantize(network).model, target);
    const architecture = [shape.features, ...candidate.hidden, outputs].join('-');
    return { candidate, architecture, figures, scores: [], training: null };
  });
  if (budget.microseconds !== null && entries[0].figures.worstMicroseconds === null) {
    const message = t`nothing is known of the time on board "${target.board.id}"`;
    refuse('unknown-time', message, t`leave --max-latency out`);
  }
  const isNear = ({ figures }: Entry): boolean =>
    figures.shortfall === null && excessesOf(figures, budget).every(({ ratio }) => ratio < MARGIN);
  const fits = ({ figures }: Entry): boolean => excessesOf(figures, budget).length === 0;

  const parts = partsOf(data, folds, seed);
  let alive = thinned(entries.filter(isNear), most);
  const course: number[] = [];
  for (const [p, part] of parts.entries()) {
    for (const [k, entry] of alive.entries()) {
      const { network } = train(part.train, options.get(entry.candidate)!);
      const { model } = quantize(network);
      entry.scores.push(scoreOf(network, model, part.test));
      // Untrained, a network was only looked at; trained, all that it ever took counts.
      const figures = figuresOf(model, target);
      entry.figures = p === 0 ? figures : moreOf(entry.figures, figures);
      const top = ranked(
        alive
          .filter(fits)
          .filter(({ scores }) => scores.length > 0)
          .map(judged),
      )[0];
      if (top) course.push(-top.score);
      const text = t`part ${p + 1} of ${parts.length}, network ${k + 1} of ${alive.length}: ${entry.architecture}`;
      events.progress(() => ({ text, live: text, course }));
    }
    alive = alive.filter(fits);
    if (alive.length === 0) break;
    events.best(trialOf(ranked(alive.map(judged))[0].entry, budget, data));
    if (p < parts.length - 1) alive = survivors(alive.map(judged)).map(({ entry }) => entry);
  }

  // Trained on all rows it may take a little more than before, so that another one is best.
  for (;;) {
    const finalists = ranked(alive.filter(fits).map(judged));
    if (finalists.length === 0) throw nothingFits(entries, budget);
    const [{ entry: best }] = finalists;
    if (best.training) {
      const trials = new Map(entries.map((entry) => [entry, trialOf(entry, budget, data)]));
      return {
        seed,
        rows: best.training.report.rows,
        board: target.board.id,
        budget,
        folds: parts.length,
        trials: [...trials.values()],
        best: trials.get(best)!,
        front: frontOf(finalists).map(({ entry }) => trials.get(entry)!),
        testScore: testScoreOf(best.training),
        training: best.training,
      };
    }
    events.progress(() => {
      const text = t`training ${best.architecture} on all training rows`;
      return { text, live: text, course };
    });
    best.training = await runTraining(files, settingsOf(trainSettings, best.candidate), seed, {
      progress: () => {},
      warn: events.warn,
      note: () => {}, // said already
      epochEnd: () => {},
    });
    best.figures = figuresOf(quantize(best.training.network).model, target);
  }
}
