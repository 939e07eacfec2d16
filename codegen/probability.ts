import { POWERS } from '../model/probability.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { int, rows } from './c-text.js';
import { render, type TemplateValue } from './render.js';

const RULES = {
  softmax: 'Softmax: they add up to that, but for their roundings.',
  sigmoid: 'Each class by itself: they need not add up to that.',
  sign: 'The two add up to that.',
} as const;

/**
 * Values of the templates for the probabilities of classes; their C is text of its own, as only some models have any. Its
 * table is none of the constants that a model reads: a linker takes it out with the one function that does.
 */
export function probabilityContext(
  { probability, decision }: QuantizedModel,
  context: Readonly<Record<string, TemplateValue>>,
): Record<string, TemplateValue> {
  if (!probability) return { probability: false };
  const { kind, drop, multiplier, shift } = probability;
  const code = render('probability.c.hbs', {
    ...context,
    softmax: kind === 'softmax',
    powers: rows(POWERS),
    powersLength: int(POWERS.length),
    drop: drop > 0 ? int(drop) : false,
    apart: drop > 0 ? 'apart' : 'distance',
    probabilityMultiplier: int(multiplier),
    probabilityHalf: int(2 ** (shift - 1)),
    probabilityShift: int(shift),
  }).trimEnd();
  return { probability: code, probabilityRule: RULES[decision === 'sign' ? decision : kind] };
}
