import { int } from './c-text.js';
import type { Requantizer } from './requantization.js';
import {
  FIRST,
  INPUT,
  isUpper,
  SECOND,
  sumOf,
  WORD,
  type ResultsDialect,
  type Store,
} from './unrolled-store.js';

/** What follows the sums of an unrolled SWAR layer on RV32, in the statement of the sums. */

/** What ADDI holds. */
const LARGEST_IMMEDIATE = 2047;
/** What LUI sets are multiples of this. */
const UPPER_UNIT = 4096;

/** What rounds in the upper half of a word is a multiple of 2^15, and elsewhere a power of two, which ADDI may hold. */
const isRoundingHeld = (requantizer: Requantizer): boolean =>
  isUpper(requantizer) || requantizer.rounding > LARGEST_IMMEDIATE;

const loadRounding = ({ rounding }: Requantizer): string[] =>
  rounding < UPPER_UNIT
    ? [`lui ${WORD}, 1`, `srli ${WORD}, ${WORD}, 1`]
    : [`lui ${WORD}, ${int(rounding / UPPER_UNIT)}`];

/** Was scratch of the sums: the largest activation. */
const MOST = SECOND;

/** What is not below 0 becomes an activation, or more than that. */
function scale(from: string, n: number, requantizer: Requantizer): string[] {
  const { multiplies, shift, rounding } = requantizer;
  if (isUpper(requantizer)) return [`srli ${FIRST}, ${from}, ${int(shift)}`];
  const [add, what] = isRoundingHeld(requantizer) ? ['add', WORD] : ['addi', int(rounding)];
  const factor = from === FIRST ? INPUT : FIRST;
  return [
    ...(multiplies
      ? [`lhu ${factor}, ${int(2 * n)}(%[multiplier])`, `mul ${FIRST}, ${from}, ${factor}`]
      : []),
    `${add} ${FIRST}, ${multiplies ? FIRST : from}, ${what}`,
    `srli ${FIRST}, ${FIRST}, ${int(shift)}`,
  ];
}

/** SLTI tells a sign as 1, which 1 less makes a mask of no bits; of 0 it makes one of all bits. */
function activateByMasks(from: string, n: number, { requantizer, layer }: Store): string[] {
  const most = layer.requantization!.maximum;
  return [
    `slti ${FIRST}, ${from}, 0`,
    `addi ${FIRST}, ${FIRST}, -1`,
    `and ${FIRST}, ${FIRST}, ${from}`,
    ...scale(FIRST, n, requantizer!),
    ...(requantizer!.clamped
      ? [
          `addi ${FIRST}, ${FIRST}, -${int(most)}`,
          `srai ${INPUT}, ${FIRST}, 31`,
          `and ${FIRST}, ${FIRST}, ${INPUT}`,
          `addi ${FIRST}, ${FIRST}, ${int(most)}`,
        ]
      : []),
  ];
}

function activate(from: string, n: number, store: Store): string[] {
  const { requantizer, constantTime } = store;
  if (constantTime) return activateByMasks(from, n, store);
  const scaled = scale(from, n, requantizer!);
  const zero = `li ${FIRST}, 0`;
  if (!requantizer!.clamped) return [...scaled, `bgez ${from}, 1f`, zero, '1:'];
  const limited = [`bgeu ${MOST}, ${FIRST}, 2f`, `mv ${FIRST}, ${MOST}`, 'j 2f'];
  return [`bltz ${from}, 1f`, ...scaled, ...limited, '1:', zero, '2:'];
}

/** The sum itself, or the rounded sum in the upper half of a register. What a lower half borrowed is given back. */
function take({ layer, requantizer }: Store, n: number): { from: string; lines: string[] } {
  const sum = sumOf(n);
  const isHigh = n % 2 === 1;
  const upper = `slli ${INPUT}, ${sum}, 16`;
  if (isUpper(requantizer)) {
    if (isHigh) return { from: sum, lines: [`add ${sum}, ${sum}, ${WORD}`] };
    return { from: INPUT, lines: [upper, `add ${INPUT}, ${INPUT}, ${WORD}`] };
  }
  if (isHigh) return { from: INPUT, lines: [`srai ${INPUT}, ${sum}, 16`] };
  const giveBack = n + 1 < layer.outputs ? [`sub ${sum}, ${sum}, ${INPUT}`] : [];
  return { from: INPUT, lines: [upper, `srai ${INPUT}, ${INPUT}, 16`, ...giveBack] };
}

/** Operands in the eight registers that compressed instructions know. */
const COMPRESSED = ['input', 'first', 'second', 'word'].map((name) => `%[${name}]`);

/** Two where there is a compressed form: of additions, shifts and small constants, and of words nearby. */
function bytes(line: string): number {
  const [what, to, ...from] = line.split(/[ ,()]+/);
  const isSame = to === from[0];
  const isCompressed = COMPRESSED.includes(to) && (isSame || COMPRESSED.includes(from[1]));
  const constant = Number(from[from.length - 1]);
  const small = constant >= -32 && constant < 32;
  const isShort: Readonly<Record<string, boolean>> = {
    lw: isCompressed && Number(from[0]) < 128,
    sw: true, // raw outputs: where they go is an argument of the forward function
    beqz: true,
    add: isSame,
    and: isSame && isCompressed && COMPRESSED.includes(from[1]),
    addi: isSame && small,
    slli: isSame,
    srli: isSame && isCompressed,
    srai: isSame && isCompressed,
    li: small,
    lui: small,
    mv: true,
    j: true,
  };
  return isShort[what] ? 2 : 4;
}

export const RV32: ResultsDialect = {
  joins: true,
  // The sums' loads, seldom more than one in five, are the longer ones.
  registers: {
    input: 'a4',
    first: 'a5',
    second: 'a2',
    word: 'a3',
    sum0: 'a6',
    sum1: 'a7',
    sum2: 't1',
    sum3: 't3',
  },
  spends: ['word'],
  left: () => Infinity,
  scratch: ({ layer, requantizer, constantTime }) =>
    requantizer?.clamped && !constantTime && layer.outputs <= 2 ? ['second'] : [],
  constraint: () => 'r',
  rounds: (requantizer) => ({ held: isRoundingHeld(requantizer), behind: false }),
  directives: [],
  bytes,
  start: ({ layer, requantizer, constantTime }) => {
    if (!requantizer) return [];
    const limits = requantizer.clamped && !constantTime;
    return [
      ...(isRoundingHeld(requantizer) ? loadRounding(requantizer) : []),
      ...(limits ? [`li ${MOST}, ${int(layer.requantization!.maximum)}`] : []),
    ];
  },
  output: (store, n) => {
    const { layer, requantizer } = store;
    const { from, lines } = take(store, n);
    if (!requantizer) return [...lines, `sw ${from}, ${int(4 * n)}(%[y])`];
    return [
      ...lines,
      ...activate(from, n, store),
      ...(layer.table ? [`add ${FIRST}, ${FIRST}, %[table]`, `lbu ${FIRST}, 0(${FIRST})`] : []),
      `sb ${FIRST}, ${int(n)}(%[y])`,
    ];
  },
};
