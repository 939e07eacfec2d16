import type { QuantizedLayer } from '../model/quantized-model.js';
import type { Kernel } from './kernel.js';

/** (outputs, ceil(inputs / 2)) bytes: weight + 8, the earlier weight in the low half; odd rows end in a zero weight. */
export function packNibbles(layer: QuantizedLayer): Uint8Array {
  const { inputs, outputs, weights } = layer;
  const stride = Math.ceil(inputs / 2);
  return Uint8Array.from({ length: outputs * stride }, (_, k) => {
    const i = 2 * (k % stride);
    const at = Math.floor(k / stride) * inputs + i;
    const later = i + 1 < inputs ? weights[at + 1] : 0;
    return weights[at] + 8 + 16 * (later + 8);
  });
}

/** (outputs, ceil(inputs / 4)) bytes: weight + 1, the earliest weight in the lowest two bits; rows are filled up with 0. */
export function packTernary(layer: QuantizedLayer): Uint8Array {
  const { inputs, outputs, weights } = layer;
  const stride = Math.ceil(inputs / 4);
  const packed = new Uint8Array(outputs * stride);
  for (let n = 0, k = 0; n < outputs; n++) {
    for (let i = 0; i < inputs; i++, k++) packed[n * stride + (i >> 2)] |= (weights[k] + 1) << (2 * (i & 3));
  }
  return packed;
}

/** What it takes is not known: no core that was measured computes so. */
const PLAIN: ReturnType<Kernel['own']> = {
  context: {},
  helpers: [],
  work: { always: {}, step: {}, inputsPerStep: 1, positive: {}, code: {}, stackBytes: 0 },
};

/** Plain C for any core, one output at a time. */
export const PORTABLE_KERNELS: readonly Kernel[] = [
  {
    name: 'dense-int4',
    template: 'kernels/dense-int4.c.hbs',
    suits: ({ layer }) => layer.weightBits === 4,
    weights: ({ layer }) => ({
      type: 'uint8_t',
      values: packNibbles(layer),
      comment: '(outputs, inputs / 2), two to a byte',
    }),
    biasApart: true,
    multiplierApart: true,
    own: () => PLAIN,
  },
  {
    name: 'dense-int2',
    template: 'kernels/dense-int2.c.hbs',
    suits: ({ layer }) => layer.weightBits === 2,
    weights: ({ layer }) => ({
      type: 'uint8_t',
      values: packTernary(layer),
      comment: '(outputs, inputs / 4), four to a byte',
    }),
    biasApart: true,
    multiplierApart: true,
    own: () => PLAIN,
  },
  {
    name: 'dense-int8',
    template: 'kernels/dense-int8.c.hbs',
    suits: ({ layer }) => layer.weightBits === 8,
    weights: ({ layer }) => ({ type: 'int8_t', values: layer.weights, comment: '(outputs, inputs)' }),
    biasApart: true,
    multiplierApart: true,
    own: () => PLAIN,
  },
];
