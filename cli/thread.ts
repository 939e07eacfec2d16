import { Worker } from 'node:worker_threads';
import { currentLanguage, type Language } from '../model/messages.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { Output } from './output.js';
import type { ProgressText } from './training-progress.js';

const PROGRESS_MILLISECONDS = 50;

/** What a thread has to know besides its task. */
export interface ThreadSettings {
  /** Least time between two reports of progress, in milliseconds. */
  readonly interval: number;
  /** Of warnings, progress and problems. */
  readonly language: Language;
}

export type ThreadMessage<Result, State> =
  | { readonly type: 'progress'; readonly told: ProgressText }
  | { readonly type: 'warning' | 'note'; readonly text: string }
  | { readonly type: 'state'; readonly latest: State }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'problem'; readonly details: ProblemDetails };

export interface Thread<Result, State> {
  /** Never settles once `stop` was called. */
  readonly result: Promise<Result>;
  /** Ends it in the midst of whatever it does; what it has sent last, null for nothing. */
  readonly stop: () => Promise<State | null>;
}

/**
 * Computes in a thread of its own: loops over epochs never pause, so on the main thread they would keep Ctrl-C and the
 * progress line waiting until they end. `onState` hears of what the thread could be continued from, or has found so far.
 */
export function startThread<Task extends object, Result, State>(
  module: URL,
  task: Task,
  output: Output,
  onState: (latest: State) => void = () => {},
): Thread<Result, State> {
  const interval = output.verbose ? 0 : PROGRESS_MILLISECONDS;
  const workerData: Task & ThreadSettings = { ...task, interval, language: currentLanguage() };
  const worker = new Worker(module, { workerData });
  let latest: State | null = null;
  let isStopped = false;
  const result = new Promise<Result>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (!isStopped) reject(new Error(`the thread ended early with code ${code}`));
    });
    worker.on('message', (message: ThreadMessage<Result, State>) => {
      if (isStopped) return;
      switch (message.type) {
        case 'progress':
          if (output.verbose) output.detail(message.told.text);
          else output.progress(message.told.live, message.told.course);
          break;
        case 'warning':
          output.warn(message.text);
          break;
        case 'note':
          output.note(message.text);
          break;
        case 'state':
          ({ latest } = message);
          onState(latest);
          break;
        case 'done':
          resolve(message.result);
          break;
        case 'problem':
          reject(new Problem(message.details));
          break;
      }
    });
  });
  return {
    result,
    stop: async () => {
      isStopped = true;
      await worker.terminate();
      return latest;
    },
  };
}
