import type { Board } from '../model/board.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import type { Activity } from './activity.js';
import type { Format } from './formats.js';
import type { Core } from './kernel.js';
import type { Layout } from './layout.js';
import { addTerms, type Terms } from './layer-work.js';

/** What a model has a board do and hold, in the terms that `cost-facts.ts` has coefficients for. */

/** What costs are learnt for: cores, and a processor for which compilers make other code of its core's kernels. */
export type CostSet = Exclude<Core, 'lx7' | 'portable'> | 'cortex-m7';

/**
 * `program`: the verification sketch as `neurona build` links it. `model`: what the model adds to a program that uses it
 * whole, with inputs and outputs.
 */
export type Counted = 'program' | 'model';

/** Which program of a format is counted: that which `neurona build` links for the board, where it can. */
export const countedFor = ({ toolchains }: Board, format: Format): Counted =>
  toolchains[0] === 'avr-gcc' && format !== 'c' ? 'program' : 'model';

/** All constants, but for the names of classes, which the verification sketch does not use. */
const constantBytes = (layout: Layout, counted: Counted): number =>
  layout.constantBytes - (counted === 'model' ? 0 : layout.nameBytes);

/** Static memory of the model, inputs and outputs. */
export const staticBytes = (board: Board, layout: Layout, counted: Counted): number =>
  layout.ramBytes + (board.constantsInRam ? constantBytes(layout, counted) : 0);

const scalingTerm = ({ input }: QuantizedModel): string =>
  `${input.rawType} ${input.low.length === 1 ? 'shared' : 'each'}`;

/** Compilers shift where the one multiplier of all features, which stands in the code, is a power of two. */
const scalesByShift = ({ input: { low, multiplier } }: QuantizedModel): boolean =>
  low.length === 1 && Number.isInteger(Math.log2(multiplier[0]));

/** What the rest of a program depends on: compilers know how long its arrays are, and make no loops over few. */
function programTerms({ input, layers, decision }: QuantizedModel): Terms {
  const { outputs } = layers[layers.length - 1];
  const scaling = input.low.length === 1 ? 'shared' : 'each';
  return {
    [`program, ${decision}, ${scaling}`]: 1,
    [`program, ${decision}, outputs ${Math.min(outputs, 4)}`]: 1,
    [`program, ${scaling}, features ${Math.min(input.features.length, 3)}`]: 1,
  };
}

/** Code and constants, in bytes. */
export function sizeTerms(model: QuantizedModel, layout: Layout, counted: Counted): Terms {
  const { input, layers, decision } = model;
  const { outputs } = layers[layers.length - 1];
  return addTerms(
    {
      exact: constantBytes(layout, counted),
      [counted]: 1,
      [`${counted}, ${scalingTerm(model)}`]: 1,
      [`${counted}, scaled by a shift`]: scalesByShift(model) ? 1 : 0,
      [`${counted}, ${decision}`]: 1,
      // Compilers make no loops of so few.
      [`one output, ${decision}`]: outputs === 1 ? 1 : 0,
      [`two outputs, ${decision}`]: outputs === 2 ? 1 : 0,
      [`three outputs, ${decision}`]: outputs === 3 ? 1 : 0,
      'one feature': input.features.length === 1 ? 1 : 0,
      'two features': input.features.length === 2 ? 1 : 0,
    },
    forwardTerms(layout),
    // Compilers save none where a program never returns from what calls the layers.
    { [`${counted}, saved register`]: savedRegisters(layout) },
    counted === 'program' ? programTerms(model) : {},
    ...layout.helpers.map(({ size }) => size),
    ...layout.work.map(({ code }) => code),
  );
}

/** Where all layers are assembly they call nothing, and cores without wide products go deeper to scale an output. */
const scalingDepth = ({ decision }: QuantizedModel, { work }: Layout): Terms =>
  work.every(({ code }) => 'assembled layer' in code) ? { [`${decision}, all assembled`]: 1 } : {};

/** The deepest call is that of the layer that needs most. */
export function stackTerms(model: QuantizedModel, layout: Layout): Terms {
  const bytes = layout.work.map(({ stackBytes }) => stackBytes);
  const most = Math.max(...bytes);
  const deepest = bytes.indexOf(most);
  return {
    'layer byte': most,
    [layout.kernels[deepest]]: 1,
    ...layout.work[deepest].frame,
    [scalingTerm(model)]: 1,
    [model.decision]: 1,
    ...forwardTerms(layout),
    'saved register, forward': savedRegisters(layout),
    ...scalingDepth(model, layout),
  };
}

/** (inputs,) shares -> (steps,) shares of rows in which some input of a step is not 0, as if they were independent. */
function stepShares(active: Float64Array, inputsPerStep: number): Float64Array {
  const resting = new Float64Array(Math.ceil(active.length / inputsPerStep)).fill(1);
  active.forEach((share, i) => (resting[Math.floor(i / inputsPerStep)] *= 1 - share));
  return resting.map((share) => 1 - share);
}

const weigh = (shares: Float64Array, each: ArrayLike<number> | undefined): number =>
  each ? shares.reduce((all, share, k) => all + share * each[k], 0) : 0;

const countAll = (shares: Float64Array): number => shares.reduce((all, share) => all + share, 0);

/**
 * The function around the layers: what it does depends on which of them it calls, whose return addresses and arguments it
 * keeps meanwhile, and on those that are a part of it.
 */
function forwardTerms({ work, steps, buffers }: Layout): Terms {
  const crowding = work.map((layer) => layer.crowding ?? (layer.saved === undefined ? 0 : 1));
  const most = Math.max(...crowding);
  const isInlined = crowding.map((level) => level > 0);
  const last = isInlined.length - 1;
  const calls = isInlined.slice(0, -1).filter((inlined) => !inlined).length;
  return {
    forward: 1,
    'forward buffer': buffers.length,
    [`forward crowded ${most}`]: 1,
    [`forward first ${isInlined[0] ? 'inlined' : 'called'}`]: 1,
    [`forward last ${isInlined[last] ? 'inlined' : 'called'}`]: 1,
    [`forward of one ${isInlined[0] ? 'inlined' : 'called'}`]: steps.length === 1 ? 1 : 0,
    'forward calls': calls > 0 ? 1 : 0,
    'forward call': calls,
    'forward calls first': calls > 0 && !isInlined[0] ? 1 : 0,
    'forward calls, last inlined': calls > 0 && isInlined[last] ? 1 : 0,
    [`forward calls, crowded ${most}`]: calls > 0 ? 1 : 0,
  };
}

/** Registers that the function around the layers saves: each takes those of the others, and maybe more. */
const savedRegisters = ({ work }: Layout): number => Math.max(...work.map(({ saved = 0 }) => saved));

/** The verification sketch on AVR counts cycles in 16 bits, and what counts on interrupts the forward pass for so many cycles. */
const OVERFLOW = { every: 65536, cycles: 42 } as const;
/** A call with its return, or an interrupt with its, takes so many more where addresses of code have three bytes. */
const FAR_CYCLES = 2;

/** Cycles on AVR that are not in the layers' instructions as they are counted. */
function avrTime({ work, isFar }: Layout, exact: number): Terms {
  const isAvr = work[0].saved !== undefined;
  const overflows = isAvr ? Math.floor(exact / OVERFLOW.every) : 0;
  const calls = work.reduce((sum, layer) => sum + (layer.calls ?? 0), overflows);
  return { exact: overflows * OVERFLOW.cycles + (isFar ? FAR_CYCLES * calls : 0) };
}

/** Of a forward pass, in cycles or instructions. */
export function timeTerms(layout: Layout, activity: Activity): Terms {
  const times = layout.work.map((work, l) => {
    const { active, positive, saturated } = activity[l];
    const steps = stepShares(active, work.inputsPerStep);
    const exact = weigh(steps, work.eachStep) + weigh(positive, work.eachPositive);
    return addTerms(
      work.always,
      [work.step, countAll(steps)],
      [work.positive, countAll(positive)],
      [work.saturated ?? {}, countAll(saturated)],
      { exact: exact + weigh(saturated, work.eachSaturated) },
    );
  });
  const layers = addTerms(...times);
  return addTerms(forwardTerms(layout), layers, avrTime(layout, layers.exact ?? 0));
}
