import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureToolchains, TEST_TOOLCHAINS } from '../scripts/toolchains.mjs';

/**
 * `npm test`: installs missing compilers, builds, runs lint and every test, and ends with `N passed, N failed`.
 * Arguments go to vitest: `npm test -- test/trainer`.
 */

process.chdir(path.join(import.meta.dirname, '..'));
ensureToolchains(TEST_TOOLCHAINS);

let failed = 0;
let passed = 0;
/** Commands that failed, repeated at the end: what they printed is thousands of lines above. */
const failures = [];

/** Runs commands side by side; each of them passes or fails. */
async function step(name, ...commands) {
  console.log(`\n== ${name}`);
  const ends = commands.map(async (command) => {
    const [status] = await once(spawn(command[0], command.slice(1), { stdio: 'inherit' }), 'close');
    if (status !== 0) failures.push(command.join(' '));
  });
  await Promise.all(ends);
  failed += failures.length;
  passed += commands.length - failures.length;
}

/** Whether nothing that goes into `dist/` has changed since the build ended, as right after `npm ci`. */
function isBuilt() {
  const last = 'dist/third-party-licenses.txt';
  if (!existsSync(last)) return false;
  const built = statSync(last).mtimeMs;
  const { include } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8'));
  const sources = include.flatMap((folder) => [
    folder,
    ...readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name)),
  ]);
  return [
    ...sources,
    'package.json',
    'package-lock.json',
    'scripts/bundle.mjs',
    'tsconfig.json',
    'tsconfig.build.json',
  ].every((name) => statSync(name).mtimeMs < built);
}

const checks = [
  ['npx', 'tsc', '--noEmit', '-p', '.'],
  ['npx', 'eslint', '.'],
  ['npx', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['npx', 'typedoc', '--emit', 'none', '--logLevel', 'Warn', '--treatWarningsAsErrors'],
];
await step(
  'build, types and lint',
  ...(isBuilt() ? [] : [['npm', 'run', '--silent', 'build']]),
  ...(process.argv.length === 2 ? checks : []),
);

console.log('\n== tests');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-test-'));
const report = path.join(folder, 'report.json');
const args = [
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
];
const status = spawnSync('npx', args, { stdio: 'inherit' }).status;
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  // A skipped test, or a file that could not even be loaded, has not been seen to hold.
  failed += result.numPendingTests + result.numTodoTests;
  failed += result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  if (result.numTotalTests === 0) failed++;
} catch {
  failed++;
}
rmSync(folder, { recursive: true });
if (status !== 0 && failed === 0) failed++;

for (const command of failures) console.log(`\nfailed: ${command}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
