import { Worker } from 'node:worker_threads';
import { currentLanguage } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import type { SavedState } from '../trainer/carried-state.js';
import type { Output } from './output.js';
import type { RunIdentity } from './run-identity.js';
import type { TrainingMessage, TrainingRequest } from './training-worker.js';
import type { Training } from './training.js';

const PROGRESS_MILLISECONDS = 50;

/** A training under way, as far as it was last heard of. */
export interface TrainingState {
  readonly run: RunIdentity;
  readonly epochs: number; // that it is going to have
  readonly state: SavedState;
}

export interface TrainingThread {
  /** Never settles once `stop` was called. */
  readonly training: Promise<Training>;
  /** Ends it in the midst of whatever it does; what it has sent last, null for nothing. */
  readonly stop: () => Promise<TrainingState | null>;
}

/**
 * Trains in a thread of its own: the loop over the epochs never pauses, so on the main thread it would keep
 * Ctrl-C and the progress line waiting until it ends. `onState` hears of the state at the end of epochs, many a second
 * at most.
 */
export function startTraining(
  request: Omit<TrainingRequest, 'interval' | 'language'>,
  output: Output,
  onState: (latest: TrainingState) => void,
): TrainingThread {
  const workerData: TrainingRequest = {
    ...request,
    interval: output.verbose ? 0 : PROGRESS_MILLISECONDS,
    language: currentLanguage(),
  };
  const worker = new Worker(new URL('./training-worker.js', import.meta.url), { workerData });
  let latest: TrainingState | null = null;
  let isStopped = false;
  const training = new Promise<Training>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (!isStopped) reject(new Error(`the training thread ended early with code ${code}`));
    });
    worker.on('message', (message: TrainingMessage) => {
      if (isStopped) return;
      switch (message.type) {
        case 'progress':
          if (output.verbose) output.detail(message.told.text);
          else output.progress(message.told.live, message.told.course);
          break;
        case 'warning':
          output.warn(message.text);
          break;
        case 'state':
          ({ latest } = message);
          onState(latest);
          break;
        case 'done':
          resolve(message.training);
          break;
        case 'problem':
          reject(new Problem(message.details));
          break;
      }
    });
  });
  return {
    training,
    stop: async () => {
      isStopped = true;
      await worker.terminate();
      return latest;
    },
  };
}
