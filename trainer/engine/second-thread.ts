import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import type { Assistance } from './second-thread-worker.js';

/** A thread beside the calling one, which blocks while it trains: nothing here waits for the event loop. */
export interface SecondThread {
  /** Resolves when it has ended. */
  readonly end: () => Promise<number>;
}

/** `npm run build` puts it there. */
const WORKER_FILE = path.join(PACKAGE_ROOT, 'dist', 'trainer', 'engine', 'second-thread-worker.js');

/** Once the thread waits to be summoned, the kernel's `isAssisted` says so. */
export function startSecondThread(workerData: Assistance): SecondThread {
  const worker = new Worker(WORKER_FILE, { workerData });
  worker.unref(); // a process that ends does not wait for it
  // A thread that can't start is never ready, and training goes on without it.
  worker.on('error', () => {});
  return { end: () => worker.terminate() };
}

/** Decides on how many threads to run the next steps, by how long the last ones took: others may need the processor. */
export interface Pace {
  readonly threads: () => number;
  /** `milliseconds` per row */
  readonly took: (threads: number, milliseconds: number) => void;
}

export const steadyPace = (threads: number): Pace => ({ threads: () => threads, took: () => {} });

/** After so many stretches of steps the slower way gets another chance, later and later while it stays the slower. */
const SECOND_CHANCE = { first: 16, last: 512 } as const;

export function createPace(): Pace {
  const last = [0, 0]; // milliseconds per row on one thread, on two
  let patience: number = SECOND_CHANCE.first;
  let left = patience;
  let preferred = 2;
  return {
    threads: () => (left > 0 ? preferred : 3 - preferred),
    took: (threads, milliseconds) => {
      last[threads - 1] = milliseconds;
      left--;
      const faster = last[1] <= last[0] ? 2 : 1;
      if (faster !== preferred) {
        preferred = faster;
        left = patience = SECOND_CHANCE.first;
      } else if (left < 0) left = patience = Math.min(2 * patience, SECOND_CHANCE.last);
    },
  };
}
