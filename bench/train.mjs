import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WORKLOADS } from './workloads.mjs';

/**
 * npm run bench:train [-- ROUNDS]: training speed, samples per CPU-second, the median of interleaved runs, each in its
 * own process. Other trainers join where Python has them. Setting up is not part of it: it is shown apart.
 */

const HERE = import.meta.dirname;
const rounds = Number(process.argv[2] ?? 3);
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-bench-'));

function run(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 && stdout ? JSON.parse(stdout) : null;
}

const ours = (kind, arithmetic, divisor) => (name, epochs) =>
  run('node', [
    path.join(HERE, 'trainer.mjs'),
    kind,
    arithmetic,
    name,
    String(Math.max(2, Math.ceil(epochs / divisor))),
  ]);
const python = (kind, divisor) => (name, epochs) =>
  run('/usr/bin/python3', [
    path.join(HERE, 'peers.py'),
    kind,
    name,
    folder,
    String(Math.max(1, Math.ceil(epochs / divisor))),
  ]);

/** Slower ones run fewer epochs. */
const TRAINERS = {
  'engine, float': ours('engine', 'float', 1),
  'engine, fixed point': ours('engine', 'fixed', 1),
  'reference, float': ours('reference', 'float', 20),
  'reference, fixed point': ours('reference', 'fixed', 20),
  'scikit-learn': python('sklearn', 20),
  'NumPy + OpenBLAS': python('numpy', 10),
};

const results = {};
for (const name of Object.keys(WORKLOADS)) {
  spawnSync('node', [path.join(HERE, 'export.mjs'), name, folder]);
  results[name] = Object.fromEntries(Object.keys(TRAINERS).map((trainer) => [trainer, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [trainer, measure] of Object.entries(TRAINERS)) {
      if (round > 0 && trainer.startsWith('reference')) continue;
      const speed = measure(name, WORKLOADS[name].epochs);
      if (speed) results[name][trainer].push(speed);
    }
  }
  console.log(`\n${name} ${JSON.stringify(WORKLOADS[name].hidden)} batch ${WORKLOADS[name].batch}`);
  const median = (trainer, key) => {
    const sorted = results[name][trainer].map((speed) => speed[key]).sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  };
  for (const trainer of Object.keys(TRAINERS)) {
    if (results[name][trainer].length === 0) continue;
    const [cpu, wall] = [median(trainer, 'cpu'), median(trainer, 'wall')];
    const ratio = median('engine, float', 'cpu') / cpu;
    console.log(
      `  ${trainer.padEnd(24)} ${Math.round(cpu).toString().padStart(10)} /CPU-s ` +
        `${Math.round(wall).toString().padStart(10)} /s   engine is ${ratio.toPrecision(3)} times as fast`,
    );
  }
}
rmSync(folder, { recursive: true });
