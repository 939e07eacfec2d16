import type { QuantizedLayer } from '../model/quantized-model.js';
import { int, word } from './c-text.js';
import { WORD_CORES } from './kernel-costs.js';
import type { Helper, Kernel, KernelFacts } from './kernel.js';
import { render } from './render.js';
import { chooseRequantizer } from './requantization.js';

/**
 * SWAR: two sums in one word of 32 bits. `w0 + w1 · 2^16` times an input, added modulo 2^32, gives `S0 + S1 · 2^16`, which
 * says both sums as long as each fits in 16 bits, as the range proof has it.
 */

/** Words of a layer in as few blocks as fit in a core's registers, as even as can be; the last is filled up with zeros. */
interface WordBlocks {
  readonly size: number;
  readonly count: number;
}

export function wordBlocks(outputs: number, most: number): WordBlocks {
  const words = Math.ceil(outputs / 2);
  const count = Math.ceil(words / most);
  return { size: Math.ceil(words / count), count };
}

/** Two integers of 16 bits as one word; -1 and 2 are 2 · 2^16 - 1. */
const pairWord = (low: number, high: number): number => (low + high * 65536) >>> 0;

/** Block after block: the biases, then for each input the weights, two outputs to a word. */
export function swarWords(layer: QuantizedLayer, { size, count }: WordBlocks): Uint32Array {
  const { inputs, outputs, weights, bias } = layer;
  const words: number[] = [];
  const weight = (n: number, i: number): number => (n < outputs ? weights[n * inputs + i] : 0);
  const biasOf = (n: number): number => (n < outputs ? bias[n] : 0);
  for (let block = 0; block < count; block++) {
    const first = 2 * size * block;
    const outputsOf = Array.from({ length: size }, (_, k) => first + 2 * k);
    words.push(...outputsOf.map((n) => pairWord(biasOf(n), biasOf(n + 1))));
    for (let i = 0; i < inputs; i++)
      words.push(...outputsOf.map((n) => pairWord(weight(n, i), weight(n + 1, i))));
  }
  return Uint32Array.from(words);
}

export const blocksOf = ({ layer, core }: KernelFacts): WordBlocks =>
  wordBlocks(layer.outputs, WORD_CORES[core]!.words);

/** Bytes of the words beyond what the weights alone would take. */
export function extraBytes(facts: KernelFacts): number {
  const { inputs, outputs, weightBits } = facts.layer;
  const { size, count } = blocksOf(facts);
  return 4 * size * count * (inputs + 1) - (inputs * outputs * weightBits) / 8;
}

export type WordArray = ReturnType<NonNullable<Kernel['weights']>>;

export const weights = (facts: KernelFacts): WordArray => ({
  type: 'uint32_t',
  values: swarWords(facts.layer, blocksOf(facts)),
  literal: word,
  comment: 'in blocks of outputs, two to a word: biases, then (inputs, block)',
});

export const numbers = (count: number): string[] => Array.from({ length: count }, (_, k) => int(k));

/** An input of zero is passed over where that saves more than the test costs. */
export const skips = (size: number, constantTime: boolean): boolean => !constantTime && size > 1;

/** What takes a sum out of its word, where it is not requantised in there. */
export function halfHelpers(facts: KernelFacts, prefix: string): Helper[] {
  if (chooseRequantizer(facts, prefix, true)?.form === 'upper') return [];
  const code = render('kernels/low-half.c.hbs', { prefix });
  return [{ name: `${prefix}_low_half`, code, size: {} }];
}
