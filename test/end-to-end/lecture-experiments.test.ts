import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

/** examples/lecture: the experiments run, show what their README concludes, and its tables are the real ones. */

const LECTURE = path.join(import.meta.dirname, '..', '..', 'examples', 'lecture');
const README = readFileSync(path.join(LECTURE, 'README.md'), 'utf8');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-experiments-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Experiment {
  /** All printed tables, without the names of the charts. */
  readonly tables: string;
  /** The cells of the row that begins with the given cells; columns are two spaces apart. */
  readonly row: (...begin: string[]) => string[];
}

async function runExperiment(name: string): Promise<Experiment> {
  expect(README).toContain(`\`\`\`sh\nnode examples/lecture/${name}.mjs\n`);
  const script = path.join(LECTURE, `${name}.mjs`);
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder], { cwd: folder });
  const tables = stdout.slice(0, stdout.search(/\n\n\S+\.svg\n/));
  const rows = tables.split('\n').map((line) => line.trim().split(/ {2,}/));
  return {
    tables,
    row: (...begin) => {
      const found = rows.find((cells) => begin.every((cell, k) => cells[k] === cell));
      if (!found) throw new Error(`${name} prints no row "${begin.join('  ')}":\n${stdout}`);
      return found;
    },
  };
}

const chart = (name: string): string => readFileSync(path.join(folder, `${name}.svg`), 'utf8');
const count = (text: string, part: RegExp): number => [...text.matchAll(part)].length;
/** "78.1 %" or "26 of 100" */
const leading = (cell: string): number => Number.parseFloat(cell);

describe.concurrent('experiments', () => {
  it('initialization: symmetry, vanishing, saturation; Glorot and He work', async () => {
    const { tables, row } = await runExperiment('initialization');
    expect(README).toContain(tables);
    const run = (g: string, start: string) => {
      const [gradient, flat, spread, cost, right] = row(g, start).slice(2).map(leading);
      return { gradient, flat, spread, cost, right };
    };
    for (const start of ['all 0', 'all 0.5']) expect(run('tanh', start).spread).toBe(0);
    expect(run('tanh', 'all 0').cost).toBeCloseTo(Math.log(3), 3);
    const tiny = run('tanh', 'normal, deviation 0.01');
    expect(tiny.gradient).toBeLessThan(1e-4);
    expect(tiny.cost).toBeCloseTo(Math.log(3), 3);
    expect(run('tanh', 'normal, deviation 5').flat).toBeGreaterThan(70);
    for (const [g, start] of [
      ['tanh', 'Glorot'],
      ['relu', 'He'],
    ]) {
      const good = run(g, start);
      expect(good.spread).toBeGreaterThan(0.5);
      expect(good.cost).toBeLessThan(0.1);
      expect(good.right).toBeGreaterThan(95);
    }
    expect(count(chart('initialization'), /<path/g)).toBeGreaterThan(9);
  });

  it('is-backpropagation-perfect: stuck seeds and vanishing gradients, and what helps', async () => {
    const { tables, row } = await runExperiment('is-backpropagation-perfect');
    expect(README).toContain(tables);
    const stuck = (setting: string): number => leading(row(setting)[1]);
    expect(stuck('2 sigmoid neurons, ΔW ∝ −∂J/∂W')).toBeGreaterThan(10);
    expect(stuck('8 sigmoid neurons')).toBe(0);
    expect(stuck('8 tanh neurons')).toBe(0);

    const deep = (name: string) => {
      const numbers = row(name).slice(1).map(leading);
      return { first: numbers[0], last: numbers[6], cost: numbers[7] };
    };
    const sigmoid = deep('sigmoid, Glorot');
    expect(sigmoid.first / sigmoid.last).toBeLessThan(1e-3);
    expect(sigmoid.cost).toBeCloseTo(Math.log(3), 2);
    for (const name of ['tanh, Glorot', 'relu, He']) {
      const { first, last, cost } = deep(name);
      expect(first / last).toBeGreaterThan(0.1);
      expect(cost).toBeLessThan(0.2);
    }
    expect(count(chart('xor'), /<path[^>]*stroke="#D55E00"/g)).toBe(stuck('2 sigmoid neurons, ΔW ∝ −∂J/∂W'));
    expect(chart('vanishing-gradient')).toContain('sigmoid, Glorot');
    expect(chart('xor.es')).toContain('en naranja las que se atascan');
  });

  it('regularization: over-fitting, and its cures', async () => {
    const { tables, row } = await runExperiment('regularization');
    expect(README).toContain(tables);
    const run = (name: string) => {
      const [train, test, weights] = row(name).slice(1).map(leading);
      return { train, test, weights };
    };
    const none = run('20 neurons, λ = 0');
    expect(none.train - none.test).toBeGreaterThan(15);
    for (const cure of ['20 neurons, λ = 0.3', '20 neurons, λ = 0, stopped early', '2 neurons, λ = 0']) {
      const { train, test } = run(cure);
      expect(test).toBeGreaterThan(none.test + 3);
      expect(train).toBeLessThan(none.train);
    }
    const weights = [0, 0.03, 0.1, 0.3, 1, 3, 10].map((l2) => run(`20 neurons, λ = ${l2}`).weights);
    for (let k = 1; k < weights.length; k++) expect(weights[k]).toBeLessThan(weights[k - 1]);
    expect(run('20 neurons, λ = 10').test).toBeLessThan(none.test); // too much forbids learning
    expect(chart('regularization')).toContain('λ');
  });
});
