import type { QuantizedLayer } from '../model/quantized-model.js';
import { blockHelper, type Block } from './avr-block.js';
import { avrEnds, loadAddress, type AvrEnds } from './avr-ends.js';
import { blocksOf } from './avr-kernel.js';
import { avrBytes, avrCycles } from './avr-timing.js';
import { int } from './c-text.js';
import type { Helper } from './kernel.js';
import type { LayerWork } from './layer-work.js';
import type { TemplateValue } from './render.js';

/** A layer in AVR assembly that calls the functions of its blocks, one after the other. Registers: avr-input-stationary.c.hbs. */

/** Blocks of full size up to which a layer calls each by itself; beyond, a loop is shorter. */
const MOST_CALLS = 4;
/** A counter of 8 bits counts so many blocks. */
const MOST_IN_BYTE = 255;

interface Calls {
  readonly lines: readonly string[];
  /** Without the blocks' own. */
  readonly cycles: number;
  readonly stackBytes: number;
}

/** Calls of full blocks and of a smaller one behind them. Where C has handed the inputs over their address waits on the stack. */
function callBlocks(inputs: number, full: number, hasRest: boolean, { isFirst }: AvrEnds): Calls {
  const count = [`ldi r28, ${inputs & 255}`, `ldi r29, ${Math.ceil(inputs / 256)}`];
  const call = (block: string): string[] => [...count, `call %x[${block}]`];
  const results = 'movw r18, r26';
  const keep = ['push r26', 'push r27'];
  const again = isFirst ? ['pop r27', 'pop r26'] : loadAddress('from', 26);
  if (full <= MOST_CALLS) {
    const blocks = [...Array<string>(full).fill('block'), ...(hasRest ? ['rest'] : [])];
    const lines = blocks.flatMap((block, b) => [
      ...(b > 0 ? [results, ...again] : []),
      ...(isFirst && b < blocks.length - 1 ? keep : []),
      ...call(block),
    ]);
    return { lines, cycles: avrCycles(lines), stackBytes: isFirst && blocks.length > 1 ? 2 : 0 };
  }
  const isWide = full > MOST_IN_BYTE;
  const counters = isWide ? ['r20', 'r21'] : ['r20'];
  const before = [
    ...(isFirst ? keep : []),
    `ldi r20, ${full & 255}`,
    ...(isWide ? [`ldi r21, ${full >> 8}`] : []),
  ];
  const round = [
    ...counters.map((register) => `push ${register}`),
    ...call('block'),
    results,
    ...counters.toReversed().map((register) => `pop ${register}`),
    ...again,
    ...(isFirst ? keep : []),
    ...(isWide ? ['subi r20, 1', 'sbci r21, 0'] : ['dec r20']),
    'brne 1b',
  ];
  const after = [...(isFirst ? ['pop r27', 'pop r26'] : []), ...(hasRest ? call('rest') : [])];
  return {
    lines: [...before, '1:', ...round, ...after],
    cycles: avrCycles(before) + full * (avrCycles(round) + 1) - 1 + avrCycles(after),
    stackBytes: (isFirst ? 2 : 0) + counters.length,
  };
}

/** What `avr-input-stationary.c.hbs` needs beyond the facts every kernel has, and what it takes. */
export function inputStationary(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  constantTime: boolean,
): {
  context: Record<string, TemplateValue>;
  helpers: Helper[];
  work: LayerWork;
  passed: string;
} {
  const { inputs, outputs, accumulatorBits: bits, weightBits, requantization } = layer;
  const { size, full, rest } = blocksOf(outputs, bits, weightBits < 8);
  const ends = avrEnds(prefix, number, number, requantization === null);
  const fullBlock = blockHelper(layer, number, prefix, size, constantTime);
  const restBlock = rest > 0 ? blockHelper(layer, number, prefix, rest, constantTime) : null;
  const fullBlocks = full / size;
  const kinds = restBlock ? [fullBlock, restBlock] : [fullBlock];
  const total = (value: (block: Block) => number): number =>
    fullBlocks * value(fullBlock) + (restBlock ? value(restBlock) : 0);
  const calls = callBlocks(inputs, fullBlocks, restBlock !== null, ends);
  // Y may be the frame pointer.
  const before = [
    ...['push r28', 'push r29'],
    ...(ends.isFirst ? [] : loadAddress('from', 26)),
    ...loadAddress('weights', 30),
    ...(ends.isLast ? [] : loadAddress('to', 18)),
  ];
  const after = ['pop r29', 'pop r28', 'clr __zero_reg__'];
  const lines = [...before, ...calls.lines, ...after];
  const eachStep = new Float64Array(inputs).fill(total(({ stepCycles }) => stepCycles));
  // Zeros that end a count of r28 take 2 more than others, by an RJMP.
  if (!constantTime) for (let i = inputs - 1; i >= 0; i -= 256) eachStep[i] -= 2 * total(() => 1);
  const changed = [...new Set(kinds.flatMap((block) => block.changed))];
  const clobbers = [
    ...(ends.isFirst ? [] : ['r26', 'r27']),
    ...(ends.isLast ? [] : ['r18', 'r19']),
    ...['r30', 'r31'],
    ...changed,
  ];
  const stride = size * (bits / 8 + (requantization ? 2 : 0)) + inputs * Math.ceil((size * weightBits) / 8);
  return {
    context: {
      code: lines,
      isFirst: ends.isFirst,
      isLast: ends.isLast,
      parameters: ends.parameters,
      from: ends.from,
      to: ends.to,
      changed: [...(ends.isFirst ? [' "+x"(x)'] : []), ...(ends.isLast ? [' "+r"(to)'] : [])].join(','),
      operands: [
        `[weights] "i"(${prefix}_weights${int(number)})`,
        `[block] "i"(${fullBlock.helper.name})`,
        ...(restBlock ? [`[rest] "i"(${restBlock.helper.name})`] : []),
        ...ends.operands,
      ].join(', '),
      clobbers: clobbers.map((register) => `"${register}"`).join(', '),
      isLoop: fullBlocks > MOST_CALLS,
      size: int(size),
      full: int(full),
      fullBlock: fullBlock.helper.name,
      restBlock: restBlock?.helper.name ?? false,
      stride: int(stride),
    },
    helpers: kinds.map(({ helper }) => helper),
    work: {
      always: { exact: avrCycles(before) + calls.cycles + avrCycles(after) + total(({ cycles }) => cycles) },
      step: {},
      inputsPerStep: 1,
      eachStep,
      positive: {},
      eachPositive: new Float64Array(outputs).fill(fullBlock.positiveCycles),
      calls: total((block) => block.calls),
      code: { exact: avrBytes(lines) },
      saved: Math.max(...kinds.map(({ saved }) => saved)),
      stackBytes: 2 + calls.stackBytes + fullBlock.stackBytes,
    },
    passed: ends.passed,
  };
}
