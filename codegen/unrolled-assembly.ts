import { int } from './c-text.js';
import type { Core } from './kernel.js';
import { FIRST, INPUT, SECOND, WORD, type Constraint } from './unrolled-store.js';
import { LOW_SUMS } from './unrolled-thumb.js';

/**
 * The sums of a small SWAR layer as straight-line assembly, for each core with registers of 32 bits. Its operands have names,
 * and compilers choose their registers: `x` points to the inputs, `word` to biases and weights; `input`, `first` and
 * `second` are scratch; `sum0`, `sum1`, ... are the sums.
 */

interface Dialect {
  /** Of operands but for sums, which take any register. */
  readonly constraint: (operand: string) => Constraint;
  readonly directives: readonly string[];
  readonly loadInput: (i: number) => string;
  /** To label 1 where the input is 0. */
  readonly test: readonly string[];
  /** One sum, or two, become words of memory, from the one at byte `at` on. */
  readonly load: (at: number, a: string, b?: string) => readonly string[];
  /** One sum, or two, plus the input times words of memory. */
  readonly add: (at: number, a: string, b?: string) => readonly string[];
}

/** Two words at a time, so that no instruction waits for the load before it. */
const inTurns = (
  one: (at: number, sum: string, scratch: string) => readonly string[],
): ((at: number, a: string, b?: string) => string[]) => {
  return (at, a, b) => {
    const second = b === undefined ? null : one(at + 4, b, SECOND);
    return one(at, a, FIRST).flatMap((line, k) => (second ? [line, second[k]] : [line]));
  };
};

const each =
  (one: (at: number, sum: string) => readonly string[]): ((at: number, a: string, b?: string) => string[]) =>
  (at, a, b) => [...one(at, a), ...(b === undefined ? [] : one(at + 4, b))];

const eachSum = (one: (at: number, sum: string) => string): Dialect['load'] =>
  each((at, sum) => [one(at, sum)]);

const XTENSA: Dialect = {
  constraint: () => 'r',
  directives: [],
  loadInput: (i) => `l8ui ${INPUT}, %[x], ${int(i)}`,
  test: [`beqz ${INPUT}, 1f`],
  load: eachSum((at, sum) => `l32i ${sum}, ${WORD}, ${int(at)}`),
  add: inTurns((at, sum, scratch) => [
    `l32i ${scratch}, ${WORD}, ${int(at)}`,
    `mull ${scratch}, ${scratch}, ${INPUT}`,
    `add ${sum}, ${sum}, ${scratch}`,
  ]),
};

const UNROLLED: Readonly<Partial<Record<Core, Dialect>>> = {
  rv32imc: {
    constraint: () => 'r',
    directives: [],
    loadInput: (i) => `lbu ${INPUT}, ${int(i)}(%[x])`,
    test: [`beqz ${INPUT}, 1f`],
    load: eachSum((at, sum) => `lw ${sum}, ${int(at)}(${WORD})`),
    add: inTurns((at, sum, scratch) => [
      `lw ${scratch}, ${int(at)}(${WORD})`,
      `mul ${scratch}, ${scratch}, ${INPUT}`,
      `add ${sum}, ${sum}, ${scratch}`,
    ]),
  },
  'cortex-m4': {
    constraint: (operand) => (operand === 'second' ? 'r' : 'l'), // LDRD takes any, LDR and LDRB take longer for others
    directives: [],
    loadInput: (i) => `ldrb ${INPUT}, [%[x], #${int(i)}]`,
    test: [`cbz ${INPUT}, 1f`],
    load: (at, a, b) => [
      b === undefined ? `ldr ${a}, [${WORD}, #${int(at)}]` : `ldrd ${a}, ${b}, [${WORD}, #${int(at)}]`,
    ],
    add: (at, a, b) => [
      b === undefined
        ? `ldr ${FIRST}, [${WORD}, #${int(at)}]`
        : `ldrd ${FIRST}, ${SECOND}, [${WORD}, #${int(at)}]`,
      `mla ${a}, ${FIRST}, ${INPUT}, ${a}`,
      ...(b === undefined ? [] : [`mla ${b}, ${SECOND}, ${INPUT}, ${b}`]),
    ],
  },
  'cortex-m0plus': {
    constraint: () => 'l',
    directives: ['.syntax unified'], // GCC takes Thumb-1 for the older syntax
    loadInput: (i) => `ldrb ${INPUT}, [%[x], #${int(i)}]`,
    test: [`cmp ${INPUT}, #0`, 'beq 1f'],
    load: each((at, sum) =>
      at < 4 * LOW_SUMS
        ? [`ldr ${sum}, [${WORD}, #${int(at)}]`]
        : [`ldr ${FIRST}, [${WORD}, #${int(at)}]`, `mov ${sum}, ${FIRST}`],
    ),
    add: each((at, sum) => [
      `ldr ${FIRST}, [${WORD}, #${int(at)}]`,
      `muls ${FIRST}, ${INPUT}, ${FIRST}`,
      `add ${sum}, ${FIRST}`,
    ]),
  },
  lx106: XTENSA,
  lx6: XTENSA,
  lx7: XTENSA,
};

export interface UnrolledAssembly {
  readonly lines: readonly string[];
  readonly constraint: (operand: string) => Constraint;
  /** Whether two words are under way at once. */
  readonly hasSecond: boolean;
  /** Registers that it needs beside those of sums. */
  readonly registers: number;
  /** Instructions beside those of the inputs; of an input that is not zero; of one that is passed over. */
  readonly start: number;
  readonly worked: number;
  readonly skipped: number;
}

/** A layer of `size` words and so many inputs. */
export function unrolledAssembly(core: Core, size: number, inputs: number, skip: boolean): UnrolledAssembly {
  const dialect = UNROLLED[core]!;
  const pairs = Array.from({ length: Math.ceil(size / 2) }, (_, k) => 2 * k);
  const sum = (k: number): string => `%[sum${int(k)}]`;
  const both = (k: number): [string, string?] => (k + 1 < size ? [sum(k), sum(k + 1)] : [sum(k)]);
  const start = pairs.flatMap((k) => dialect.load(4 * k, ...both(k)));
  const test = skip ? dialect.test : [];
  const add = (i: number): string[] =>
    pairs.flatMap((k) => dialect.add(4 * (size * (i + 1) + k), ...both(k)));
  const input = (i: number): string[] => [dialect.loadInput(i), ...test, ...add(i), ...(skip ? ['1:'] : [])];
  const hasSecond = size > 1 && add(0).some((line) => line.includes(SECOND));
  return {
    lines: [...dialect.directives, ...start, ...Array.from({ length: inputs }, (_, i) => input(i)).flat()],
    constraint: dialect.constraint,
    hasSecond,
    registers: ['x', 'word', 'input', 'first'].length + (hasSecond ? 1 : 0),
    start: start.length,
    worked: 1 + test.length + add(0).length,
    skipped: 1 + test.length,
  };
}
