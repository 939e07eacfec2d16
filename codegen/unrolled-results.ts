import type { QuantizedLayer } from '../model/quantized-model.js';
import type { Core } from './kernel.js';
import type { Requantizer } from './requantization.js';
import type { ResultsDialect } from './unrolled-store.js';
import { THUMB } from './unrolled-thumb.js';
import { XTENSA } from './unrolled-xtensa.js';

/**
 * What follows the sums of an unrolled SWAR layer, as assembly: two sums out of each word, requantised, looked up and stored.
 * Compilers make constants and move values in more than one way; of these lines each instruction is known. Operands have
 * names: `sum0`, `sum1`, ... are the words of sums, `value` and others scratch, `y` points to the results, `word` to the
 * layer's words, behind which lies what rounds, `multiplier` and `table` to those of the layer.
 */

export interface UnrolledResults {
  readonly lines: readonly string[];
  /** Whether it goes on where the sums end, in one statement, and then has their scratch and the pointers to x and to words for its own. */
  readonly joins: boolean;
  /** Elsewhere registers of the words of sums, which compilers would move about in between. */
  readonly sums: readonly string[] | null;
  readonly register: 'r' | 'l';
  /** Scratch that it alone needs. */
  readonly scratch: readonly string[];
  /** Whether it reads what rounds from behind the layer's words. */
  readonly rounds: boolean;
  /** Whether it reads the layer's multipliers. */
  readonly multiplies: boolean;
  /** Whether the table's address waits in memory, as registers are too few. */
  readonly isTableFar: boolean;
  /** Registers that it needs beside those of sums, and beside those of the statement that it joins. */
  readonly registers: number;
  readonly bytes: number;
  /** Instructions before the first output; for each output those where its sum is below 0, is not, and saturates. */
  readonly start: number;
  readonly negative: readonly number[];
  readonly positive: readonly number[];
  readonly saturated: readonly number[];
}

const RESULTS: Readonly<Partial<Record<Core, ResultsDialect>>> = {
  'cortex-m0plus': THUMB,
  lx106: XTENSA,
  lx6: XTENSA,
  lx7: XTENSA,
};

/** Instructions of which so many are executed where these branches are taken. */
function instructionsOn(lines: readonly string[], taken: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < lines.length; at++) {
    if (lines[at].endsWith(':')) continue;
    count++;
    const [, branch, label] = /^(b\w*) (\d)f$/.exec(lines[at]) ?? [];
    if (branch && taken.includes(branch)) at = lines.indexOf(`${label}:`, at);
  }
  return count;
}

/** Null: compilers make what follows the sums of C. `words`: of the layer, sums and weights. */
export function unrolledResults(
  core: Core,
  layer: QuantizedLayer,
  requantizer: Requantizer | null,
  constantTime: boolean,
  words: number,
): UnrolledResults | null {
  const dialect = RESULTS[core];
  if (!dialect) return null;
  const rounds = requantizer !== null && dialect.rounds(requantizer);
  const scratch = dialect.scratch({ layer, requantizer, constantTime });
  const joins = dialect.sums === null;
  const pointers = [true, rounds && !joins, requantizer?.multiplies, layer.table].filter(Boolean).length;
  const registers = scratch.length + pointers;
  const size = Math.ceil(layer.outputs / 2);
  const isTableFar = registers > dialect.left(size);
  const store = { layer, requantizer, constantTime, isTableFar };
  const start = dialect.start(store, words, rounds);
  const outputs = Array.from({ length: layer.outputs }, (_, n) => dialect.output(store, n));
  const instructions = [...start, ...outputs.flat()];
  return {
    lines: [...dialect.directives, ...instructions],
    joins,
    sums: dialect.sums && dialect.sums.slice(0, size),
    register: dialect.register,
    scratch,
    rounds,
    multiplies: requantizer?.multiplies ?? false,
    isTableFar,
    registers,
    bytes: instructions
      .filter((line) => !line.endsWith(':'))
      .reduce((sum, line) => sum + dialect.bytes(line), 0),
    start: start.length,
    negative: outputs.map((lines) => instructionsOn(lines, ['b'])),
    positive: outputs.map((lines) => instructionsOn(lines, ['bpl', 'bls'])),
    saturated: outputs.map((lines) => instructionsOn(lines, ['bpl'])),
  };
}
