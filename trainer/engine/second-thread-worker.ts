import { workerData } from 'node:worker_threads';
import { kernelOf } from './module.js';

/** What the second thread needs of a training: `second-thread.ts` sends it. */
export interface Assistance {
  readonly compiled: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

function neverStage(): never {
  throw new Error('only the first thread quantises');
}

const { compiled, memory } = workerData as Assistance;
kernelOf(compiled, memory, neverStage).assist(); // until the thread is ended
