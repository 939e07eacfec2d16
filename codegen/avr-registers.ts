import type { QuantizedLayer } from '../model/quantized-model.js';
import { neuronRange } from '../model/range-proof.js';
import { beginnings, inChains, type Neuron } from './avr-chains.js';
import { savedRegisters } from './avr-kernel.js';
import { joined, spanOf, type Notes } from './noted-lines.js';
import { doublingsOf, rounded, tableLines, upperByteLines } from './avr-upper-byte.js';

/**
 * A small network as one piece of straight-line AVR code, one instruction a line: neuron after neuron, with the weights in
 * its instructions and all activations in registers. The time does not depend on the data.
 */

/** Holds the size of a weight. X points to the inputs until all of them are loaded. */
const WEIGHT = 26;
/** For inputs, sums and activations: first those that a function need not save. */
const REGISTERS = [
  27, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2,
];
/** Pushing and popping a register that must be saved. */
const SAVING_CYCLES = 4;
const FIRST_IMMEDIATE = 16;
const FIRST_FREE = 18;

interface Term {
  readonly register: number;
  readonly size: number;
  readonly isNegative: boolean;
}

/** Which registers hold something, and which have had to be saved. */
interface Registers {
  readonly free: Set<number>;
  readonly used: Set<number>;
}

const isPair = (low: number, high: number): boolean => low % 2 === 0 && high === low + 1;

/** The two registers in which a sum costs least; null where none are left. */
function takeSum({ free, used }: Registers): [low: number, high: number] | null {
  let best: [number, number] | null = null;
  let least = Infinity;
  const cost = (register: number): number =>
    (register < FIRST_FREE && !used.has(register) ? SAVING_CYCLES : 0) + (register < FIRST_IMMEDIATE ? 1 : 0);
  for (const low of free) {
    for (const high of free) {
      if (low === high) continue;
      const total = cost(low) + cost(high) + (isPair(low, high) ? 0 : 1);
      if (total < least) [best, least] = [[low, high], total];
    }
  }
  for (const register of best ?? []) {
    free.delete(register);
    used.add(register);
  }
  return best;
}

/**
 * Terms with the weight that lies in its register first, then by size, so that each size is loaded once; at last one that the
 * next neuron can begin with.
 */
function inOrder(
  terms: readonly Term[],
  loaded: number | null,
  isPositiveFirst: boolean,
  next: ReadonlySet<number>,
): Term[] {
  const rank = ({ size }: Term): number => (size === loaded ? 0 : size);
  const sorted = [...terms].sort((a, b) => rank(a) - rank(b) || Number(a.isNegative) - Number(b.isNegative));
  const positive = isPositiveFirst
    ? sorted.find(({ size, isNegative }) => size > 1 && !isNegative)
    : undefined;
  const first = (positive ?? sorted.at(0))?.size;
  const last = sorted.find(({ size }) => size !== first && next.has(size))?.size;
  const place = ({ size }: Term): number => (size === first ? 0 : size === last ? 2 : 1);
  return sorted.sort((a, b) => place(a) - place(b));
}

/** Σ terms + bias in two registers; returns the weight that is left in its register. */
function sumLines(
  terms: readonly Term[],
  bias: number,
  [low, high]: readonly [number, number],
  loaded: number | null,
  following: ReadonlySet<number>,
  lines: string[],
): number | null {
  const byte = (value: number, shift: number): number => (value >> shift) & 255;
  const paired = isPair(low, high);
  const ordered = inOrder(terms, loaded, paired, following);
  let rest = ordered;
  const multiply = ({ register, size }: Term): void => {
    if (loaded !== size) lines.push(`ldi r${WEIGHT}, ${size}`);
    loaded = size;
    lines.push(`mul r${WEIGHT}, r${register}`);
  };
  if (paired && ordered.length > 0 && ordered[0].size > 1 && !ordered[0].isNegative) {
    multiply(ordered[0]);
    lines.push(`movw r${low}, r0`);
    if (low >= FIRST_IMMEDIATE) {
      if (byte(bias, 0) !== 0)
        lines.push(`subi r${low}, ${byte(-bias, 0)}`, `sbci r${high}, ${byte(-bias, 8)}`);
      else if (bias !== 0) lines.push(`subi r${high}, ${byte(-bias, 8)}`);
    } else if (bias !== 0) {
      const isWhole = byte(bias, 0) !== 0;
      if (isWhole) lines.push(`ldi r${WEIGHT}, ${byte(bias, 0)}`, `add r${low}, r${WEIGHT}`);
      loaded = byte(bias, 8);
      lines.push(`ldi r${WEIGHT}, ${loaded}`, `${isWhole ? 'adc' : 'add'} r${high}, r${WEIGHT}`);
    }
    rest = ordered.slice(1);
  } else {
    [low, high].forEach((register, b) => {
      const value = byte(bias, 8 * b);
      if (register >= FIRST_IMMEDIATE) lines.push(`ldi r${register}, ${value}`);
      else if (value === 0) lines.push(`clr r${register}`);
      else {
        lines.push(`ldi r${WEIGHT}, ${value}`, `mov r${register}, r${WEIGHT}`);
        loaded = value;
      }
    });
  }
  for (const term of rest) {
    const [first, next, step] = term.isNegative ? ['sub', 'sbc', 'dec'] : ['add', 'adc', 'inc'];
    if (term.size === 1) {
      lines.push(`${first} r${low}, r${term.register}`, 'brcc 9f', `${step} r${high}`, '9:');
    } else {
      multiply(term);
      lines.push(`${first} r${low}, r0`, `${next} r${high}, r1`);
    }
  }
  return loaded;
}

/** Neurons of a layer. Weights and bias are doubled where the sum has room for it: one doubling less afterwards. */
function neuronsOf(layer: QuantizedLayer): Neuron[] {
  const { inputs, outputs, weights, requantization } = layer;
  const doublings = requantization ? doublingsOf(layer)! : 0;
  const integers = requantization ? rounded(layer, doublings) : layer;
  return Array.from({ length: outputs }, (_, index) => {
    const { lowest, highest } = neuronRange(integers, index);
    const scale = doublings > 0 && 2 * highest <= 32767 && 2 * lowest >= -32768 ? 2 : 1;
    return {
      index,
      weights: Array.from(weights.subarray(index * inputs, (index + 1) * inputs), (w) => scale * w),
      bias: scale * integers.bias[index],
      bounds: { lowest: scale * lowest, highest: scale * highest },
      doublings: doublings - Math.log2(scale),
    };
  });
}

const isLabel = (line: string): boolean => line.endsWith(':');

/** The whole network; null where it does not suit: sums of 16 bits, ReLU by powers of two, and registers for all. */
export function inRegisters(
  layers: readonly QuantizedLayer[],
): { lines: string[]; notes: Notes; bytes: number; clobbers: string[]; saved: number } | null {
  const hidden = layers.slice(0, -1);
  const { accumulatorBits } = layers[layers.length - 1];
  if (accumulatorBits !== 16 || hidden.some((layer) => doublingsOf(layer) === null)) return null;
  if (layers.some(({ inputs, outputs }) => Math.max(inputs, outputs) > REGISTERS.length)) return null;

  const registers: Registers = { free: new Set(REGISTERS), used: new Set() };
  let held = REGISTERS.slice(0, layers[0].inputs).reverse(); // the last one may overwrite X
  for (const register of held) {
    registers.free.delete(register);
    registers.used.add(register);
  }
  const lines = held.map((register, i) => `ld r${register}, X${i < held.length - 1 ? '+' : ''}`);
  const notes = new Map([
    [0, `${spanOf('input', 0, held.length)}, to ${held.map((register) => `r${register}`).join(' ')}`],
  ]);
  const hasTables = layers.some(({ table }) => table !== null);
  if (hasTables) lines.push('push r31', 'push r30');
  let loaded: number | null = null;
  const order = inChains(layers.map(neuronsOf));
  for (const [l, layer] of layers.entries()) {
    const { requantization } = layer;
    const results: number[] = [];
    if (hasTables && !requantization) lines.push('pop r30', 'pop r31');
    for (const [k, { index, weights, bias, bounds, doublings }] of order[l].entries()) {
      const sum = takeSum(registers);
      if (!sum) return null;
      const [low, high] = sum;
      const name = requantization ? 'neuron' : 'output';
      const becomes = requantization ? `, its activation in r${high}` : '';
      notes.set(lines.length, `layer ${l + 1}, ${name} ${index}: its sum in ${joined(sum)}${becomes}`);
      const terms = held.flatMap((register, i): Term[] =>
        weights[i] === 0 ? [] : [{ register, size: Math.abs(weights[i]), isNegative: weights[i] < 0 }],
      );
      loaded = sumLines(terms, bias, sum, loaded, beginnings(order[l][k + 1] ?? order[l + 1]?.[0]), lines);
      registers.free.add(low);
      if (!requantization) {
        registers.free.add(high);
        lines.push(`st Z+, r${low}`, `st Z+, r${high}`, `lsl r${high}`, `sbc r${high}, r${high}`);
        lines.push(`st Z+, r${high}`, `st Z+, r${high}`);
      } else {
        const { maximum } = requantization;
        const activation = upperByteLines([`r${low}`, `r${high}`], `r${WEIGHT}`, bounds, doublings, maximum);
        if (activation.some((line) => line.includes(` r${WEIGHT},`))) loaded = null;
        lines.push(...activation);
        if (layer.table) lines.push(...tableLines(`r${high}`, `table${l + 1}`));
        results[index] = high;
      }
    }
    for (const register of held) registers.free.add(register);
    held = results;
  }
  lines.push('clr __zero_reg__');
  return {
    lines,
    notes,
    bytes: 2 * lines.filter((line) => !isLabel(line)).length,
    saved: savedRegisters([...registers.used]),
    clobbers: [...registers.used].filter((register) => register !== 27).map((register) => `"r${register}"`),
  };
}
