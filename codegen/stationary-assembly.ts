import { int } from './c-text.js';
import type { Core } from './kernel.js';
import { CALL0, WINDOWED, XTENSA_ARGUMENTS, type XtensaConvention } from './xtensa.js';

/** The assembly of the kernel `input-stationary`, for each core with registers of 32 bits. */

export interface StationaryDialect {
  /** Where the compiler has these instructions; elsewhere the same is done in C. */
  readonly guard: string;
  /** Registers of the block's four arguments as the calling convention has them: x, steps, weights, sums. */
  readonly arguments: readonly [string, string, string, string];
  /** Whether the block finds the last of them in memory, too, as %[kept]. */
  readonly kept?: boolean;
  /** What a block changes beside its arguments and sums. */
  readonly scratch: readonly string[];
  /** Those of all these that the block saves by hand. */
  readonly byHand: readonly string[];
  /** `size` sums += input · weight for each input. */
  readonly block: (size: number, skip: boolean) => string[];
  /** Registers that hold sums. */
  readonly sums: readonly string[];
  /** What is added to a weight in flash, where the core loads bytes without a sign. */
  readonly offset: 0 | 128;
  /** Inputs that are multiplied in one step. */
  readonly inputsPerStep: 1 | 4;
}

const RV32_SUMS = 'a6 a7 t0 t1 t2 t3 t4 t5 t6 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11'.split(' ');

/** a4 the input, a5 the weight, then the product. */
function rv32Block(size: number, skip: boolean): string[] {
  const sums = RV32_SUMS.slice(0, size);
  return [
    'add a1, a0, a1',
    ...sums.map((sum, k) => `lw ${sum}, ${int(4 * k)}(a3)`),
    '1:',
    'lbu a4, 0(a0)',
    'addi a0, a0, 1',
    ...(skip ? ['beqz a4, 2f'] : []),
    ...sums.flatMap((sum, k) => [`lb a5, ${int(k)}(a2)`, 'mul a5, a5, a4', `add ${sum}, ${sum}, a5`]),
    ...(skip ? ['2:'] : []),
    `addi a2, a2, ${int(size)}`,
    'bne a0, a1, 1b',
    ...sums.map((sum, k) => `sw ${sum}, ${int(4 * k)}(a3)`),
  ];
}

const CORTEX_M4_SUMS = 'r7 r8 r9 r10 r11 r12 lr'.split(' ');

/**
 * r4 four inputs, then the second and fourth of them; r5 the first and third; r6 four weights of one output, r3 two of
 * them. r7 may be the frame pointer: it is saved by hand.
 */
function cortexM4Block(size: number, skip: boolean): string[] {
  const sums = CORTEX_M4_SUMS.slice(0, size);
  const list = `{${sums.join(', ')}}`;
  return [
    'push {r3, r7}',
    'add r1, r0, r1, lsl #2',
    size > 1 ? `ldm r3, ${list}` : `ldr ${sums[0]}, [r3]`,
    '1:',
    'ldr r4, [r0], #4',
    ...(skip ? ['cmp r4, #0', 'beq 2f'] : []), // CBZ does not reach that far
    'uxtb16 r5, r4',
    'uxtb16 r4, r4, ror #8',
    ...sums.flatMap((sum) => [
      'ldr r6, [r2], #4',
      'sxtb16 r3, r6',
      `smlad ${sum}, r3, r5, ${sum}`,
      'sxtb16 r3, r6, ror #8',
      `smlad ${sum}, r3, r4, ${sum}`,
    ]),
    'cmp r0, r1',
    'bne 1b',
    ...(skip ? ['b 3f', '2:', `adds r2, #${int(4 * size)}`, 'cmp r0, r1', 'bne 1b', '3:'] : []),
    'pop {r3, r4}',
    size > 1 ? `stm r3, ${list}` : `str ${sums[0]}, [r3]`,
    'mov r7, r4',
  ];
}

const CORTEX_M0_SUMS = 'r6 r7 r8 r9 r10 r11 r12 lr'.split(' ');

/** r3 the input, r4 the weight, then the product; r5 the sum of the inputs. Only low registers multiply. */
function cortexM0Block(size: number, skip: boolean): string[] {
  const sums = CORTEX_M0_SUMS.slice(0, size);
  return [
    '.syntax unified', // GCC takes Thumb-1 for the older syntax
    'push {r3, r7}',
    'adds r1, r0, r1',
    ...sums.flatMap((sum) => ['ldmia r3!, {r4}', `mov ${sum}, r4`]),
    'movs r5, #0',
    '1:',
    'ldrb r3, [r0]',
    'adds r0, #1',
    ...(skip ? ['cmp r3, #0', 'beq 2f'] : []),
    'adds r5, r5, r3',
    ...sums.flatMap((sum, k) => [`ldrb r4, [r2, #${int(k)}]`, 'muls r4, r3', `add ${sum}, r4`]),
    ...(skip ? ['2:'] : []),
    `adds r2, #${int(size)}`,
    'cmp r0, r1',
    'bne 1b',
    'lsls r5, r5, #7',
    'pop {r0, r1}',
    ...sums.flatMap((sum) => [`mov r4, ${sum}`, 'subs r4, r4, r5', 'stmia r0!, {r4}']),
    'mov r7, r1',
  ];
}

const XTENSA_SUMS = 'a8 a9 a10 a11 a12 a13 a14'.split(' ');

/** Where products lie there are weights before; a5 is freed for the sum of the inputs. */
function xtensaBlock(
  { scratch, freeA5, fetchSums }: XtensaConvention,
  size: number,
  skip: boolean,
): string[] {
  const sums = XTENSA_SUMS.slice(0, size);
  const [input, product] = scratch;
  return [
    ...freeA5,
    'add a3, a2, a3',
    ...sums.map((sum, k) => `l32i ${sum}, a5, ${int(4 * k)}`),
    'movi a5, 0',
    '1:',
    `l8ui ${input}, a2, 0`,
    'addi a2, a2, 1',
    ...(skip ? [`beqz ${input}, 2f`] : []),
    `add a5, a5, ${input}`,
    ...sums.flatMap((sum, k) => [
      `l8ui ${product}, a4, ${int(k)}`,
      `mull ${product}, ${product}, ${input}`,
      `add ${sum}, ${sum}, ${product}`,
    ]),
    ...(skip ? ['2:'] : []),
    `addi a4, a4, ${int(size)}`,
    'bne a2, a3, 1b',
    'slli a5, a5, 7',
    ...fetchSums,
    ...sums.flatMap((sum, k) => [`sub ${sum}, ${sum}, a5`, `s32i ${sum}, a6, ${int(4 * k)}`]),
  ];
}

const xtensa = (convention: XtensaConvention): StationaryDialect => ({
  guard: convention.guard,
  arguments: XTENSA_ARGUMENTS,
  kept: convention.kept,
  scratch: convention.scratch,
  byHand: [],
  block: (size, skip) => xtensaBlock(convention, size, skip),
  sums: XTENSA_SUMS,
  offset: 128,
  inputsPerStep: 1,
});

export const STATIONARY_DIALECTS: Readonly<Partial<Record<Core, StationaryDialect>>> = {
  rv32imc: {
    guard: 'defined(__riscv_mul) && __riscv_xlen == 32 && !defined(__riscv_32e)',
    arguments: ['a0', 'a1', 'a2', 'a3'],
    scratch: ['a4', 'a5'],
    byHand: [],
    block: rv32Block,
    sums: RV32_SUMS,
    offset: 0,
    inputsPerStep: 1,
  },
  'cortex-m4': {
    guard: 'defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && defined(__thumb2__)',
    arguments: ['r0', 'r1', 'r2', 'r3'],
    scratch: ['r4', 'r5', 'r6', 'cc'],
    byHand: ['r7'],
    block: cortexM4Block,
    sums: CORTEX_M4_SUMS,
    offset: 0,
    inputsPerStep: 4,
  },
  'cortex-m0plus': {
    guard: 'defined(__thumb__)',
    arguments: ['r0', 'r1', 'r2', 'r3'],
    scratch: ['r4', 'r5', 'cc'],
    byHand: ['r7'],
    block: cortexM0Block,
    sums: CORTEX_M0_SUMS,
    offset: 128,
    inputsPerStep: 1,
  },
  lx106: xtensa(CALL0),
  lx6: xtensa(WINDOWED),
  lx7: xtensa(WINDOWED),
};
