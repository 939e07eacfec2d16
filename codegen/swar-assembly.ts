import { int } from './c-text.js';
import type { Core } from './kernel.js';
import { CALL0, WINDOWED, XTENSA_ARGUMENTS, type XtensaConvention } from './xtensa.js';

/** The assembly of the SWAR kernels, for each core with registers of 32 bits. */

export interface Dialect {
  /** Where the compiler has these instructions; elsewhere the same is done in C. */
  readonly guard: string;
  /** Registers of the block's four arguments as the calling convention has them: x, inputs, word, sums. */
  readonly arguments: readonly [string, string, string, string];
  /** Whether the block finds the last of them in memory, too, as %[kept]. */
  readonly kept?: boolean;
  /** Registers that hold sums, and all that a block of a size changes beside its arguments. */
  readonly sums: readonly string[];
  readonly scratch: readonly string[];
  /** Those of the sums' registers that the block saves by hand. */
  readonly byHand: readonly string[];
  /** A block of `size` words: sums = biases; sums += input · weights for each input; store the sums. */
  readonly block: (size: number, skip: boolean) => string[];
}

const each = (
  registers: readonly string[],
  lines: (register: string, offset: string) => string[],
): string[] => registers.flatMap((register, k) => lines(register, int(4 * k)));

/** Registers two by two; the last may be alone. */
function pairs(registers: readonly string[], lines: (first: string, second?: string) => string[]): string[] {
  return registers.flatMap((first, k) => (k % 2 === 0 ? lines(first, registers[k + 1]) : []));
}

const RV32_SUMS = 'a6 a7 t0 t1 t2 t3 t4 t5 t6 s1 s2 s3 s4 s5 s6 s7'.split(' ');

/** a4 the input, a5 the product. */
function rv32Block(size: number, skip: boolean): string[] {
  const sums = RV32_SUMS.slice(0, size);
  const step = int(4 * size);
  return [
    'add a1, a0, a1',
    ...each(sums, (sum, offset) => [`lw ${sum}, ${offset}(a2)`]),
    '1:',
    'lbu a4, 0(a0)',
    'addi a0, a0, 1',
    `addi a2, a2, ${step}`,
    ...(skip ? ['beqz a4, 2f'] : []),
    ...each(sums, (sum, offset) => [`lw a5, ${offset}(a2)`, 'mul a5, a5, a4', `add ${sum}, ${sum}, a5`]),
    ...(skip ? ['2:'] : []),
    'bne a0, a1, 1b',
    `addi a2, a2, ${step}`,
    ...each(sums, (sum, offset) => [`sw ${sum}, ${offset}(a3)`]),
  ];
}

const ARM_SUMS = 'r6 r7 r8 r9 r10 r11 r12 lr'.split(' ');

/** r3 the input, r4 and r5 weights. r7 may be the frame pointer: it is saved by hand. */
function cortexM4Block(size: number, skip: boolean): string[] {
  const sums = ARM_SUMS.slice(0, size);
  const list = `{${sums.join(', ')}}`;
  return [
    'push {r3, r7}',
    'add r1, r0',
    size > 1 ? `ldm r2!, ${list}` : `ldr ${sums[0]}, [r2], #4`,
    '1:',
    'ldrb r3, [r0], #1',
    ...(skip ? ['cbz r3, 2f'] : []),
    ...pairs(sums, (a, b) =>
      b === undefined
        ? ['ldr r4, [r2], #4', `mla ${a}, r4, r3, ${a}`]
        : ['ldrd r4, r5, [r2], #8', `mla ${a}, r4, r3, ${a}`, `mla ${b}, r5, r3, ${b}`],
    ),
    'cmp r0, r1',
    'bne 1b',
    ...(skip ? ['b 3f', '2:', `adds r2, #${int(4 * size)}`, 'cmp r0, r1', 'bne 1b', '3:'] : []),
    'pop {r3, r4}',
    size > 1 ? `stm r3, ${list}` : `str ${sums[0]}, [r3]`,
    'mov r7, r4',
  ];
}

/** r3 the input, r4 and r5 weights, then products. Sums are added to where they are; only low registers multiply. */
function cortexM0Block(size: number, skip: boolean): string[] {
  const sums = ARM_SUMS.slice(0, size);
  const load = (b?: string): string => (b === undefined ? 'ldmia r2!, {r4}' : 'ldmia r2!, {r4, r5}');
  return [
    '.syntax unified', // GCC takes Thumb-1 for the older syntax
    'push {r3, r7}',
    'adds r1, r0, r1',
    ...pairs(sums, (a, b) => [load(b), `mov ${a}, r4`, ...(b === undefined ? [] : [`mov ${b}, r5`])]),
    '1:',
    'ldrb r3, [r0]',
    'adds r0, #1',
    ...(skip ? ['cmp r3, #0', 'beq 2f'] : []),
    ...pairs(sums, (a, b) => [
      load(b),
      'muls r4, r3',
      `add ${a}, r4`,
      ...(b === undefined ? [] : ['muls r5, r3', `add ${b}, r5`]),
    ]),
    'cmp r0, r1',
    'bne 1b',
    ...(skip ? ['b 3f', '2:', `adds r2, #${int(4 * size)}`, 'cmp r0, r1', 'bne 1b', '3:'] : []),
    'pop {r0, r1}',
    ...pairs(sums, (a, b) => [
      `mov r4, ${a}`,
      ...(b === undefined ? ['stmia r0!, {r4}'] : [`mov r5, ${b}`, 'stmia r0!, {r4, r5}']),
    ]),
    'mov r7, r1',
  ];
}

const XTENSA_SUMS = 'a5 a8 a9 a10 a11 a12 a13 a14'.split(' ');

/** One register is missing, so that the pointer to the sums makes room for one of them. */
function xtensaBlock(
  { scratch, freeA5, fetchSums }: XtensaConvention,
  size: number,
  skip: boolean,
): string[] {
  const sums = XTENSA_SUMS.slice(0, size);
  const [input, product] = scratch;
  const step = int(4 * size);
  return [
    ...freeA5,
    'add a3, a2, a3',
    ...each(sums, (sum, offset) => [`l32i ${sum}, a4, ${offset}`]),
    '1:',
    `l8ui ${input}, a2, 0`,
    'addi a2, a2, 1',
    `addi a4, a4, ${step}`,
    ...(skip ? [`beqz ${input}, 2f`] : []),
    ...each(sums, (sum, offset) => [
      `l32i ${product}, a4, ${offset}`,
      `mull ${product}, ${product}, ${input}`,
      `add ${sum}, ${sum}, ${product}`,
    ]),
    ...(skip ? ['2:'] : []),
    'bne a2, a3, 1b',
    `addi a4, a4, ${step}`,
    ...fetchSums,
    ...each(sums, (sum, offset) => [`s32i ${sum}, a6, ${offset}`]),
  ];
}

const xtensa = (convention: XtensaConvention): Dialect => ({
  guard: convention.guard,
  arguments: XTENSA_ARGUMENTS,
  kept: convention.kept,
  sums: XTENSA_SUMS,
  scratch: convention.scratch,
  byHand: ['a5'],
  block: (size, skip) => xtensaBlock(convention, size, skip),
});

export const DIALECTS: Readonly<Partial<Record<Core, Dialect>>> = {
  rv32imc: {
    guard: 'defined(__riscv_mul) && __riscv_xlen == 32 && !defined(__riscv_32e)',
    arguments: ['a0', 'a1', 'a2', 'a3'],
    sums: RV32_SUMS,
    scratch: ['a4', 'a5'],
    byHand: [],
    block: rv32Block,
  },
  'cortex-m4': {
    guard: 'defined(__thumb2__)',
    arguments: ['r0', 'r1', 'r2', 'r3'],
    sums: ARM_SUMS,
    scratch: ['r4', 'r5', 'cc'],
    byHand: ['r7'],
    block: cortexM4Block,
  },
  'cortex-m0plus': {
    guard: 'defined(__thumb__)',
    arguments: ['r0', 'r1', 'r2', 'r3'],
    sums: ARM_SUMS,
    scratch: ['r4', 'r5', 'cc'],
    byHand: ['r7'],
    block: cortexM0Block,
  },
  lx106: xtensa(CALL0),
  lx6: xtensa(WINDOWED),
  lx7: xtensa(WINDOWED),
};
