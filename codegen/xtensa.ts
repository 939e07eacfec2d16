/** What a block of assembly has to know of the two calling conventions of Xtensa. */

export interface XtensaConvention {
  readonly guard: string;
  /** Registers of an input and of a product. */
  readonly scratch: readonly [string, string];
  /** Whether the compiler keeps the pointer to the sums in memory, too: %[kept]. */
  readonly kept: boolean;
  /** Frees a5 of that pointer, and puts it into a6. */
  readonly freeA5: readonly string[];
  readonly fetchSums: readonly string[];
}

/** Registers as a call finds them: x, how many inputs, weights, sums. */
export const XTENSA_ARGUMENTS = ['a2', 'a3', 'a4', 'a5'] as const;

/** lx106. a15 may be the frame pointer. */
export const CALL0: XtensaConvention = {
  guard: 'defined(__XTENSA_CALL0_ABI__)',
  scratch: ['a6', 'a7'],
  kept: false,
  freeA5: ['addi a1, a1, -16', 's32i a5, a1, 0'],
  fetchSums: ['l32i a6, a1, 0', 'addi a1, a1, 16'],
};

/** LX6, LX7: registers in windows. a7 may be the frame pointer; a1 stays, as registers of callers are saved below it. */
export const WINDOWED: XtensaConvention = {
  guard: 'defined(__XTENSA_WINDOWED_ABI__)',
  scratch: ['a6', 'a15'],
  kept: true,
  freeA5: [],
  fetchSums: ['l32i a6, %[kept]'],
};
