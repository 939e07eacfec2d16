import type { Output } from '../output.js';
import { startThread, type Thread } from '../thread.js';
import type { SearchResult, SearchSettings } from './search.js';
import type { Trial } from './trial.js';

export interface SearchTask {
  readonly files: readonly string[];
  readonly settings: SearchSettings;
  readonly seed: number;
}

/** Searches in a thread of its own; what it was stopped with is the best so far. */
export const startSearch = (task: SearchTask, output: Output): Thread<SearchResult, Trial> =>
  startThread(new URL('./search-worker.js', import.meta.url), task, output);
