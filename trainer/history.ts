import { t } from '../model/messages.js';
import type { SavedState } from './carried-state.js';
import { rejectState } from './carried-state.js';
import type { Judgement } from './validation.js';

export interface EpochProgress {
  readonly epoch: number; // from 1
  /** Mean cost of the epoch's rows, each at the weights of its step, plus the regularisation at its end. */
  readonly loss: number;
  /** Share of the epoch's rows that were right when they were seen; null in a regression. */
  readonly accuracy: number | null;
  /** The same for the rows held out, at the end of the epoch and without regularisation; null where there are none. */
  readonly validation: Judgement | null;
}

/** The epochs that an artefact keeps of a longer history; more would not be seen in a plot. */
const MOST_RECORDED = 200;
const RECORDED_DIGITS = 5;

/** A history for `network.json`: columns of numbers, thinned out evenly, with its first and last epoch. */
export function historyRecord(
  history: readonly EpochProgress[],
): Readonly<Record<string, readonly number[]>> {
  const count = Math.min(history.length, MOST_RECORDED);
  const step = (history.length - 1) / Math.max(count - 1, 1);
  const kept = Array.from({ length: count }, (_, k) => history[Math.round(k * step)]);
  const column = (of: (progress: EpochProgress) => number | null | undefined): number[] =>
    kept.flatMap((progress) => {
      const value = of(progress) ?? null;
      return value === null ? [] : [Number(value.toPrecision(RECORDED_DIGITS))];
    });
  const columns = {
    epoch: kept.map(({ epoch }) => epoch),
    loss: column(({ loss }) => loss),
    accuracy: column(({ accuracy }) => accuracy),
    validationLoss: column(({ validation }) => validation?.loss),
    validationAccuracy: column(({ validation }) => validation?.accuracy),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, values]) => values.length > 0));
}

const NAMES = ['loss', 'accuracy', 'validation loss', 'validation accuracy'] as const;

/** A history as arrays (epochs,); those of the validation are (0,) where there is none. No accuracy is stored as 0. */
export function historyArrays(
  history: readonly EpochProgress[],
): Record<(typeof NAMES)[number], Float64Array> {
  const validation = history.flatMap((progress) => progress.validation ?? []);
  return {
    loss: Float64Array.from(history, (progress) => progress.loss),
    accuracy: Float64Array.from(history, (progress) => progress.accuracy ?? 0),
    'validation loss': Float64Array.from(validation, (judgement) => judgement.loss),
    'validation accuracy': Float64Array.from(validation, (judgement) => judgement.accuracy ?? 0),
  };
}

/**
 * The history in a saved state, and the rest of it; `isValidated` where rows are held out, `hasClasses` where
 * they have an accuracy. Throws a `Problem`
 * (`wrong-state`) for arrays that are no such history.
 */
export function readHistory(
  saved: SavedState,
  isValidated: boolean,
  hasClasses: boolean,
): { past: EpochProgress[]; rest: SavedState } {
  const read = (name: string): Float64Array => {
    const array = Object.hasOwn(saved, name) ? saved[name] : undefined;
    if (!(array instanceof Float64Array)) return rejectState(t`the state has no "${name}" of its epochs`);
    return array;
  };
  const [loss, accuracy, heldLoss, heldAccuracy] = NAMES.map(read);
  const lengths = [loss.length, isValidated ? loss.length : 0];
  if ([accuracy, heldLoss, heldAccuracy].some(({ length }, k) => length !== lengths[Math.min(k, 1)])) {
    rejectState(t`the history has ${loss.length} costs, ${heldLoss.length} of them of rows held out`);
  }
  const past = Array.from(loss, (cost, k): EpochProgress => ({
    epoch: k + 1,
    loss: cost,
    accuracy: hasClasses ? accuracy[k] : null,
    validation: isValidated ? { loss: heldLoss[k], accuracy: hasClasses ? heldAccuracy[k] : null } : null,
  }));
  const rest = Object.entries(saved).filter(([name]) => !NAMES.some((own) => own === name));
  return { past, rest: Object.fromEntries(rest) };
}
