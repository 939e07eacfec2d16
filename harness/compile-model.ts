import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Board } from '../model/board.js';
import type { Compiled } from './compile.js';
import { allocatedSections } from './elf-sections.js';
import { installCommand, type PackageName } from './packages.js';
import { runCall } from './run-call.js';
import { findProgram } from './find-program.js';
import { compileXtensa, XTENSA_LLVM, type XtensaInput } from './xtensa-llvm.js';

/**
 * Compiling a model by itself, for boards of which neurona knows no more than the processor: a program for them takes
 * their maker's SDK, but the model includes nothing of it.
 */

type Job = Pick<XtensaInput, 'cwd' | 'source' | 'object' | 'flags'>;

interface Compiler {
  /** All that it takes, the one that it is known by first. */
  readonly programs: readonly string[];
  /** What brings them. */
  readonly packages: readonly PackageName[];
  /** Whether its makers do not yet vouch for its code for this processor. */
  readonly isExperimental: boolean;
  readonly compile: (job: Job) => Promise<{ log: string; failed: boolean }>;
}

const MILLISECONDS = 120_000;

const gcc = (name: string, source: PackageName, flags: readonly string[]): Compiler => ({
  programs: [name],
  packages: [source],
  isExperimental: false,
  async compile({ cwd, source: file, object, flags: others }) {
    const words = [...flags, ...others, '-c', file, '-o', object];
    const call = {
      program: name,
      file: findProgram(name),
      arguments: words,
      cwd,
      milliseconds: MILLISECONDS,
    };
    const { command, stdout, stderr, failed } = await runCall(call);
    return { log: command + stdout + stderr, failed };
  },
});

const llvm = (core: XtensaInput['core']): Compiler => ({
  programs: XTENSA_LLVM,
  packages: ['clang-22', 'llvm-22'],
  isExperimental: true,
  compile: (job) => compileXtensa({ core, ...job }),
});

interface CoreFacts {
  /** What brings the compiler of the board's SDK. */
  readonly package: PackageName;
  /** What makes code for the core where that is not installed. */
  readonly standIn?: (board: Board) => Compiler;
}

const ARM: CoreFacts = { package: 'gcc-arm-none-eabi' };
const CORES: Readonly<Record<Board['core'], CoreFacts>> = {
  avr: { package: 'gcc-avr' },
  'cortex-m0plus': ARM,
  'cortex-m4': ARM,
  rv32imc: {
    package: 'esp-idf',
    standIn: ({ compiler }) => gcc('riscv64-unknown-elf-gcc', 'gcc-riscv64-unknown-elf', compiler.flags),
  },
  lx106: { package: 'gcc-xtensa-lx106' },
  lx6: { package: 'esp-idf', standIn: () => llvm('lx6') },
  lx7: { package: 'esp-idf', standIn: () => llvm('lx7') },
  portable: { package: 'gcc' },
};

/** What compiles for the board's processor, the compiler of its SDK first. */
function compilersOf(board: Board): Compiler[] {
  const { compiler, core } = board;
  const { package: source, standIn } = CORES[core];
  return [gcc(compiler.program, source, compiler.flags), ...(standIn === undefined ? [] : [standIn(board)])];
}

const findCompiler = (board: Board): Compiler | undefined =>
  compilersOf(board).find(({ programs }) => programs.every((name) => findProgram(name) !== null));

export const hasCompiler = (board: Board): boolean => findCompiler(board) !== undefined;

/** The command that installs a compiler for the board's processor, the one that is less to fetch; undefined where there is none. */
export const installCompiler = (board: Board): string | undefined =>
  compilersOf(board)
    .map(({ packages }) => installCommand(packages))
    .findLast((command) => command !== null) ?? undefined;

/** What compiled a model in place of the compiler of the board's SDK. */
export interface StandIn {
  readonly compiler: string;
  readonly insteadOf: string;
  /** Whether its makers do not yet vouch for its code for this processor. */
  readonly isExperimental: boolean;
}

/** What `compileModel` takes now; null where it is the SDK's own. */
export function findStandIn(board: Board): StandIn | null {
  const found = findCompiler(board);
  const insteadOf = board.compiler.program;
  if (found === undefined || found.programs[0] === insteadOf) return null;
  return { compiler: found.programs[0], insteadOf, isExperimental: found.isExperimental };
}

const FLAGS = ['-std=c99', '-pedantic', '-ffreestanding', '-Os', '-Wall', '-Wextra'];
const CONSTANTS = /^\.s?rodata\b/;
const IN_FLASH = /^\.(?:text|progmem|literal|s?rodata|s?data)\b/;
const IN_RAM = /^\.s?(?:data|bss)\b/;

export interface ModelInput {
  /** The generated folder; absolute, as is `out`. */
  readonly directory: string;
  readonly board: Board;
  readonly name: string;
  /** The model's `.c`, and folders to look for its header in, relative to the generated folder. */
  readonly source: string;
  readonly includes: readonly string[];
  readonly out: string;
}

/** Compiles the model into an object file, with a compiler that must be installed. */
export async function compileModel(input: ModelInput): Promise<Compiled> {
  const { directory, board, name, source, includes, out } = input;
  const elf = path.join(out, `${name}.o`);
  const flags = [...FLAGS, ...includes.flatMap((folder) => ['-I', folder])];
  const { log, failed } = await findCompiler(board)!.compile({ cwd: directory, source, object: elf, flags });
  if (failed) return { log, program: null };
  const sections = allocatedSections(readFileSync(elf)) ?? [];
  const sum = (kind: RegExp): number =>
    sections.filter((section) => kind.test(section.name)).reduce((all, { bytes }) => all + bytes, 0);
  const ramBytes = sum(IN_RAM) + (board.constantsInRam ? sum(CONSTANTS) : 0);
  return { log, program: { elf, hex: null, images: [], flashBytes: sum(IN_FLASH), ramBytes } };
}
