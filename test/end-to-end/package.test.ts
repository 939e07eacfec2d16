import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The tarball, installed in an empty folder as a user would, is a whole program. */

const ROOT = path.join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-package-'));
const project = path.join(folder, 'project');
afterAll(() => rmSync(folder, { recursive: true }), 60_000);

const npm = (cwd: string, ...words: string[]): string =>
  execFileSync('npm', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const neurona = (...words: string[]): Record<string, unknown> =>
  JSON.parse(
    execFileSync('npx', ['--no-install', 'neurona', ...words, '--json'], {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as Record<string, unknown>;

let packed: { filename: string; size: number; files: { path: string }[] };

beforeAll(() => {
  [packed] = JSON.parse(
    npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  ) as (typeof packed)[];
  execFileSync('mkdir', ['-p', project]);
  npm(project, 'init', '-y');
  npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', path.join(folder, packed.filename));
}, 180_000);

test('holds what it needs and nothing else', () => {
  const paths = packed.files.map((file) => file.path);
  for (const needed of [
    'firmware-templates/model.c.hbs',
    'boards/uno.json',
    'languages/es.json',
    'dist/cli/main.js',
    'examples/iris/iris.csv',
    'LICENSE',
    'README.md',
  ]) {
    expect(paths).toContain(needed);
  }
  expect(
    paths.filter((name) => /^(test|bench|scripts|node_modules)\/|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(name)),
  ).toEqual([]);
  expect(packed.size).toBeLessThan(2_000_000);
});

test('npx neurona takes the starter project to a verified simulated Uno', { timeout: 120_000 }, () => {
  const version = execFileSync('npx', ['--no-install', 'neurona', '--version'], {
    cwd: project,
    encoding: 'utf8',
  }).trim();
  expect(version).toBe(
    (JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
  );
  const data = path.join('node_modules', 'neurona', 'examples', 'iris', 'iris.csv');
  neurona('train', data, '-o', 'network.json');
  neurona('generate', 'network.json', '--board', 'uno', '-o', 'iris');
  expect(neurona('verify', 'iris', data, '--on', 'simulator')).toMatchObject({ rows: 150, mismatches: 0 });
  neurona('generate', 'network.json', '--board', 'host', '-o', 'iris-c');
  expect(neurona('verify', 'iris-c', data, '--on', 'host')).toMatchObject({
    rows: 150,
    mismatches: 0,
    cycles: null,
  });
  expect(readdirSync(path.join(project, 'iris'))).toEqual(
    expect.arrayContaining(['iris.ino', 'model.json', 'neurona.json', 'src']),
  );
});

test('is a library whose documented examples run, each as it stands', { timeout: 120_000 }, () => {
  const work = path.join(project, 'library');
  mkdirSync(work);
  copyFileSync(path.join(ROOT, 'examples', 'iris', 'iris.csv'), path.join(work, 'iris.csv'));
  const text = readFileSync(path.join(ROOT, 'docs', 'library.md'), 'utf8');
  const examples = [...text.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  expect(examples).toHaveLength(11);
  const outputs = examples.map((code, k) => {
    writeFileSync(path.join(work, `example-${k}.mjs`), code);
    return execFileSync(process.execPath, [`example-${k}.mjs`], { cwd: work, encoding: 'utf8' });
  });
  expect(outputs[0]).toContain("[ 'setosa', 'versicolor', 'virginica' ]");
  expect(outputs[1]).toMatch(/^4-\S+ 0\.\d+ true true\n/);
  expect(outputs[3]).toMatch(/setosa Uint16Array\(3\) \[ 99\d\d, \d+, \d+ \]\n$/);
  expect(outputs[4]).toMatch(/^Fila 1 de iris.* 0\.\d+\n$/);
  expect(outputs[5]).toMatch(/^\d+ \{ typical: \d+, worst: \d+ \} true\n$/);
  expect(outputs[7]).toMatch(/\d+ 150 0\n$/);
  expect(outputs[8]).toContain('there is no such port');
  expect(outputs[10]).toMatch(/'xor.csv'[^]* true\n$/);
  expect(readdirSync(work)).toEqual(
    expect.arrayContaining(['network.json', 'model.json', 'firmware', 'report.html']),
  );
});

test('has types that the compiler accepts and holds users to', { timeout: 60_000 }, () => {
  const source = `
    import { generate, quantize, train, verify } from 'neurona';
    const { network } = await train(['iris.csv'], { hidden: [8], optimizer: 'adam' }, { seed: 1 });
    const { flashBytes } = await generate(quantize(network).model, { board: 'uno', out: 'firmware' });
    const { mismatches } = await verify('firmware', ['iris.csv'], { on: 'simulator' });
    export const result: [number, number] = [flashBytes, mismatches];
    // @ts-expect-error there is no such option
    await train(['iris.csv'], { hiden: [8] });
    // @ts-expect-error a number is no text
    export const wrong: string = flashBytes;\n`;
  writeFileSync(path.join(project, 'user.mts'), source);
  const words = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
  const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, [...words, 'user.mts'], { cwd: project, stdio: 'inherit' });
});
