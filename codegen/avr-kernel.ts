import { CODE_OFFSET, packedBiases } from './avr-packed.js';
import type { AccumulatorBits, QuantizedLayer } from '../model/quantized-model.js';

/** What the AVR kernels share: registers, blocks of outputs, the layout of their weights. */

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
