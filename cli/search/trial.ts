import type { Dataset } from '../../dataset/dataset.js';
import { t } from '../../model/messages.js';
import type { WeightBits } from '../../model/network.js';
import { Problem } from '../../model/problem.js';
import { excessesOf, type Budget, type Figures } from './figures.js';
import type { Candidate } from './candidates.js';
import type { Training } from '../training.js';

/** A network that was looked at, and perhaps trained. */
export interface Trial extends Omit<Figures, 'shortfall'> {
  readonly architecture: string;
  readonly hidden: readonly number[];
  readonly bits: WeightBits;
  /** Parts of the data that it was trained for; 0 where it was plainly too large. */
  readonly folds: number;
  /** Mean share of rows that integers get right, of parts not trained on; null in a regression, and untrained. */
  readonly accuracy: number | null;
  /** The same of R², the mean of all targets; null in a classification, and untrained. */
  readonly r2: number | null;
  readonly fits: boolean;
}

/** A trial under way. */
export interface Entry {
  readonly candidate: Candidate;
  readonly architecture: string;
  figures: Figures;
  readonly scores: number[];
  training: Training | null;
}

export function trialOf(
  { candidate, architecture, figures, scores }: Entry,
  budget: Budget,
  data: Dataset,
): Trial {
  const { flashBytes, ramBytes, cycles, unit, microseconds, worstMicroseconds } = figures;
  const score = scores.length > 0 ? scores.reduce((sum, value) => sum + value, 0) / scores.length : null;
  return {
    architecture,
    ...candidate,
    folds: scores.length,
    accuracy: data.targets ? null : score,
    r2: data.targets ? score : null,
    flashBytes,
    ramBytes,
    cycles,
    unit,
    microseconds,
    worstMicroseconds,
    fits: excessesOf(figures, budget).length === 0,
  };
}

/** Says of the network that comes nearest what it needs and what there is. */
export function nothingFits(entries: readonly Entry[], budget: Budget): Problem {
  const most = (entry: Entry): number =>
    Math.max(...excessesOf(entry.figures, budget).map(({ ratio }) => ratio));
  const [nearest] = [...entries].sort((a, b) => (most(a) < most(b) ? -1 : most(a) > most(b) ? 1 : 0));
  const { architecture, candidate, figures } = nearest;
  const reasons = excessesOf(figures, budget).map(({ text }) => text);
  return new Problem({
    kind: 'fit',
    code: 'nothing-fits',
    message: t`no network fits; the nearest is ${architecture} with ${candidate.bits}-bit weights: ${reasons.join('; ')}`,
    hint: t`allow more, choose a larger board, or use fewer columns or smaller images`,
  });
}
