import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import { int, rows } from './c-text.js';
import { render } from './render.js';

/** A constant array of the generated C. */
export interface ConstantArray {
  readonly name: string;
  readonly type: string;
  readonly length: string;
  readonly rows: string;
  readonly comment: string;
  readonly bytes: number;
}

/** One way of computing a dense layer. A new kernel is a template and an entry here. */
interface Kernel {
  readonly template: string;
  readonly suits: (layer: QuantizedLayer) => boolean;
  readonly weights: (layer: QuantizedLayer) => { type: string; values: ArrayLike<number>; comment: string };
}

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

/** In order of preference. */
const KERNELS: readonly Kernel[] = [
  {
    template: 'kernels/dense-int4.c.hbs',
    suits: (layer) => layer.weightBits === 4,
    weights: (layer) => ({
      type: 'uint8_t',
      values: packNibbles(layer),
      comment: '(outputs, inputs / 2), two to a byte',
    }),
  },
  {
    template: 'kernels/dense-int8.c.hbs',
    suits: () => true,
    weights: (layer) => ({ type: 'int8_t', values: layer.weights, comment: '(outputs, inputs)' }),
  },
];

const BYTES: Readonly<Record<string, number>> = {
  int8_t: 1,
  uint8_t: 1,
  uint16_t: 2,
  int16_t: 2,
  int32_t: 4,
  uint32_t: 4,
};

export function constantArray(
  name: string,
  type: string,
  values: ArrayLike<number>,
  comment: string,
): ConstantArray {
  return {
    name,
    type,
    length: int(values.length),
    rows: rows(values),
    comment,
    bytes: values.length * BYTES[type],
  };
}

/** The kernel of one layer as C, and the constants it reads. */
export interface GeneratedLayer {
  readonly code: string;
  readonly arrays: readonly ConstantArray[];
}

const reader = (type: string): string => ({ int16_t: 'READ_I16', int32_t: 'READ_I32' })[type] ?? 'READ_U8';

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

/** What follows the sum: an output is stored as it is, an activation is requantised and looked up. */
function storeLines(layer: QuantizedLayer, number: number, prefix: string, limited: boolean): string {
  const PREFIX = prefix.toUpperCase();
  const q = layer.requantization;
  if (!q) return '        y[n] = (int32_t)accumulator;';
  const multiplier = `${PREFIX}_READ_U16(${prefix}_multiplier${number} + n)`;
  const scaled = `${prefix}_requantize((int32_t)accumulator, ${multiplier}, ${int(q.shift)}u, ${int(q.maximum)}u)`;
  const limit = `${PREFIX}_READ_I32(${prefix}_saturation${number} + n)`;
  const index = limited
    ? `(int32_t)accumulator > ${limit}\n            ? ${int(q.maximum)}u\n            : ${scaled}`
    : scaled;
  if (!layer.table) return `        y[n] = ${index};`;
  return `        const uint8_t index = ${index};\n        y[n] = ${PREFIX}_READ_U8(${prefix}_table${number} + index);`;
}

/** `number` counts layers from 1, as the C names do. */
export function generateLayer(layer: QuantizedLayer, number: number, prefix: string): GeneratedLayer {
  const kernel = KERNELS.find((candidate) => candidate.suits(layer))!;
  const weights = kernel.weights(layer);
  const biasType = layer.bias.every((b) => b >= -32768 && b <= 32767) ? 'int16_t' : 'int32_t';
  const range = accumulatorRange(layer);
  const q = layer.requantization;
  const arrays = [
    constantArray(
      `weights${number}`,
      weights.type,
      weights.values,
      `Layer ${number}: weights ${weights.comment}.`,
    ),
    constantArray(`bias${number}`, biasType, layer.bias, `Layer ${number}: bias (outputs).`),
  ];
  const limits = q && saturationLimits(layer);
  if (q) {
    arrays.push(
      constantArray(
        `multiplier${number}`,
        'uint16_t',
        q.multiplier,
        `Layer ${number}: requantisation (outputs), over 2^${q.shift}.`,
      ),
    );
  }
  if (limits) {
    arrays.push(
      constantArray(
        `saturation${number}`,
        'int32_t',
        limits,
        `Layer ${number}: accumulators above this saturate.`,
      ),
    );
  }
  if (layer.table)
    arrays.push(
      constantArray(`table${number}`, 'uint8_t', layer.table, `Layer ${number}: activation function.`),
    );
  const code = render(kernel.template, {
    prefix,
    PREFIX: prefix.toUpperCase(),
    layer: int(number),
    inputs: int(layer.inputs),
    outputs: int(layer.outputs),
    inputMaximum: int(layer.inputMaximum),
    lowest: int(range.lowest),
    highest: int(range.highest),
    accumulatorBits: int(layer.accumulatorBits),
    what: q ? 'activations' : 'raw outputs',
    outputType: q ? 'uint8_t' : 'int32_t',
    readBias: `(${prefix}_acc${int(layer.accumulatorBits)}_t)${prefix.toUpperCase()}_${reader(biasType)}(${prefix}_bias${int(number)} + n)`,
    store: storeLines(layer, number, prefix, limits !== null && limits !== undefined),
  });
  return { code, arrays };
}
