import { parentPort, workerData } from 'node:worker_threads';
import { setLanguage, type Language } from '../model/messages.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { TrainingState } from './training-thread.js';
import type { ProgressText } from './training-progress.js';
import { runTraining, type Training, type TrainSettings } from './training.js';

/** The computing side of `training-thread.ts`. */

export interface TrainingRequest {
  readonly files: readonly string[];
  readonly settings: TrainSettings;
  readonly seed: number;
  /** Least time between two reports of progress, in milliseconds. */
  readonly interval: number;
  /** Of warnings, progress and problems. */
  readonly language: Language;
}

export type TrainingMessage =
  | { readonly type: 'progress'; readonly told: ProgressText }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'state'; readonly latest: TrainingState }
  | { readonly type: 'done'; readonly training: Training }
  | { readonly type: 'problem'; readonly details: ProblemDetails };

/** Ctrl-C loses this much work, or the epoch that is going on; more for large states, whose copies take time. */
const STATE_MILLISECONDS = 100;
const STATE_BYTES_PER_MILLISECOND = 50_000;

const { files, settings, seed, interval, language } = workerData as TrainingRequest;
setLanguage(language);
const post = (message: TrainingMessage, moved: readonly ArrayBufferLike[] = []): void =>
  parentPort?.postMessage(
    message,
    moved.filter((buffer) => buffer instanceof ArrayBuffer),
  );

let lastProgress = -Infinity;
let nextState = -Infinity;
try {
  const training = await runTraining(files, settings, seed, {
    progress(tell) {
      const now = performance.now();
      if (now - lastProgress < interval) return;
      lastProgress = now;
      post({ type: 'progress', told: tell() });
    },
    warn: (text) => post({ type: 'warning', text }),
    epochEnd(save) {
      const now = performance.now();
      if (now < nextState) return;
      const latest = save();
      const arrays = Object.values(latest.state);
      const bytes = arrays.reduce((sum, array) => sum + array.byteLength, 0);
      nextState = now + Math.max(STATE_MILLISECONDS, bytes / STATE_BYTES_PER_MILLISECOND);
      post(
        { type: 'state', latest },
        arrays.map((array) => array.buffer),
      );
    },
  });
  post({ type: 'done', training });
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  post({ type: 'problem', details: error.details }); // a class does not survive the way between threads
}
