import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Board } from '../model/board.js';
import { m, say, t, type Message } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { findProgram } from './find-program.js';
import { installHint, type PackageName } from './packages.js';

/** A program, or a file of a package that has no program, with the package it comes in. */
export interface Tool {
  readonly name: string;
  readonly package: PackageName;
  readonly purpose: Message;
  /** Where it may lie, if not on the PATH; `{avr}` is the folder that avr-gcc was installed into. */
  readonly files?: readonly string[];
}

export const ARDUINO_CORE = '/usr/share/arduino/hardware/arduino/avr';

/** Every program that is started and every package that is needed; `doctor` iterates over this. */
export const TOOLS = [
  { name: 'avr-gcc', package: 'gcc-avr', purpose: m`compiles for AVR boards` },
  { name: 'avr-gcc-ar', package: 'gcc-avr', purpose: m`packs the Arduino core` },
  {
    name: 'avr-objcopy',
    package: 'binutils-avr',
    purpose: m`makes the hex file to flash or simulate`,
  },
  { name: 'avr-size', package: 'binutils-avr', purpose: m`measures flash and RAM of AVR boards` },
  {
    name: 'avr-libc',
    package: 'avr-libc',
    purpose: m`C library of AVR boards`,
    files: ['/usr/lib/avr/include/avr/io.h', '/usr/avr/include/avr/io.h', '{avr}/avr/include/avr/io.h'],
  },
  {
    name: 'arduino-core-avr',
    package: 'arduino-core-avr',
    purpose: m`for --toolchain arduino-core`,
    files: [`${ARDUINO_CORE}/platform.txt`],
  },
  { name: 'gcc', package: 'gcc', purpose: m`compiles for this computer` },
  { name: 'size', package: 'binutils', purpose: m`measures programs for this computer` },
  {
    name: 'riscv64-unknown-elf-gcc',
    package: 'gcc-riscv64-unknown-elf',
    purpose: m`compiles for RISC-V, --on qemu`,
  },
  { name: 'arm-none-eabi-gcc', package: 'gcc-arm-none-eabi', purpose: m`compiles models for Cortex-M` },
  { name: 'xtensa-lx106-elf-gcc', package: 'gcc-xtensa-lx106', purpose: m`compiles models for ESP8266` },
  { name: 'clang-22', package: 'clang-22', purpose: m`compiles models for ESP32, -S2 and -S3` },
  { name: 'llc-22', package: 'llvm-22', purpose: m`compiles models for ESP32, -S2 and -S3` },
  { name: 'llvm-mc-22', package: 'llvm-22', purpose: m`compiles models for ESP32, -S2 and -S3` },
  { name: 'qemu-system-riscv32', package: 'qemu-system-misc', purpose: m`runs RISC-V programs, --on qemu` },
  { name: 'qemu-system-avr', package: 'qemu-system-misc', purpose: m`runs programs of an Uno, --on qemu` },
] as const satisfies readonly Tool[];

export type ToolName = (typeof TOOLS)[number]['name'];
export type ToolchainName = Board['toolchains'][number];

export const TOOLCHAINS: Readonly<Record<ToolchainName, readonly ToolName[]>> = {
  'avr-gcc': ['avr-gcc', 'avr-objcopy', 'avr-size', 'avr-libc'],
  'arduino-core': ['avr-gcc', 'avr-gcc-ar', 'avr-objcopy', 'avr-size', 'avr-libc', 'arduino-core-avr'],
  gcc: ['gcc', 'size'],
};

/** Programs that build whole projects, with compilers and packages of their own. */
export const PROJECT_TOOLS = {
  'arduino-cli': { purpose: m`builds and uploads Arduino projects`, package: 'arduino-cli' },
  pio: { purpose: m`builds and uploads PlatformIO projects`, package: 'platformio' },
  'idf.py': { purpose: m`builds and uploads ESP-IDF projects`, package: 'esp-idf' },
} as const satisfies Readonly<Record<string, { readonly purpose: Message; readonly package: PackageName }>>;

export type ProjectToolName = keyof typeof PROJECT_TOOLS;
/** What makes a program that can be run. */
export type ProgramBuilderName = ToolchainName | ProjectToolName;
export const PROGRAM_BUILDER_NAMES = [
  ...Object.keys(TOOLCHAINS),
  ...Object.keys(PROJECT_TOOLS),
] as ProgramBuilderName[];
/** Whatever `build` can be told to build with: `bare` is a compiler for the board's processor, and compiles but the model. */
export type BuilderName = ProgramBuilderName | 'bare';
export const BUILDER_NAMES: readonly BuilderName[] = [...PROGRAM_BUILDER_NAMES, 'bare'];

export const isProjectTool = (name: BuilderName): name is ProjectToolName =>
  Object.hasOwn(PROJECT_TOOLS, name);

/** The folder above `bin` of avr-gcc itself, where the PATH has but a link to it, as with Homebrew. */
function avrFolder(): string | null {
  const compiler = findProgram('avr-gcc');
  return compiler && path.dirname(path.dirname(realpathSync(compiler)));
}

/** Where a tool lies, or null. Programs are looked for on the PATH and nowhere else. */
export function findTool(name: ToolName): string | null {
  const tool: Tool | undefined = TOOLS.find((candidate) => candidate.name === name);
  if (tool?.files === undefined) return findProgram(name);
  return tool.files.map((file) => file.replace('{avr}', avrFolder() ?? '')).find(existsSync) ?? null;
}

/** Whether all that a builder needs is there. */
export const isInstalled = (name: ProgramBuilderName): boolean =>
  isProjectTool(name)
    ? findProgram(name) !== null
    : TOOLCHAINS[name].every((tool) => findTool(tool) !== null);

/** Throws a `Problem` that names every missing tool and the command that installs them all. */
export function requireTools(names: readonly ToolName[]): void {
  const missing = TOOLS.filter((tool) => names.includes(tool.name) && !findTool(tool.name));
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tool.package);
  throw new Problem({
    kind: 'toolchain',
    code: 'missing-tool',
    message: t`missing: ${missing.map((tool) => `${tool.name} (${say(tool.purpose)})`).join(', ')}`,
    hint: installHint(packages),
  });
}

export type ArduinoBuildProperties = Readonly<Record<'board' | 'variant', string>> &
  Readonly<Record<string, string>>;

/** What `boards.txt` of the Arduino core says under `build` of a board: the id that ends its FQBN, `uno` in `arduino:avr:uno`. */
export function arduinoBuildProperties(board: Board): ArduinoBuildProperties {
  const file = path.join(ARDUINO_CORE, 'boards.txt');
  const start = `${board.fqbn?.split(':')[2]}.build.`;
  const entries = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(start) && line.includes('='))
    .map(
      (line) =>
        line
          .slice(start.length)
          .split(/=(.*)/, 2)
          .map((part) => part.trim()) as [string, string],
    );
  const { board: name, variant, ...others } = Object.fromEntries(entries);
  if (name !== undefined && variant !== undefined) return { board: name, variant, ...others };
  throw new Problem({
    kind: 'toolchain',
    code: 'unknown-to-core',
    message: t`the installed Arduino core does not know the board ${board.fqbn ?? board.id}`,
    file,
    hint: t`build with --toolchain avr-gcc, or install a newer arduino-core-avr`,
  });
}
