import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { TOOLS, findTool } from '../../harness/toolchains.js';
import { problemOf } from '../support/problem-of.js';
import { temporaryFolder, writeStub } from './fixtures/stub-firmware.js';

const IRIS = { features: 4, outputs: 3, rawType: 'int16' } as const;

const snapshot = (folder: string): Record<string, string> =>
  Object.fromEntries(
    fs.readdirSync(folder).map((file) => [file, fs.readFileSync(path.join(folder, file), 'hex')]),
  );

afterEach(() => vi.unstubAllEnvs());

test('an Uno sketch builds with avr-gcc alone, without a warning, in little memory', async () => {
  const { directory } = writeStub('uno', IRIS);
  const result = await buildFirmware(directory);
  expect(result).toMatchObject({ board: 'uno', toolchain: 'avr-gcc', fits: true, warnings: [] });
  expect(result.flashBytes).toBeGreaterThan(500);
  expect(result.flashBytes).toBeLessThan(4096);
  expect(result.ramBytes).toBeLessThan(160);
  expect(fs.readFileSync(result.hex!, 'latin1')).toMatch(/^:10/);
  expect(fs.readdirSync(path.join(directory, 'build')).sort()).toEqual(['build.log', 'stub.elf', 'stub.hex']);
});

test('a host program builds with gcc', async () => {
  const result = await buildFirmware(writeStub('host', IRIS).directory);
  expect(result).toMatchObject({ board: 'host', toolchain: 'gcc', hex: null, fits: true, warnings: [] });
  expect(result.flashBytes).toBeGreaterThan(500);
});

test('warnings are reported', async () => {
  const { directory } = writeStub('uno', IRIS, { spoil: 'int unused;' });
  expect((await buildFirmware(directory)).warnings).toEqual([expect.stringContaining('unused')]);
});

test('28: a missing compiler is named with the command that installs it', async () => {
  vi.stubEnv('PATH', '');
  expect(await problemOf(buildFirmware(writeStub('uno', IRIS).directory))).toMatchObject({
    kind: 'toolchain',
    code: 'missing-tool',
    message: expect.stringContaining('avr-gcc') as string,
    hint: expect.stringMatching(/apt-get install gcc-avr binutils-avr$/) as string,
  });
  expect(await problemOf(buildFirmware(writeStub('host', IRIS).directory))).toMatchObject({
    code: 'missing-tool',
    hint: expect.stringContaining('apt-get install gcc') as string,
  });
});

test('tools are looked for on the PATH', () => {
  for (const tool of TOOLS) expect(findTool(tool.name)).toContain('/');
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'gcc'), '', { mode: 0o755 });
  vi.stubEnv('PATH', folder);
  expect(findTool('gcc')).toBe(path.join(folder, 'gcc'));
  expect(findTool('size')).toBeNull();
});

test('42: a failed build keeps its log and leaves the earlier build intact', async () => {
  const { directory } = writeStub('uno', IRIS);
  const { elf } = await buildFirmware(directory);
  const build = path.dirname(elf);
  const { 'build.log': _, ...earlier } = snapshot(build);
  fs.appendFileSync(path.join(directory, 'src', 'stub.c'), 'broken\n');
  const problem = await problemOf(buildFirmware(directory));
  const file = path.join(directory, 'src', 'stub.c');
  expect(problem).toMatchObject({ kind: 'toolchain', code: 'build-failed', file });
  expect(problem.line).toBeGreaterThan(1);
  expect(problem.hint).toContain(path.join(build, 'build.log'));
  const { 'build.log': log, ...later } = snapshot(build);
  expect(later).toEqual(earlier);
  expect(Buffer.from(log, 'hex').toString()).toContain('stub.c');
});

test.each([
  ['RAM', { ...IRIS, features: 1900, rawType: 'uint8' as const }, ''],
  [
    'flash',
    IRIS,
    'extern void exit(int); static volatile const uint8_t __attribute__((section(".progmem.x"))) big[32000] = {1}; if (big[inputs[0] * 100U]) { exit(1); }',
  ],
])('a program that exceeds %s is refused with need and have', async (resource, shape, spoil) => {
  const problem = await problemOf(buildFirmware(writeStub('uno', shape, { spoil }).directory));
  expect(problem).toMatchObject({ kind: 'fit', code: 'does-not-fit' });
  expect(problem.message).toMatch(new RegExp(`needs \\d+ bytes of ${resource}.* has (2048|32256)`));
});

test('a file in place of a folder is told what to make of it', async () => {
  const network = path.join(temporaryFolder(), 'network.json');
  fs.writeFileSync(network, '{}');
  expect(await problemOf(buildFirmware(network))).toMatchObject({
    code: 'not-a-folder',
    file: network,
    hint: expect.stringContaining(`neurona generate ${network} `) as string,
  });
});

test('a toolchain that cannot build the folder is refused', async () => {
  const problem = await problemOf(buildFirmware(writeStub('host', IRIS).directory, { toolchain: 'avr-gcc' }));
  expect(problem).toMatchObject({ kind: 'usage', code: 'wrong-toolchain' });
});
