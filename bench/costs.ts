import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { COST_FACTS } from '../codegen/cost-facts.js';
import type { CostSet } from '../codegen/cost-terms.js';
import type { CostFacts } from '../codegen/layer-work.js';
import { findBoard } from '../model/board.js';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { measureOnCore } from './core-costs.js';
import { checkCosts } from './cost-check.js';
import { publishedSamples, randomSamples, rareSamples, type CostSample } from './cost-samples.js';
import { COST_BOARDS } from './device-facts.js';
import { withHardRows } from './hard-rows.js';
import { learn } from './learn-costs.js';
import { markdownTable } from './tables.js';
import { measureOnAvr, programFacts, type Measurement } from './uno-costs.js';

/**
 * `npm run bench:costs [-- [--check] core...]`: measures sample models on every core, or on those named, and writes what their terms
 * cost to codegen/cost-facts.ts. With `--check` it measures other models instead, and prints how far the estimates are off, and which.
 */

/** Random ones and rare ones, on AVR, where each takes long, and elsewhere, and what draws them. */
const LEARNT = {
  random: [400, 1200],
  small: [100, 600],
  large: [0, 200],
  ends: [0, 450],
  seeds: [512, 513, 514, 515],
} as const;
/** Of models that are only checked, drawn by a seed by which nothing was ever chosen. */
const CHECKED = { random: 200, ends: 60, seed: 131072 } as const;
/** Kinds of networks with activations that end anywhere. */
const ENDS = ['ends', 'ends', 'packedEnds'] as const;
/** Sample programs in one; the micro:bit has 256 KB of flash and 16 KB of RAM. */
const BATCH = 8;

async function measure(core: CostSet, samples: readonly CostSample[]): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let at = 0; at < samples.length; at += BATCH) {
    const batch = samples.slice(at, at + BATCH);
    if (core === 'avr')
      for (const sample of batch) measurements.push(await measureOnAvr(sample, findBoard('uno')));
    else measurements.push(...(await measureOnCore(core, batch)));
    process.stderr.write(`\r${core}: ${measurements.length} of ${samples.length} samples `);
  }
  process.stderr.write('\n');
  return measurements;
}

async function check(
  core: CostSet,
  of: string,
  drawn: readonly CostSample[],
): Promise<{ row: string[]; misses: string[][] }> {
  const samples = drawn.map((sample, k) => withHardRows(sample, findBoard(COST_BOARDS[core]), k));
  const found = checkCosts(core, samples, await measure(core, samples));
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const quantile = (values: readonly number[], share: number): number =>
    values[Math.min(values.length - 1, Math.floor(share * values.length))];
  const row = [
    core + of,
    ...[0.5, 0.9, 1].map((share) => percent(quantile(found.timeErrors, share))),
    percent(found.rowsOff),
    found.exceeded === 0
      ? 'never'
      : `${found.exceeded} of ${samples.length}, by ${percent(found.mostExceeded)}`,
    percent(found.flashOff),
    String(quantile(found.flashErrors, 1)),
    percent(found.ramOff),
  ];
  const misses = found.misses.map(({ name, architecture, kernels, time, flashBytes, ramBytes }) => [
    ...[core + of, name, architecture, kernels.join(', '), percent(time)],
    ...[flashBytes, ramBytes].map(String),
  ]);
  return { row, misses };
}

async function learnAll(cores: readonly CostSet[]): Promise<void> {
  const facts: Record<CostSet, CostFacts> = { ...COST_FACTS };
  for (const core of cores) {
    const kind = core === 'avr' ? 0 : 1;
    const samples = [
      ...publishedSamples(),
      ...randomSamples(LEARNT.random[kind], LEARNT.seeds[0]),
      ...rareSamples(['packed', 'few'], LEARNT.small[kind], LEARNT.seeds[1]),
      ...rareSamples(['halves', 'whole'], LEARNT.large[kind], LEARNT.seeds[2]),
      ...rareSamples(ENDS, LEARNT.ends[kind], LEARNT.seeds[3]),
    ];
    const programs =
      core === 'avr' ? await programFacts(publishedSamples()) : { others: {}, arduinoCore: {} };
    facts[core] = { ...learn(core, samples, await measure(core, samples)), ...programs };
  }
  const text = `import type { CostSet } from './cost-terms.js';
import type { CostFacts } from './layer-work.js';

/** What terms cost on each core. Written by \`npm run bench:costs\`: change kernels and run it again, do not edit. */
export const COST_FACTS: Readonly<Record<CostSet, CostFacts>> = ${JSON.stringify(facts, null, 2)};
`;
  const file = path.join(PACKAGE_ROOT, 'codegen', 'cost-facts.ts');
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

const all = Object.keys(COST_BOARDS) as CostSet[];
const named = all.filter((core) => process.argv.includes(core));
const chosen = named.length > 0 ? named : all;
if (process.argv.includes('--check')) {
  const rows: string[][] = [];
  const misses: string[][] = [];
  const checked = [
    ['', randomSamples(CHECKED.random, CHECKED.seed)],
    [', any end', rareSamples(ENDS, CHECKED.ends, CHECKED.seed)],
  ] as const;
  for (const core of chosen) {
    for (const [of, samples] of checked) {
      const found = await check(core, of, samples);
      rows.push(found.row);
      misses.push(...found.misses);
    }
  }
  const headings =
    'core,time: half within,90 % within,all within,rows off,worst exceeded,flash off,bytes at most,RAM off';
  console.log(markdownTable(headings.split(','), rows));
  if (misses.length > 0) {
    const columns = ['core', 'model', 'widths', 'kernels', 'time off', 'flash', 'RAM'];
    console.log(`\n${markdownTable(columns, misses)}`);
  }
} else await learnAll(chosen);
