import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

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

/** The tutorial's first line, which expects the tarball beside the folder. */
const INSTALLING = /^npm install \.\.\/neurona-.*$/m.exec(
  readFileSync(path.join(ROOT, 'docs', 'tutorial.md'), 'utf8'),
)![0];

let packed: { filename: string; size: number; files: { path: string }[] };

beforeAll(() => {
  [packed] = JSON.parse(
    npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  ) as (typeof packed)[];
  mkdirSync(project);
  const settings = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
  execFileSync('sh', ['-c', INSTALLING], { cwd: project, env: { ...process.env, ...settings } });
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

test('npm link puts a checkout on the PATH', () => {
  const prefix = path.join(folder, 'prefix');
  const settings = {
    npm_config_prefix: prefix,
    npm_config_ignore_scripts: 'true',
    npm_config_offline: 'true',
  };
  execFileSync('npm', ['link'], { cwd: ROOT, env: { ...process.env, ...settings }, stdio: 'ignore' });
  const linked = path.join(prefix, 'bin', 'neurona');
  expect(execFileSync(linked, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
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

const printing = (text: string): string => `while echo '${text}'; do sleep 0.01; done`;

/** What the shell runs behind the ports of the examples: the firmware, a sketch that prints readings, one that prints predictions. */
const BEHIND: Readonly<Record<string, (work: string) => string>> = {
  ttyACM0: (work) => {
    neurona('generate', `${work}/model.json`, '--board', 'host', '-o', `${work}/host`);
    return `exec '${String(neurona('build', `${work}/host`).elf)}'`;
  },
  ttyACM1: () => printing('1 2 3'),
  ttyACM2: () => printing('setosa a:12 b:-7'),
};

/** Runs an example as it stands, but for the folder of its ports, and an avrdude that uploads nothing. */
async function runExample(work: string, name: string, code: string): Promise<string> {
  const open = [...new Set([...code.matchAll(/\/dev\/(ttyACM\d)/g)].map(([, port]) => port))];
  const sockets = open.map((port) => {
    const script = path.join(work, 'bin', port);
    writeFileSync(script, `#!/bin/sh\n${BEHIND[port](work)}\n`, { mode: 0o755 });
    return spawn('socat', [`PTY,link=${work}/${port},raw,echo=0`, `EXEC:${script}`], { stdio: 'ignore' });
  });
  try {
    await vi.waitUntil(() => open.every((port) => existsSync(path.join(work, port))), {
      timeout: 30_000,
      interval: 20,
    });
    writeFileSync(path.join(work, name), code.replaceAll('/dev/ttyACM', `${work}/ttyACM`));
    const env = { ...process.env, PATH: `${work}/bin${path.delimiter}${process.env.PATH}` };
    return execFileSync(process.execPath, [name], { cwd: work, encoding: 'utf8', env });
  } finally {
    sockets.forEach((socat) => socat.kill());
  }
}

/** The examples of docs/library.md, in their order. */
function documentedExamples(): string[] {
  const text = readFileSync(path.join(ROOT, 'docs', 'library.md'), 'utf8');
  return [...text.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
}

/** What each documented example prints, in their order. */
const PRINTED: readonly RegExp[] = [
  /^\[ 'setosa', 'versicolor', 'virginica' \]/,
  /^120 30 \[ 24, 24, 24, 24, 24 \]\n$/,
  /^4-\S+ 0\.\d+ true true\n/,
  /^\[ \[ \d+, 16 \], \[ \d+, 16 \] \]\n$/,
  /setosa Uint16Array\(3\) \[ 99\d\d, \d+, \d+ \]\ntrue\n$/,
  /^\[ [\d.]+ \] \[ [\d.]+ \] \[ -?\d+ \]\n$/,
  /^Fila 1 de iris.* 0\.\d+\n$/,
  /^\d+ \{ typical: \d+, worst: \d+ \} true\n$/,
  /'src\/iris\.c'[^]* \d+\n$/,
  /\d+ 150 0\n$/,
  /^avrdude 0 null\n$/,
  /^20 \[ 'x1', 'x2', 'x3' \]\n$/,
  /^(setosa \[ 12, -7 \]\n){3}$/,
  /^setosa a:12 b:-7 \{\n? *class: 'setosa',\s+scores: \[ 12, -7 \],\s+names: \[ 'a', 'b' \]/,
  /^/,
  /^\[ 'en', 'es' \] es\ndid you mean "uno"\? 2\n¿.*"uno"\? 2\n$/,
  /'xor.csv'[^]* true\n$/,
];

test('is a library whose documented examples run, each as it stands', { timeout: 180_000 }, async () => {
  const work = path.join(project, 'library');
  mkdirSync(path.join(work, 'bin'), { recursive: true });
  writeFileSync(path.join(work, 'bin', 'avrdude'), '#!/bin/sh\n', { mode: 0o755 });
  copyFileSync(path.join(ROOT, 'examples', 'iris', 'iris.csv'), path.join(work, 'iris.csv'));
  const examples = documentedExamples();
  expect(examples).toHaveLength(PRINTED.length);
  for (const [k, code] of examples.entries()) {
    expect(await runExample(work, `example-${k}.mjs`, code), code).toMatch(PRINTED[k]);
  }
  expect(readdirSync(work)).toEqual(
    expect.arrayContaining(['network.json', 'model.json', 'firmware', 'moves.csv', 'report.html']),
  );
});

test('every function of the library has an example', async () => {
  const code = documentedExamples().join('\n');
  const library = (await import('../../cli/index.js')) as Record<string, unknown>;
  expect(Object.keys(library).filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
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
  const examples = documentedExamples().map((code, k) => {
    writeFileSync(path.join(project, `example-${k}.mts`), code);
    return `example-${k}.mts`;
  });
  const words = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
  const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc');
  const types = path.join(ROOT, 'node_modules', '@types');
  execFileSync(tsc, [...words, '--typeRoots', types, '--types', 'node', 'user.mts', ...examples], {
    cwd: project,
    stdio: 'inherit',
  });
});
