import { readFileSync, writeFileSync } from 'node:fs';
import { fileReason } from '../model/file-error.js';
import { runCall } from './run-call.js';
import { findProgram } from './find-program.js';

/**
 * Code of LX6 and LX7 without Espressif's compiler. Clang makes LLVM's intermediate code, the same for every Xtensa, and
 * llc a core's own of it. That back end is experimental.
 */

/** What is started, in this order. */
export const XTENSA_LLVM = ['clang-22', 'llc-22', 'llvm-mc-22'] as const;

/**
 * llc knows an ESP32 by name. Of LX7 it is told the instructions that ESP32-S2 and -S3 both have. Source: `core-isa.h` of
 * each in ESP-IDF.
 */
const PROCESSORS = {
  lx6: '-mcpu=esp32',
  lx7: '-mattr=+density,+windowed,+nsa,+minmax,+sext,+clamps,+mul16,+mul32,+mul32high,+div32',
};

/**
 * Clang does not yet say of the calling convention what GCC says, and counts lines of assembly as one string, of which C99
 * promises no more than 4,095 characters.
 */
const CLANG = ['--target=xtensa', '-D__XTENSA_WINDOWED_ABI__', '-Wno-overlength-strings', '-S', '-emit-llvm'];
const MILLISECONDS = 120_000;

export interface XtensaInput {
  readonly core: keyof typeof PROCESSORS;
  /** The folder that `source` and folders of headers in `flags` are relative to. */
  readonly cwd: string;
  readonly source: string;
  /** Absolute; what is made on the way lies beside it. */
  readonly object: string;
  /** For clang. */
  readonly flags: readonly string[];
  /** Further words for llc and llvm-mc, such as `-mattr=-mul32high`. */
  readonly processor?: readonly string[];
}

/**
 * Instructions of three bytes that have a form of two. GNU's assembler takes that by itself, LLVM's where it is told. Source:
 * Xtensa Instruction Set Architecture Reference Manual, 4.3.1.
 */
const NARROW: readonly (readonly [wide: RegExp, narrow: string])[] = [
  [/^\tadd(?=\t)/gm, '\tadd.n'],
  [/^\taddi(?=\ta\d+, a\d+, (?:-1|[1-9]|1[0-5])\b)/gm, '\taddi.n'],
  [/^\t([ls]32i)(?=\ta\d+, a\d+, (?:\d|[1-5]\d|60)\b)/gm, '\t$1.n'],
  [/^\tmovi(?=\ta\d+, (?:\d|[1-8]\d|9[0-5]|-[1-9]|-[12]\d|-3[0-2])\b)/gm, '\tmovi.n'],
  [/^\tor\t(a\d+), (a\d+), \2\b/gm, '\tmov.n\t$1, $2'],
];

/** A function's constants, which llc puts into the section of the function before: where a linker leaves that out, they stay. */
const CONSTANTS = /^\t(\.literal_position\n(?:\t\.literal .*\n)+)((?:\t\.section\t.*\n)+)/gm;

/** Arrays of 4 to 32 bytes, which llc puts together by their size: a linker that keeps one of them keeps all. */
const POOLED =
  /^(\t\.type\t(\w+),@object.*\n)(?:\t\.section\t\.rodata\.cst.*\n)?(?=(?:\t\.p2align\t.*\n)?\2:)/gm;

/** A section of code that has constants, once `CONSTANTS` are in their own. */
const WITH_CONSTANTS = /^\t\.section\t\.text(\.[^,\n]+),.*\n\t\.literal_position$/gm;
/** Those of a file's first function, which stand before all sections. */
const FIRST_CONSTANTS = /^\t\.literal_position$[^]*?^\t\.text$/m;

/**
 * L32R reads words at multiples of four alone, but llvm-mc aligns no section of constants: behind code of another size a
 * linker refuses them ("misaligned literal target"). Source: Xtensa Instruction Set Architecture Reference Manual, L32R.
 */
function alignConstants(assembly: string): string {
  const own = Array.from(assembly.matchAll(WITH_CONSTANTS), ([, name]) => name);
  const all = FIRST_CONSTANTS.test(assembly) ? ['', ...own] : own;
  return all.map((name) => `\t.section\t.literal${name},"ax",@progbits\n\t.p2align\t2\n`).join('');
}

/** What llc leaves to do; `apart`: for data in sections of its own. */
function finish(assembly: string, apart: boolean): void {
  const whole = readFileSync(assembly, 'utf8').replaceAll(CONSTANTS, '$2\t$1');
  const text = apart ? whole.replaceAll(POOLED, '$1\t.section\t.rodata.$2,"a",@progbits\n') : whole;
  const short = NARROW.reduce((all, [wide, narrow]) => all.replaceAll(wide, narrow), text);
  writeFileSync(assembly, short + alignConstants(short));
}

/** Compiles a file of C; never rejects. */
export async function compileXtensa(input: XtensaInput): Promise<{ log: string; failed: boolean }> {
  const { core, cwd, source, object, flags, processor = [] } = input;
  const [code, assembly] = [`${object}.ll`, `${object}.s`];
  const own = [PROCESSORS[core], ...processor];
  const level = flags.filter((flag) => /^-O\d$/.test(flag));
  const apart = flags.includes('-fdata-sections');
  const [clang, llc, assembler] = XTENSA_LLVM;
  const calls: readonly (readonly [string, readonly string[], (() => void)?])[] = [
    [clang, [...CLANG, ...flags, source, '-o', code]],
    [
      llc,
      [...own, ...level, '-function-sections', ...(apart ? ['-data-sections'] : []), code, '-o', assembly],
      () => finish(assembly, apart),
    ],
    [assembler, ['-triple=xtensa', ...own, '-filetype=obj', assembly, '-o', object]],
  ];
  let log = '';
  for (const [program, args, then] of calls) {
    const call = { program, file: findProgram(program), arguments: args, cwd, milliseconds: MILLISECONDS };
    const { command, stdout, stderr, failed } = await runCall(call);
    log += command + stdout + stderr;
    if (failed) return { log, failed };
    try {
      then?.();
    } catch (error) {
      return { log: `${log}error: ${assembly}: ${fileReason(error)}\n`, failed: true };
    }
  }
  return { log, failed: false };
}
