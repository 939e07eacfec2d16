import { rowActivity } from '../codegen/activity.js';
import {
  countedFor,
  sizeTerms,
  stackTerms,
  staticBytes,
  timeTerms,
  type CostSet,
} from '../codegen/cost-terms.js';
import type { CostFacts, ProgramFacts, Terms } from '../codegen/layer-work.js';
import { layOut } from '../codegen/layout.js';
import { findBoard } from '../model/board.js';
import type { CostSample } from './cost-samples.js';
import { COST_BOARDS } from './device-facts.js';
import { fitTerms, type Observation } from './robust-fit.js';
import type { Measurement } from './uno-costs.js';

/** What terms cost on a core, from measurements of samples. */

/** Rows of a sample whose time counts, of those that differ. */
const DIFFERENT_ROWS = 4;
/** By so much more than the samples other models may exceed what is learnt. */
const LEAST_MARGIN = 0.2;

/** About how large coefficients are, in cycles or instructions, and in bytes. */
const USUAL = { time: 10, size: 100, stack: 30 } as const;

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

const predicted = (coefficients: Terms, terms: Terms): { exact: number; learnt: number } => ({
  exact: terms.exact ?? 0,
  learnt: Object.entries(terms).reduce(
    (sum, [name, count]) => sum + (name === 'exact' ? 0 : count * (coefficients[name] ?? 0)),
    0,
  ),
});

/** What exceeds the learnt part of a time, as a share of it, goes to the sample's least predictable kernel. */
function marginsOf(
  time: Terms,
  samples: readonly { kernels: readonly string[]; observations: Observation[] }[],
): Record<string, number> {
  const excesses = samples.map(({ kernels, observations }) => ({
    kernels,
    excess: Math.max(
      ...observations.map(({ terms, measured }) => {
        const { exact, learnt } = predicted(time, terms);
        return (measured - exact) / learnt - 1;
      }),
    ),
  }));
  const names = [...new Set(samples.flatMap(({ kernels }) => kernels))].sort();
  const noise = Object.fromEntries(
    names.map((name) => [
      name,
      median(excesses.filter(({ kernels }) => kernels.includes(name)).map(({ excess }) => Math.abs(excess))),
    ]),
  );
  const margins = Object.fromEntries(names.map((name) => [name, LEAST_MARGIN]));
  for (const { kernels, excess } of excesses) {
    const noisiest = kernels.reduce((a, b) => (noise[b] > noise[a] ? b : a));
    margins[noisiest] = Math.max(margins[noisiest], LEAST_MARGIN + Math.ceil(1000 * excess) / 1000);
  }
  return margins;
}

/** One measurement for each sample. */
export function learn(
  core: CostSet,
  samples: readonly CostSample[],
  measurements: readonly Measurement[],
): Omit<CostFacts, keyof ProgramFacts> {
  const known = findBoard(COST_BOARDS[core]);
  const size: Observation[] = [];
  const stack: Observation[] = [];
  const statics: number[] = [];
  const times = samples.map(({ model, raw, constantTime, compact }, k) => {
    const board = compact ? { ...known, flashBytes: null } : known;
    const layout = layOut(model, board, constantTime, 'm');
    const { costs, flashBytes, ramBytes, stackBytes, libraryBytes } = measurements[k];
    const counted = countedFor(board, board.formats[0]);
    size.push({ terms: sizeTerms(model, layout, counted), measured: flashBytes });
    if (libraryBytes !== null)
      size.push({ terms: sizeTerms(model, layout, 'model'), measured: libraryBytes });
    stack.push({ terms: stackTerms(model, layout), measured: stackBytes });
    statics.push(ramBytes - staticBytes(board, layout, counted));
    const features = model.input.features.length;
    const first = new Map(costs.map((cost, r) => [cost, r] as const));
    const observations = [...first].map(([measured, r]) => ({
      terms: timeTerms(layout, rowActivity(model, raw.subarray(r * features, (r + 1) * features))),
      measured,
    }));
    return { kernels: layout.kernels, observations };
  });
  const exactly = core === 'avr' ? 0.01 : 0.05;
  const time = fitTerms(
    times.flatMap(({ observations }) => observations.slice(0, DIFFERENT_ROWS)),
    (cost) => Math.max(1, exactly * cost),
    USUAL.time,
  );
  return {
    time,
    margins: marginsOf(time, times),
    size: fitTerms(size, (bytes) => Math.max(32, 0.02 * bytes), USUAL.size),
    staticBytes: median(statics),
    stack: fitTerms(stack, () => 16, USUAL.stack),
  };
}
