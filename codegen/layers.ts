import type { Board } from '../model/board.js';
import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import { int } from './c-text.js';
import { constantArray, type ConstantArray } from './constant-array.js';
import { hasWideBias, type Helper, type KernelFacts } from './kernel.js';
import { chooseKernel } from './kernels.js';
import { render } from './render.js';
import { lastLayers, lastLayersThatSuit, wholeNetwork } from './layer-groups.js';
import type { LayerWork } from './layer-work.js';
import { chooseRequantizer, saturationLimits, storeLines } from './requantization.js';

/** One C function for one layer or for several in a row, and the constants it reads. */
export interface GeneratedStep {
  /** The function's name. */
  readonly name: string;
  /** The name in the table of each layer's kernel. */
  readonly kernels: readonly string[];
  readonly code: string;
  readonly helpers: readonly Helper[];
  readonly arrays: readonly ConstantArray[];
  /** Of each layer. */
  readonly work: readonly LayerWork[];
  /** Flash that the kernel took out of the budget. */
  readonly spentBytes: number;
  /** What its function takes, if not the arrays before and behind it. */
  readonly passed?: string;
  /** Memory of its own for activations. */
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
}

const reader = (type: string): string => ({ int16_t: 'READ_I16', int32_t: 'READ_I32' })[type] ?? 'READ_U8';

/** `number` counts layers from 1, as the C names do. */
export function generateLayer(facts: KernelFacts, number: number, prefix: string): GeneratedStep {
  const { layer } = facts;
  const kernel = chooseKernel(facts);
  const biasType = hasWideBias(layer) ? 'int32_t' : 'int16_t';
  const range = accumulatorRange(layer);
  const q = layer.requantization;
  const requantizer = chooseRequantizer(facts, prefix, kernel.isWord ?? false);
  const own = kernel.own(facts, prefix, number);
  const limits =
    q && kernel.multiplierApart && (requantizer?.limited ?? true) ? saturationLimits(layer) : null;
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
    if (kernel.biasApart) {
      const zeros = Array.from({ length: kernel.biasPadding?.(facts) ?? 0 }, () => 0);
      add(
        'bias',
        biasType,
        [...layer.bias, ...zeros],
        `bias (${zeros.length > 0 ? 'whole blocks of ' : ''}outputs)`,
      );
    }
    if (q && kernel.multiplierApart && (requantizer?.multiplies ?? true))
      add('multiplier', 'uint16_t', q.multiplier, `requantisation (outputs), over 2^${q.shift}`);
    if (limits) add('saturation', 'int32_t', limits, 'accumulators above this saturate');
  }
  if (layer.table) add('table', 'uint8_t', layer.table, 'activation function');
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
    store: storeLines(layer, number, prefix, limits !== null, requantizer),
  });
  const helpers = requantizer ? [requantizer.helper, ...own.helpers] : own.helpers;
  const name = `${prefix}_layer${int(number)}`;
  return {
    name,
    kernels: [kernel.name],
    code,
    arrays,
    helpers,
    work: [own.work],
    spentBytes: own.spentBytes ?? 0,
    ...(own.passed !== undefined && { passed: own.passed }),
    buffers: [],
  };
}

/** What straight-line code may take where time is to be constant: about as much as the other kernels' code. */
const CONSTANT_TIME_BUDGET: Readonly<Partial<Record<Board['core'], number>>> = { avr: 1100 };
/** Code of a group of layers that is all there is, and of one beside code of other layers. */
const GROUP_BYTES = 1100;
const FEW_BYTES = 350;
/** Bytes for the sketch, the link and the other kernels. */
const RESERVED_BYTES = 8192;

/**
 * A layer may take this many times its share of the flash for speed, its share being that of the multiplications: what is
 * a small part of the work is not worth much flash.
 */
const SHARE_LIMIT = 2;

/** RAM for inputs, sums and the heap, where constants are loaded into it. */
const RESERVED_RAM_BYTES = 2048;

/** Bytes for weights and for code that is fast, beside all else: of flash, and of RAM where constants are loaded into it. */
function roomForSpeed({ flashBytes, ramBytes, emptySketch, constantsInRam }: Board): number {
  const flash = (flashBytes ?? 0) - RESERVED_BYTES - (emptySketch?.flashBytes ?? 0);
  if (!constantsInRam || ramBytes === null) return flash;
  return Math.min(flash, ramBytes - RESERVED_RAM_BYTES - (emptySketch?.ramBytes ?? 0));
}

/** Flash that may be spent on speed: half of what the board has, as long as all weights still fit beside it. */
function flashForSpeed(layers: readonly QuantizedLayer[], board: Board, constantTime: boolean): number {
  if (board.flashBytes === null) return 0;
  const weights = layers.reduce((sum, { weights, weightBits }) => sum + (weights.length * weightBits) / 8, 0);
  const most = Math.min(board.flashBytes / 2, roomForSpeed(board) - weights);
  return constantTime ? Math.min(most, CONSTANT_TIME_BUDGET[board.core] ?? most) : most;
}

/**
 * A layer of packed weights whose sums get 24 bits where those of another one need them: both call the same code then.
 * Packed weights are there to save flash.
 */
function asWideAs(layers: readonly QuantizedLayer[], layer: QuantizedLayer): QuantizedLayer {
  const { weightBits, requantization: q } = layer;
  const isAlike = (other: QuantizedLayer): boolean =>
    other.accumulatorBits === 24 &&
    other.weightBits === weightBits &&
    other.requantization?.shift === q?.shift &&
    other.requantization?.maximum === q?.maximum;
  const isWidened = q !== null && weightBits < 8 && layer.accumulatorBits === 16 && layers.some(isAlike);
  return isWidened ? { ...layer, accumulatorBits: 24 } : layer;
}

/** The layers in order, each with the fastest kernel that the flash left by those before it allows, or all in one. */
export function generateSteps(
  layers: readonly QuantizedLayer[],
  board: Board,
  constantTime: boolean,
  prefix: string,
): GeneratedStep[] {
  let flashBudget = flashForSpeed(layers, board, constantTime);
  const whole = wholeNetwork(layers, board.core, flashBudget, prefix);
  if (whole) return [whole];
  const suiting = lastLayersThatSuit(layers, board.core);
  const steps: GeneratedStep[] = [];
  const perWeight =
    (SHARE_LIMIT * flashBudget) / layers.reduce((sum, { weights }) => sum + weights.length, 0);
  for (const [l, layer] of layers.entries()) {
    const isLast = l + suiting >= layers.length;
    const share = Math.min(flashBudget, perWeight * layer.weights.length);
    const facts = { layer, core: board.core, constantTime, flashBudget: share };
    let step = generateLayer(facts, l + 1, prefix);
    if (step.spentBytes === 0 && board.core === 'avr') {
      step = generateLayer({ ...facts, layer: asWideAs(layers, layer) }, l + 1, prefix);
    }
    if (isLast && (constantTime || step.spentBytes === 0)) {
      steps.push(
        lastLayers(
          layers.slice(l),
          l + 1,
          board.core,
          !constantTime,
          l === 0 ? GROUP_BYTES : FEW_BYTES,
          prefix,
        ),
      );
      break;
    }
    flashBudget -= step.spentBytes;
    steps.push(step);
  }
  return steps;
}
