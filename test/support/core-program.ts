import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { BOARDS } from '../../bench/device-facts.js';
import { guard } from '../../harness/qemu.js';
import { compileXtensa, type XtensaInput } from '../../harness/xtensa-llvm.js';
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
  /** Where no GCC is at hand. */
  readonly llvm?: XtensaInput['core'];
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

/** QEMU's dc233c has no instructions for the upper half of a product; start-up code and the counter take the others. */
const LIKE_DC233C = ['-mattr=-mul32high,+exception,+interrupt,+timers1,+rvector'];
const windowed = (llvm: XtensaInput['core']): CoreTarget => ({
  tools: 'xtensa-lx106-elf-',
  llvm,
  flags: ['-ffreestanding'],
  startup: 'lx6.c',
  script: 'lx6.ld',
  libraries: [],
  simulator: ['qemu-system-xtensa', '-M', 'sim', '-cpu', 'dc233c'],
  ticksPerInstruction: 10 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
});

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
  lx6: windowed('lx6'),
  lx7: windowed('lx7'),
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
  lx7: 'esp32-s3',
};

/** Compiles a file of C with LLVM; absolute paths. */
async function compileWithLlvm(
  { llvm, flags: own }: CoreTarget,
  source: string,
  object: string,
  flags: readonly string[],
): Promise<void> {
  const job = { core: llvm!, cwd: FOLDER, source, object, flags: [...own, ...flags], processor: LIKE_DC233C };
  const { log, failed } = await compileXtensa(job);
  if (failed) throw new Error(log);
}

/** Compiles a file of C. */
export async function compileForCore(
  core: CoreName,
  source: string,
  object: string,
  flags: readonly string[],
): Promise<void> {
  const target = CORE_TARGETS[core];
  if (target.llvm) return compileWithLlvm(target, source, object, flags);
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
  if (target.llvm) {
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
