import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import { loadAddress } from './avr-ends.js';
import { blocksOf, SUM_REGISTERS } from './avr-kernel.js';
import { spanOf, type Notes } from './noted-lines.js';
import { doublingsOf, rounded, tableLines, upperByteLines } from './avr-upper-byte.js';

/**
 * Layers in a row as one piece of AVR code, input-stationary: block after block of outputs, whose sums stay in registers.
 * Blocks of one size share one loop over the inputs, whatever their layer. Registers: avr-blocks.c.hbs.
 */

/** How blocks are cut and loops unrolled. */
interface Plan {
  /** Outputs in a block, the last one of a layer excepted; null: as even as can be, layer by layer. */
  readonly size: number | null;
  /** Inputs to a round of a loop. */
  readonly unrolled: number;
}

const PLANS: readonly Plan[] = [null, 11, 10, 9, 8, 7, 6, 5, 4].flatMap((size) =>
  [1, 2, 4].map((unrolled) => ({ size, unrolled })),
);

export interface BlockCode {
  readonly lines: readonly string[];
  readonly notes: Notes;
  readonly bytes: number;
  /** Of a forward pass without zeros, without saving registers and the call. */
  readonly cycles: number;
  /** Outputs in each block of each layer. */
  readonly sizes: readonly (readonly number[])[];
  readonly registers: readonly number[];
}

/** A counter of 8 bits counts the rounds of a loop of four. */
const MOST_INPUTS = 255;
const MOST_BLOCKS = 16;
/** A branch reaches 64 words back. */
const MOST_BRANCH_WORDS = 61;

/** Hidden layers by powers of two, outputs raw; sums of 16 bits, weights of 8. */
export function blocksSuit(layer: QuantizedLayer): boolean {
  const { inputs, outputs, weightBits, accumulatorBits, requantization } = layer;
  return (
    weightBits === 8 &&
    accumulatorBits === 16 &&
    inputs <= MOST_INPUTS &&
    outputs <= MOST_BLOCKS * 11 &&
    (requantization === null || doublingsOf(layer) !== null)
  );
}

const sumOf = (k: number): [low: number, high: number] => [SUM_REGISTERS[2 * k], SUM_REGISTERS[2 * k + 1]];

function sizesOf(outputs: number, size: number | null): number[] {
  const most = size ?? blocksOf(outputs, 16).size;
  return Array.from({ length: Math.ceil(outputs / most) }, (_, b) => Math.min(most, outputs - b * most));
}

function loadBiases(bias: ArrayLike<number>): string[] {
  return Array.from(bias, (value, k) => {
    const [low, high] = sumOf(k);
    const bytes = [value & 255, (value >> 8) & 255];
    return low >= 16
      ? [`ldi r${low}, ${bytes[0]}`, `ldi r${high}, ${bytes[1]}`]
      : [`ldi r20, ${bytes[0]}`, `ldi r21, ${bytes[1]}`, `movw r${low}, r20`];
  }).flat();
}

const loopName = (size: number, entry: number): string => `.Lloop%=_${size}_${entry}`;

const wordsOf = (lines: readonly string[]): number => lines.filter((line) => !line.endsWith(':')).length;

interface Loop {
  readonly lines: readonly string[];
  /** From the end of a round to the next one. */
  readonly backCycles: number;
}

/** The sums of a block over all inputs: r28 rounds, entered at the first input of a round or further on. */
function loopOf(size: number, unrolled: number, skipZeros: boolean): Loop {
  const work = Array.from({ length: size }, (_, k) => {
    const [low, high] = sumOf(k);
    return ['lpm r21, Z+', 'mulsu r21, r20', `add r${low}, r0`, `adc r${high}, r1`];
  }).flat();
  const round = Array.from({ length: unrolled }, (_, entry) => [
    `${loopName(size, entry)}:`,
    'ld r20, X+',
    ...(skipZeros ? ['tst r20', 'brne 1f', `adiw r30, ${size}`, 'rjmp 2f', '1:'] : []),
    ...work,
    ...(skipZeros ? ['2:'] : []),
  ]).flat();
  const start = loopName(size, 0);
  const isNear = wordsOf(round) <= MOST_BRANCH_WORDS;
  const back = isNear ? [`brne ${start}`] : ['breq 3f', `rjmp ${start}`, '3:'];
  return { lines: [...round, 'dec r28', ...back, 'ret'], backCycles: isNear ? 3 : 4 };
}

const tailName = (layer: number, size: number): string => `.Ltail%=_${layer}_${size}`;

/** The activations of a block into the bytes before Y; entered at the last sum of the block. */
function tailLines(layer: QuantizedLayer, number: number, sizes: readonly number[]): string[] {
  const doublings = doublingsOf(layer)!;
  const bounds = accumulatorRange(rounded(layer, doublings));
  const { maximum } = layer.requantization!;
  const most = Math.max(...sizes);
  const sums = Array.from({ length: most }, (_, index) => {
    const k = most - 1 - index;
    const [low, high] = sumOf(k).map((register) => `r${register}`);
    const entry = sizes.includes(k + 1) ? [`${tailName(number, k + 1)}:`] : [];
    const look = layer.table
      ? ['movw r20, r30', ...tableLines(high, `table${number + 1}`), 'movw r30, r20']
      : [];
    return [
      ...entry,
      ...upperByteLines([low, high], 'r20', bounds, doublings, maximum),
      ...look,
      `st -Y, ${high}`,
    ];
  });
  return [...sums.flat(), 'ret'];
}

function storeOutputs(size: number): string[] {
  return Array.from({ length: size }, (_, k) => {
    const [low, high] = sumOf(k).map((register) => `r${register}`);
    const sign = [`lsl ${high}`, `sbc ${high}, ${high}`];
    return [`st Y+, ${low}`, `st Y+, ${high}`, ...sign, `st Y+, ${high}`, `st Y+, ${high}`];
  }).flat();
}

/** Cycles of straight-line code. */
function cyclesOf(lines: readonly string[]): number {
  const costs: Readonly<Record<string, number>> = {
    st: 2,
    ld: 2,
    push: 2,
    pop: 2,
    mul: 2,
    lpm: 3,
    mulsu: 2,
    adiw: 2,
    rcall: 7,
  };
  return lines.reduce((sum, line) => sum + (line.endsWith(':') ? 0 : (costs[line.split(' ')[0]] ?? 1)), 0);
}

/** `number`: of the first of these layers; the inputs of a network's first layer come in X. */
function codeOf(
  layers: readonly QuantizedLayer[],
  number: number,
  plan: Plan,
  skipZeros: boolean,
): BlockCode {
  const { unrolled } = plan;
  const sizes = layers.map(({ outputs }) => sizesOf(outputs, plan.size));
  const loops = new Map(sizes.flat().map((size) => [size, loopOf(size, unrolled, skipZeros)]));
  const lines = ['push r28', 'push r29', 'push r19', 'push r18'];
  lines.push(...(number === 1 ? [] : loadAddress('from', 26)), ...loadAddress('weights', 30));
  const notes = new Map<number, string>();
  let cycles = 0;
  const buffer = (l: number, offset: number): string[] => {
    const place = `%[${l % 2 === 0 ? 'odd' : 'even'}]+${offset}`;
    return [`lo8(${place})`, `hi8(${place})`];
  };
  layers.forEach((layer, l) => {
    const { inputs, requantization } = layer;
    const { bias } = requantization ? rounded(layer, doublingsOf(layer)!) : layer;
    const rounds = Math.ceil(inputs / unrolled);
    const entry = (unrolled - (inputs % unrolled)) % unrolled;
    let first = 0;
    sizes[l].forEach((size, b) => {
      notes.set(lines.length, `layer ${number + l}, ${spanOf('output', first, size)}`);
      if (b > 0) lines.push(`subi r26, lo8(${inputs})`, `sbci r27, hi8(${inputs})`);
      else if (l > 0) {
        const [low, high] = buffer(l - 1, 0);
        lines.push(`ldi r26, ${low}`, `ldi r27, ${high}`);
      }
      if (!requantization && b > 0) lines.push('push r28');
      lines.push(...loadBiases(bias.subarray(first, first + size)), `ldi r28, ${rounds}`);
      lines.push(`rcall ${loopName(size, entry)}`);
      first += size;
      if (requantization) {
        const [low, high] = buffer(l, first);
        lines.push(`ldi r28, ${low}`, `ldi r29, ${high}`, `rcall ${tailName(l, size)}`);
        cycles += size * cyclesOf(tailLines(layer, l, [1]).slice(0, -1));
      } else {
        notes.set(lines.length, 'their sums as raw outputs');
        lines.push('pop r28', ...(b === 0 ? ['pop r29'] : []), ...storeOutputs(size));
      }
      const perInput = 7 * size + 2 + (skipZeros ? 3 : 0);
      cycles += inputs * perInput + rounds * loops.get(size)!.backCycles;
    });
  });
  cycles += cyclesOf(lines);
  lines.push('pop r29', 'pop r28', 'rjmp .Lend%=');
  for (const [size, loop] of loops) {
    notes.set(lines.length, `the loop of ${size === 1 ? 'one sum' : `${size} sums`}`);
    lines.push(...loop.lines);
  }
  layers.forEach((layer, l) => {
    if (!layer.requantization) return;
    notes.set(lines.length, `sums of layer ${number + l} as activations`);
    lines.push(...tailLines(layer, l, [...new Set(sizes[l])]));
  });
  lines.push('.Lend%=:', 'clr __zero_reg__');
  const sums = Math.max(...sizes.flat());
  return {
    lines,
    notes,
    bytes: 2 * wordsOf(lines),
    cycles,
    sizes,
    registers: SUM_REGISTERS.slice(0, 2 * sums),
  };
}

/** The fastest code for layers that all suit within `budget` bytes, or the smallest; `number` is that of the first. */
export function blockCode(
  layers: readonly QuantizedLayer[],
  number: number,
  skipZeros: boolean,
  budget: number,
): BlockCode {
  const codes = PLANS.map((plan) => codeOf(layers, number, plan, skipZeros));
  const fitting = codes.filter(({ bytes }) => bytes <= budget);
  return fitting.length > 0
    ? fitting.reduce((best, code) => (code.cycles < best.cycles ? code : best))
    : codes.reduce((best, code) => (code.bytes < best.bytes ? code : best));
}

/** In the order in which the blocks read them: for each input the weights of the block's outputs. */
export function weightsInBlocks(
  layers: readonly QuantizedLayer[],
  sizes: readonly (readonly number[])[],
): Int8Array {
  const bytes = layers.flatMap(({ inputs, weights }, l) => {
    let first = 0;
    return sizes[l].flatMap((size) => {
      const block = Array.from(
        { length: inputs * size },
        (_, k) => weights[(first + (k % size)) * inputs + Math.floor(k / size)],
      );
      first += size;
      return block;
    });
  });
  return Int8Array.from(bytes);
}
