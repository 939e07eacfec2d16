import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import { int } from './c-text.js';
import { WORD_CORES, type WordCore } from './kernel-costs.js';
import type { Helper, KernelFacts } from './kernel.js';
import { render } from './render.js';

/** What follows a sum: requantisation, table, store. */

/** What a requantizer takes: the accumulator, or a word whose upper half it is, as SWAR kernels have it, its lower half anything. */
export type SumForm = 'accumulator' | 'upper';

/** A way of requantising that is faster on a core, or whose time does not depend on the data. */
export interface Requantizer {
  readonly helper: Helper;
  /** Names its costs. */
  readonly kind: string;
  /** How compilers limit from above what they do not have to compare with the largest activation. */
  readonly ending: 'by nothing' | 'by its sign' | 'to a bit' | null;
  readonly form: SumForm;
  /** Whether a sum below 0 takes less time. */
  readonly branches: boolean;
  /** Whether it wants the neuron's multiplier. */
  readonly multiplies: boolean;
  /** Whether it wants saturation limits where products may exceed 32 bits. */
  readonly limited: boolean;
  /** What it adds to round, and by how much it shifts then. */
  readonly rounding: number;
  readonly shift: number;
  /** Whether what is shifted may exceed the largest activation. */
  readonly clamped: boolean;
  /** To how many bits USAT limits it, which then needs no other limit; null where it does not. */
  readonly saturatingBits: number | null;
  /** A variable of that form, multiplier and limit, each as C, become a call. */
  readonly call: (multiplier: string, limit: string) => string;
}

/**
 * The largest accumulator, per neuron, that does not saturate; null where products fit in 32 bits anyway.
 * Above it `requantize` would only return the maximum, so C may skip the product that could overflow.
 */
export function saturationLimits(layer: QuantizedLayer): number[] | null {
  const { multiplier, shift, maximum } = layer.requantization!;
  const half = 2 ** (shift - 1);
  const largest = multiplier.reduce((a, b) => Math.max(a, b));
  if (accumulatorRange(layer).highest * largest + half < 2 ** 32) return null;
  return Array.from(multiplier, (m) =>
    Math.min(Math.ceil((maximum * 2 ** shift - half) / m) - 1, 2147483647),
  );
}

/**
 * The shift by which accumulators become activations where all multipliers are one power of two below the half of 2^shift:
 * floor((acc · 2^k + 2^(s-1)) / 2^s) = floor((acc + 2^(s-k-1)) / 2^(s-k)). Null elsewhere.
 */
function shiftAlone(layer: QuantizedLayer): number | null {
  const { multiplier, shift } = layer.requantization!;
  const power = Math.log2(multiplier[0]);
  const isOne = Number.isInteger(power) && multiplier.every((m) => m === multiplier[0]);
  return isOne && power < shift ? shift - power : null;
}

/** What all ways have in common; `words` tells them apart. */
interface WordVariant {
  readonly words: readonly (string | false)[];
  /** Those that name its costs, if they are fewer. */
  readonly kinds?: readonly (string | false)[];
  readonly form: SumForm;
  readonly multiplies: boolean;
  readonly limited: boolean;
  readonly shift: number;
  readonly rounding: number;
  /** Whether what is shifted fits in 31 bits and a sign. */
  readonly signed: boolean;
  /** Whether it may exceed the largest activation. */
  readonly clamped: boolean;
}

/** By a shift alone. In a word whose upper half the sum is, the rest of the word is less than a unit and changes nothing. */
function shifting(layer: QuantizedLayer, shift: number, isWord: boolean): WordVariant {
  const { highest } = accumulatorRange(layer);
  const rounding = 2 ** (shift - 1);
  const clamped = Math.floor((highest + rounding) / 2 ** shift) > layer.requantization!.maximum;
  const variant = { multiplies: false, limited: false, signed: highest + rounding < 2 ** 31, clamped };
  const ending = !clamped && 'unclamped';
  return isWord && shift < 16 && highest + rounding < 2 ** 15
    ? {
        ...variant,
        words: ['upper', ending],
        form: 'upper',
        shift: 16 + shift,
        rounding: 65536 * rounding + 32768,
      }
    : { ...variant, words: ['shift', ending], form: 'accumulator', shift, rounding };
}

function multiplying(layer: QuantizedLayer, { spills }: WordCore): WordVariant {
  const { multiplier, shift } = layer.requantization!;
  const limited = saturationLimits(layer) !== null;
  const largest = multiplier.reduce((a, b) => Math.max(a, b));
  const rounding = 2 ** (shift - 1);
  const { lowest, highest } = accumulatorRange(layer);
  const signed = highest * largest + rounding < 2 ** 31 && lowest * largest >= -(2 ** 31);
  // Compilers see by themselves where 32 bits cannot exceed it: with few registers that is another function.
  const clamped = !spills || Math.floor((2 ** 32 - 1) / 2 ** shift) > layer.requantization!.maximum;
  const kinds = [limited && 'limited', signed && 'signed'];
  return {
    words: [...kinds, !clamped && 'unclamped'],
    kinds,
    form: 'accumulator',
    multiplies: true,
    limited,
    shift,
    rounding,
    signed,
    clamped,
  };
}

/** For cores with registers of 32 bits; where the time must be constant, no branch depends on data. */
function wordRequantizer(
  { layer, constantTime: branchFree }: KernelFacts,
  prefix: string,
  core: WordCore,
  isWord: boolean,
): Requantizer {
  const { maximum } = layer.requantization!;
  const alone = shiftAlone(layer);
  const variant = alone === null ? multiplying(layer, core) : shifting(layer, alone, isWord);
  const { form, multiplies, limited, shift, rounding, signed, clamped } = variant;
  const words = variant.words.filter((word) => word !== false);
  const name = [`${prefix}_requantize`, ...words, int(shift), int(maximum)].join('_');
  // USAT limits to a number of bits; what never exceeds the maximum needs no other limit.
  const bits = Math.ceil(Math.log2(maximum + 1));
  const saturates = core.saturates && signed && (!clamped || maximum === 2 ** bits - 1);
  const branches = !branchFree && !saturates;
  // Of signed words USAT makes something else, of which no time depends on a sum; without it they are as all others.
  const kinds = [
    ...(variant.kinds ?? variant.words).filter((word) => !core.saturates || word !== 'signed'),
    saturates ? 'saturating' : branchFree && 'branch-free',
  ].filter((word) => word !== false);
  // Compilers see in the sign of 32 bits whether they exceed the largest activation, and make 1 of all but 0.
  const isSign = core.spills && multiplies && maximum + 1 === 2 ** (31 - shift);
  const isBit = clamped && maximum === 1;
  const code = render('kernels/requantize-word.c.hbs', {
    PREFIX: prefix.toUpperCase(),
    name,
    isUpper: form === 'upper',
    multiplies,
    limited,
    branchFree,
    clamped,
    isBit: branchFree && isBit,
    subtracts: clamped && !isBit,
    shift: int(shift),
    maximum: int(maximum),
    saturatingBits: saturates && int(bits),
  });
  const endings = [
    ['to a bit', isBit && core.spills],
    ['by its sign', isSign],
    ['by nothing', multiplies && !clamped],
  ] as const;
  return {
    helper: { name, code, size: {} },
    kind: ['word', ...kinds].join(' '),
    ending: endings.find(([, isSo]) => isSo)?.[0] ?? null,
    form,
    branches,
    multiplies,
    limited,
    rounding,
    shift,
    clamped,
    saturatingBits: saturates ? bits : null,
    call: (multiplier, limit) => {
      const values = [
        form,
        ...(multiplies ? [multiplier] : []),
        `${int(rounding)}U`,
        ...(limited ? [limit] : []),
      ];
      return `(uint8_t)${name}(${values.join(', ')})`;
    },
  };
}

/** Null: the plain function of arithmetic.c.hbs will do. `isWord`: sums come in the upper halves of words. */
export function chooseRequantizer(facts: KernelFacts, prefix: string, isWord: boolean): Requantizer | null {
  const core = WORD_CORES[facts.core];
  if (!core || !facts.layer.requantization) return null;
  return wordRequantizer(facts, prefix, core, isWord);
}

/** What an instruction can hold on every core; compilers keep a larger constant in a register or make it anew each time. */
const SHORT_ROUNDING = 255;

/** How the costs of a layer's requantisation are called; those of a table are apart, whatever is before it. */
export function storeKind(
  { layer }: KernelFacts,
  requantizer: Requantizer | null,
): { kind: string; branches: boolean; rounds: string; ending: string | null } {
  if (!layer.requantization) return { kind: 'raw', branches: false, rounds: 'by nothing', ending: null };
  const kind = requantizer?.kind ?? 'plain';
  const rounds = requantizer && requantizer.rounding <= SHORT_ROUNDING ? 'by a byte' : 'by a word';
  return { kind, branches: requantizer?.branches ?? true, rounds, ending: requantizer?.ending ?? null };
}

/**
 * C that turns `accumulator` (or `upper`) into `y[n]`: an output is stored as it is, an activation requantised and looked up.
 */
export function storeLines(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  limited: boolean,
  requantizer: Requantizer | null,
): string {
  const PREFIX = prefix.toUpperCase();
  const q = layer.requantization;
  if (!q) return '        y[n] = (int32_t)accumulator;';
  const multiplier = `${PREFIX}_READ_U16(${prefix}_multiplier${number} + n)`;
  const limit = `${PREFIX}_READ_I32(${prefix}_saturation${number} + n)`;
  const plain = `${prefix}_requantize((int32_t)accumulator, ${multiplier}, ${int(q.shift)}U, ${int(q.maximum)}U)`;
  let index = plain;
  if (requantizer) index = requantizer.call(multiplier, limit);
  else if (limited)
    index = `(int32_t)accumulator > ${limit}\n            ? ${int(q.maximum)}U\n            : ${plain}`;
  if (!layer.table) return `        y[n] = ${index};`;
  return `        const uint8_t index = ${index};\n        y[n] = ${PREFIX}_READ_U8(${prefix}_table${number} + index);`;
}
