import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { BOARDS } from '../../bench/device-facts.js';
import { guard } from '../../harness/qemu.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** Programs without an operating system for the 32-bit cores, compiled by their own GCC and run by QEMU. */

const run = promisify(execFile);
const FOLDER = path.join(PACKAGE_ROOT, 'test', 'support', 'cores');

/** What QEMU's clock advances per instruction with `-icount shift=10`, in nanoseconds. */
const INSTRUCTION_NANOSECONDS = 1024;
const COUNTING = ['-icount', 'shift=10'];

interface CoreTarget {
  /** What the names of its tools begin with. */
  readonly tools: string;
  /** Where no GCC is at hand: what `llc-22` is told of the core. */
  readonly llc?: readonly string[];
  readonly flags: readonly string[];
  readonly startup: string;
  /** The linker's script, where it is not named after the core. */
  readonly script?: string;
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

const TARGETS = {
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
  /** What Cortex-M7 adds to Cortex-M4, the kernels do not use: it runs the same C and assembly, as its compiler makes it. */
  'cortex-m7': {
    tools: 'arm-none-eabi-',
    flags: ['-mcpu=cortex-m7', '-mthumb'],
    startup: 'cortex-m.c',
    script: 'cortex-m4.ld',
    libraries: ['-lc'],
    simulator: ['qemu-system-arm', '-M', 'mps2-an500'],
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
  // QEMU's dc233c has no instructions for the upper half of a product. Clang does not yet say of the calling convention what
  // GCC says, and counts lines of assembly as one string, of which C99 promises no more than 4,095 characters.
  lx6: {
    tools: 'xtensa-lx106-elf-',
    llc: ['-mcpu=esp32', '-mattr=-mul32high'],
    flags: ['--target=xtensa', '-ffreestanding', '-D__XTENSA_WINDOWED_ABI__', '-Wno-overlength-strings'],
    startup: 'lx6.c',
    libraries: [],
    simulator: ['qemu-system-xtensa', '-M', 'sim', '-cpu', 'dc233c'],
    ticksPerInstruction: 10 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
  },
} satisfies Readonly<Record<string, CoreTarget>>;

export type CoreName = keyof typeof TARGETS;
export const CORE_TARGETS: Readonly<Record<CoreName, CoreTarget>> = TARGETS;
export const CORE_NAMES = Object.keys(TARGETS) as CoreName[];
/** Those that instructions and sizes are published of. */
export const MEASURED_CORES = ['rv32imc', 'cortex-m4', 'cortex-m0plus', 'lx106'] as const;
export type MeasuredCoreName = (typeof MEASURED_CORES)[number];
/** A board with this core. */
export const CORE_BOARDS: Readonly<Record<CoreName, string>> = {
  ...BOARDS,
  'cortex-m7': 'portenta-h7',
  lx6: 'esp32',
};

/**
 * Clang makes LLVM's intermediate code, the same for every Xtensa, and llc a core's own of it. That back end is
 * experimental: it puts a function's constants behind the function before, wherever that may end, though they have to
 * begin at a multiple of 4.
 */
async function compileWithLlvm(
  { llc = [], flags: own }: CoreTarget,
  source: string,
  object: string,
  flags: readonly string[],
): Promise<void> {
  const [code, assembly] = [`${object}.ll`, `${object}.s`];
  await run('clang-22', [...own, ...flags, '-S', '-emit-llvm', source, '-o', code], { maxBuffer: 1 << 24 });
  const level = flags.filter((flag) => /^-O\d$/.test(flag));
  await run('llc-22', [...llc, ...level, '-function-sections', code, '-o', assembly]);
  const text = readFileSync(assembly, 'utf8');
  writeFileSync(assembly, text.replaceAll('.literal_position', '.balign 4\n.literal_position'));
  await run('llvm-mc-22', ['-triple=xtensa', ...llc, '-filetype=obj', assembly, '-o', object]);
}

/** Compiles a file of C. */
export async function compileForCore(
  core: CoreName,
  source: string,
  object: string,
  flags: readonly string[],
): Promise<void> {
  const target = CORE_TARGETS[core];
  if (target.llc) return compileWithLlvm(target, source, object, flags);
  const files = ['-c', source, '-o', object];
  await run(`${target.tools}gcc`, [...target.flags, ...flags, ...files], { maxBuffer: 1 << 24 });
}

/** Links `models.o` of a folder with a main program and the core's start-up code; the program's file. */
export async function linkForCore(core: CoreName, folder: string, main: string): Promise<string> {
  const target = CORE_TARGETS[core];
  const base = main.replace(/\.c$/, '');
  const elf = `${base}.elf`;
  const script = ['-T', path.join(FOLDER, target.script ?? `${core}.ld`)];
  const startup = path.join(FOLDER, target.startup);
  const models = path.join(folder, 'models.o');
  if (target.llc) {
    const objects = [`${base}.start.o`, `${base}.o`];
    const flags = ['-Os', '-I', FOLDER];
    await Promise.all([startup, main].map((file, k) => compileWithLlvm(target, file, objects[k], flags)));
    await run(`${target.tools}ld`, [...script, '--gc-sections', ...objects, models, '-o', elf]);
    return elf;
  }
  const link = ['-nostdlib', ...script, '-I', FOLDER, '-Wl,--gc-sections'];
  const rest = [startup, main, models, ...target.libraries, '-lgcc', '-o', elf];
  await run(`${target.tools}gcc`, [...target.flags, '-Os', ...link, ...rest]);
  return elf;
}

/** Bytes that a program writes until its `main` returns, given its input. */
export async function runOnCore(core: CoreName, elf: string, input = Buffer.alloc(0)): Promise<Buffer> {
  const [simulator, ...machine] = CORE_TARGETS[core].simulator;
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'none', '-semihosting'];
  const args = [...machine, ...quiet, ...COUNTING, '-kernel', elf];
  const started = run(simulator, args, { encoding: 'buffer', timeout: 60_000, maxBuffer: 1 << 27 });
  guard(started.child);
  started.child.stdin!.on('error', () => {}); // one that ends early says why itself
  started.child.stdin!.end(input);
  return (await started).stdout;
}

/** Code with its constants, and static memory, in bytes, as the core's `size` tells them. */
export async function sizeOnCore(core: CoreName, elf: string): Promise<{ flash: number; ram: number }> {
  const { stdout } = await run(`${CORE_TARGETS[core].tools}size`, [elf]);
  const [text, data, bss] = stdout.split('\n')[1].trim().split(/\s+/).map(Number);
  return { flash: text + data, ram: data + bss };
}
