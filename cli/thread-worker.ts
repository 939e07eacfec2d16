import { parentPort, workerData } from 'node:worker_threads';
import { setLanguage } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import type { ThreadMessage, ThreadSettings } from './thread.js';
import type { ProgressText } from './training-progress.js';

/** The computing side of `thread.ts`. */

export interface ThreadEvents<State> {
  readonly progress: (tell: () => ProgressText) => void;
  readonly warn: (text: string) => void;
  readonly note: (text: string) => void;
  /** Sends a state; the arrays in `moved` are no longer this thread's afterwards. */
  readonly state: (latest: State, moved?: readonly ArrayBufferLike[]) => void;
}

/** Does the task of this thread and sends what comes of it. */
export async function runTask<Task, Result, State>(
  compute: (task: Task, events: ThreadEvents<State>) => Promise<Result>,
): Promise<void> {
  const { interval, language } = workerData as ThreadSettings;
  setLanguage(language);
  const post = (message: ThreadMessage<Result, State>, moved: readonly ArrayBufferLike[] = []): void =>
    parentPort?.postMessage(
      message,
      moved.filter((buffer) => buffer instanceof ArrayBuffer),
    );
  let lastProgress = -Infinity;
  try {
    const result = await compute(workerData as Task, {
      progress(tell) {
        const now = performance.now();
        if (now - lastProgress < interval) return;
        lastProgress = now;
        post({ type: 'progress', told: tell() });
      },
      warn: (text) => post({ type: 'warning', text }),
      note: (text) => post({ type: 'note', text }),
      state: (latest, moved) => post({ type: 'state', latest }, moved),
    });
    post({ type: 'done', result });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    post({ type: 'problem', details: error.details }); // a class does not survive the way between threads
  }
}
