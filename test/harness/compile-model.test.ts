import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { estimateBoard } from '../../codegen/board-estimate.js';
import { buildFirmware } from '../../harness/build.js';
import { findProgram } from '../../harness/find-program.js';
import { findBoard, type FormatName } from '../../model/board.js';
import { makeFirmware } from '../support/firmware.js';
import { problemOf } from '../support/problem-of.js';

/** Compiling the model alone, for boards whose programs take their maker's tools, with Debian's compilers. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-model-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** These alone are installed. */
function install(...names: string[]): void {
  const place = mkdtempSync(path.join(folder, 'bin-'));
  for (const name of names) symlinkSync(findProgram(name)!, path.join(place, name));
  vi.stubEnv('PATH', place);
}
const model = benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3 });
let made = 0;
const firmware = (board: string, format: FormatName): string =>
  makeFirmware(folder, `f${++made}`, model, board, format, 'tiny').directory;

const LLVM = ['clang-22', 'llc-22', 'llvm-mc-22'];

test.each<[string, FormatName, string[], string, boolean | null]>([
  ['pico', 'sketch', ['arm-none-eabi-gcc'], 'arduino-cli', null],
  ['nano33ble', 'arduino-library', ['arm-none-eabi-gcc'], 'arduino-cli', null],
  ['giga', 'platformio', ['arm-none-eabi-gcc'], 'pio', null],
  ['esp8266', 'sketch', ['xtensa-lx106-elf-gcc'], 'arduino-cli', null],
  ['esp32-c3', 'esp-idf', ['riscv64-unknown-elf-gcc'], 'idf.py', false],
  ['esp32-p4', 'esp-idf', ['riscv64-unknown-elf-gcc'], 'idf.py', false],
  ['esp32', 'sketch', LLVM, 'arduino-cli', true],
  ['esp32-s2', 'platformio', LLVM, 'pio', true],
  ['esp32-s3', 'esp-idf', LLVM, 'idf.py', true],
])('%s, %s: without what makes programs for it, the model with %s', async (...row) => {
  const [board, format, compilers, tool, isExperimental] = row;
  const directory = firmware(board, format);
  install(...compilers);
  const built = await buildFirmware(directory);
  const [compiler] = compilers;
  const insteadOf = findBoard(board).compiler.program;
  expect(built).toMatchObject({
    ...{ board, toolchain: 'bare', elf: path.join(directory, 'build', 'tiny.o'), hex: null, warnings: [] },
    missing: { tool, install: expect.stringContaining(tool === 'idf.py' ? 'esp-idf' : 'install') as string },
    standIn: isExperimental === null ? null : { compiler, insteadOf, isExperimental },
  });
  expect(existsSync(built.elf)).toBe(true);
  const estimated = estimateBoard(model, findBoard(board), 'c', false, null);
  expect(Math.abs(built.flashBytes / estimated.flashBytes - 1)).toBeLessThan(0.02);
  // A caller's outputs come on top.
  const { outputs } = model.layers.at(-1)!;
  expect(Math.abs(built.ramBytes + 4 * outputs - (estimated.ramBytes - estimated.stackBytes))).toBeLessThan(
    4,
  );
  const log = readFileSync(path.join(directory, 'build', 'build.log'), 'utf8');
  for (const program of compilers) expect(log).toContain(`$ ${program} `);
});

test.each(LLVM)('a model for an ESP32 is not compiled without %s', async (lacking) => {
  const directory = firmware('esp32', 'sketch');
  install(...LLVM.filter((name) => name !== lacking));
  expect(await problemOf(buildFirmware(directory, { toolchain: 'bare' }))).toMatchObject({
    ...{ code: 'missing-tool', message: 'missing: xtensa-esp32-elf-gcc' },
    hint: 'sudo apt-get install clang-22 llvm-22',
  });
});

test('a tool is only missing where nothing installed makes a program', async () => {
  const directory = firmware('uno', 'sketch');
  expect(await buildFirmware(directory, { toolchain: 'bare' })).toMatchObject({ missing: null });
  install('avr-gcc');
  expect(await buildFirmware(directory, { toolchain: 'bare' })).toMatchObject({
    missing: { tool: 'arduino-cli' },
  });
});

test('of plain C, too, with an installed compiler that suits', async () => {
  const directory = firmware('nano33ble', 'c');
  install('arm-none-eabi-gcc', 'xtensa-lx106-elf-gcc');
  const details = await problemOf(buildFirmware(directory));
  expect(details).toMatchObject({ code: 'missing-tool', message: expect.stringContaining('gcc') as string });
  expect(await buildFirmware(directory, { toolchain: 'bare' })).toMatchObject({
    board: 'nano33ble',
    missing: null,
  });
  expect(await problemOf(buildFirmware(firmware('esp32-c3', 'c'), { toolchain: 'bare' }))).toMatchObject({
    ...{ code: 'missing-tool', message: 'missing: riscv32-esp-elf-gcc' },
    hint: 'sudo apt-get install gcc-riscv64-unknown-elf',
  });
  expect(await problemOf(buildFirmware(firmware('esp32', 'sketch')))).toMatchObject({
    ...{ code: 'missing-tool', message: expect.stringContaining('arduino-cli') as string },
  });
  expect(await problemOf(buildFirmware(firmware('host', 'c'), { toolchain: 'bare' }))).toMatchObject({
    code: 'wrong-toolchain',
  });
});

test("an avr-gcc older than the board's chip is told with the core that has a newer one", async () => {
  expect(await problemOf(buildFirmware(firmware('nano-every', 'sketch')))).toMatchObject({
    code: 'build-failed',
    hint: expect.stringMatching(
      /^this avr-gcc knows no atmega4809, .*: arduino-cli core install arduino:megaavr, then neurona build; the whole log/,
    ) as string,
  });
});
