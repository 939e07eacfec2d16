import { parentPort, workerData } from 'node:worker_threads';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { TrainingState } from './training-thread.js';
import { runTraining, type Training, type TrainSettings } from './training.js';

/** The computing side of `training-thread.ts`. */

export interface TrainingRequest {
  readonly files: readonly string[];
  readonly settings: TrainSettings;
  readonly seed: number;
  /** Least time between two reports of progress, in milliseconds. */
  readonly interval: number;
}

export type TrainingMessage =
  | { readonly type: 'progress' | 'warning'; readonly text: string }
  | { readonly type: 'state'; readonly latest: TrainingState }
  | { readonly type: 'done'; readonly training: Training }
  | { readonly type: 'problem'; readonly details: ProblemDetails };

/** Ctrl-C loses this much work at most, or the epoch that is going on; saving takes a twentieth of the time at most. */
const STATE_MILLISECONDS = 100;
const STATE_SHARE = 1 / 20;

const { files, settings, seed, interval } = workerData as TrainingRequest;
const post = (message: TrainingMessage, moved: readonly ArrayBufferLike[] = []): void =>
  parentPort?.postMessage(
    message,
    moved.filter((buffer) => buffer instanceof ArrayBuffer),
  );

let lastProgress = -Infinity;
let nextState = -Infinity;
try {
  const training = await runTraining(files, settings, seed, {
    progress(text) {
      const now = performance.now();
      if (now - lastProgress < interval) return;
      lastProgress = now;
      post({ type: 'progress', text });
    },
    warn: (text) => post({ type: 'warning', text }),
    epochEnd(save) {
      const now = performance.now();
      if (now < nextState) return;
      const latest = save();
      post(
        { type: 'state', latest },
        Object.values(latest.state).map((array) => array.buffer),
      );
      const end = performance.now();
      nextState = end + Math.max(STATE_MILLISECONDS, (end - now) / STATE_SHARE);
    },
  });
  post({ type: 'done', training });
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  post({ type: 'problem', details: error.details }); // a class does not survive the way between threads
}
