import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** Programs without an operating system for the 32-bit cores, compiled by their own GCC and run by QEMU. */

const run = promisify(execFile);
const FOLDER = path.join(PACKAGE_ROOT, 'test', 'support', 'cores');

/** What QEMU's clock advances per instruction with `-icount shift=10`, in nanoseconds. */
const INSTRUCTION_NANOSECONDS = 1024;
const COUNTING = ['-icount', 'shift=10'];

interface CoreTarget {
  readonly tools: string;
  readonly flags: readonly string[];
  readonly startup: string;
  /** For memcpy and memset, which compilers call by themselves. */
  readonly libraries: readonly string[];
  readonly simulator: readonly string[];
  /**
   * How far the counter gets in one instruction: at far more than two ticks, differences of readings, each off by
   * less than one tick, tell the number of instructions exactly.
   */
  readonly ticksPerInstruction: number;
}

const MEGAHERTZ = 1e-3; // ticks per nanosecond

export const CORE_TARGETS = {
  rv32imc: {
    tools: 'riscv64-unknown-elf-',
    flags: ['--specs=picolibc.specs', '-march=rv32imc', '-mabi=ilp32'],
    startup: 'rv32imc.c',
    libraries: ['-lc'],
    simulator: ['qemu-system-riscv32', '-M', 'virt', '-bios', 'none'],
    ticksPerInstruction: INSTRUCTION_NANOSECONDS, // minstret counts QEMU's nanoseconds
  },
  'cortex-m4': {
    tools: 'arm-none-eabi-',
    flags: ['-mcpu=cortex-m4', '-mthumb'],
    startup: 'cortex-m.c',
    libraries: ['-lc'],
    simulator: ['qemu-system-arm', '-M', 'mps2-an386'],
    ticksPerInstruction: 256 * 25 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
  },
  // QEMU has no Cortex-M0+; the Cortex-M0 has the same instructions.
  'cortex-m0plus': {
    tools: 'arm-none-eabi-',
    flags: ['-mcpu=cortex-m0plus', '-mthumb'],
    startup: 'cortex-m.c',
    libraries: ['-lc'],
    simulator: ['qemu-system-arm', '-M', 'microbit'],
    ticksPerInstruction: 256 * 16 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
  },
  lx106: {
    tools: 'xtensa-lx106-elf-',
    flags: ['-ffreestanding', '-mtext-section-literals'],
    startup: 'lx106.c',
    libraries: [],
    simulator: ['qemu-system-xtensa', '-M', 'sim', '-cpu', 'lx106'],
    ticksPerInstruction: 40 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
  },
} as const satisfies Readonly<Record<string, CoreTarget>>;

export type CoreName = keyof typeof CORE_TARGETS;
export const CORE_NAMES = Object.keys(CORE_TARGETS) as CoreName[];

/** Compiles `models.c` of a folder. */
export async function compileForCore(
  core: CoreName,
  folder: string,
  flags: readonly string[],
): Promise<void> {
  const { tools, flags: own } = CORE_TARGETS[core];
  const files = ['-c', path.join(folder, 'models.c'), '-o', path.join(folder, 'models.o')];
  await run(`${tools}gcc`, [...own, ...flags, ...files], { maxBuffer: 1 << 24 });
}

/** Links what `compileForCore` made with a main program and the core's start-up code; the program's file. */
export async function linkForCore(core: CoreName, folder: string, main: string): Promise<string> {
  const { tools, flags, startup, libraries } = CORE_TARGETS[core];
  const elf = `${main.replace(/\.c$/, '')}.elf`;
  const link = ['-nostdlib', '-T', path.join(FOLDER, `${core}.ld`), '-I', FOLDER, '-Wl,--gc-sections'];
  const sources = [path.join(FOLDER, startup), main, path.join(folder, 'models.o')];
  await run(`${tools}gcc`, [...flags, '-Os', ...link, ...sources, ...libraries, '-lgcc', '-o', elf]);
  return elf;
}

/** Bytes that a program writes until its `main` returns. */
export async function runOnCore(core: CoreName, elf: string): Promise<Buffer> {
  const [simulator, ...machine] = CORE_TARGETS[core].simulator;
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'none', '-semihosting'];
  const args = [...machine, ...quiet, ...COUNTING, '-kernel', elf];
  const { stdout } = await run(simulator, args, { encoding: 'buffer', timeout: 60_000, maxBuffer: 1 << 26 });
  return stdout;
}

/** Code with its constants, and static memory, in bytes, as the core's `size` tells them. */
export async function sizeOnCore(core: CoreName, elf: string): Promise<{ flash: number; ram: number }> {
  const { stdout } = await run(`${CORE_TARGETS[core].tools}size`, [elf]);
  const [text, data, bss] = stdout.split('\n')[1].trim().split(/\s+/).map(Number);
  return { flash: text + data, ram: data + bss };
}
