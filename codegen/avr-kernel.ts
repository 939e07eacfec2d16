import type { QuantizedLayer } from '../model/quantized-model.js';
import {
  CODE_OFFSET,
  packedBiases,
  shiftSubroutine,
  unpack,
  workPacked,
  type Registers,
} from './avr-packed.js';
import { avrBytes, avrCycles } from './avr-timing.js';
import { int } from './c-text.js';
import type { Helper } from './kernel.js';
import type { AccumulatorBits } from '../model/quantized-model.js';
import { activationLines, SUM, wideActivationLines } from './avr-requantize.js';
import { tableLines } from './avr-upper-byte.js';
import { addTerms, type LayerWork, type Terms } from './layer-work.js';
import { render, type TemplateValue } from './render.js';

/** What the AVR kernels share: registers, blocks of outputs, the layout of their weights, helper functions. */

/** Blocks of full size up to which a layer calls each by itself, as compilers would anyway; beyond, a loop is shorter. */
const MOST_CALLS = 4;

/** Registers for sums, those first that a function need not save; r20, r21 hold input and weight, the rest is taken. */
export const SUM_REGISTERS = [18, 19, 22, 23, 24, 25, 16, 17, 14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3];

/**
 * Sizes tried for packed weights, which are there to save flash: a larger block is more code, and a smaller last one would
 * need code of its own.
 */
const PACKED_SIZES: readonly number[] = [6, 5, 4];

/** How many registers a function must save of those it changes, beside the frame pointer. */
export const savedRegisters = (changed: readonly number[]): number =>
  changed.filter((register) => register >= 2 && register <= 17).length;

/** Outputs of a layer in as few blocks as their sums fit in registers, as even as can be; the last may be smaller. */
export interface Blocks {
  readonly size: number;
  /** Outputs in blocks of the full size, and those of the smaller block behind them, 0 for none. */
  readonly full: number;
  readonly rest: number;
}

export function blocksOf(outputs: number, bits: AccumulatorBits, packed = false): Blocks {
  // The sum of the inputs, or the requantisation of a wide sum, needs registers, too.
  const most = Math.floor(SUM_REGISTERS.length / (bits / 8)) - (packed || bits === 24 ? 1 : 0);
  const even = Math.ceil(outputs / Math.ceil(outputs / most));
  const sizes = packed ? PACKED_SIZES.filter((candidate) => candidate <= most) : [];
  const size = sizes.find((candidate) => outputs % candidate === 0) ?? even;
  const rest = outputs % size;
  return { size, full: outputs - rest, rest };
}

/**
 * Block after block: the biases, low byte first, then for each input the weights of the block's outputs, then
 * the multipliers of activations.
 */
export function blockWeights(layer: QuantizedLayer, bits: AccumulatorBits): Int8Array {
  const { inputs, outputs, weights, bias } = layer;
  const multiplier = layer.requantization?.multiplier;
  const { weightBits } = layer;
  const perByte = 8 / weightBits;
  const { size } = blocksOf(outputs, bits, perByte > 1);
  const bytes: number[] = [];
  for (let first = 0; first < outputs; first += size) {
    const end = Math.min(first + size, outputs);
    const biases = packedBiases(bias.subarray(first, end), weightBits);
    for (const value of biases) for (let b = 0; b < bits; b += 8) bytes.push(value >> b);
    for (let i = 0; i < inputs; i++) {
      for (let n = first; n < end; n += perByte) {
        let byte = 0;
        for (let k = 0; k < perByte && n + k < end; k++) {
          byte |= (weights[(n + k) * inputs + i] + CODE_OFFSET[weightBits]) << (k * weightBits);
        }
        bytes.push(byte);
      }
    }
    if (multiplier) for (let n = first; n < end; n++) bytes.push(multiplier[n], multiplier[n] >> 8);
  }
  return Int8Array.from(bytes);
}

/** One input, in r20, times one weight of 8 bits for each sum. */
function work8(sums: Registers): string[] {
  return sums.flatMap(([lowest, next, ...higher]) => [
    'lpm r21, Z+',
    'mulsu r21, r20',
    // MULSU leaves the product's sign in the carry.
    ...(higher.length > 0 ? ['sbc r21, r21'] : []),
    `add ${lowest}, r0`,
    `adc ${next}, r1`,
    ...higher.map((register) => `adc ${register}, r21`),
  ]);
}

/** Instructions of inline assembly in C, one a line. */
const assemblyLines = (code: string): string[] =>
  Array.from(code.matchAll(/^ *"([^"]+)\\n\\t"/gm), ([, line]) => line);

/** A function that computes a block of outputs, and what one call of it takes. */
interface Block {
  readonly helper: Helper;
  readonly always: Terms;
  /** Of an input that is not zero, and of a sum that is not below 0, in cycles. */
  readonly stepCycles: number;
  readonly positiveCycles: number;
  readonly stackBytes: number;
}

/** Instructions that bring a sum to where it is requantised. */
function moveSum(sum: readonly string[]): string[] {
  if (sum[0] === SUM[0]) return [];
  return sum.length % 2 === 0
    ? [0, 2].slice(0, sum.length / 2).map((b) => `movw ${SUM[b]}, ${sum[b]}`)
    : sum.map((register, b) => `mov ${SUM[b]}, ${register}`);
}

/** Sums of `size` outputs as what the layer wants: activations, or 32 bits of raw output. */
function blockHelper(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  size: number,
  constantTime: boolean,
): Block {
  const bits = layer.accumulatorBits;
  const q = layer.requantization;
  const sumBytes = bits / 8;
  const kind = q ? `activations_${int(q.shift)}_${int(q.maximum)}` : 'outputs';
  const packed = layer.weightBits === 8 ? null : layer.weightBits;
  const perByte = 8 / layer.weightBits;
  const table = layer.table !== null ? `${prefix}_table${int(number)}` : false;
  const stem = `${prefix}_${kind}_${int(size)}_${int(bits)}${packed ? `_int${int(packed)}` : ''}`;
  const name = table ? `${stem}_table${int(number)}` : stem;
  const names = SUM_REGISTERS.map((register) => `r${int(register)}`);
  // The sum of the inputs follows the other sums; SUM_REGISTERS ends in one that 24-bit sums leave over.
  const inputSum = packed ? names.slice(size * sumBytes, (size + 1) * sumBytes) : [];
  const zero = packed && bits > 16 ? [names[names.length - 1]] : [];
  const registers = names.slice(0, size * sumBytes);
  const spare = q && bits > 16 ? names.slice(size * sumBytes, size * sumBytes + 2) : [];
  const sums = Array.from({ length: size }, (_, k) => {
    const bytes = registers.slice(k * sumBytes, (k + 1) * sumBytes);
    const listed = [...bytes].reverse().join(':');
    const moves = moveSum(bytes);
    return { index: int(k), bytes, moves, high: bytes[sumBytes - 1], registers: listed.padEnd(11) };
  });
  const operands = ['r18', 'r19', 'r22', 'r23'];
  const clobbers = [
    'r20',
    'r21',
    ...[...new Set([...registers, ...inputSum, ...zero, ...spare])].filter(
      (register) => !operands.includes(register),
    ),
  ];
  const sumRegisters = sums.map(({ bytes }) => bytes);
  const clear = [...inputSum, ...zero].map((register) => `clr ${register}`);
  const work = packed ? workPacked(sumRegisters, inputSum, zero[0], packed) : work8(sumRegisters);
  const unpacking = packed ? unpack(sumRegisters, inputSum, packed) : [];
  const subroutine = packed ? shiftSubroutine(sumBytes, packed) : [];
  const requantizing =
    bits > 16
      ? () => wideActivationLines(layer, constantTime, spare)
      : () => activationLines(layer, constantTime);
  // The multipliers' address waits in the registers of a multiplier.
  const look = table ? ['movw r20, r30', ...tableLines('r29', 'table'), 'movw r30, r20'] : [];
  const activation = q ? [...requantizing(), ...look] : [];
  const code = render('kernels/avr-block.c.hbs', {
    packed: packed !== null,
    nibbles: packed === 4,
    weightBits: int(layer.weightBits),
    perByte: int(perByte),
    lastInByte: int(perByte - 1),
    code: int(2 ** layer.weightBits - 1),
    unit: int(2 ** layer.weightBits),
    offset: int(CODE_OFFSET[layer.weightBits]),
    inputBytes: int(Math.ceil(size / perByte)),
    zero: zero.length > 0 && zero[0],
    inputSum: [...inputSum].reverse().join(':').padEnd(11),
    clear,
    work,
    unpack: packed !== null && unpacking,
    subroutine: packed !== null && subroutine,
    prefix,
    name,
    size: int(size),
    several: size > 1,
    bits: int(bits),
    wide: bits > 16,
    carries: int(sumBytes - 1),
    activations: q !== null && activation,
    rounding: int(q ? 2 ** (q.shift - 1) : 0),
    sumHigh: SUM.slice(2, sumBytes)
      .reverse()
      .map((register) => `${register}:`)
      .join(''),
    product:
      bits === 16 ? 'r18:r29:r28' : [...SUM.slice(3, sumBytes), ...spare.toReversed(), 'r29:r28'].join(':'),
    roundsLowest: q?.shift === 8,
    table,
    shift: int(q?.shift ?? 0),
    maximum: int(q?.maximum ?? 0),
    skip: !constantTime,
    type: q ? 'uint8_t' : 'int32_t',
    extend: bits < 32 && Array.from({ length: 4 - sumBytes }, () => true),
    sums,
    sumBytes: int(sumBytes),
    narrow: bits < 32,
    mask: int(2 ** bits - 1),
    half: int(2 ** (bits - 1)),
    biasBytes: int(size * sumBytes),
    clobbers: clobbers.map((register) => `"${register}"`).join(', '),
  });
  const saved = savedRegisters(clobbers.map((register) => Number(register.slice(1))));
  const resting = avrCycles(activation, ['brmi']);
  const workCycles = avrCycles(work);
  // An input's loop: LD 2, DEC 1, BRNE 2; where zeros are passed over also TST 1 and BRNE 1, ADIW 2 for a zero.
  const inputCycles = constantTime ? 5 + workCycles : 9;
  const pages = Math.ceil(layer.inputs / 256); // at the end of each DEC 1, BRNE 2, and the inner BRNE 1 less …
  const pageCycles = constantTime ? 2 : 4; // … but where its last input is zero, RJMP 2
  const moveCycles = sums.reduce((all, { moves }) => all + avrCycles(moves), 0);
  // Activations: RCALL 3, ST 2, RET 4, and RJMP past them. Outputs: ST 2 for each byte; LSL, SBC where a byte repeats.
  const storeCycles = q ? 9 * size + moveCycles + 2 : size * (bits === 32 ? 8 : 10);
  const shifts = unpacking.filter((line) => line.startsWith('rcall')).length;
  const exact =
    avrCycles(clear) +
    avrCycles(unpacking) +
    shifts * avrCycles(subroutine) +
    (packed ? 2 : 0) + // RJMP past the subroutine
    size * (3 * sumBytes + resting) +
    storeCycles +
    layer.inputs * inputCycles +
    pageCycles * pages;
  return {
    helper: {
      name,
      code,
      size: { exact: avrBytes(assemblyLines(code)), 'avr block': 1, 'avr saved register': saved },
    },
    always: { exact, 'avr block': 1, 'avr saved register': saved },
    stepCycles: constantTime ? 0 : workCycles - 1, // the other BRNE is taken, and there is no ADIW
    positiveCycles: avrCycles(activation) - resting,
    stackBytes: saved + (packed ? 9 : 8) + (q ? 2 : 0),
  };
}

/** What `avr-input-stationary.c.hbs` needs beyond the facts every kernel has, and what it takes. */
export function inputStationary(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  constantTime: boolean,
): { context: Record<string, TemplateValue>; helpers: Helper[]; work: LayerWork; stores: number } {
  const bits = layer.accumulatorBits;
  const { size, full, rest } = blocksOf(layer.outputs, bits, layer.weightBits < 8);
  const inputBytes = Math.ceil((size * layer.weightBits) / 8);
  const fullBlock = blockHelper(layer, number, prefix, size, constantTime);
  const restBlock = rest > 0 ? blockHelper(layer, number, prefix, rest, constantTime) : null;
  const fullBlocks = full / size;
  const stepCycles = fullBlocks * fullBlock.stepCycles + (restBlock?.stepCycles ?? 0);
  const blocks = [...Array<Block>(fullBlocks).fill(fullBlock), ...(restBlock ? [restBlock] : [])];
  const eachStep = new Float64Array(layer.inputs).fill(stepCycles);
  // Zeros that end a count of r28 take 2 more than others, by an RJMP.
  if (!constantTime) for (let i = layer.inputs - 1; i >= 0; i -= 256) eachStep[i] -= 2 * blocks.length;
  const stride = size * (bits / 8 + (layer.requantization ? 2 : 0)) + layer.inputs * inputBytes;
  const isLoop = fullBlocks > MOST_CALLS;
  const layerTerms = {
    'avr block layer': 1,
    'avr block call': isLoop ? (restBlock ? 1 : 0) : blocks.length,
    'avr block loop': isLoop ? 1 : 0,
  };
  return {
    context: {
      size: int(size),
      loop: isLoop && (fullBlocks < 256 ? 'uint8_t' : 'uint16_t'),
      fullBlocks: int(fullBlocks),
      rest: restBlock !== null,
      fullBlock: fullBlock.helper.name,
      restBlock: restBlock?.helper.name ?? '',
      stride: int(stride),
      calls: blocks.map(({ helper }, b) => ({
        block: helper.name,
        weights: b > 0 && int(b * stride),
        outputs: b > 0 && int(b * size),
      })),
    },
    helpers: restBlock ? [fullBlock.helper, restBlock.helper] : [fullBlock.helper],
    work: {
      always: addTerms([fullBlock.always, fullBlocks], restBlock?.always ?? {}, {
        ...layerTerms,
        'avr block loop block': isLoop ? fullBlocks : 0,
      }),
      step: {},
      inputsPerStep: 1,
      eachStep,
      positive: {},
      eachPositive: new Float64Array(layer.outputs).fill(fullBlock.positiveCycles),
      code: layerTerms,
      stackBytes: fullBlock.stackBytes,
    },
    stores: 0,
  };
}
