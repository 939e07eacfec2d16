import { Worker } from 'node:worker_threads';
import { Problem } from '../model/problem.js';
import type { Output } from './output.js';
import type { TrainingMessage, TrainingRequest } from './training-worker.js';
import type { Training } from './training.js';

const PROGRESS_MILLISECONDS = 50;

/**
 * Trains in a thread of its own: the loop over the epochs never pauses, so on the main thread it would keep
 * Ctrl-C and the progress line waiting until it ends.
 */
export function trainInThread(request: Omit<TrainingRequest, 'interval'>, output: Output): Promise<Training> {
  const workerData: TrainingRequest = { ...request, interval: output.verbose ? 0 : PROGRESS_MILLISECONDS };
  const worker = new Worker(new URL('./training-worker.js', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the training thread ended early with code ${code}`)));
    worker.on('message', (message: TrainingMessage) => {
      switch (message.type) {
        case 'progress':
          if (output.verbose) output.detail(message.text);
          else output.progress(message.text);
          break;
        case 'warning':
          output.warn(message.text);
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
}
