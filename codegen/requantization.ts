import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import { int } from './c-text.js';
import { WORD_CORES } from './kernel-costs.js';
import type { Helper, KernelFacts } from './kernel.js';
import { render } from './render.js';

/** What follows a sum: requantisation, table, store. */

/** A way of requantising that is faster on a core, or whose time does not depend on the data. */
export interface Requantizer {
  readonly helper: Helper;
  /** Names its costs. */
  readonly kind: string;
  /** Whether a sum below 0 takes less time. */
  readonly branches: boolean;
  /** Whether it wants saturation limits where products may exceed 32 bits. */
  readonly limited: boolean;
  /** Accumulator, multiplier and, where limited, the limit, each as C, become a call. `half` is a variable of 2^15. */
  readonly call: (accumulator: string, multiplier: string, limit: string, half: string | null) => string;
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

/** For cores with registers of 32 bits; where the time must be constant, no branch depends on data. */
function wordRequantizer(layer: QuantizedLayer, prefix: string, branchFree: boolean): Requantizer {
  const { shift, maximum, multiplier } = layer.requantization!;
  const limited = saturationLimits(layer) !== null;
  const rounding = 2 ** (shift - 1);
  const { lowest, highest } = accumulatorRange(layer);
  const largest = multiplier.reduce((a, b) => Math.max(a, b));
  const signed = highest * largest + rounding < 2 ** 31 && lowest * largest >= -(2 ** 31);
  const bits = Math.log2(maximum + 1);
  const saturating = signed && Number.isInteger(bits);
  const variant = `${limited ? 'limited_' : ''}${saturating ? 'signed_' : ''}`;
  const name = `${prefix}_requantize_${variant}${int(shift)}_${int(maximum)}`;
  const code = render('kernels/requantize-word.c.hbs', {
    prefix,
    name,
    limited,
    branchFree,
    shift: int(shift),
    maximum: int(maximum),
    saturatingBits: saturating && int(bits),
  });
  const words = [limited && 'limited', branchFree && 'branch-free', saturating && 'saturating'].filter(
    Boolean,
  );
  return {
    helper: { name, code, size: {} },
    kind: `word ${words.join(' ')}`.trim(),
    branches: !branchFree,
    limited,
    call: (a, m, limit, half) =>
      `(uint8_t)${name}(${a}, ${m}, ${shift === 16 && half ? half : `${int(rounding)}u`}${limited ? `, ${limit}` : ''})`,
  };
}

/** Null: the plain function of arithmetic.c.hbs will do. */
export function chooseRequantizer(
  { layer, core, constantTime }: KernelFacts,
  prefix: string,
): Requantizer | null {
  if (!WORD_CORES[core] || !layer.requantization) return null;
  return wordRequantizer(layer, prefix, constantTime);
}

/** How the costs of what `storeLines` writes are called. */
export function storeKind(
  { layer }: KernelFacts,
  limited: boolean,
  requantizer: Requantizer | null,
): { kind: string; branches: boolean } {
  const { requantization, table } = layer;
  if (!requantization) return { kind: 'raw', branches: false };
  const requantize = requantizer?.kind ?? 'plain';
  const isLimited = limited && !requantizer?.limited;
  const kind = `${requantize}${isLimited ? ' limited' : ''}${table ? ', table' : ''}`;
  return { kind, branches: requantizer?.branches ?? true };
}

/** C that turns `accumulator` into `y[n]`: an output is stored as it is, an activation requantised and looked up. */
export function storeLines(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  limited: boolean,
  requantizer: Requantizer | null,
  half: string | null,
): string {
  const PREFIX = prefix.toUpperCase();
  const q = layer.requantization;
  if (!q) return '        y[n] = (int32_t)accumulator;';
  const multiplier = `${PREFIX}_READ_U16(${prefix}_multiplier${number} + n)`;
  const limit = `${PREFIX}_READ_I32(${prefix}_saturation${number} + n)`;
  const plain = `${prefix}_requantize((int32_t)accumulator, ${multiplier}, ${int(q.shift)}u, ${int(q.maximum)}u)`;
  let index = plain;
  if (requantizer) index = requantizer.call('accumulator', multiplier, limit, half);
  else if (limited)
    index = `(int32_t)accumulator > ${limit}\n            ? ${int(q.maximum)}u\n            : ${plain}`;
  if (!layer.table) return `        y[n] = ${index};`;
  return `        const uint8_t index = ${index};\n        y[n] = ${PREFIX}_READ_U8(${prefix}_table${number} + index);`;
}
