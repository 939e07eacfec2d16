import type { Board } from '../model/board.js';
import type { QuantizedLayer } from '../model/quantized-model.js';
import type { LayerWork, Terms } from './layer-work.js';
import type { TemplateValue } from './render.js';

export type Core = Board['core'];

/** Whether biases that stand apart need 32 bits. */
export const hasWideBias = ({ bias }: QuantizedLayer): boolean => bias.some((b) => b < -32768 || b > 32767);

/** A C function that several layers may call; one name stands for one text. */
export interface Helper {
  readonly name: string;
  readonly code: string;
  /** How large it is. */
  readonly size: Terms;
}

/** What the choice of a kernel depends on. */
export interface KernelFacts {
  readonly layer: QuantizedLayer;
  readonly core: Core;
  /** The time must not depend on the data. */
  readonly constantTime: boolean;
  /** Bytes of flash that may be spent on speed. */
  readonly flashBudget: number;
}

/** One way of computing a dense layer; its speed on each core stands in kernel-costs.ts. */
export interface Kernel {
  readonly name: string;
  readonly template: string;
  /** Whether it can compute this layer; that the core has a cost for it and for the accumulator goes before. */
  readonly suits: (facts: KernelFacts) => boolean;
  /** The weights as an array in flash; null where they are part of the code. */
  readonly weights:
    | ((facts: KernelFacts) => {
        type: string;
        values: ArrayLike<number>;
        comment: string;
        /** How a value is written, if not as a decimal number. */
        literal?: (value: number) => string;
      })
    | null;
  /** Whether the biases are an array of their own; otherwise they lie among the weights or in the code. */
  readonly biasApart: boolean;
  /** By how many zeros that array is longer than the layer has outputs. */
  readonly biasPadding?: (facts: KernelFacts) => number;
  /** The same of the multipliers. */
  readonly multiplierApart: boolean;
  /** Whether its sums are halves of words. */
  readonly isWord?: boolean;
  /** Values that this kernel's template alone needs, functions it calls, and flash it takes to be faster. */
  readonly own: (
    facts: KernelFacts,
    prefix: string,
    number: number,
  ) => {
    context: Record<string, TemplateValue>;
    helpers: readonly Helper[];
    work: LayerWork;
    spentBytes?: number;
    /** What the layer's function takes, if not the arrays before and behind it. */
    passed?: string;
  };
}
