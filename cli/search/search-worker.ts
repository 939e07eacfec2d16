import { runTask } from '../thread-worker.js';
import type { SearchTask } from './search-thread.js';
import { runSearch, type SearchResult } from './search.js';
import type { Trial } from './trial.js';

/** The computing side of `search-thread.ts`. */

await runTask<SearchTask, SearchResult, Trial>(({ files, settings, seed }, { progress, warn, note, state }) =>
  runSearch(files, settings, seed, { progress, warn, note, best: (trial) => state(trial) }),
);
