import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { MAIN } from '../cli/run-cli.js';
import { makeFirmware } from '../support/firmware.js';
import { problemOf } from '../support/problem-of.js';
import { tinyModel } from '../support/tiny-model.js';

/** 42: what is left of a build that a user's edit, a full disk or Ctrl-C ends, with each family's compiler. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-build-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());
let made = 0;
const firmware = (...[board, format]: [string, Parameters<typeof makeFirmware>[4]]): string =>
  makeFirmware(folder, `f${++made}`, tinyModel(), board, format, 'tiny').directory;

/** All that a build left but its log. */
const kept = (directory: string): Record<string, string> => {
  const build = path.join(directory, 'build');
  const names = readdirSync(build).filter((name) => name !== 'build.log');
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(build, name), 'hex')]));
};

test.each([
  ['uno', 'sketch', 'avr-gcc', 'src/tiny.c'],
  ['leonardo', 'arduino-library', 'arduino-core', 'src/tiny.c'],
  ['mega', 'platformio', 'avr-gcc', 'lib/tiny/src/tiny.c'],
  ['host', 'c', 'gcc', 'tiny.c'],
  ['zero', 'sketch', 'bare', 'src/tiny.c'],
  ['giga', 'c', 'bare', 'tiny.c'],
  ['esp8266', 'sketch', 'bare', 'src/tiny.c'],
  ['esp32-c6', 'esp-idf', 'bare', 'src/tiny.c'],
  ['esp32', 'platformio', 'bare', 'lib/tiny/src/tiny.c'],
  ['esp32-s3', 'esp-idf', 'bare', 'src/tiny.c'],
] as const)('%s, %s, %s: the place of a fault is named, the earlier build stays', async (...row) => {
  const [board, format, toolchain, source] = row;
  const directory = firmware(board, format);
  await buildFirmware(directory, { toolchain });
  const before = kept(directory);
  expect(Object.keys(before)).toContain(
    toolchain === 'gcc' ? 'tiny' : toolchain === 'bare' ? 'tiny.o' : 'tiny.hex',
  );
  const file = path.join(directory, source);
  const line = readFileSync(file, 'utf8').split('\n').length;
  appendFileSync(file, 'static broken x;\n');
  const problem = await problemOf(buildFirmware(directory, { toolchain }));
  expect(problem).toMatchObject({ kind: 'toolchain', code: 'build-failed', file, line, column: 8 });
  expect(problem.message).toMatch(/^unknown type name .broken./);
  expect(kept(directory)).toEqual(before);
  expect(readFileSync(path.join(directory, 'build', 'build.log'), 'utf8')).toContain('broken');
});

test('on a full disk it is said, and the earlier program stays', async () => {
  const directory = firmware('uno', 'sketch');
  await buildFirmware(directory);
  const log = path.join(directory, 'build', 'build.log');
  rmSync(log);
  symlinkSync('/dev/full', log);
  const before = kept(directory);
  expect(await problemOf(buildFirmware(directory))).toMatchObject({
    ...{ kind: 'data', code: 'cannot-write', file: path.join(directory, 'build') },
    message: 'cannot write the build: the disk is full',
  });
  expect(kept(directory)).toEqual(before);
});

/** The one program that is installed, beside the system's own. */
function install(tool: string, script: string): string {
  const place = mkdtempSync(path.join(folder, 'bin-'));
  writeFileSync(path.join(place, tool), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${place}:${process.env.PATH}`;
}
const SIZES = `echo '{"builder_result":{"executable_sections_size":[{"name":"text","size":10},{"name":"data","size":10}]}}'`;

test('of a program whose files cannot all be kept, none is', async () => {
  const directory = firmware('uno', 'sketch');
  await buildFirmware(directory);
  const before = kept(directory);
  const sketch = path.basename(directory);
  // A folder cannot be copied as a file can.
  const script = `echo new > "$5/${sketch}.ino.elf"; mkdir "$5/${sketch}.ino.hex"; ${SIZES}`;
  vi.stubEnv('PATH', install('arduino-cli', script));
  expect(await problemOf(buildFirmware(directory, { toolchain: 'arduino-cli' }))).toMatchObject({
    code: 'cannot-write',
  });
  expect(kept(directory)).toEqual(before);
});

test('Ctrl-C leaves the earlier build, and nothing beside it', async () => {
  const directory = firmware('uno', 'sketch');
  await buildFirmware(directory);
  const before = kept(directory);
  const started = path.join(folder, 'started');
  const PATH = install('arduino-cli', `echo half > "$5/tiny.ino.elf"; echo > ${started}; exec sleep 1`);
  const words = [MAIN, 'build', directory, '--toolchain', 'arduino-cli'];
  const cli = spawn(process.execPath, words, { env: { ...process.env, PATH }, stdio: 'ignore' });
  const closed = once(cli, 'close');
  await vi.waitUntil(() => existsSync(started), { timeout: 20_000, interval: 5 });
  expect(readdirSync(path.join(directory, 'build')).some((name) => name.startsWith('unfinished'))).toBe(true);
  cli.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
  expect(kept(directory)).toEqual(before);
});
