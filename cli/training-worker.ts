import { parentPort, workerData } from 'node:worker_threads';
import { Problem, type ProblemDetails } from '../model/problem.js';
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
  | { readonly type: 'done'; readonly training: Training }
  | { readonly type: 'problem'; readonly details: ProblemDetails };

const { files, settings, seed, interval } = workerData as TrainingRequest;
const post = (message: TrainingMessage): void => parentPort?.postMessage(message);

let lastProgress = -Infinity;
try {
  const training = await runTraining(files, settings, seed, {
    progress(text) {
      const now = performance.now();
      if (now - lastProgress < interval) return;
      lastProgress = now;
      post({ type: 'progress', text });
    },
    warn: (text) => post({ type: 'warning', text }),
  });
  post({ type: 'done', training });
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  post({ type: 'problem', details: error.details }); // a class does not survive the way between threads
}
