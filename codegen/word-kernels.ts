import type { QuantizedLayer } from '../model/quantized-model.js';
import type { Kernel, KernelFacts } from './kernel.js';
import type { Terms } from './layer-work.js';
import { packNibbles, packTernary } from './portable-kernels.js';
import { wordKernel, type WordFunction } from './word-layer.js';

/** Packed weights on cores with registers of 32 bits, one output at a time: the smallest. */

type Bits = QuantizedLayer['weightBits'];

/** `rounds`: of the inner loop for one output. */
function packed(
  name: string,
  weightBits: Bits,
  pack: (layer: QuantizedLayer) => Uint8Array,
  comment: string,
  rounds: (inputs: number) => Terms,
): Kernel {
  const bring = ({ layer: { inputs, outputs } }: KernelFacts): WordFunction => ({
    template: `kernels/${name}.c.hbs`,
    variant: name.replace('word-', ''),
    context: {},
    helpers: [],
    work: {
      always: {},
      step: {},
      inputsPerStep: inputs,
      stackBytes: 0,
    },
    blocks: 0,
    rounds: Object.fromEntries(Object.entries(rounds(inputs)).map(([term, n]) => [term, n * outputs])),
    spentBytes: 0,
  });
  return wordKernel(
    {
      name,
      suits: ({ layer }) => layer.weightBits === weightBits,
      weights: ({ layer }) => ({ type: 'uint8_t', values: pack(layer), comment }),
      biasApart: true,
    },
    bring,
  );
}

export const WORD_KERNELS: readonly Kernel[] = [
  packed('word-int4', 4, packNibbles, '(outputs, inputs / 2), two to a byte', (inputs) => ({
    first: Math.ceil(inputs / 2),
    second: Math.floor(inputs / 2),
    'odd row': inputs % 2,
  })),
  packed('word-int2', 2, packTernary, '(outputs, inputs / 4), four to a byte', (inputs) => ({
    byte: Math.ceil(inputs / 4),
    weight: inputs,
  })),
];
