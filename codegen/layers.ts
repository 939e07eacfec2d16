import type { Board } from '../model/board.js';
import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import { int } from './c-text.js';
import { constantArray, type ConstantArray } from './constant-array.js';
import type { Helper, KernelFacts } from './kernel.js';
import { chooseKernel } from './kernels.js';
import { render } from './render.js';
import { chooseRequantizer, saturationLimits, storeLines } from './requantization.js';

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

/** `number` counts layers from 1, as the C names do. */
export function generateLayer(facts: KernelFacts, number: number, prefix: string): GeneratedLayer {
  const { layer } = facts;
  const kernel = chooseKernel(facts);
  const biasType = layer.bias.every((b) => b >= -32768 && b <= 32767) ? 'int16_t' : 'int32_t';
  const range = accumulatorRange(layer);
  const q = layer.requantization;
  const requantizer = chooseRequantizer(facts, prefix);
  const own = kernel.own(facts, prefix);
  const limits = q && (requantizer?.limited ?? true) ? saturationLimits(layer) : null;
  const arrays: ConstantArray[] = [];
  const add = (
    name: string,
    type: string,
    values: ArrayLike<number>,
    comment: string,
    literal?: (value: number) => string,
  ): void => {
    arrays.push(constantArray(`${name}${number}`, type, values, `Layer ${number}: ${comment}.`, literal));
  };
  if (kernel.weights) {
    const { type, values, comment, literal } = kernel.weights(facts);
    add('weights', type, values, `weights ${comment}`, literal);
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
    store: storeLines(layer, number, prefix, limits !== null, requantizer, own.half ?? null),
  });
  const helpers =
    requantizer && kernel.multiplierApart(layer) ? [requantizer.helper, ...own.helpers] : own.helpers;
  return { kernel: kernel.name, code, arrays, helpers, spentBytes: own.spentBytes ?? 0 };
}

/** What straight-line code may take where time is to be constant: about as much as the other kernels' code. */
const CONSTANT_TIME_BUDGET: Readonly<Partial<Record<Board['core'], number>>> = { avr: 1100 };
/** Bytes for the sketch, the link and the other kernels. */
const RESERVED_BYTES = 8192;

/** Flash that may be spent on speed: half of what the board has, as long as all weights still fit beside it. */
function flashForSpeed(layers: readonly QuantizedLayer[], board: Board, constantTime: boolean): number {
  if (board.flashBytes === null) return 0;
  const weights = layers.reduce((sum, { weights, weightBits }) => sum + (weights.length * weightBits) / 8, 0);
  const most = Math.min(board.flashBytes / 2, board.flashBytes - RESERVED_BYTES - weights);
  return constantTime ? Math.min(most, CONSTANT_TIME_BUDGET[board.core] ?? most) : most;
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
