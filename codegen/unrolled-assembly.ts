import { int } from './c-text.js';
import type { Core } from './kernel.js';
import { LOW_SUMS } from './unrolled-thumb.js';

/**
 * The sums of a small SWAR layer as straight-line assembly, for each core with registers of 32 bits. Its operands have names,
 * and compilers choose their registers: `x` points to the inputs, `word` to biases and weights; `input`, `first` and
 * `second` are scratch; `sum0`, `sum1`, ... are the sums.
 */

interface Dialect {
  /** Constraints of registers that loads and multiplications take, and of the input's; sums take any. */
  readonly register: 'r' | 'l';
  readonly inputRegister: 'r' | 'l';
  readonly directives: readonly string[];
  readonly loadInput: (i: number) => string;
  /** To label 1 where the input is 0. */
  readonly test: readonly string[];
  /** One sum, or two, become words of memory, from the one at byte `at` on. */
  readonly load: (at: number, a: string, b?: string) => readonly string[];
  /** One sum, or two, plus the input times words of memory. */
  readonly add: (at: number, a: string, b?: string) => readonly string[];
  /** Bytes from which on loads of words, of one at a time if not all, and of inputs take longer instructions. */
  readonly near: { readonly words: number; readonly loneWords: number; readonly inputs: number };
}

const INPUT = '%[input]';
const [FIRST, SECOND] = ['%[first]', '%[second]'];

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
  register: 'r',
  inputRegister: 'r',
  directives: [],
  loadInput: (i) => `l8ui ${INPUT}, %[x], ${int(i)}`,
  test: [`beqz ${INPUT}, 1f`],
  load: eachSum((at, sum) => `l32i ${sum}, %[word], ${int(at)}`),
  add: inTurns((at, sum, scratch) => [
    `l32i ${scratch}, %[word], ${int(at)}`,
    `mull ${scratch}, ${scratch}, ${INPUT}`,
    `add ${sum}, ${sum}, ${scratch}`,
  ]),
  near: { words: 64, loneWords: 64, inputs: Infinity },
};

const UNROLLED: Readonly<Partial<Record<Core, Dialect>>> = {
  rv32imc: {
    register: 'r',
    inputRegister: 'r',
    directives: [],
    loadInput: (i) => `lbu ${INPUT}, ${int(i)}(%[x])`,
    test: [`beqz ${INPUT}, 1f`],
    load: eachSum((at, sum) => `lw ${sum}, ${int(at)}(%[word])`),
    add: inTurns((at, sum, scratch) => [
      `lw ${scratch}, ${int(at)}(%[word])`,
      `mul ${scratch}, ${scratch}, ${INPUT}`,
      `add ${sum}, ${sum}, ${scratch}`,
    ]),
    near: { words: 128, loneWords: 128, inputs: Infinity },
  },
  'cortex-m4': {
    register: 'r',
    inputRegister: 'l',
    directives: [],
    loadInput: (i) => `ldrb ${INPUT}, [%[x], #${int(i)}]`,
    test: [`cbz ${INPUT}, 1f`],
    load: (at, a, b) => [
      b === undefined ? `ldr ${a}, [%[word], #${int(at)}]` : `ldrd ${a}, ${b}, [%[word], #${int(at)}]`,
    ],
    add: (at, a, b) => [
      b === undefined
        ? `ldr ${FIRST}, [%[word], #${int(at)}]`
        : `ldrd ${FIRST}, ${SECOND}, [%[word], #${int(at)}]`,
      `mla ${a}, ${FIRST}, ${INPUT}, ${a}`,
      ...(b === undefined ? [] : [`mla ${b}, ${SECOND}, ${INPUT}, ${b}`]),
    ],
    near: { words: Infinity, loneWords: 128, inputs: 32 },
  },
  'cortex-m0plus': {
    register: 'l',
    inputRegister: 'l',
    directives: ['.syntax unified'], // GCC takes Thumb-1 for the older syntax
    loadInput: (i) => `ldrb ${INPUT}, [%[x], #${int(i)}]`,
    test: [`cmp ${INPUT}, #0`, 'beq 1f'],
    load: each((at, sum) =>
      at < 4 * LOW_SUMS
        ? [`ldr ${sum}, [%[word], #${int(at)}]`]
        : [`ldr ${FIRST}, [%[word], #${int(at)}]`, `mov ${sum}, ${FIRST}`],
    ),
    add: each((at, sum) => [
      `ldr ${FIRST}, [%[word], #${int(at)}]`,
      `muls ${FIRST}, ${INPUT}, ${FIRST}`,
      `add ${sum}, ${FIRST}`,
    ]),
    near: { words: Infinity, loneWords: Infinity, inputs: Infinity },
  },
  lx106: XTENSA,
  lx6: XTENSA,
  lx7: XTENSA,
};

export interface UnrolledAssembly {
  readonly lines: readonly string[];
  readonly register: 'r' | 'l';
  readonly inputRegister: 'r' | 'l';
  /** Whether two words are under way at once. */
  readonly hasSecond: boolean;
  /** Registers that it needs beside those of sums. */
  readonly registers: number;
  /** Instructions beside those of the inputs; of an input that is not zero; of one that is passed over. */
  readonly start: number;
  readonly worked: number;
  readonly skipped: number;
  /** Words and inputs whose loads take longer instructions. */
  readonly farWords: number;
  readonly farInputs: number;
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
  const isFar = (k: number): boolean => {
    const { words, loneWords } = dialect.near;
    return 4 * k >= (k % size === size - 1 && size % 2 === 1 ? loneWords : words);
  };
  const hasSecond = size > 1 && add(0).some((line) => line.includes(SECOND));
  return {
    lines: [...dialect.directives, ...start, ...Array.from({ length: inputs }, (_, i) => input(i)).flat()],
    register: dialect.register,
    inputRegister: dialect.inputRegister,
    hasSecond,
    registers: ['x', 'word', 'input', 'first'].length + (hasSecond ? 1 : 0),
    start: start.length,
    worked: 1 + test.length + add(0).length,
    skipped: 1 + test.length,
    farWords: Array.from({ length: size * (inputs + 1) }, (_, k) => k).filter(isFar).length,
    farInputs: Math.max(0, inputs - dialect.near.inputs),
  };
}
