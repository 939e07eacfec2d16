import type { QuantizedLayer } from '../model/quantized-model.js';
import { accumulatorRange } from '../model/range-proof.js';
import { blockCode, blocksSuit, weightsInBlocks, type BlockCode } from './avr-blocks.js';
import { avrEnds } from './avr-ends.js';
import { savedRegisters } from './avr-kernel.js';
import { inRegisters } from './avr-registers.js';
import { avrRunCycles } from './avr-timing.js';
import { int, rows } from './c-text.js';
import { constantArray, type ConstantArray } from './constant-array.js';
import type { Core } from './kernel.js';
import { layerInC } from './layer-in-c.js';
import { addTerms, type LayerWork } from './layer-work.js';
import type { GeneratedStep } from './layers.js';
import { joined, notedLines } from './noted-lines.js';
import { render } from './render.js';

/** Kernels that compute several layers at once: all of a network, or its last ones. */

/** By core, the names of its kernels for whole networks and for the last layers. */
export const GROUP_KERNELS: Readonly<Partial<Record<Core, { whole: string; last: string }>>> = {
  avr: { whole: 'avr-registers', last: 'avr-blocks' },
};

/** The tables of layers, of which the first has this number, and the operands by which assembly knows them. */
function tablesOf(
  layers: readonly QuantizedLayer[],
  first: number,
  prefix: string,
): { arrays: ConstantArray[]; operands: { name: string; array: string }[] } {
  const tabled = layers.flatMap(({ table }, l) => (table ? [{ table, l }] : []));
  return {
    arrays: tabled.map(({ table, l }) =>
      constantArray(
        `table${int(first + l)}`,
        'uint8_t',
        table,
        `Layer ${int(first + l)}: activation function.`,
      ),
    ),
    operands: tabled.map(({ l }) => ({
      name: `table${int(l + 1)}`,
      array: `${prefix}_table${int(first + l)}`,
    })),
  };
}

/** Of the first layer of a step, which counts the code of all; of a further one nothing is counted. */
function constantWork(
  isFirst: boolean,
  { lines, bytes, saved }: { lines: readonly string[]; bytes: number; saved: number },
  stackBytes: number,
): LayerWork {
  return {
    always: { exact: isFirst ? avrRunCycles(lines) : 0 },
    step: {},
    inputsPerStep: 1,
    positive: {},
    calls: isFirst ? lines.filter((line) => line.startsWith('rcall ')).length : 0,
    code: { exact: isFirst ? bytes : 0 },
    saved,
    stackBytes,
  };
}

/** Of blocks: the frame pointer, where outputs go, a return address. Of a network in registers with tables: where outputs go. */
const BLOCKS_STACK = 6;
const TABLES_STACK = 2;
/** What passing a zero over takes less than 7 cycles for each sum of a block. */
const ZERO_CYCLES = 3;

function blockWork(layers: readonly QuantizedLayer[], made: BlockCode, skipZeros: boolean): LayerWork[] {
  const saved = savedRegisters(made.registers);
  return layers.map(({ inputs }, l) => {
    const { always, ...work } = constantWork(l === 0, { ...made, saved }, BLOCKS_STACK);
    if (!skipZeros) return { always, ...work };
    const each = made.sizes[l].reduce((sum, size) => sum + 7 * size - ZERO_CYCLES, 0);
    return {
      ...work,
      always: addTerms(always, { exact: -each * inputs }),
      eachStep: new Float64Array(inputs).fill(each),
    };
  });
}

/** The network as one function; null where its core has none, or it does not suit, or `flashBudget` bytes do not hold it. */
export function wholeNetwork(
  layers: readonly QuantizedLayer[],
  core: Core,
  flashBudget: number,
  prefix: string,
): GeneratedStep | null {
  const kernel = GROUP_KERNELS[core]?.whole;
  const made = kernel ? inRegisters(layers) : null;
  if (!kernel || !made || made.bytes > flashBudget) return null;
  const last = layers.length - 1;
  const tables = tablesOf(layers, 1, prefix);
  const bufferOf = (l: number): string => (l < 0 ? 'x' : l === last ? 'y' : `a${int(l + 1)}`);
  const code = render('kernels/avr-registers.c.hbs', {
    prefix,
    inputs: int(layers[0].inputs),
    outputs: int(layers[last].outputs),
    codeBytes: int(made.bytes),
    code: notedLines(made.lines, made.notes),
    clobbers: made.clobbers.join(', '),
    tables: tables.operands,
    bounds: layers.map((layer, l) => {
      const { lowest, highest } = accumulatorRange(layer);
      return `Layer ${int(l + 1)}: inputs 0..${int(layer.inputMaximum)}, accumulators proven within ${int(lowest)}..${int(highest)}.`;
    }),
    buffers: layers.slice(0, -1).map(({ outputs }, l) => ({ name: bufferOf(l), size: int(outputs) })),
    inC: layers.map((layer, l) => layerInC(layer, l + 1, prefix, bufferOf(l - 1), bufferOf(l))).join(''),
  });
  return {
    name: `${prefix}_layers`,
    kernels: layers.map(() => kernel),
    code,
    helpers: [],
    arrays: tables.arrays,
    work: layers.map((_, l) => constantWork(l === 0, made, tables.arrays.length > 0 ? TABLES_STACK : 0)),
    spentBytes: made.bytes,
    buffers: [],
  };
}

/** avr-gcc takes no larger array than this, and the weights of a group are one. */
const MOST_WEIGHTS = 32767;

/** How many of the last layers of a network one function can compute on this core. */
export function lastLayersThatSuit(layers: readonly QuantizedLayer[], core: Core): number {
  if (!GROUP_KERNELS[core]) return 0;
  let weights = 0;
  const isTooMuch = (layer: QuantizedLayer): boolean =>
    !blocksSuit(layer) || (weights += layer.weights.length) > MOST_WEIGHTS;
  const first = [...layers].reverse().findIndex(isTooMuch);
  return first < 0 ? layers.length : first;
}

/** "r19:r18 r23:r22" of registers of sums of 16 bits. */
const registerPairs = (registers: readonly number[]): string =>
  Array.from({ length: registers.length / 2 }, (_, k) => joined(registers.slice(2 * k, 2 * k + 2))).join(' ');

/** The last layers, which all suit, as one function of `budget` bytes if it can; `first` is the number of its first layer. */
export function lastLayers(
  layers: readonly QuantizedLayer[],
  first: number,
  core: Core,
  skipZeros: boolean,
  budget: number,
  prefix: string,
): GeneratedStep {
  const last = layers.length - 1;
  const ends = avrEnds(prefix, first, first + last, true);
  const made = blockCode(layers, first, skipZeros, budget);
  const [from, to] = [int(first), int(first + last)];
  const isOne = last === 0;
  const numbers = isOne ? from : `${from}to${to}`;
  const which = isOne ? `Layer ${from}` : `Layers ${from} to ${to}`;
  const weights = constantArray(
    `weights${numbers}`,
    'int8_t',
    weightsInBlocks(layers, made.sizes),
    `${which}: weights in blocks of outputs: (inputs, block).`,
  );
  const tables = tablesOf(layers, first, prefix);
  const bufferOf = (l: number): string =>
    l < 0 ? ends.from : l === last ? ends.to : l % 2 === 0 ? 'odd' : 'even';
  const buffers = ['odd', 'even'].flatMap((name) => {
    const bytes = Math.max(0, ...layers.map(({ outputs }, l) => (bufferOf(l) === name ? outputs : 0)));
    return bytes > 0 ? [{ name, bytes }] : [];
  });
  const registers = made.registers.filter((register) => register !== 18 && register !== 19);
  const name = `${prefix}_${isOne ? 'layer' : 'layers'}${numbers}`;
  const code = render('kernels/avr-blocks.c.hbs', {
    prefix,
    name,
    which: isOne ? which : `${which} in one`,
    weights: `${prefix}_${weights.name}`,
    codeBytes: int(made.bytes),
    code: notedLines(made.lines, made.notes),
    sums: registerPairs(made.registers),
    skip: skipZeros,
    tables: tables.operands,
    isFirst: ends.isFirst,
    parameters: ends.parameters,
    operands: [
      `[weights] "i"(${prefix}_${weights.name})`,
      ...ends.operands,
      ...buffers.map((buffer) => `[${buffer.name}] "i"(${buffer.name})`),
      ...tables.operands.map((table) => `[${table.name}] "i"(${table.array})`),
    ].join(', '),
    clobbers: [...(ends.isFirst ? [] : [26, 27]), 20, 21, 30, 31, ...registers]
      .map((register) => `"r${int(register)}"`)
      .join(', '),
    buffers: buffers.map((buffer) => ({ name: buffer.name, size: int(buffer.bytes) })),
    layers: layers.map((layer, l) => {
      const { lowest, highest } = accumulatorRange(layer);
      const q = layer.requantization;
      const index = q
        ? `${prefix}_requantize(accumulator, ${int(q.multiplier[0])}U, ${int(q.shift)}U, ${int(q.maximum)}U)`
        : '';
      return {
        number: int(first + l),
        inputs: int(layer.inputs),
        inputMaximum: int(layer.inputMaximum),
        outputs: int(layer.outputs),
        lowest: int(lowest),
        highest: int(highest),
        sizes: made.sizes[l].map(int).join(', '),
        size: int(made.sizes[l][0]),
        biasRows: rows(layer.bias, int, ' '.repeat(12)),
        from: bufferOf(l - 1),
        to: bufferOf(l),
        activation: q !== null && (layer.table ? `${prefix}_table${int(first + l)}[${index}]` : index),
      };
    }),
  });
  return {
    name,
    kernels: layers.map(() => GROUP_KERNELS[core]!.last),
    code,
    helpers: [],
    arrays: [weights, ...tables.arrays],
    work: blockWork(layers, made, skipZeros),
    passed: ends.passed,
    spentBytes: made.bytes,
    buffers,
  };
}
