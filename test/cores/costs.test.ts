import { expect, test } from 'vitest';
import { measureOnCore } from '../../bench/core-costs.js';
import { checkCosts } from '../../bench/cost-check.js';
import { randomSamples, rareSamples } from '../../bench/cost-samples.js';

/** Estimates of models that nothing was learnt from; activations of two in three end anywhere, as in models made by hand. */

const samples = [...randomSamples(8, 4096), ...rareSamples(['ends'], 16, 4097)];

test.each(['cortex-m4', 'cortex-m7'] as const)(
  'time, worst case, flash and RAM of all are as promised on %s',
  async (core) => {
    const { misses } = checkCosts(core, samples, await measureOnCore(core, samples));
    expect(misses).toEqual([]);
  },
);
