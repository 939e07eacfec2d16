import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { rareSamples } from '../../bench/cost-samples.js';
import { COST_BOARDS } from '../../bench/device-facts.js';
import { rowActivity } from '../../codegen/activity.js';
import { timeTerms } from '../../codegen/cost-terms.js';
import { layOut } from '../../codegen/layout.js';
import { findBoard } from '../../model/board.js';
import { firstDifference, referenceAnswers, runCoreBatch, writeCoreBatch } from '../support/core-batch.js';
import { CORE_TARGETS } from '../support/core-program.js';
import { WARNINGS } from '../support/host-batch.js';

/** Small networks that are assembly from the first sum to the last store: every requantisation, and every instruction and byte counted. */

const run = promisify(execFile);

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-unrolled-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** By how many bytes code may differ that fetches as many addresses: other registers may be saved, or wait in memory. */
const SPREAD = {
  ...{ rv32imc: 8, 'cortex-m4': 12, 'cortex-m7': 12, 'cortex-m0plus': 24, lx106: 24, lx6: 24 },
} as const;
const CORES = Object.keys(SPREAD) as (keyof typeof SPREAD)[];

const samples = [...rareSamples(['few', 'halves', 'few'], 96, 31), ...rareSamples(['ends'], 64, 32)];

describe.each(CORES)('%s', (core) => {
  const board = findBoard(COST_BOARDS[core]);
  const chosen = samples
    .map((sample) => ({ ...sample, layout: layOut(sample.model, board, sample.constantTime, 'm') }))
    .filter(({ layout }) => layout.work.every(({ code }) => 'assembled layer' in code));
  const cases = chosen.map(({ model, raw, constantTime }) => ({ model, raw, constantTime, board }));
  const place = path.join(folder, core);
  writeCoreBatch(place, cases);
  const answers = runCoreBatch(core, place, cases, ['-std=c99', '-Os', ...WARNINGS]);

  test('there are many, with and without multipliers, limits and tables, in both modes', () => {
    const kinds = chosen.flatMap(({ model: { layers }, layout, constantTime }) =>
      layers.map(({ requantization, table }, l) => {
        const multiplies =
          'assembled multipliers' in layout.work[l].code && layout.work[l].code['assembled multipliers'];
        return [requantization !== null, table !== null, multiplies, constantTime].join(' ');
      }),
    );
    expect(new Set(kinds).size).toBe(10);
    const far = chosen.flatMap(({ layout }) =>
      layout.work.map(({ code }) => code['assembled far table'] === 1),
    );
    expect(far.includes(true)).toBe(core === 'cortex-m0plus');
  });

  test('answers are those of the reference', async () => {
    expect(firstDifference(await answers, cases.map(referenceAnswers))).toBeNull();
  });

  // A sum just below 0 that rounds to 0 may take the time of one that is not: one instruction now and then.
  test('what rows take beside counted instructions is little, and the same for all', async () => {
    const odd = (await answers).flatMap(({ instructions }, k) => {
      const { model, raw, layout } = chosen[k];
      const features = model.input.features.length;
      const rest = Array.from(instructions, (taken, r) => {
        const activity = rowActivity(model, raw.subarray(r * features, (r + 1) * features));
        return taken - timeTerms(layout, activity).exact;
      });
      const usual = [...rest].sort((a, b) => a - b)[rest.length >> 1];
      expect(usual, `m${k}`).toBeGreaterThan(0);
      expect(usual, `m${k}`).toBeLessThan(30);
      expect(
        Math.max(...rest.map((count) => Math.abs(count - usual))),
        `m${k}: ${rest.join(' ')}`,
      ).toBeLessThan(2);
      return rest.map((count) => count !== usual);
    });
    expect(odd.filter(Boolean).length).toBeLessThan(0.01 * odd.length);
  });

  test('what code takes beside counted bytes is little, and the same for all that have as many addresses', async () => {
    await answers;
    const { stdout } = await run(`${CORE_TARGETS[core].tools}nm`, ['-S', path.join(place, 'models.o')]);
    const sizes = Array.from(stdout.matchAll(/^\w+ (\w+) T m(\d+)_forward$/gm));
    expect(sizes.length).toBe(chosen.length);
    const rests = new Map<string, number[]>();
    for (const [, size, k] of sizes) {
      const { work } = chosen[Number(k)].layout;
      const count = (name: string): number => work.reduce((sum, { code }) => sum + code[name], 0);
      const key = [work.length, count('assembled table'), count('assembled multipliers')].join(' ');
      rests.set(key, [...(rests.get(key) ?? []), parseInt(size, 16) - count('exact')]);
    }
    for (const [key, rest] of rests) {
      expect(Math.min(...rest), key).toBeGreaterThan(0);
      expect(Math.max(...rest), key).toBeLessThan(60);
      expect(Math.max(...rest) - Math.min(...rest), `${key}: ${rest.join(' ')}`).toBeLessThan(SPREAD[core]);
    }
  });
});
