import type { Board } from '../model/board.js';
import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import {
  blocksRequantize,
  blockWeights,
  inputStationary,
  requantizeHelper,
  type Helper,
  type NarrowBits,
} from './avr-kernel.js';
import { straightLine, straightLineSuits } from './avr-straight-line.js';
import { int, rows } from './c-text.js';
import { render, type TemplateValue } from './render.js';

/** A constant array of the generated C. */
export interface ConstantArray {
  readonly name: string;
  readonly type: string;
  readonly length: string;
  readonly rows: string;
  readonly comment: string;
  readonly bytes: number;
}

/** What the choice of a kernel depends on. */
export interface KernelFacts {
  readonly layer: QuantizedLayer;
  readonly core: Board['core'];
  /** The time must not depend on the data. */
  readonly constantTime: boolean;
  /** Bytes of flash that may be spent on speed. */
  readonly flashBudget: number;
}

/** One way of computing a dense layer. A new kernel is a template and an entry here. */
interface Kernel {
  readonly name: string;
  readonly template: string;
  readonly suits: (facts: KernelFacts) => boolean;
  /** The weights as an array in flash; null where they are part of the code. */
  readonly weights:
    ((layer: QuantizedLayer) => { type: string; values: ArrayLike<number>; comment: string }) | null;
  /** Whether the biases are an array of their own; otherwise they lie among the weights or in the code. */
  readonly biasApart: boolean;
  /** The same of the multipliers. */
  readonly multiplierApart: (layer: QuantizedLayer) => boolean;
  /** Values that this kernel's template alone needs, functions it calls, and flash it takes to be faster. */
  readonly own: (
    facts: KernelFacts,
    prefix: string,
  ) => { context: Record<string, TemplateValue>; helpers: readonly Helper[]; spentBytes?: number };
}

const nothing = { context: {}, helpers: [] };

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

/** In order of preference. */
const KERNELS: readonly Kernel[] = [
  {
    name: 'avr-straight-line',
    template: 'kernels/avr-straight-line.c.hbs',
    suits: ({ layer, core, constantTime, flashBudget }) =>
      core === 'avr' &&
      straightLineSuits(layer) &&
      layer.weights.length < flashBudget &&
      straightLine(layer, constantTime).bytes <= flashBudget,
    weights: null,
    biasApart: false,
    multiplierApart: () => false,
    own: ({ layer, constantTime }) => {
      const { lines, bytes, registers, size } = straightLine(layer, constantTime);
      const context = {
        code: lines,
        codeBytes: int(bytes),
        size: int(size),
        registers: registers.join(' '),
        clobbers: ['r20', 'r21', ...registers].map((register) => `"${register}"`).join(', '),
        skip: !constantTime,
        weightCount: int(layer.weights.length),
        weightRows: rows(layer.weights),
        biasRows: rows(layer.bias),
        multiplierRows: layer.requantization !== null && rows(layer.requantization.multiplier),
        shift: int(layer.requantization?.shift ?? 0),
        maximum: int(layer.requantization?.maximum ?? 0),
      };
      return { context, helpers: [], spentBytes: bytes };
    },
  },
  {
    name: 'avr-input-stationary',
    template: 'kernels/avr-input-stationary.c.hbs',
    suits: ({ layer, core }) => core === 'avr' && layer.accumulatorBits < 32,
    weights: (layer) => ({
      type: 'int8_t',
      values: blockWeights(layer, layer.accumulatorBits as NarrowBits),
      comment: 'in blocks of outputs: biases, then (inputs, block)',
    }),
    biasApart: false,
    multiplierApart: (layer) => !blocksRequantize(layer),
    own: ({ layer, constantTime }, prefix) => inputStationary(layer, prefix, constantTime),
  },
  {
    name: 'dense-int4',
    template: 'kernels/dense-int4.c.hbs',
    suits: ({ layer }) => layer.weightBits === 4,
    weights: (layer) => ({
      type: 'uint8_t',
      values: packNibbles(layer),
      comment: '(outputs, inputs / 2), two to a byte',
    }),
    biasApart: true,
    multiplierApart: () => true,
    own: () => nothing,
  },
  {
    name: 'dense-int2',
    template: 'kernels/dense-int2.c.hbs',
    suits: ({ layer }) => layer.weightBits === 2,
    weights: (layer) => ({
      type: 'uint8_t',
      values: packTernary(layer),
      comment: '(outputs, inputs / 4), four to a byte',
    }),
    biasApart: true,
    multiplierApart: () => true,
    own: () => nothing,
  },
  {
    name: 'dense-int8',
    template: 'kernels/dense-int8.c.hbs',
    suits: () => true,
    weights: (layer) => ({ type: 'int8_t', values: layer.weights, comment: '(outputs, inputs)' }),
    biasApart: true,
    multiplierApart: () => true,
    own: () => nothing,
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
  /** The kernel's name in the table. */
  readonly kernel: string;
  readonly code: string;
  readonly helpers: readonly Helper[];
  readonly arrays: readonly ConstantArray[];
  /** Flash that the kernel took out of the budget. */
  readonly spentBytes: number;
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

/** Requantisation on AVR in assembly, where there is one for the layer's widths: it needs no saturation limits. */
function avrRequantize({ layer, core }: KernelFacts, prefix: string): Helper | null {
  const { accumulatorBits, requantization } = layer;
  if (core !== 'avr' || !requantization || requantization.shift === 8 || accumulatorBits === 32) return null;
  return requantizeHelper(prefix, accumulatorBits, requantization.shift);
}

/** What follows the sum: an output is stored as it is, an activation is requantised and looked up. */
function storeLines(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  limited: boolean,
  requantize: Helper | null,
): string {
  const PREFIX = prefix.toUpperCase();
  const q = layer.requantization;
  if (!q) return '        y[n] = (int32_t)accumulator;';
  const multiplier = `${PREFIX}_READ_U16(${prefix}_multiplier${number} + n)`;
  const scaled = requantize
    ? `${requantize.name}(accumulator, ${multiplier}, ${int(q.maximum)}u)`
    : `${prefix}_requantize((int32_t)accumulator, ${multiplier}, ${int(q.shift)}u, ${int(q.maximum)}u)`;
  const limit = `${PREFIX}_READ_I32(${prefix}_saturation${number} + n)`;
  const index = limited
    ? `(int32_t)accumulator > ${limit}\n            ? ${int(q.maximum)}u\n            : ${scaled}`
    : scaled;
  if (!layer.table) return `        y[n] = ${index};`;
  return `        const uint8_t index = ${index};\n        y[n] = ${PREFIX}_READ_U8(${prefix}_table${number} + index);`;
}

export const KERNEL_NAMES: readonly string[] = KERNELS.map((kernel) => kernel.name);

/** The first kernel of the table that suits. */
function chooseKernel(facts: KernelFacts): Kernel {
  return KERNELS.find((candidate) => candidate.suits(facts))!;
}

/** `number` counts layers from 1, as the C names do. */
export function generateLayer(facts: KernelFacts, number: number, prefix: string): GeneratedLayer {
  const { layer } = facts;
  const kernel = chooseKernel(facts);
  const biasType = layer.bias.every((b) => b >= -32768 && b <= 32767) ? 'int16_t' : 'int32_t';
  const range = accumulatorRange(layer);
  const q = layer.requantization;
  const requantize = avrRequantize(facts, prefix);
  const own = kernel.own(facts, prefix);
  const limits = q && !requantize ? saturationLimits(layer) : null;
  const arrays: ConstantArray[] = [];
  const add = (name: string, type: string, values: ArrayLike<number>, comment: string): void => {
    arrays.push(constantArray(`${name}${number}`, type, values, `Layer ${number}: ${comment}.`));
  };
  if (kernel.weights) {
    const { type, values, comment } = kernel.weights(layer);
    add('weights', type, values, `weights ${comment}`);
    if (kernel.biasApart) add('bias', biasType, layer.bias, 'bias (outputs)');
    if (q && kernel.multiplierApart(layer))
      add('multiplier', 'uint16_t', q.multiplier, `requantisation (outputs), over 2^${q.shift}`);
    if (limits) add('saturation', 'int32_t', limits, 'accumulators above this saturate');
    if (layer.table) add('table', 'uint8_t', layer.table, 'activation function');
  }
  const code = render(kernel.template, {
    ...own.context,
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
    store: storeLines(layer, number, prefix, limits !== null, requantize),
  });
  const helpers = requantize && kernel.multiplierApart(layer) ? [requantize, ...own.helpers] : own.helpers;
  return { kernel: kernel.name, code, arrays, helpers, spentBytes: own.spentBytes ?? 0 };
}

/** What straight-line code may take where time is to be constant: about as much as the other kernels' code. */
const CONSTANT_TIME_BUDGET = 1100;
/** Bytes for the sketch, the link and the other kernels. */
const RESERVED_BYTES = 8192;

/** Flash that may be spent on speed: half of what the board has, as long as all weights still fit beside it. */
function flashForSpeed(layers: readonly QuantizedLayer[], board: Board, constantTime: boolean): number {
  if (board.flashBytes === null) return 0;
  const weights = layers.reduce((sum, { weights, weightBits }) => sum + (weights.length * weightBits) / 8, 0);
  const most = Math.min(board.flashBytes / 2, board.flashBytes - RESERVED_BYTES - weights);
  return constantTime ? Math.min(most, CONSTANT_TIME_BUDGET) : most;
}

/** All layers in order, each with the fastest kernel that the flash left by those before it allows. */
export function generateLayers(
  layers: readonly QuantizedLayer[],
  board: Board,
  constantTime: boolean,
  prefix: string,
): GeneratedLayer[] {
  let flashBudget = flashForSpeed(layers, board, constantTime);
  return layers.map((layer, l) => {
    const generated = generateLayer({ layer, core: board.core, constantTime, flashBudget }, l + 1, prefix);
    flashBudget -= generated.spentBytes;
    return generated;
  });
}
