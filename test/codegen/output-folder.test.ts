import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFirmware } from '../../codegen/output-folder.js';
import { readArtifact } from '../../model/artifact.js';
import { firmwareManifestSchema } from '../../model/firmware-manifest.js';
import { Problem, type ProblemDetails } from '../../model/problem.js';

let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'neurona-output-'));
  out = path.join(folder, 'out');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const manifest = {
  tool: 'neurona 0',
  command: 'x',
  board: 'uno',
  format: 'c' as const,
  name: 'm',
  modelHash: 'a'.repeat(64),
};
const write = (contents: Record<string, string>, force = false) =>
  writeFirmware(
    out,
    manifest,
    Object.entries(contents).map(([file, content]) => ({ path: file, content })),
    { force },
  );
const tree = (): string[] =>
  readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(out, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
const detailsOf = (action: () => void): ProblemDetails | null => {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  return null;
};
const codeOf = (action: () => void): string => detailsOf(action)?.code ?? 'no problem';
const hintOf = (action: () => void): string | undefined => detailsOf(action)?.hint;

test('writes the folder and a manifest that lists it, and replaces what it listed', () => {
  write({ 'a.c': 'one', 'src/b.h': 'two' });
  expect(tree()).toEqual(['a.c', 'neurona.json', 'src/b.h']);
  const { body } = readArtifact(path.join(out, 'neurona.json'), 'firmware', firmwareManifestSchema);
  expect(Object.keys(body.files)).toEqual(['a.c', 'src/b.h']);

  mkdirSync(path.join(out, 'build'));
  writeFileSync(path.join(out, 'build', 'old.hex'), '');
  write({ 'a.c': 'three' });
  expect(tree()).toEqual(['a.c', 'neurona.json']);
  expect(readFileSync(path.join(out, 'a.c'), 'utf8')).toBe('three');
  expect(readdirSync(folder)).toEqual(['out']);
});

test('foreign files are refused; --force keeps them and removes only what an earlier run listed', () => {
  write({ 'a.c': 'one', 'b.c': 'two' });
  writeFileSync(path.join(out, 'notes.txt'), 'mine');
  expect(codeOf(() => write({ 'a.c': 'new' }))).toBe('foreign-files');
  expect(tree()).toEqual(['a.c', 'b.c', 'neurona.json', 'notes.txt']);
  expect(readFileSync(path.join(out, 'a.c'), 'utf8')).toBe('one');

  write({ 'a.c': 'new' }, true);
  expect(tree()).toEqual(['a.c', 'neurona.json', 'notes.txt']);
  expect(readFileSync(path.join(out, 'notes.txt'), 'utf8')).toBe('mine');
});

test('a foreign file in the way is never overwritten, not even by --force', () => {
  mkdirSync(out);
  writeFileSync(path.join(out, 'a.c'), 'mine');
  expect(codeOf(() => write({ 'a.c': 'ours' }, true))).toBe('foreign-files');
  expect(readFileSync(path.join(out, 'a.c'), 'utf8')).toBe('mine');
});

test('a damaged manifest is reported, and nothing is touched', () => {
  write({ 'a.c': 'one' });
  writeFileSync(path.join(out, 'neurona.json'), '{');
  for (const force of [false, true]) {
    expect(codeOf(() => write({ 'a.c': 'two' }, force))).toBe('not-json');
    expect(hintOf(() => write({ 'a.c': 'two' }, force))).toContain(`delete ${out}`);
  }
  expect(readFileSync(path.join(out, 'a.c'), 'utf8')).toBe('one');
});

test('a target that is a file, or lies below one, is refused and left alone', () => {
  writeFileSync(out, 'a file');
  expect(codeOf(() => write({ 'a.c': 'one' }))).toBe('not-a-folder');
  expect(readFileSync(out, 'utf8')).toBe('a file');
  out = path.join(out, 'below');
  expect(codeOf(() => write({ 'a.c': 'one' }))).toBe('cannot-write');
});

test('when a file cannot be written at any step, the earlier folder is intact and nothing is left beside it', () => {
  write({ 'a.c': 'one' });
  const before = tree();
  const files = ['a.c', 'b.c', 'c.c', 'd.c'];
  for (let failing = 0; failing < files.length; failing++) {
    // A name longer than any file system takes fails at exactly that file.
    const contents = Object.fromEntries(
      files.map((name, i) => [i === failing ? 'x'.repeat(300) : name, 'new']),
    );
    expect(codeOf(() => write(contents))).toBe('cannot-write');
    expect(tree()).toEqual(before);
    expect(readFileSync(path.join(out, 'a.c'), 'utf8')).toBe('one');
    expect(readdirSync(folder)).toEqual(['out']);
  }
});

test("somebody's build folder is not ours to remove, with or without --force", () => {
  mkdirSync(path.join(out, 'build'), { recursive: true });
  writeFileSync(path.join(out, 'build', 'thesis.txt'), 'mine');
  expect(codeOf(() => write({ 'a.c': 'one' }))).toBe('foreign-files');
  write({ 'a.c': 'one' }, true);
  expect(tree()).toEqual(['a.c', 'build/thesis.txt', 'neurona.json']);
});

/** What a person finds after building by hand, by whether it outlives the next `generate`. */
const LEAVINGS = {
  kept: [
    ...[
      'sdkconfig',
      'sdkconfig.old',
      'dependencies.lock',
      'managed_components/led/led.c',
      '.vscode/settings.json',
    ],
    ...['.devcontainer/Dockerfile', '.cache/clangd/index/a.idx'],
  ],
  rebuilt: [
    'build/verify.bin',
    'build/idf/flash_args',
    '.pio/build/uno/firmware.hex',
    'out.ino.standard.hex',
  ],
};

test.each(['', 'examples/verify/'])('what tools leave is in nobody\'s way: "%s"', (project) => {
  const generated = { 'a.c': 'one', 'examples/verify/main.c': 'two' };
  write(generated);
  for (const name of [...LEAVINGS.kept, ...LEAVINGS.rebuilt]) {
    const file = path.join(out, project, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, name);
  }
  write(generated);
  const kept = LEAVINGS.kept.map((name) => project + name);
  expect(tree()).toEqual([...Object.keys(generated), 'neurona.json', ...kept].sort());
  expect(readFileSync(path.join(out, kept[0]), 'utf8')).toBe('sdkconfig');
  write(generated, true);
  expect(tree()).toEqual([...Object.keys(generated), 'neurona.json', ...kept].sort());
});

test.each(['src/build/a.c', 'examples/mine/build/a.c', 'sdkconfig.mine', 'builds/a', 'examples/sdkconfig'])(
  'what only looks like it is foreign: %s',
  (name) => {
    write({ 'a.c': 'one', 'examples/verify/main.c': 'two' });
    mkdirSync(path.dirname(path.join(out, name)), { recursive: true });
    writeFileSync(path.join(out, name), 'mine');
    expect(codeOf(() => write({ 'a.c': 'new' }))).toBe('foreign-files');
    write({ 'a.c': 'new' }, true);
    expect(tree()).toContain(name);
  },
);

test('a file that tools leave is not overwritten, and in a folder of somebody else it is foreign', () => {
  mkdirSync(out);
  writeFileSync(path.join(out, 'sdkconfig'), 'mine');
  expect(codeOf(() => write({ 'a.c': 'one' }))).toBe('foreign-files');
  rmSync(path.join(out, 'sdkconfig'));
  write({ 'a.c': 'one' });
  writeFileSync(path.join(out, 'sdkconfig'), 'mine');
  expect(codeOf(() => write({ sdkconfig: 'ours' }, true))).toBe('foreign-files');
});

test('a generated file that was edited is refused; --force gives up the edit', () => {
  write({ 'a.c': 'one', 'b.c': 'two' });
  writeFileSync(path.join(out, 'a.c'), 'one, edited');
  expect(codeOf(() => write({ 'a.c': 'new' }))).toBe('edited-files');
  expect(readFileSync(path.join(out, 'a.c'), 'utf8')).toBe('one, edited');
  write({ 'a.c': 'new' }, true);
  expect(readFileSync(path.join(out, 'a.c'), 'utf8')).toBe('new');
});

test('the folder one stands in, and those above it, are refused; a path may end in a slash', () => {
  const before = process.cwd();
  mkdirSync(path.join(out, 'below'), { recursive: true });
  process.chdir(path.join(out, 'below'));
  try {
    for (const target of ['.', '..', '', path.join(out, 'below')]) {
      const attempt = () =>
        writeFirmware(target, manifest, [{ path: 'a.c', content: 'one' }], { force: true });
      expect(codeOf(attempt), target).toBe('working-directory');
    }
    writeFirmware('fw/', manifest, [{ path: 'a.c', content: 'one' }], { force: false });
    writeFirmware('fw/', manifest, [{ path: 'a.c', content: 'two' }], { force: false });
    expect(readdirSync('.')).toEqual(['fw']);
    expect(readdirSync('fw').sort()).toEqual(['a.c', 'neurona.json']);
  } finally {
    process.chdir(before);
  }
});
