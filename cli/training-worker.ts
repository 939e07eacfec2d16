import { runTask } from './thread-worker.js';
import type { TrainingState, TrainingTask } from './training-thread.js';
import { runTraining, type Training } from './training.js';

/** The computing side of `training-thread.ts`. */

/** Ctrl-C loses this much work, or the epoch that is going on; more for large states, whose copies take time. */
const STATE_MILLISECONDS = 100;
const STATE_BYTES_PER_MILLISECOND = 50_000;

let nextState = -Infinity;
await runTask<TrainingTask, Training, TrainingState>(
  ({ files, settings, seed }, { progress, warn, note, state }) =>
    runTraining(files, settings, seed, {
      progress,
      warn,
      note,
      epochEnd(save) {
        const now = performance.now();
        if (now < nextState) return;
        const latest = save();
        const arrays = Object.values(latest.state);
        const bytes = arrays.reduce((sum, array) => sum + array.byteLength, 0);
        nextState = now + Math.max(STATE_MILLISECONDS, bytes / STATE_BYTES_PER_MILLISECOND);
        state(
          latest,
          arrays.map((array) => array.buffer),
        );
      },
    }),
);
