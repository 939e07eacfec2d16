import { clamp, round } from './arithmetic.js';
import type { OutputActivationName } from './activations.js';
import { exp, log } from './elementary.js';
import type { ProbabilityScaling, QuantizedModel } from './quantized-model.js';

/**
 * Raw outputs of a classification as probabilities, in integers and by a table (docs/arithmetic.md is normative;
 * firmware-templates/probability.c.hbs is the C twin).
 */

/** A probability of 1. */
export const PROBABILITY_ONE = 10000;

/** Steps in which a power of two falls to its half, and entries of the table. */
const OCTAVE = 128;
/** 2^0 in the table; from its 17th halving on it rounds to 0. */
const WHOLE = 65535;
const OCTAVES = 17;
const FURTHEST = 65535;
const MOST_DROP = 16;
const MOST_SHIFT = 17;

const LN_STEP = log(2) / OCTAVE;

/** WHOLE · 2^-(entry / 128) */
export const POWERS = Uint16Array.from({ length: OCTAVE }, (_, step) => round(WHOLE * exp(-step * LN_STEP)));

/** Output activations that are trained as probabilities; other outputs only tell which class it is. */
export const PROBABILITY_KINDS: Readonly<Partial<Record<OutputActivationName, ProbabilityScaling['kind']>>> =
  {
    softmax: 'softmax',
    sigmoid: 'sigmoid',
  };

/** `unit` is the change of z that one unit of a raw output stands for. */
export function quantizeProbability(kind: ProbabilityScaling['kind'], unit: number): ProbabilityScaling {
  const steps = unit / LN_STEP; // per unit of a raw output
  let drop = 0;
  while (drop < MOST_DROP && steps * 2 ** drop * FURTHEST < OCTAVES * OCTAVE) drop++;
  const ratio = steps * 2 ** drop;
  let shift = MOST_SHIFT;
  while (shift > 1 && round(ratio * 2 ** shift) > 65535) shift--;
  return { kind, drop, multiplier: clamp(round(ratio * 2 ** shift), 0, 65535), shift };
}

/** e^-z in units of 1/WHOLE, for a z that `distance` stands for, 0..2^32 - 1. */
function power(distance: number, { drop, multiplier, shift }: ProbabilityScaling): number {
  const far = Math.floor(distance / 2 ** drop);
  if (far > FURTHEST) return 0;
  const steps = Math.floor((far * multiplier + 2 ** (shift - 1)) / 2 ** shift);
  return round(POWERS[steps % OCTAVE] / 2 ** Math.floor(steps / OCTAVE));
}

const share = (part: number, sum: number): number =>
  Math.floor((part * PROBABILITY_ONE + Math.floor(sum / 2)) / sum);

/** 1 / (1 + e^-z), of the z that a raw output stands for. */
function sigmoid(output: number, scaling: ProbabilityScaling): number {
  const lesser = power(Math.abs(output), scaling);
  const rest = share(lesser, WHOLE + lesser);
  return output > 0 ? PROBABILITY_ONE - rest : rest;
}

/**
 * raw outputs (outputs,) -> probability of each class (classes,), 0..PROBABILITY_ONE; null where the outputs stand for none.
 * Those of a softmax add up to PROBABILITY_ONE but for their roundings, as do the two of a lone output.
 */
export function probabilities(model: QuantizedModel, outputs: Int32Array): Uint16Array | null {
  const { probability, decision } = model;
  if (!probability) return null;
  if (probability.kind === 'sigmoid') {
    const each = Uint16Array.from(outputs, (output) => sigmoid(output, probability));
    return decision === 'sign' ? Uint16Array.of(PROBABILITY_ONE - each[0], each[0]) : each;
  }
  const most = outputs.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(outputs, (output) => power(most - output, probability));
  const sum = powers.reduce((a, b) => a + b);
  return Uint16Array.from(powers, (part) => share(part, sum));
}
