import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { estimateBoard } from '../../codegen/board-estimate.js';
import { buildFirmware } from '../../harness/build.js';
import { findProgram } from '../../harness/toolchains.js';
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

test.each<[string, FormatName, string, string]>([
  ['pico', 'sketch', 'arm-none-eabi-gcc', 'arduino-cli'],
  ['nano33ble', 'arduino-library', 'arm-none-eabi-gcc', 'arduino-cli'],
  ['giga', 'platformio', 'arm-none-eabi-gcc', 'pio'],
  ['esp8266', 'sketch', 'xtensa-lx106-elf-gcc', 'arduino-cli'],
  ['esp32-c3', 'esp-idf', 'riscv64-unknown-elf-gcc', 'idf.py'],
  ['esp32-p4', 'esp-idf', 'riscv64-unknown-elf-gcc', 'idf.py'],
])('%s, %s: without what makes programs for it, the model with %s', async (board, format, compiler, tool) => {
  const directory = firmware(board, format);
  install(compiler);
  const built = await buildFirmware(directory);
  expect(built).toMatchObject({
    ...{ board, toolchain: 'bare', elf: path.join(directory, 'build', 'tiny.o'), hex: null, warnings: [] },
    missing: { tool, install: expect.stringContaining(tool === 'idf.py' ? 'esp-idf' : 'install') as string },
  });
  expect(existsSync(built.elf)).toBe(true);
  const estimated = estimateBoard(model, findBoard(board), 'c', false, null);
  expect(Math.abs(built.flashBytes / estimated.flashBytes - 1)).toBeLessThan(0.02);
  // A caller's outputs come on top.
  const { outputs } = model.layers.at(-1)!;
  expect(Math.abs(built.ramBytes + 4 * outputs - (estimated.ramBytes - estimated.stackBytes))).toBeLessThan(
    4,
  );
  expect(readFileSync(path.join(directory, 'build', 'build.log'), 'utf8')).toContain(`$ ${compiler} `);
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
  // No compiler of Debian's makes code of LX6.
  expect(await problemOf(buildFirmware(firmware('esp32', 'sketch')))).toMatchObject({
    ...{ code: 'missing-tool', message: expect.stringContaining('arduino-cli') as string },
  });
  expect(await problemOf(buildFirmware(firmware('host', 'c'), { toolchain: 'bare' }))).toMatchObject({
    code: 'wrong-toolchain',
  });
});
