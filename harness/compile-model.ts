import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Board } from '../model/board.js';
import type { Compiled } from './compile.js';
import { allocatedSections } from './elf-sections.js';
import type { PackageName } from './packages.js';
import { runCall } from './run-call.js';
import { findProgram } from './toolchains.js';

/**
 * Compiling a model by itself, for boards of which neurona knows no more than the processor: a program for them takes
 * their maker's SDK, but the model includes nothing of it.
 */

interface CoreFacts {
  /** What brings a compiler for the core. */
  readonly package: PackageName;
  /** What takes the same flags where the compiler of the board's SDK is not installed. */
  readonly standIn?: string;
}

const ARM: CoreFacts = { package: 'gcc-arm-none-eabi' };
const ESPRESSIF: CoreFacts = { package: 'esp-idf' };
const CORES: Readonly<Record<Board['core'], CoreFacts>> = {
  avr: { package: 'gcc-avr' },
  'cortex-m0plus': ARM,
  'cortex-m4': ARM,
  rv32imc: { package: 'gcc-riscv64-unknown-elf', standIn: 'riscv64-unknown-elf-gcc' },
  lx106: { package: 'gcc-xtensa-lx106' },
  lx6: ESPRESSIF,
  lx7: ESPRESSIF,
  portable: { package: 'gcc' },
};

export const compilerPackage = ({ core }: Board): PackageName => CORES[core].package;

/** The name of an installed compiler for the board's processor, or null. */
export const findCompiler = ({ compiler, core }: Board): string | null =>
  [compiler.program, CORES[core].standIn].find((name) => name !== undefined && findProgram(name) !== null) ??
  null;

const FLAGS = ['-std=c99', '-pedantic', '-ffreestanding', '-Os', '-Wall', '-Wextra'];
const MILLISECONDS = 120_000;
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
  const program = findCompiler(board)!;
  const elf = path.join(out, `${name}.o`);
  const { command, stdout, stderr, failed } = await runCall({
    program,
    file: findProgram(program),
    arguments: [
      ...[...board.compiler.flags, ...FLAGS, ...includes.flatMap((folder) => ['-I', folder])],
      ...['-c', source, '-o', elf],
    ],
    cwd: directory,
    milliseconds: MILLISECONDS,
  });
  const log = command + stdout + stderr;
  if (failed) return { log, program: null };
  const sections = allocatedSections(readFileSync(elf)) ?? [];
  const sum = (kind: RegExp): number =>
    sections.filter((section) => kind.test(section.name)).reduce((all, { bytes }) => all + bytes, 0);
  const ramBytes = sum(IN_RAM) + (board.constantsInRam ? sum(CONSTANTS) : 0);
  return { log, program: { elf, hex: null, images: [], flashBytes: sum(IN_FLASH), ramBytes } };
}
