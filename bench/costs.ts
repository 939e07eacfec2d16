import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { rowActivity } from '../codegen/activity.js';
import { countedFor, sizeTerms, stackTerms, timeTerms } from '../codegen/estimate.js';
import { layOut } from '../codegen/layout.js';
import type { CostFacts, Terms } from '../codegen/layer-work.js';
import { allBoards, findBoard } from '../model/board.js';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { MEASURED_CORES } from '../test/support/core-program.js';
import { measureOnCore } from './core-costs.js';
import { costSamples, type CostSample } from './cost-samples.js';
import { BOARDS, type MeasuredCore } from './device-facts.js';
import { fitTerms, type Observation } from './robust-fit.js';
import { measureOnUno, sketchSize, type Measurement } from './uno-costs.js';

/** `npm run bench:costs`: measures sample models on every core and writes what their terms cost to codegen/cost-facts.ts. */

const SAMPLES = 200;
/** Sample programs in one; the micro:bit has 256 KB of flash and 16 KB of RAM. */
const BATCH = 8;
/** Rows of a sample whose time counts, of those that differ. */
const DIFFERENT_ROWS = 4;

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
  const margins = Object.fromEntries(names.map((name) => [name, 0]));
  for (const { kernels, excess } of excesses) {
    const noisiest = kernels.reduce((a, b) => (noise[b] > noise[a] ? b : a));
    margins[noisiest] = Math.max(margins[noisiest], Math.ceil(1000 * excess) / 1000);
  }
  return margins;
}

function learn(
  core: MeasuredCore,
  samples: readonly CostSample[],
  measurements: readonly Measurement[],
): Omit<CostFacts, 'others'> {
  const known = findBoard(BOARDS[core]);
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
    statics.push(ramBytes - layout.ramBytes);
    const features = model.input.features.length;
    const first = new Map(costs.map((cost, r) => [cost, r] as const));
    const observations = [...first].slice(0, DIFFERENT_ROWS).map(([measured, r]) => ({
      terms: timeTerms(layout, rowActivity(model, raw.subarray(r * features, (r + 1) * features))),
      measured,
    }));
    return { kernels: layout.kernels, observations };
  });
  const exactly = core === 'avr' ? 0.01 : 0.05;
  const time = fitTerms(
    times.flatMap(({ observations }) => observations),
    (cost) => Math.max(1, exactly * cost),
  );
  return {
    time,
    margins: marginsOf(time, times),
    size: fitTerms(size, (bytes) => Math.max(32, 0.02 * bytes)),
    staticBytes: median(statics),
    stack: fitTerms(stack, () => 16),
  };
}

/** What sketches take more on other processors than on the Uno's, by one of them. */
async function otherProcessors(sample: CostSample): Promise<CostFacts['others']> {
  const uno = findBoard('uno');
  const base = await sketchSize(sample, uno);
  const boards = allBoards().filter(({ core, toolchains }) => core === 'avr' && toolchains[0] === 'avr-gcc');
  const others: Record<string, { flashBytes: number; ramBytes: number }> = {};
  for (const board of boards) {
    if (board.mcu === null || board.mcu === uno.mcu) continue;
    const { flashBytes, ramBytes } = await sketchSize(sample, board);
    others[board.mcu] = { flashBytes: flashBytes - base.flashBytes, ramBytes: ramBytes - base.ramBytes };
  }
  return others;
}

async function measure(core: MeasuredCore, samples: readonly CostSample[]): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let at = 0; at < samples.length; at += BATCH) {
    const batch = samples.slice(at, at + BATCH);
    if (core === 'avr') for (const sample of batch) measurements.push(await measureOnUno(sample));
    else measurements.push(...(await measureOnCore(core, batch)));
    process.stderr.write(`\r${core}: ${measurements.length} of ${samples.length} samples `);
  }
  process.stderr.write('\n');
  return measurements;
}

const facts: Partial<Record<MeasuredCore, CostFacts>> = {};
for (const core of ['avr', ...MEASURED_CORES] as const) {
  const samples = costSamples(SAMPLES);
  const others = core === 'avr' ? await otherProcessors(samples[0]) : {};
  facts[core] = { ...learn(core, samples, await measure(core, samples)), others };
}
const text = `import type { Core } from './kernel.js';
import type { CostFacts } from './layer-work.js';

/** What terms cost on each core. Written by \`npm run bench:costs\`: change kernels and run it again, do not edit. */
export const COST_FACTS: Readonly<Partial<Record<Core, CostFacts>>> = ${JSON.stringify(facts, null, 2)};
`;
writeFileSync(path.join(PACKAGE_ROOT, 'codegen', 'cost-facts.ts'), text);
