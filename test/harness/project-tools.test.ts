import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { allocatedSections } from '../../harness/elf-sections.js';
import { findProgram } from '../../harness/find-program.js';
import { PROGRAM_BUILDER_NAMES, type ProjectToolName } from '../../harness/toolchains.js';
import type { FormatName } from '../../model/board.js';
import type { ProblemDetails } from '../../model/problem.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { problemOf } from '../support/problem-of.js';

/** Stand-ins for arduino-cli, pio and idf.py write down every word they are given, and leave what the real ones leave. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-project-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());
const called = path.join(folder, 'called');
const SYSTEM = process.env.PATH;
let made = 0;

const firmware = (board: string, format: FormatName): string =>
  makeFirmware(folder, `f${++made}`, tinyModel(), board, format, 'tiny').directory;

/** The tool writes down its words, then does as `script` says; no compiler is installed. */
function install(tool: ProjectToolName, script: string): void {
  const place = mkdtempSync(path.join(folder, 'bin-'));
  const record = `for word in "$@"; do echo "$word"; done > ${called}`;
  writeFileSync(path.join(place, tool), `#!/bin/sh\nPATH=${SYSTEM}\n${record}\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', place);
}
const words = (): string[] => readFileSync(called, 'utf8').trimEnd().split('\n');

/** As arduino-cli 1 answers. */
const answer = (sizes: object[] | null, error = ''): string =>
  JSON.stringify({
    compiler_out: 'Sketch uses some flash',
    compiler_err: 'tiny.c:3:1: warning: of a stand-in',
    builder_result: { executable_sections_size: sizes },
    success: error === '',
    error,
  });
const SIZES = [
  { name: 'text', size: 4321, max_size: 32256 },
  { name: 'data', size: 234, max_size: 2048 },
];
const leaves = (sketch: string, ...endings: string[]): string =>
  endings.map((ending) => `printf ${ending} > "$5/${sketch}.ino.${ending}"`).join('\n');

test.each<[string, FormatName, string[], (directory: string) => string[]]>([
  ['uno', 'sketch', ['elf', 'hex'], (d) => [d]],
  ['esp32', 'arduino-library', ['elf', 'bin'], (d) => ['--library', d, `${d}/examples/Verify`]],
])('arduino-cli: %s, %s', async (board, format, endings, last) => {
  const directory = firmware(board, format);
  const sketch = path.basename(last(directory).at(-1)!);
  install('arduino-cli', `${leaves(sketch, ...endings)}\necho '${answer(SIZES)}'`);
  const built = await buildFirmware(directory, { toolchain: 'arduino-cli' });
  const fqbn = { uno: 'arduino:avr:uno', esp32: 'esp32:esp32:esp32' }[board];
  const [out] = words().slice(4);
  expect(words()).toEqual(['compile', '-b', fqbn, '--output-dir', out, '--json', ...last(directory)]);
  expect(path.dirname(out)).toBe(`${directory}/build`);
  expect(existsSync(out)).toBe(false);
  const kept = (ending: string): string => path.join(directory, 'build', `tiny.${ending}`);
  const hex = endings.includes('hex') ? kept('hex') : null;
  expect(built).toEqual({
    ...{
      board,
      toolchain: 'arduino-cli',
      elf: kept('elf'),
      hex,
      flashBytes: 4321,
      ramBytes: 234,
      missing: null,
      standIn: null,
    },
    ...{ fits: true, warnings: ['tiny.c:3:1: warning: of a stand-in'] },
  });
  expect(readFileSync(built.elf, 'utf8')).toBe('elf');
  if (!hex) expect(existsSync(path.join(directory, 'build', `${sketch}.ino.bin`))).toBe(true);
});

test('pio works below build/, and where the board has no compiler of ours it is what builds', async () => {
  const directory = firmware('esp32-s3', 'platformio');
  const sizes =
    'RAM:   [=  ]   9.0% (used 29500 bytes from 327680 bytes)\nFlash: [= ]   4.7% (used 61516 bytes from 1310720 bytes)';
  const built = 'build/pio/build/esp32-s3';
  install('pio', `mkdir -p ${built}\nprintf elf > ${built}/firmware.elf\necho '${sizes}'`);
  expect(await buildFirmware(directory)).toMatchObject({
    ...{
      toolchain: 'pio',
      elf: `${directory}/build/tiny.elf`,
      hex: null,
      flashBytes: 61516,
      ramBytes: 29500,
    },
  });
  expect(words()).toEqual(['run', '-d', directory, '-e', 'esp32-s3']);
  expect(existsSync(`${directory}/build/pio/build/esp32-s3/firmware.elf`)).toBe(true);
  expect(readFileSync(`${directory}/platformio.ini`, 'utf8')).toContain('\nworkspace_dir = build/pio\n');
});

test('of several environments, pio builds that of the board', async () => {
  const directory = firmware('uno', 'platformio');
  const ini = readFileSync(`${directory}/platformio.ini`, 'utf8').replace('= uno\n', '= mega, uno\n');
  writeFileSync(
    `${directory}/platformio.ini`,
    `${ini}\n[env:mega]\nplatform = atmelavr\nboard = megaatmega2560\n`,
  );
  // As pio does: every default environment, or those that are named.
  install(
    'pio',
    `case "$*" in *" -e "*) all=$5;; *) all="mega uno";; esac
for env in $all; do mkdir -p build/pio/build/$env; printf $env > build/pio/build/$env/firmware.elf
case $env in uno) n=1;; *) n=2;; esac; echo "RAM: (used $n bytes from 9 bytes)"; echo "Flash: (used $n bytes from 9 bytes)"; done`,
  );
  const built = await buildFirmware(directory, { toolchain: 'pio' });
  expect(built).toMatchObject({ flashBytes: 1, ramBytes: 1 });
  expect(readFileSync(built.elf, 'utf8')).toBe('uno');
});

test('idf.py: flash is that of the image, RAM that of the sections', async () => {
  const directory = firmware('esp32-c3', 'esp-idf');
  const source = path.join(folder, 'sections.c');
  const section = (name: string, bytes: number): string =>
    `char at_${bytes}[${bytes}] __attribute__((section("${name}"))) = {1};\n`;
  writeFileSync(
    source,
    section('.dram0.data', 40) +
      section('.iram0.text', 500) +
      section('.iram0.data', 6) +
      section('.dram0.dummy', 7000) +
      section('.flash.rodata', 900),
  );
  const elf = path.join(folder, 'sections.o');
  execFileSync('riscv64-unknown-elf-gcc', ['-march=rv32imc', '-mabi=ilp32', '-c', source, '-o', elf]);
  install('idf.py', `mkdir -p "$4"\ncp ${elf} "$4/verify.elf"\nhead -c 98765 /dev/zero > "$4/verify.bin"`);
  expect(await buildFirmware(directory)).toMatchObject({
    ...{
      toolchain: 'idf.py',
      elf: `${directory}/build/tiny.elf`,
      hex: null,
      flashBytes: 98765,
      ramBytes: 546,
    },
  });
  expect(words()).toEqual([
    ...['-C', `${directory}/examples/verify`, '-B', `${directory}/build/idf`],
    ...[`-DSDKCONFIG=${directory}/build/idf/sdkconfig`, '-DIDF_TARGET=esp32c3', 'build'],
  ]);
  const whole = readFileSync(elf);
  expect(statSync(elf).size).toBeLessThan(20_000);
  for (let bytes = 0; bytes < whole.length; bytes += 61) {
    const sections = allocatedSections(whole.subarray(0, bytes));
    expect(sections === null || sections.length > 0).toBe(true);
  }
});

test.each<[string, string, string, Partial<ProblemDetails>]>([
  [
    'a core that is not installed',
    'esp32',
    `echo '${answer(null, 'Error during build: Platform esp32:esp32 not found: platform not installed')}'; exit 1`,
    {
      code: 'build-failed',
      message: expect.stringContaining('Platform esp32:esp32 not found') as string,
      hint: expect.stringMatching(
        /^arduino-cli core install esp32:esp32 --additional-urls https:\S+; /,
      ) as string,
    },
  ],
  [
    'a sketch too large for it',
    'uno',
    `echo '${answer(SIZES, 'text section exceeds available space in board')}'; exit 1`,
    { kind: 'fit', code: 'does-not-fit' },
  ],
  [
    'a program too large for what we know of the board',
    'uno',
    `${leaves('SKETCH', 'elf', 'hex')}\necho '${answer([SIZES[0], { name: 'data', size: 2000 }])}'`,
    { kind: 'fit', code: 'does-not-fit', message: expect.stringContaining('RAM') as string },
  ],
  ['no sizes', 'uno', `${leaves('SKETCH', 'elf')}\necho '${answer(null)}'`, { code: 'build-failed' }],
  ['no JSON', 'uno', `${leaves('SKETCH', 'elf')}\necho nothing`, { code: 'build-failed' }],
  [
    'no program',
    'uno',
    `echo '${answer(SIZES)}'`,
    { code: 'build-failed', message: expect.stringContaining('left no program') as string },
  ],
])('%s fails and leaves the earlier build alone', async (_, board, script, details) => {
  const directory = firmware(board, 'sketch');
  const sketch = path.basename(directory);
  install('arduino-cli', `${leaves(sketch, 'elf', 'hex')}\necho '${answer(SIZES)}'`);
  const { elf } = await buildFirmware(directory, { toolchain: 'arduino-cli' });
  install('arduino-cli', script.replaceAll('SKETCH', sketch).replaceAll('printf elf', 'printf other'));
  expect(await problemOf(buildFirmware(directory, { toolchain: 'arduino-cli' }))).toMatchObject({
    kind: 'toolchain',
    ...details,
  });
  expect(readFileSync(elf, 'utf8')).toBe('elf');
  expect(readFileSync(path.join(directory, 'build', 'build.log'), 'utf8')).toContain('$ arduino-cli compile');
});

test('a tool that is missing is named with what installs it, and one that does not suit is refused', async () => {
  const [sketch, idf] = [firmware('uno', 'sketch'), firmware('esp32-c3', 'esp-idf')];
  expect(findProgram('arduino-cli')).toBeNull();
  expect(await problemOf(buildFirmware(sketch, { toolchain: 'arduino-cli' }))).toMatchObject({
    ...{ kind: 'toolchain', code: 'missing-tool', message: expect.stringContaining('arduino-cli') as string },
    hint: expect.stringMatching(/^curl .* --toolchain avr-gcc$/) as string,
  });
  vi.stubEnv('PATH', '');
  expect(await problemOf(buildFirmware(idf))).toMatchObject({
    ...{ code: 'missing-tool', hint: expect.stringMatching(/^git clone .*export\.sh$/) as string },
  });
  for (const toolchain of PROGRAM_BUILDER_NAMES.filter((name) => name !== 'idf.py'))
    expect(await problemOf(buildFirmware(idf, { toolchain }))).toMatchObject({ code: 'wrong-toolchain' });
});

test('without a compiler, what is installed builds', async () => {
  const directory = firmware('uno', 'sketch');
  install('arduino-cli', `${leaves(path.basename(directory), 'elf', 'hex')}\necho '${answer(SIZES)}'`);
  expect(await buildFirmware(directory)).toMatchObject({ toolchain: 'arduino-cli' });
});
