/** What a layer has a core do. Times and sizes follow from it by the coefficients in cost-facts.ts. */

/** Counts by name. `exact` counts the unit itself (cycles, instructions, bytes); other names have a coefficient. */
export type Terms = Readonly<Record<string, number>>;

export interface LayerWork {
  /** Time that does not depend on the data. */
  readonly always: Terms;
  /** Time of one step of `inputsPerStep` inputs, which is passed over where all of them are 0. */
  readonly step: Terms;
  readonly inputsPerStep: number;
  /** Time of one output on top where its sum is not below 0. */
  readonly positive: Terms;
  /** On top of that for an output that would exceed the largest activation, where that takes other instructions. */
  readonly saturated?: Terms;
  /** Exact time on top, where steps or outputs differ: (steps,) and (outputs,). */
  readonly eachStep?: ArrayLike<number>;
  readonly eachPositive?: ArrayLike<number>;
  /** The same of outputs that would exceed the largest activation: (outputs,). */
  readonly eachSaturated?: ArrayLike<number>;
  /** Calls whose instructions are counted in `always`. */
  readonly calls?: number;
  /** Code, without constants and helper functions. */
  readonly code: Terms;
  /** Constants that stand in the code's text, in bytes: none unless given. */
  readonly constantBytes?: number;
  /** Where compilers make the layer a part of the forward function: how crowded its sums make the registers, from 1. */
  readonly crowding?: number;
  /** Registers that the forward function saves where the layer is a part of it. */
  readonly saved?: number;
  /** Stack of its deepest call, in bytes. */
  readonly stackBytes: number;
  /** What the rest of that stack depends on. */
  readonly frame?: Terms;
}

/** The sum of terms, each as often as it says. */
export function addTerms(...parts: readonly (Terms | readonly [Terms, number])[]): Terms {
  const sum: Record<string, number> = {};
  for (const part of parts) {
    const [terms, times] = Array.isArray(part) ? (part as [Terms, number]) : [part as Terms, 1];
    for (const [name, count] of Object.entries(terms)) sum[name] = (sum[name] ?? 0) + count * times;
  }
  return sum;
}

/** What a program takes of a board. */
export interface ProgramMemory {
  readonly flashBytes: number;
  readonly ramBytes: number;
}

/** What a core's programs take more than the same one on the processor that was measured, linked by neurona; by processor. */
export interface ProgramFacts {
  /** On other processors. */
  readonly others: Readonly<Record<string, ProgramMemory>>;
  /** With Arduino's core in place of what neurona links, at most of a few networks. */
  readonly arduinoCore: Readonly<Record<string, ProgramMemory>>;
}

/** What terms cost on a core: learnt from measurements by `npm run bench:costs`. */
export interface CostFacts extends ProgramFacts {
  readonly time: Terms;
  /** By how much of what is learnt a measurement has exceeded it, by kernel; a model's is its largest. */
  readonly margins: Readonly<Record<string, number>>;
  /** Bytes of code. */
  readonly size: Terms;
  /** Bytes of a program's static memory beside the model's. */
  readonly staticBytes: number;
  readonly stack: Terms;
}
