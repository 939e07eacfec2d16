import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { asCalled, programName } from '../../cli/invocation.js';
import { folderWith, MAIN, POINTS_CSV } from './run-cli.js';

/** Commands to type next can be typed as they stand. */

it.each([
  ['npx neurona', 'npx', 'neurona'],
  ['npx neurona', 'npx', "'neurona' train iris.csv"],
  ['neurona', 'npx', 'vitest run'],
  ['neurona', 'npx', 'neuronal'],
  ['neurona', 'demo', 'neurona train'],
  ['neurona', undefined, undefined],
])('%s, where npm says %s: %s', (name, npm_lifecycle_event, npm_lifecycle_script) => {
  expect(programName({ npm_lifecycle_event, npm_lifecycle_script })).toBe(name);
});

it.each([
  ['neurona train iris.csv', 'npx neurona train iris.csv'],
  ['source <(neurona completion bash)', 'source <(npx neurona completion bash)'],
  ['neurona report neurona -o neurona.html', 'npx neurona report neurona -o neurona.html'],
])('the example %s is %s', (example, called) => {
  vi.stubEnv('npm_lifecycle_event', 'npx');
  vi.stubEnv('npm_lifecycle_script', 'neurona --help');
  expect(asCalled(example)).toBe(called);
  vi.unstubAllEnvs();
  expect(asCalled(example)).toBe(example);
});

const root = mkdtempSync(path.join(tmpdir(), 'neurona-npx-'));
afterAll(() => rmSync(root, { recursive: true }));
const cache = path.join(root, '_npx', 'ce6a9982fd5059a4');
const programs = path.join(cache, 'node_modules', '.bin');

/** What npm 11 was seen to write into the folder of its cache that it then runs from. */
it.each([
  ['npx neurona', '^0.1.0'],
  [`npx --yes file:${root}/neurona-0.1.0.tgz`, 'file:../../neurona-0.1.0.tgz'],
  ['npx --yes file:/data/neurona-0.1.0.tgz', 'file:/data/neurona-0.1.0.tgz'],
  [`npx --yes 'file:${root}/my files/n.tgz'`, 'file:../../my files/n.tgz'],
  ['npx https://example.com/neurona-0.1.0.tgz', 'https://example.com/neurona-0.1.0.tgz'],
])('%s, where npx installed %s', (name, neurona) => {
  mkdirSync(programs, { recursive: true });
  writeFileSync(path.join(cache, 'package.json'), JSON.stringify({ dependencies: { neurona } }));
  const called = { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'neurona init x' };
  expect(programName({ ...called, PATH: `${programs}${path.delimiter}/usr/bin` })).toBe(name);
  expect(programName({ ...called, PATH: `/usr/bin${path.delimiter}${programs}` })).toBe('npx neurona');
});

it('commands to type next run as they stand, whatever files and folders are called', () => {
  const folder = folderWith({ 'all points.csv': POINTS_CSV });
  const shell = (command: string): string =>
    execFileSync('bash', ['-c', `neurona() { node "$MAIN" "$@"; }; ${command}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, MAIN },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const next = (said: string): string => /^next: (.*)$/m.exec(said)![1];
  const trained = next(shell(`neurona train 'all points.csv' -o "it's a net.json" --epochs 1`));
  const verified = next(shell(trained.replace('--board uno -o firmware', '--board host -o "it\'s a lib"')));
  expect(verified).toBe("neurona verify 'it'\\''s a lib' 'all points.csv' --on host");
  expect(shell(verified)).toContain('all bit for bit equal');
  const quantized = next(shell(`neurona quantize "it's a net.json" -o "\\$HOME;x.json"`));
  expect(shell(quantized)).toContain('firmware: sketch for Arduino Uno');
  expect(next(shell(`neurona build "it's a lib"`))).toBe("neurona verify 'it'\\''s a lib' DATA");
  expect(shell(next(shell("neurona init 'my project'")))).toContain('written: ');
});
