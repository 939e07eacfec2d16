import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Board } from '../model/board.js';
import { Problem } from '../model/problem.js';

/** A program, or a file of a package that has no program, with the Debian/Ubuntu package it comes in. */
export interface Tool {
  readonly name: string;
  readonly package: string;
  readonly purpose: string;
  /** Where it lies, if not on the PATH. */
  readonly file?: string;
}

export const ARDUINO_CORE = '/usr/share/arduino/hardware/arduino/avr';

/** Every program that is started and every package that is needed; `doctor` iterates over this. */
export const TOOLS = [
  { name: 'avr-gcc', package: 'gcc-avr', purpose: 'compiles for AVR boards' },
  { name: 'avr-gcc-ar', package: 'gcc-avr', purpose: 'packs the Arduino core' },
  {
    name: 'avr-objcopy',
    package: 'binutils-avr',
    purpose: 'makes the hex file to flash or simulate',
  },
  { name: 'avr-size', package: 'binutils-avr', purpose: 'measures flash and RAM of AVR boards' },
  {
    name: 'avr-libc',
    package: 'avr-libc',
    purpose: 'C library of AVR boards',
    file: '/usr/lib/avr/include/avr/io.h',
  },
  {
    name: 'arduino-core-avr',
    package: 'arduino-core-avr',
    purpose: 'for --toolchain arduino-core',
    file: `${ARDUINO_CORE}/platform.txt`,
  },
  { name: 'gcc', package: 'gcc', purpose: 'compiles for this computer' },
  { name: 'size', package: 'binutils', purpose: 'measures programs for this computer' },
  {
    name: 'riscv64-unknown-elf-gcc',
    package: 'gcc-riscv64-unknown-elf',
    purpose: 'compiles for RISC-V, --on qemu',
  },
  { name: 'qemu-system-riscv32', package: 'qemu-system-misc', purpose: 'runs RISC-V programs, --on qemu' },
  { name: 'qemu-system-avr', package: 'qemu-system-misc', purpose: 'runs programs of an Uno, --on qemu' },
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
  'arduino-cli': {
    purpose: 'builds and uploads Arduino projects',
    install:
      'curl -fsSL https://raw.githubusercontent.com/arduino/arduino-cli/master/install.sh | BINDIR=~/.local/bin sh',
  },
  pio: { purpose: 'builds and uploads PlatformIO projects', install: 'pipx install platformio' },
  'idf.py': {
    purpose: 'builds and uploads ESP-IDF projects',
    install:
      'git clone --recursive https://github.com/espressif/esp-idf && esp-idf/install.sh && . esp-idf/export.sh',
  },
} as const satisfies Readonly<Record<string, { readonly purpose: string; readonly install: string }>>;

export type ProjectToolName = keyof typeof PROJECT_TOOLS;
/** Whatever `build` can be told to build with. */
export type BuilderName = ToolchainName | ProjectToolName;
export const BUILDER_NAMES = [...Object.keys(TOOLCHAINS), ...Object.keys(PROJECT_TOOLS)] as BuilderName[];

export const isProjectTool = (name: BuilderName): name is ProjectToolName =>
  Object.hasOwn(PROJECT_TOOLS, name);

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a program lies on the PATH, or null. */
export function findProgram(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, name)).find(isProgram) ?? null;
}

/** Where a tool lies, or null. Programs are looked for on the PATH and nowhere else. */
export function findTool(name: ToolName): string | null {
  const tool: Tool | undefined = TOOLS.find((candidate) => candidate.name === name);
  if (tool?.file !== undefined) return existsSync(tool.file) ? tool.file : null;
  return findProgram(name);
}

/** Whether all that a builder needs is there. */
export const isInstalled = (name: BuilderName): boolean =>
  isProjectTool(name)
    ? findProgram(name) !== null
    : TOOLCHAINS[name].every((tool) => findTool(tool) !== null);

/** Throws a `Problem` that names every missing tool and the command that installs them all. */
export function requireTools(names: readonly ToolName[]): void {
  const missing = TOOLS.filter((tool) => names.includes(tool.name) && !findTool(tool.name));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tool.package))];
  throw new Problem({
    kind: 'toolchain',
    code: 'missing-tool',
    message: `missing: ${missing.map((tool) => `${tool.name} (${tool.purpose})`).join(', ')}`,
    hint: `on Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`,
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
    message: `the installed Arduino core does not know the board ${board.fqbn ?? board.id}`,
    file,
    hint: 'build with --toolchain avr-gcc, or install a newer arduino-core-avr',
  });
}
