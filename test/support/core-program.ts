import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { COST_BOARDS } from '../../bench/device-facts.js';
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
   * less than one tick (less than two where handlers are taken off), tell the number of instructions exactly.
   */
  readonly ticksPerInstruction: number;
  /** Those of a call of a function that does nothing. */
  readonly callInstructions: number;
}

const MEGAHERTZ = 1e-3; // ticks per nanosecond

/** Call and return. */
const CALL_AND_RETURN = 2;

/** QEMU's dc233c has no instructions for the upper half of a product; start-up code and the counter take the others. */
const LIKE_DC233C = ['-mattr=-mul32high,+exception,+interrupt,+timers1,+rvector,+miscsr'];
const windowed = (llvm: XtensaInput['core']): CoreTarget => ({
  tools: 'xtensa-lx106-elf-',
  llvm,
  flags: ['-ffreestanding'],
  startup: 'lx6.c',
  script: 'lx6.ld',
  libraries: [],
  simulator: ['qemu-system-xtensa', '-M', 'sim', '-cpu', 'dc233c'],
  ticksPerInstruction: 10 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
  callInstructions: 1 + CALL_AND_RETURN + 1, // ENTRY, which turns the registers, and LLVM's copy of the stack pointer
});

const TARGETS = {
  rv32imc: {
    tools: 'riscv64-unknown-elf-',
    flags: ['--specs=picolibc.specs', '-march=rv32imc', '-mabi=ilp32'],
    startup: 'rv32imc.c',
    libraries: ['-lc'],
    simulator: ['qemu-system-riscv32', '-M', 'virt', '-bios', 'none'],
    ticksPerInstruction: INSTRUCTION_NANOSECONDS, // minstret counts QEMU's nanoseconds
    callInstructions: CALL_AND_RETURN,
  },
  'cortex-m4': {
    tools: 'arm-none-eabi-',
    flags: ['-mcpu=cortex-m4', '-mthumb'],
    startup: 'cortex-m.c',
    libraries: ['-lc'],
    simulator: ['qemu-system-arm', '-M', 'mps2-an386'],
    ticksPerInstruction: 256 * 25 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
    callInstructions: CALL_AND_RETURN,
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
    callInstructions: CALL_AND_RETURN,
  },
  // QEMU has no Cortex-M0+; the Cortex-M0 has the same instructions.
  'cortex-m0plus': {
    tools: 'arm-none-eabi-',
    flags: ['-mcpu=cortex-m0plus', '-mthumb'],
    startup: 'cortex-m.c',
    libraries: ['-lc'],
    simulator: ['qemu-system-arm', '-M', 'microbit'],
    ticksPerInstruction: 256 * 16 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
    callInstructions: CALL_AND_RETURN,
  },
  lx106: {
    tools: 'xtensa-lx106-elf-',
    flags: ['-ffreestanding', '-mtext-section-literals'],
    startup: 'lx106.c',
    libraries: [],
    simulator: ['qemu-system-xtensa', '-M', 'sim', '-cpu', 'lx106'],
    ticksPerInstruction: 40 * MEGAHERTZ * INSTRUCTION_NANOSECONDS,
    callInstructions: CALL_AND_RETURN,
  },
  lx6: windowed('lx6'),
  lx7: windowed('lx7'),
} satisfies Readonly<Record<string, CoreTarget>>;

export type CoreName = keyof typeof TARGETS;
export const CORE_TARGETS: Readonly<Record<CoreName, CoreTarget>> = TARGETS;
export const CORE_NAMES = Object.keys(TARGETS) as CoreName[];
/** Those that instructions and sizes are published of. */
export const MEASURED_CORES = ['rv32imc', 'cortex-m4', 'cortex-m0plus', 'lx106', 'lx6'] as const;
export type MeasuredCoreName = (typeof MEASURED_CORES)[number];
/** A board with this core. */
export const CORE_BOARDS: Readonly<Record<CoreName, string>> = {
  ...COST_BOARDS,
  lx7: 'esp32-s3',
};

/** Compiles a file of C with LLVM; absolute paths. */
async function compileWithLlvm(
  { llvm, flags: own }: CoreTarget,
  source: string,
  object: string,
  flags: readonly string[],
  processor: readonly string[],
): Promise<void> {
  const job = { core: llvm!, cwd: FOLDER, source, object, flags: [...own, ...flags], processor };
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
  if (target.llvm) return compileWithLlvm(target, source, object, flags, LIKE_DC233C);
  const files = ['-c', source, '-o', object];
  await run(`${target.tools}gcc`, [...target.flags, ...flags, ...files], { maxBuffer: 1 << 24 });
}

/** What is linked with a main program, of a folder: models to be run, or to be sized. */
export type ModelsObject = 'models.o' | 'sized.o';

/**
 * Compiles `models.c` of a folder once more where the simulated core lacks instructions of the board's, that a compiler takes;
 * what is to be sized.
 */
export async function compileSized(
  core: CoreName,
  folder: string,
  flags: readonly string[],
): Promise<ModelsObject> {
  const target = CORE_TARGETS[core];
  if (!target.llvm) return 'models.o';
  const [source, object] = ['models.c', 'sized.o'].map((name) => path.join(folder, name));
  await compileWithLlvm(target, source, object, flags, []);
  return 'sized.o';
}

/** Links models of a folder with a main program and the core's start-up code; the program's file. */
export async function linkForCore(
  core: CoreName,
  folder: string,
  main: string,
  models: ModelsObject = 'models.o',
): Promise<string> {
  const target = CORE_TARGETS[core];
  const base = main.replace(/\.c$/, '');
  const elf = `${base}.elf`;
  const script = ['-T', path.join(FOLDER, target.script ?? `${core}.ld`)];
  const flags = ['-Os', '-I', FOLDER];
  const startup = path.join(folder, 'startup.o');
  const compiled = path.join(folder, models);
  if (!existsSync(startup)) await compileForCore(core, path.join(FOLDER, target.startup), startup, flags);
  if (target.llvm) {
    const object = `${base}.o`;
    await compileForCore(core, main, object, flags);
    await run(`${target.tools}ld`, [...script, '--gc-sections', startup, object, compiled, '-o', elf]);
    return elf;
  }
  const link = ['-nostdlib', ...script, '-Wl,--gc-sections'];
  const rest = [startup, main, compiled, ...target.libraries, '-lgcc', '-o', elf];
  await run(`${target.tools}gcc`, [...target.flags, ...flags, ...link, ...rest]);
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
