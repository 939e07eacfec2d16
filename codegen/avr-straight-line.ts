import type { QuantizedLayer } from '../model/quantized-model.js';
import { neuronRange } from '../model/range-proof.js';
import { blocksOf, savedRegisters, SUM_REGISTERS } from './avr-kernel.js';
import { loadAddress } from './avr-ends.js';
import { avrBytes, avrCycles } from './avr-timing.js';
import { doublingsOf, rounded, tableLines, upperByteLines } from './avr-upper-byte.js';
import { int } from './c-text.js';
import { joined, spanOf, type Notes } from './noted-lines.js';
import type { LayerWork } from './layer-work.js';

/** Straight-line AVR code for one layer, one instruction a line. Registers and schedule: avr-straight-line.c.hbs. */

/** An input costs this many cycles to test for zero and pass over, or to load and use. */
const SKIP_WORTH_CYCLES = 4;

const byteOf = (value: number, index: number): string => `${int((value >> (8 * index)) & 255)}`;

function loadBias(bias: number, registers: readonly number[]): string[] {
  return registers.flatMap((register, b) =>
    register >= 16
      ? [`ldi r${register}, ${byteOf(bias, b)}`]
      : [`ldi r21, ${byteOf(bias, b)}`, `mov r${register}, r21`],
  );
}

/** The products of one input, in r20, with one weight a sum. */
function products(weights: readonly number[], sums: readonly (readonly number[])[]): string[] {
  const sizes = [...new Set(weights.map(Math.abs))].filter((size) => size > 0).sort((a, b) => a - b);
  return sizes.flatMap((size) => {
    const terms = sums.flatMap((registers, k) => {
      if (Math.abs(weights[k]) !== size) return [];
      const [first, next] = weights[k] > 0 ? ['add', 'adc'] : ['sub', 'sbc'];
      const sources = size === 1 ? ['r20', 'r21', 'r21'] : ['r0', 'r1', 'r21'];
      return registers.map((register, b) => `${b === 0 ? first : next} r${register}, ${sources[b]}`);
    });
    if (size === 1) return ['clr r21', ...terms];
    const clear = sums[0].length === 3 ? ['clr r21'] : [];
    return [`ldi r21, ${int(size)}`, 'mul r21, r20', ...clear, ...terms];
  });
}

/**
 * Accumulator of 16 bits -> activation, by the table if there is one: the product's bytes 1, 2, 3 come to lie in r26, r27 and
 * the sum's low byte.
 */
function requantizeAndStore(
  layer: QuantizedLayer,
  n: number,
  [low, high]: readonly number[],
  constantTime: boolean,
): string[] {
  const { multiplier, shift, maximum } = layer.requantization!;
  const m = multiplier[n];
  const { highest } = neuronRange(layer, n);
  const code = constantTime
    ? [`sbrc r${high}, 7`, `clr r${low}`, `sbrc r${high}, 7`, `clr r${high}`]
    : ['clr r27', `tst r${high}`, 'brmi 3f'];
  if ((m & 255) !== 0) code.push(`ldi r20, ${byteOf(m, 0)}`);
  if (m > 255) code.push(`ldi r21, ${byteOf(m, 1)}`, `mul r${low}, r21`, 'movw r26, r0');
  if ((m & 255) !== 0) {
    code.push(`mul r${low}, r20`);
    // 255 * 255 + 254 has 16 bits, so there is no carry beyond r27.
    code.push(...(m > 255 ? ['add r26, r1', 'clr r1', 'adc r27, r1'] : ['mov r26, r1', 'clr r27']));
    code.push(`clr r${low}`, `mul r${high}, r20`, 'add r26, r0', 'adc r27, r1');
    if (m > 255) code.push('clr r1', `adc r${low}, r1`);
  } else code.push(`clr r${low}`);
  if (m > 255) code.push(`mul r${high}, r21`, 'add r27, r0', `adc r${low}, r1`);
  if (shift === 16) code.push('lsl r26', 'clr r1', 'adc r27, r1', `adc r${low}, r1`);
  else code.push('lsl r27', 'clr r1', `adc r${low}, r1`, `mov r27, r${low}`);
  if (Math.floor((highest * m + 2 ** (shift - 1)) / 2 ** shift) > maximum) {
    if (maximum === 255) code.push(`cpse r${low}, r1`, 'ldi r27, 255');
    else {
      code.push(`cpi r27, ${int(maximum + 1)}`);
      if (shift === 16) code.push(`cpc r${low}, r1`);
      code.push('brlo 2f', `ldi r27, ${int(maximum)}`, '2:');
    }
  }
  if (!constantTime) code.push('3:');
  if (layer.table) code.push('movw r20, r30', ...tableLines('r27', 'table'), 'movw r30, r20');
  return [...code, 'st Z+, r27'];
}

/** An accumulator of 16 or 24 bits -> 32 bits of raw output. */
function extendAndStore(registers: readonly number[]): string[] {
  const high = registers[registers.length - 1];
  const stores = registers.map((register) => `st Z+, r${register}`);
  const extension = Array.from({ length: 4 - registers.length }, () => `st Z+, r${high}`);
  return [...stores, `lsl r${high}`, `sbc r${high}, r${high}`, ...extension];
}

/**
 * Hidden layers need a 16-bit accumulator and powers of two, or a shift of 16 or 24; output layers 16 or 24 bits.
 */
export function straightLineSuits(layer: QuantizedLayer): boolean {
  const { accumulatorBits, requantization } = layer;
  if (doublingsOf(layer) !== null) return true;
  if (requantization) return accumulatorBits === 16 && requantization.shift !== 8;
  return accumulatorBits < 32;
}

/** The inputs of the first layer come in X; the results of the last one, which has no requantisation, go where Z points. */
export function straightLine(
  layer: QuantizedLayer,
  constantTime: boolean,
  isFirst: boolean,
): {
  lines: string[];
  notes: Notes;
  bytes: number;
  registers: string[];
  size: number;
  work: LayerWork;
} {
  const { inputs, outputs, weights, requantization } = layer;
  const doublings = doublingsOf(layer);
  const integers = doublings === null ? layer : rounded(layer, doublings);
  const sumBytes = layer.accumulatorBits / 8;
  const { size } = blocksOf(outputs, layer.accumulatorBits);
  const lines = [
    ...(isFirst ? [] : loadAddress('from', 26)),
    ...(requantization ? loadAddress('to', 30) : []),
  ];
  const notes = new Map<number, string>();
  const eachStep = new Float64Array(inputs);
  const eachPositive = new Float64Array(outputs);
  for (let first = 0; first < outputs; first += size) {
    const count = Math.min(size, outputs - first);
    const another = first + count < outputs;
    const sums = Array.from({ length: count }, (_, k) =>
      SUM_REGISTERS.slice(k * sumBytes, (k + 1) * sumBytes),
    );
    notes.set(lines.length, spanOf('output', first, count));
    if (another && isFirst) lines.push('push r26', 'push r27');
    sums.forEach((registers, k) => lines.push(...loadBias(integers.bias[first + k], registers)));
    for (let i = 0; i < inputs; i++) {
      const column = sums.map((_, k) => weights[(first + k) * inputs + i]);
      const work = products(column, sums);
      notes.set(lines.length, `input ${i}`);
      lines.push('ld r20, X+');
      if (constantTime || work.length < SKIP_WORTH_CYCLES) lines.push(...work);
      else {
        const used = ['breq 1f', ...work, '1:'];
        eachStep[i] += avrCycles(used) - avrCycles(used, ['breq']);
        lines.push('tst r20', ...used);
      }
    }
    sums.forEach((registers, k) => {
      const stored: string[] = [];
      if (!requantization) stored.push(...extendAndStore(registers));
      else if (doublings === null)
        stored.push(...requantizeAndStore(layer, first + k, registers, constantTime));
      else {
        const [low, high] = registers.map((register) => `r${register}`);
        const range = neuronRange(integers, first + k);
        const { maximum } = requantization;
        const look = layer.table ? ['movw r20, r30', ...tableLines(high, 'table'), 'movw r30, r20'] : [];
        stored.push(
          ...upperByteLines([low, high], 'r21', range, doublings, maximum),
          ...look,
          `st Z+, ${high}`,
        );
      }
      notes.set(lines.length, `output ${first + k}, from ${joined(registers)}`);
      eachPositive[first + k] = avrCycles(stored) - avrCycles(stored, ['brmi']);
      lines.push(...stored);
    });
    if (another) lines.push(...(isFirst ? ['pop r27', 'pop r26'] : loadAddress('from', 26)));
  }
  lines.push('clr __zero_reg__');
  const bytes = avrBytes(lines);
  return {
    lines,
    notes,
    bytes,
    work: {
      always: { exact: avrCycles(lines, ['breq', 'brmi']) },
      step: {},
      inputsPerStep: 1,
      positive: {},
      eachStep,
      eachPositive,
      code: { exact: bytes },
      saved: savedRegisters(SUM_REGISTERS.slice(0, size * sumBytes)),
      stackBytes: outputs > size && isFirst ? 2 : 0,
    },
    registers: SUM_REGISTERS.slice(0, size * sumBytes).map((register) => `r${register}`),
    size,
  };
}
