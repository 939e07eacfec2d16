import type { Board } from '../model/board.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { fullActivity, type Activity } from './activity.js';
import { COST_FACTS } from './cost-facts.js';
import type { Format } from './formats.js';
import type { Layout } from './layout.js';
import type { CostFacts, ProgramMemory, Terms } from './layer-work.js';
import {
  countedFor,
  sizeTerms,
  stackTerms,
  staticBytes,
  timeTerms,
  type CostSet,
  type Counted,
} from './cost-terms.js';

/** What a generated model takes of a board, before any compiler has seen it. */
export interface Estimate {
  readonly counted: Counted;
  readonly flashBytes: number;
  /** With the stack at its deepest. */
  readonly ramBytes: number;
  readonly stackBytes: number;
  /** The same sketch compiled with Arduino's core, as the Arduino IDE does, about; null where that is not known. */
  readonly withArduinoCore: ProgramMemory | null;
  /** Of a forward pass, in `unit`; null where nothing is known of the core. */
  readonly cycles: { readonly typical: number; readonly worst: number } | null;
  readonly unit: 'cycles' | 'instructions';
  /** Typical, at the board's clock. */
  readonly microseconds: number | null;
  /** The compiler or processor that was measured in place of the board's own; null where that was, or another like it. */
  readonly standIn: 'llvm' | 'atmega328p' | null;
}

export type StandIn = NonNullable<Estimate['standIn']>;

/** By core, and by the compiler's word for the processor. */
const STAND_INS: Readonly<Record<string, StandIn>> = {
  lx6: 'llvm',
  lx7: 'llvm',
  '-mmcu=atmega4809': 'atmega328p',
};

/** What was learnt of LX6 holds for LX7: compilers make the same code for both, byte for byte. */
const COST_SETS: Readonly<Record<string, CostSet>> = { lx7: 'lx6', '-mcpu=cortex-m7': 'cortex-m7' };

/** What a table has for a board, by its compiler's word for the processor, or by its core. */
function entryFor<T>(table: Readonly<Record<string, T>>, { core, compiler }: Board): T | undefined {
  const word = [...compiler.flags, core].find((name) => Object.hasOwn(table, name));
  return word === undefined ? undefined : table[word];
}

/** Null where nothing is known of the board's core. */
function costSetOf(board: Board): CostSet | null {
  const { core } = board;
  return entryFor(COST_SETS, board) ?? (core === 'portable' || core === 'lx7' ? null : core);
}

/** Code of a layer on a core without measurements, in bytes: about what compilers make of one. */
const UNMEASURED_LAYER_BYTES = 220;

/**
 * Cycles of an instruction in the kernels' inner loops, about, by the manuals of the cores: loads take two, the rest one.
 * A Cortex-M7 does two at once where it can: as much more in a cycle as by Arm's CoreMark per MHz, 5.01 to 3.42 of a
 * Cortex-M4. Waits for flash come on top.
 */
const CYCLES_PER_UNIT: Readonly<Record<CostSet, number>> = {
  avr: 1,
  rv32imc: 1.3,
  'cortex-m4': 1.5,
  'cortex-m7': 1,
  'cortex-m0plus': 1.4,
  lx106: 1.3,
  lx6: 1.3,
};

/** Only while `npm run bench:costs` measures a new kernel is there a term without a coefficient. */
function evaluate(coefficients: Terms, terms: Terms): { exact: number; learnt: number } {
  let learnt = 0;
  for (const [name, count] of Object.entries(terms)) {
    if (name !== 'exact') learnt += count * (coefficients[name] ?? 0);
  }
  return { exact: terms.exact ?? 0, learnt };
}

function sum(coefficients: Terms, terms: Terms): number {
  const { exact, learnt } = evaluate(coefficients, terms);
  return Math.round(exact + learnt);
}

/** The activity that takes longest: a sum that is not below 0 may well take less than one that is. */
function longestActivity({ time }: CostFacts, model: QuantizedModel, layout: Layout): Activity {
  return fullActivity(model).map(({ active, positive, saturated }, l) => {
    const work = layout.work[l];
    const longest = (
      terms: Terms,
      each: ArrayLike<number> | undefined,
      shares: Float64Array,
    ): Float64Array => {
      const { learnt } = evaluate(time, terms);
      return shares.map((share, k) => ((each ? each[k] : learnt) < 0 ? 0 : share));
    };
    return {
      active: longest(work.step, work.eachStep, active),
      positive: longest(work.positive, work.eachPositive, positive),
      saturated: longest(work.saturated ?? {}, work.eachSaturated, saturated),
    };
  });
}

/** No pass takes longer: what compilers make of C varies, so that it gets a margin. */
function worstTime(facts: CostFacts, model: QuantizedModel, layout: Layout): number {
  const { time, margins } = facts;
  const longest = longestActivity(facts, model, layout);
  const { exact, learnt } = evaluate(time, timeTerms(layout, longest));
  const margin = layout.kernels.reduce((most, kernel) => Math.max(most, margins[kernel] ?? 0), 0);
  return Math.ceil(exact + learnt * (1 + margin));
}

const plus = (a: ProgramMemory, b: ProgramMemory | undefined): ProgramMemory => ({
  flashBytes: a.flashBytes + (b?.flashBytes ?? 0),
  ramBytes: a.ramBytes + (b?.ramBytes ?? 0),
});

/** Without its stack. */
function memoryOf(
  facts: CostFacts | null,
  model: QuantizedModel,
  board: Board,
  layout: Layout,
  counted: Counted,
): ProgramMemory {
  const ramBytes = staticBytes(board, layout, counted);
  if (!facts)
    return { flashBytes: layout.constantBytes + UNMEASURED_LAYER_BYTES * layout.work.length, ramBytes };
  const memory = { flashBytes: sum(facts.size, sizeTerms(model, layout, counted)), ramBytes };
  if (counted === 'model') return memory;
  return plus(plus(memory, { flashBytes: 0, ramBytes: facts.staticBytes }), facts.others[board.mcu ?? '']);
}

/** `typical`: activities of rows, of whose times the median counts. */
export function estimate(
  model: QuantizedModel,
  board: Board,
  format: Format,
  layout: Layout,
  typical: readonly Activity[],
): Estimate {
  const { core, clockHz } = board;
  const counted = countedFor(board, format);
  const costSet = costSetOf(board);
  const unit = core === 'avr' ? 'cycles' : 'instructions';
  const facts = costSet === null ? null : COST_FACTS[costSet];
  const stackBytes = facts ? sum(facts.stack, stackTerms(model, layout)) : 0;
  const memory = plus(memoryOf(facts, model, board, layout, counted), {
    flashBytes: 0,
    ramBytes: stackBytes,
  });
  const arduinoCore = counted === 'program' ? facts?.arduinoCore[board.mcu ?? ''] : undefined;
  const known = {
    counted,
    ...memory,
    stackBytes,
    withArduinoCore: arduinoCore ? plus(memory, arduinoCore) : null,
    unit,
    standIn: entryFor(STAND_INS, board) ?? null,
  } as const;
  if (costSet === null || facts === null) return { ...known, cycles: null, microseconds: null };
  const times = typical.map((activity) => sum(facts.time, timeTerms(layout, activity))).sort((a, b) => a - b);
  const median = times[times.length >> 1];
  return {
    ...known,
    cycles: { typical: median, worst: worstTime(facts, model, layout) },
    microseconds: clockHz === null ? null : (median * CYCLES_PER_UNIT[costSet] * 1e6) / clockHz,
  };
}
