import type { QuantizedLayer } from '../model/quantized-model.js';
import { int } from './c-text.js';
import type { Core } from './kernel.js';
import type { Requantizer } from './requantization.js';

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
  /** Registers that it needs beside those of sums, and beside those of the statement that it joins. */
  readonly registers: number;
  readonly bytes: number;
  /** Instructions before the first output; for each output those where its sum is below 0, is not, and saturates. */
  readonly start: number;
  readonly negative: readonly number[];
  readonly positive: readonly number[];
  readonly saturated: readonly number[];
}

/** A layer's sums in words, and what becomes of them. */
interface Store {
  readonly layer: QuantizedLayer;
  readonly requantizer: Requantizer | null;
  readonly constantTime: boolean;
}

interface ResultsDialect {
  /** Registers of the sums, and how many of all are left for the rest beside so many words. */
  readonly sums: readonly string[] | null;
  readonly left: (size: number) => number;
  readonly scratch: (store: Store) => string[];
  readonly register: 'r' | 'l';
  readonly rounds: (requantizer: Requantizer) => boolean;
  readonly directives: readonly string[];
  /** Bytes of an instruction. */
  readonly bytes: (line: string) => number;
  /** Of a layer of so many words. */
  readonly start: (store: Store, words: number, rounds: boolean) => string[];
  readonly output: (store: Store, n: number) => string[];
}

const [VALUE, OTHER, WORD] = ['%[value]', '%[other]', '%[word]'];

const sumOf = (n: number): string => `%[sum${int(n >> 1)}]`;
const isUpper = (requantizer: Requantizer | null): boolean => requantizer?.form === 'upper';

/** How far a Thumb-1 core loads words from their base. */
const THUMB_REACH = 124;

/** At most the largest activation, in label 2's time; never by a branch where the time must be constant. */
function thumbClamp(to: string, { layer, requantizer, constantTime }: Store): string[] {
  if (!requantizer!.clamped) return [];
  const most = int(layer.requantization!.maximum);
  if (!constantTime) return [`cmp ${to}, #${most}`, 'bls 2f', `movs ${to}, #${most}`];
  return [
    `subs ${to}, #${most}`,
    `asrs ${OTHER}, ${to}, #31`,
    `ands ${to}, ${OTHER}`,
    `adds ${to}, #${most}`,
  ];
}

/** A sum becomes an activation in its register; the flags tell its sign. */
function thumbActivate(to: string, n: number, store: Store): string[] {
  const { requantizer, constantTime } = store;
  const { shift, multiplies, clamped } = requantizer!;
  const scale = isUpper(requantizer)
    ? [`lsrs ${to}, ${to}, #${int(shift)}`]
    : [
        ...(multiplies
          ? [`ldrh ${OTHER}, [%[multiplier], #${int(2 * n)}]`, `muls ${to}, ${OTHER}, ${to}`]
          : []),
        // Half a unit more is one more of halves.
        ...(shift > 1 ? [`lsrs ${to}, ${to}, #${int(shift - 1)}`] : []),
        `adds ${to}, #1`,
        `lsrs ${to}, ${to}, #1`,
      ];
  const scaled = [...scale, ...thumbClamp(to, store)];
  if (constantTime) return [`asrs ${OTHER}, ${to}, #31`, `bics ${to}, ${OTHER}`, ...scaled];
  const isShort = isUpper(requantizer) && !clamped; // 0 may take the way of all others
  return ['bpl 1f', `movs ${to}, #0`, ...(isShort ? ['1:', ...scaled] : ['b 2f', '1:', ...scaled, '2:'])];
}

/** The last word waits in a register that only MOV and ADD reach, until the first one is done. */
const WAITING = 3;
const thumbSum = (n: number): string => `%[sum${int((n >> 1) % WAITING)}]`;

/** The sum itself, or the rounded sum in the upper half of a register. What a lower half borrowed is given back. */
function thumbTake({ layer, requantizer, constantTime }: Store, n: number): { to: string; take: string[] } {
  const sum = thumbSum(n);
  const upper = isUpper(requantizer);
  if (n % 2 === 1)
    return { to: sum, take: [upper ? `adds ${sum}, ${sum}, ${WORD}` : `asrs ${sum}, ${sum}, #16`] };
  const fetch = n >> 1 === WAITING ? [`mov ${sum}, %[sum${int(WAITING)}]`] : [];
  if (upper)
    return { to: VALUE, take: [...fetch, `lsls ${VALUE}, ${sum}, #16`, `adds ${VALUE}, ${VALUE}, ${WORD}`] };
  const giveBack = n + 1 < layer.outputs ? [`subs ${sum}, ${sum}, ${VALUE}`] : [];
  const compare = requantizer && !constantTime ? [`cmp ${VALUE}, #0`] : [];
  return { to: VALUE, take: [...fetch, `sxth ${VALUE}, ${sum}`, ...giveBack, ...compare] };
}

const THUMB: ResultsDialect = {
  scratch: ({ requantizer, constantTime }) =>
    requantizer && (!isUpper(requantizer) || constantTime) ? ['value', 'other'] : ['value'],
  register: 'l',
  sums: ['r4', 'r5', 'r6', 'r12'],
  left: (size) => 7 - Math.min(size, WAITING), // one of the eight low ones may be the frame pointer
  rounds: isUpper,
  directives: ['.syntax unified'], // GCC takes Thumb-1 for the older syntax
  bytes: () => 2,
  start: (_store, words, rounds) => {
    const beyond = 4 * words - THUMB_REACH;
    if (!rounds) return [];
    return beyond > 0
      ? [`adds ${WORD}, #${int(beyond)}`, `ldr ${WORD}, [${WORD}, #${int(THUMB_REACH)}]`]
      : [`ldr ${WORD}, [${WORD}, #${int(4 * words)}]`];
  },
  output: (store, n) => {
    const { layer, requantizer } = store;
    const { to, take } = thumbTake(store, n);
    if (!requantizer) return [...take, `str ${to}, [%[y], #${int(4 * n)}]`];
    const look = layer.table ? [`ldrb ${to}, [%[table], ${to}]`] : [];
    return [...take, ...thumbActivate(to, n, store), ...look, `strb ${to}, [%[y], #${int(n)}]`];
  },
};

/** A logical shift to the right. */
const xtensaShift = (to: string, from: string, shift: number): string =>
  shift < 16
    ? `srli ${to}, ${from}, ${int(shift)}`
    : `extui ${to}, ${from}, ${int(shift)}, ${int(32 - shift)}`;

/** What has a form of two bytes: near words, small constants. */
const XTENSA_SHORT = /^(add |[ls]32i .*, ([0-9]|[1-5][0-9]|60)$|movi .*, ([0-9]|[1-8][0-9]|9[0-5])$)/;

/** What was scratch of the sums: a sum, what becomes of it, zero and the largest activation. */
const [INPUT, FIRST, ZERO, MOST] = ['%[input]', '%[first]', '%[x]', '%[second]'];

/** MOVLTZ chooses by a sign, so that no time depends on data. */
const XTENSA: ResultsDialect = {
  scratch: ({ layer, requantizer }) => (requantizer?.clamped && layer.outputs <= 2 ? ['second'] : []),
  register: 'r',
  sums: null,
  left: () => Infinity,
  rounds: () => true,
  directives: [],
  bytes: (line) => (XTENSA_SHORT.test(line) ? 2 : 3),
  start: ({ layer, requantizer }, words) =>
    requantizer
      ? [
          `l32i ${WORD}, ${WORD}, ${int(4 * words)}`,
          `movi ${ZERO}, 0`,
          ...(requantizer.clamped ? [`movi ${MOST}, ${int(layer.requantization!.maximum)}`] : []),
        ]
      : [],
  output: ({ layer, requantizer }, n) => {
    const sum = sumOf(n);
    const from = n % 2 === 0 ? INPUT : sum;
    const upper = n % 2 === 0 ? [`slli ${INPUT}, ${sum}, 16`] : [];
    const giveBack = n + 1 < layer.outputs ? [`sub ${sum}, ${sum}, ${INPUT}`] : [];
    const whole =
      n % 2 === 0 ? [...upper, `srai ${INPUT}, ${INPUT}, 16`, ...giveBack] : [`srai ${sum}, ${sum}, 16`];
    if (!requantizer) return [...whole, `s32i ${from}, %[y], ${int(4 * n)}`];
    const { shift, multiplies, clamped } = requantizer;
    const rounded = isUpper(requantizer)
      ? [...upper, `add ${from}, ${from}, ${WORD}`, xtensaShift(FIRST, from, shift)]
      : [
          ...whole,
          ...(multiplies
            ? [`l16ui ${FIRST}, %[multiplier], ${int(2 * n)}`, `mull ${FIRST}, ${FIRST}, ${from}`]
            : []),
          `add ${FIRST}, ${multiplies ? FIRST : from}, ${WORD}`,
          xtensaShift(FIRST, FIRST, shift),
        ];
    return [
      ...rounded,
      `movltz ${FIRST}, ${ZERO}, ${from}`,
      ...(clamped ? [`sub ${INPUT}, ${MOST}, ${FIRST}`, `movltz ${FIRST}, ${MOST}, ${INPUT}`] : []),
      ...(layer.table ? [`add ${FIRST}, %[table], ${FIRST}`, `l8ui ${FIRST}, ${FIRST}, 0`] : []),
      `s8i ${FIRST}, %[y], ${int(n)}`,
    ];
  },
};

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

/** Null: compilers make what follows the sums of C, as the core has no such assembly, or too few registers. `words`: of the layer, sums and weights. */
export function unrolledResults(
  core: Core,
  layer: QuantizedLayer,
  requantizer: Requantizer | null,
  constantTime: boolean,
  words: number,
): UnrolledResults | null {
  const dialect = RESULTS[core];
  if (!dialect) return null;
  const store = { layer, requantizer, constantTime };
  const rounds = requantizer !== null && dialect.rounds(requantizer);
  const scratch = dialect.scratch(store);
  const joins = dialect.sums === null;
  const pointers = [true, rounds && !joins, requantizer?.multiplies, layer.table].filter(Boolean).length;
  const registers = scratch.length + pointers;
  const size = Math.ceil(layer.outputs / 2);
  if (registers > dialect.left(size)) return null;
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
