import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DEMO_TOOLCHAINS, ensureToolchains } from '../scripts/toolchains.mjs';

/** `npm run demo`: from a CSV to a verified (simulated) Uno, with the commands anyone can type after it. */

process.chdir(path.join(import.meta.dirname, '..'));
const started = performance.now();
ensureToolchains(DEMO_TOOLCHAINS);
if (!existsSync('dist/cli/main.js')) spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });

const FOLDER = 'build/demo';
mkdirSync(FOLDER, { recursive: true });

/** Runs one command with --json and returns its object; a failure ends the demo with the command's own words. */
function neurona(...words) {
  console.log(`$ neurona ${words.join(' ')}`);
  const { status, stdout } = spawnSync(
    process.execPath,
    ['dist/cli/main.js', ...words, '--json', '--quiet'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (status !== 0) {
    console.error(stdout);
    process.exit(status ?? 5);
  }
  return JSON.parse(stdout);
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const number = (value) => value.toLocaleString('en-GB');

const data = 'examples/iris/iris.csv';
const trained = neurona('train', data, '-o', `${FOLDER}/network.json`, '--hidden', '8', '--folds', '5');
console.log(
  `  ${trained.rows} rows, network ${trained.architecture}, ${trained.epochs} epochs in ${trained.seconds.toFixed(2)} s`,
);

const quantized = neurona('quantize', `${FOLDER}/network.json`, '-o', `${FOLDER}/model.json`);
for (const [l, layer] of quantized.layers.entries()) {
  console.log(
    `  layer ${l + 1}: every sum within ±${number(layer.bound)}, proven to fit ${layer.accumulatorBits} bits`,
  );
}

const generated = neurona('generate', `${FOLDER}/model.json`, '--board', 'uno', '-o', `${FOLDER}/iris`);
console.log(`  ${generated.files.length} files`);

const built = neurona('build', `${FOLDER}/iris`);
console.log(`  ${number(built.flashBytes)} bytes of flash, ${number(built.ramBytes)} bytes of RAM`);

const verified = neurona('verify', `${FOLDER}/iris`, data, '--on', 'simulator');
const { min, median, max } = verified.cycles;

console.log(`
Iris on a simulated Arduino Uno
  accuracy     5-fold test ${percent(trained.folds.accuracy)} (floating point), ${percent(trained.folds.quantizedAccuracy)} (integers)
  bit identity ${verified.rows - verified.mismatches} of ${verified.rows} rows: class and every raw output equal, ${verified.mismatches} mismatches
  time         ${number(median)} cycles a forward pass (${number(min)} to ${number(max)}): ${(median / 16).toFixed(0)} µs at 16 MHz
  size         ${number(built.flashBytes)} of 32,256 bytes of flash, ${number(built.ramBytes)} of 2,048 bytes of RAM
  open         ${FOLDER}/iris/iris.ino (the verification sketch, for the Arduino IDE)
  took         ${((performance.now() - started) / 1000).toFixed(1)} s`);
