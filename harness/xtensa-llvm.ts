import { readFileSync, writeFileSync } from 'node:fs';
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
 * llc puts a function's constants behind the function before, wherever that may end, though they have to begin at a
 * multiple of 4.
 */
function alignConstants(assembly: string): void {
  const text = readFileSync(assembly, 'utf8');
  writeFileSync(assembly, text.replaceAll('.literal_position', '.balign 4\n.literal_position'));
}

/** Compiles a file of C; never rejects. */
export async function compileXtensa(input: XtensaInput): Promise<{ log: string; failed: boolean }> {
  const { core, cwd, source, object, flags, processor = [] } = input;
  const [code, assembly] = [`${object}.ll`, `${object}.s`];
  const own = [PROCESSORS[core], ...processor];
  const level = flags.filter((flag) => /^-O\d$/.test(flag));
  const [clang, llc, assembler] = XTENSA_LLVM;
  const calls: readonly (readonly [string, readonly string[], (() => void)?])[] = [
    [clang, [...CLANG, ...flags, source, '-o', code]],
    [llc, [...own, ...level, '-function-sections', code, '-o', assembly], () => alignConstants(assembly)],
    [assembler, ['-triple=xtensa', ...own, '-filetype=obj', assembly, '-o', object]],
  ];
  let log = '';
  for (const [program, args, finish] of calls) {
    const call = { program, file: findProgram(program), arguments: args, cwd, milliseconds: MILLISECONDS };
    const { command, stdout, stderr, failed } = await runCall(call);
    log += command + stdout + stderr;
    if (failed) return { log, failed };
    finish?.();
  }
  return { log, failed: false };
}
