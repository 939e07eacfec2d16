import type { QuantizedLayer } from '../model/quantized-model.js';
import type { Core } from './kernel.js';
import type { Requantizer } from './requantization.js';
import { RV32 } from './unrolled-rv32.js';
import type { Constraint, ResultsDialect } from './unrolled-store.js';
import { THUMB } from './unrolled-thumb.js';
import { THUMB2 } from './unrolled-thumb2.js';
import { XTENSA } from './unrolled-xtensa.js';

/**
 * What follows the sums of an unrolled SWAR layer, as assembly: two sums out of each word, requantised, looked up and stored.
 * Compilers make constants and move values in more than one way; of these lines each instruction is known. Operands have
 * names: `sum0`, `sum1`, ... are the words of sums, `value` and others scratch, `y` points to the results, `word` to the
 * layer's words, behind which lies what rounds, `multiplier` and `table` to those of the layer.
 */

export interface UnrolledResults {
  readonly lines: readonly string[];
  /** Whether it goes on where the sums end, in one statement, and then has their scratch and pointers for its own. */
  readonly joins: boolean;
  /** Pointers of the joint statement that get new values. */
  readonly spends: readonly string[];
  /** The register of an operand, where compilers do not choose it: they would move values about in between, or take longer instructions. */
  readonly registerOf: (operand: string) => string | null;
  readonly constraint: (operand: string) => Constraint;
  /** Scratch that it alone needs. */
  readonly scratch: readonly string[];
  /** Whether the pointer to words gets what rounds, and whether that is read from behind the layer's words. */
  readonly holdsRounding: boolean;
  readonly rounds: boolean;
  /** Whether it reads the layer's multipliers. */
  readonly multiplies: boolean;
  /** Whether the table's address waits in memory, as registers are too few. */
  readonly isTableFar: boolean;
  /** Registers that it needs beside those of sums, and beside those of the statement that it joins. */
  readonly registers: number;
  /** Bytes of instructions, be they of the sums or of what follows. */
  readonly bytesOf: (lines: readonly string[]) => number;
  /** Instructions before the first output; for each output those where its sum is below 0, is not, and saturates. */
  readonly start: number;
  readonly negative: readonly number[];
  readonly positive: readonly number[];
  readonly saturated: readonly number[];
}

const RESULTS: Readonly<Partial<Record<Core, ResultsDialect>>> = {
  rv32imc: RV32,
  'cortex-m4': THUMB2,
  'cortex-m0plus': THUMB,
  lx106: XTENSA,
  lx6: XTENSA,
  lx7: XTENSA,
};

/** Branches that are taken wherever they stand; where a sum is not below 0; and where it does not saturate. */
const ALWAYS = ['b', 'j'];
const BELOW_0 = [...ALWAYS, 'bltz'];
const FROM_0 = [...ALWAYS, 'bpl', 'bgez'];
const UNSATURATED = [...FROM_0, 'bls', 'bgeu'];

const isInstruction = (line: string): boolean => !line.endsWith(':') && !line.startsWith('.');

/** Instructions of which so many are executed where these branches are taken. */
function instructionsOn(lines: readonly string[], taken: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < lines.length; at++) {
    if (!isInstruction(lines[at])) continue;
    count++;
    const [, branch, label] = /^(\w+) (?:.*, )?(\d)f$/.exec(lines[at]) ?? [];
    if (branch && taken.includes(branch)) at = lines.indexOf(`${label}:`, at);
  }
  return count;
}

/** `words`: of the layer, sums and weights. */
export function unrolledResults(
  core: Core,
  layer: QuantizedLayer,
  requantizer: Requantizer | null,
  constantTime: boolean,
  words: number,
): UnrolledResults {
  const dialect = RESULTS[core]!;
  const { held, behind } = requantizer ? dialect.rounds(requantizer) : { held: false, behind: false };
  const scratch = dialect.scratch({ layer, requantizer, constantTime });
  const { joins } = dialect;
  const pointers = [true, held && !joins, requantizer?.multiplies, layer.table].filter(Boolean).length;
  const registers = scratch.length + pointers;
  const isTableFar = registers > dialect.left(Math.ceil(layer.outputs / 2));
  const store = { layer, requantizer, constantTime, isTableFar };
  const start = dialect.start(store, words);
  const outputs = Array.from({ length: layer.outputs }, (_, n) => dialect.output(store, n));
  return {
    lines: [...dialect.directives, ...start, ...outputs.flat()],
    joins,
    spends: requantizer ? dialect.spends : [],
    registerOf: (operand) => dialect.registers[operand] ?? null,
    constraint: dialect.constraint,
    scratch,
    holdsRounding: held,
    rounds: behind,
    multiplies: requantizer?.multiplies ?? false,
    isTableFar,
    registers,
    bytesOf: (lines) => lines.filter(isInstruction).reduce((sum, line) => sum + dialect.bytes(line), 0),
    start: start.length,
    negative: outputs.map((lines) => instructionsOn(lines, BELOW_0)),
    positive: outputs.map((lines) => instructionsOn(lines, UNSATURATED)),
    saturated: outputs.map((lines) => instructionsOn(lines, FROM_0)),
  };
}
