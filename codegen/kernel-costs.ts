import type { AccumulatorBits } from '../model/quantized-model.js';
import type { Core } from './kernel.js';

/** Facts by which kernels are chosen. */

type Costs = Readonly<Partial<Record<AccumulatorBits, number>>>;

const any = (cost: number): Costs => ({ 16: cost, 24: cost, 32: cost });

/** Counted on an lx106; LX6 and LX7 have its instructions. */
const XTENSA: Readonly<Record<string, Costs>> = {
  'swar-unrolled': { 16: 1.5 },
  swar: { 16: 1.9 },
  'input-stationary': any(4.5),
  'word-int4': any(11.1),
  'word-int2': any(7.9),
};

/**
 * Cost of a multiply-accumulate by core, kernel and accumulator: cycles on AVR; elsewhere instructions at -Os, of a dense
 * 64 × 32 layer without zeros with all that it does (of a small layer where the kernel is unrolled). A core can't use a
 * kernel that is not listed.
 */
export const COSTS: Readonly<Record<Core, Readonly<Record<string, Costs>>>> = {
  avr: {
    'avr-registers': { 16: 5 },
    'avr-blocks': { 16: 7.4 },
    'avr-straight-line': { 16: 5.4, 24: 6.6 },
    'avr-input-stationary': { 16: 7.5, 24: 8.8, 32: 10.8 },
  },
  rv32imc: {
    'swar-unrolled': { 16: 1.5 },
    swar: { 16: 1.7 },
    'input-stationary': any(3.8),
    'word-int4': any(12.1),
    'word-int2': any(9.9),
  },
  'cortex-m4': {
    'swar-unrolled': { 16: 1 },
    swar: { 16: 1.1 },
    'input-stationary': any(1.9),
    'word-int4': any(11.1),
    'word-int2': any(14),
  },
  'cortex-m0plus': {
    'swar-unrolled': { 16: 1.5 },
    swar: { 16: 1.7 },
    'input-stationary': any(4.2),
    'word-int4': any(15.1),
    'word-int2': any(13.8),
  },
  lx106: XTENSA,
  lx6: XTENSA,
  lx7: XTENSA,
  portable: { 'dense-int8': any(7), 'dense-int4': any(12), 'dense-int2': any(12) },
};

/** What a core with registers of 32 bits brings to the SWAR kernels. */
export interface WordCore {
  /** Words of sums that stay in registers beside the input, a weight and the pointers. */
  readonly words: number;
  /** Multiplications up to which a layer is unrolled: beyond, code costs more flash than it saves time. */
  readonly unrolled: number;
  /** Whether USAT limits what is shifted to a number of bits. */
  readonly saturates: boolean;
  /** Whether registers are so few that compilers push values out of them, so that all that a layer stores costs time elsewhere in it. */
  readonly spills: boolean;
  /** Bytes that a load reaches from its base: of that size are the words of an unrolled layer at most. */
  readonly reach: number;
}

export const WORD_CORES: Readonly<Partial<Record<Core, WordCore>>> = {
  rv32imc: { words: 16, unrolled: 64, saturates: false, spills: false, reach: 2048 },
  'cortex-m4': { words: 8, unrolled: 64, saturates: true, spills: false, reach: 4096 },
  'cortex-m0plus': { words: 8, unrolled: 64, saturates: false, spills: true, reach: 128 },
  lx106: { words: 8, unrolled: 64, saturates: false, spills: true, reach: 1024 },
  lx6: { words: 8, unrolled: 64, saturates: false, spills: true, reach: 1024 },
  lx7: { words: 8, unrolled: 64, saturates: false, spills: true, reach: 1024 },
};
