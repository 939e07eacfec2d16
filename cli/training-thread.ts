import type { SavedState } from '../trainer/carried-state.js';
import type { Output } from './output.js';
import type { RunIdentity } from './run-identity.js';
import { startThread, type Thread } from './thread.js';
import type { Training, TrainSettings } from './training.js';

/** A training under way, as far as it was last heard of. */
export interface TrainingState {
  readonly run: RunIdentity;
  readonly epochs: number; // that it is going to have
  readonly state: SavedState;
}

export interface TrainingTask {
  readonly files: readonly string[];
  readonly settings: TrainSettings;
  readonly seed: number;
}

/** Trains in a thread of its own. `onState` hears of the state at the end of epochs, many a second at most. */
export const startTraining = (
  task: TrainingTask,
  output: Output,
  onState: (latest: TrainingState) => void,
): Thread<Training, TrainingState> =>
  startThread(new URL('./training-worker.js', import.meta.url), task, output, onState);
