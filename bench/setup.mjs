import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { BENCH_TOOLCHAINS, ensureToolchains } from '../scripts/toolchains.mjs';

/** Installs and builds what `npm run bench:train` measures; PyTorch and JAX join where Python has them already. */

const HERE = import.meta.dirname;
const ROOT = path.join(HERE, '..');
const PEERS = path.join(HERE, 'peers');
const CACHE = path.join(ROOT, 'node_modules', '.cache', 'bench');

const isOlder = (file, than) => !existsSync(file) || statSync(file).mtimeMs < statSync(than).mtimeMs;
const run = (cwd, program, ...words) => execFileSync(program, words, { cwd, stdio: ['ignore', 2, 2] });

ensureToolchains(BENCH_TOOLCHAINS);
run(ROOT, 'npm', 'run', '--silent', 'build');
if (isOlder(path.join(PEERS, 'node_modules', '.package-lock.json'), path.join(PEERS, 'package-lock.json'))) {
  console.error('setup: installing brain.js and TensorFlow.js in bench/peers');
  run(PEERS, 'npm', 'ci');
}
mkdirSync(CACHE, { recursive: true });
const [source, program] = [path.join(PEERS, 'fann.c'), path.join(CACHE, 'fann')];
if (isOlder(program, source))
  run(PEERS, 'gcc', '-O3', '-march=native', source, '-o', program, '-lfloatfann', '-lm');
