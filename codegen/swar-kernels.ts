import type { QuantizedLayer } from '../model/quantized-model.js';
import { int, word } from './c-text.js';
import { WORD_CORES } from './kernel-costs.js';
import type { Core, Helper, Kernel, KernelFacts } from './kernel.js';
import { addTerms, type LayerWork, type Terms } from './layer-work.js';
import { render, type TemplateValue } from './render.js';
import { chooseRequantizer, type Requantizer } from './requantization.js';
import { DIALECTS, type Dialect } from './swar-assembly.js';
import { unrolledAssembly } from './unrolled-assembly.js';
import { apart, opaque, wordKernel, type WordFunction } from './word-layer.js';
import { blockInstructions, savedRegisters } from './word-timing.js';

/**
 * SWAR: two sums in one word of 32 bits. `w0 + w1 · 2^16` times an input, added modulo 2^32, gives `S0 + S1 · 2^16`, which
 * says both sums as long as each fits in 16 bits, as the range proof has it.
 */

/** Words of a layer in as few blocks as fit in a core's registers, as even as can be; the last is filled up with zeros. */
interface WordBlocks {
  readonly size: number;
  readonly count: number;
}

export function wordBlocks(outputs: number, most: number): WordBlocks {
  const words = Math.ceil(outputs / 2);
  const count = Math.ceil(words / most);
  return { size: Math.ceil(words / count), count };
}

/** Two integers of 16 bits as one word; -1 and 2 are 2 · 2^16 - 1. */
const pairWord = (low: number, high: number): number => (low + high * 65536) >>> 0;

/** Block after block: the biases, then for each input the weights, two outputs to a word. */
export function swarWords(layer: QuantizedLayer, { size, count }: WordBlocks): Uint32Array {
  const { inputs, outputs, weights, bias } = layer;
  const words: number[] = [];
  const weight = (n: number, i: number): number => (n < outputs ? weights[n * inputs + i] : 0);
  const biasOf = (n: number): number => (n < outputs ? bias[n] : 0);
  for (let block = 0; block < count; block++) {
    const first = 2 * size * block;
    const outputsOf = Array.from({ length: size }, (_, k) => first + 2 * k);
    words.push(...outputsOf.map((n) => pairWord(biasOf(n), biasOf(n + 1))));
    for (let i = 0; i < inputs; i++)
      words.push(...outputsOf.map((n) => pairWord(weight(n, i), weight(n + 1, i))));
  }
  return Uint32Array.from(words);
}

const blocksOf = ({ layer, core }: KernelFacts): WordBlocks =>
  wordBlocks(layer.outputs, WORD_CORES[core]!.words);

/** Bytes of the words beyond what the weights alone would take. */
function extraBytes(facts: KernelFacts): number {
  const { inputs, outputs, weightBits } = facts.layer;
  const { size, count } = blocksOf(facts);
  return 4 * size * count * (inputs + 1) - (inputs * outputs * weightBits) / 8;
}

/** The requantisation of each output stands in the code: some 40 bytes. */
const MOST_UNROLLED_OUTPUTS = 8;

const multiplications = ({ inputs, outputs }: QuantizedLayer): number => inputs * Math.ceil(outputs / 2);

const weights: Kernel['weights'] = (facts) => ({
  type: 'uint32_t',
  values: swarWords(facts.layer, blocksOf(facts)),
  literal: word,
  comment: 'in blocks of outputs, two to a word: biases, then (inputs, block)',
});

const numbers = (count: number): string[] => Array.from({ length: count }, (_, k) => int(k));

/** An input of zero is passed over where that saves more than the test costs. */
const skips = (size: number, constantTime: boolean): boolean => !constantTime && size > 1;

/** Registers that a block changes and the compiler has to save. */
function changedRegisters(dialect: Dialect, words: number): string[] {
  const all = [...dialect.scratch, ...dialect.sums.slice(0, words)];
  return all.filter((register) => !dialect.byHand.includes(register));
}

/** Values of the template for the block's assembly. */
function blockAssembly(dialect: Dialect, words: number, skip: boolean): Record<string, TemplateValue> {
  const [xRegister, inputsRegister, wordRegister, sumsRegister] = dialect.arguments;
  const changed = changedRegisters(dialect, words);
  return {
    guard: dialect.guard,
    code: dialect.block(words, skip),
    xRegister,
    inputsRegister,
    wordRegister,
    sumsRegister,
    kept: dialect.kept ?? false,
    clobbers: changed.map((register) => `"${register}"`).join(', '),
  };
}

/** What takes a sum out of its word, where it is not requantised in there. */
function halfHelpers(facts: KernelFacts, prefix: string): Helper[] {
  if (chooseRequantizer(facts, prefix, true)?.form === 'upper') return [];
  const code = render('kernels/low-half.c.hbs', { prefix });
  return [{ name: `${prefix}_low_half`, code, size: {} }];
}

/** The sums of one block, for any number of inputs. */
function blockHelper(
  core: Core,
  prefix: string,
  words: number,
  constantTime: boolean,
): { helper: Helper; instructions: ReturnType<typeof blockInstructions>; saved: number } {
  const name = `${prefix}_swar${int(words)}`;
  const dialect = DIALECTS[core]!;
  const skip = skips(words, constantTime);
  const code = render('kernels/swar-block.c.hbs', {
    prefix,
    PREFIX: prefix.toUpperCase(),
    name,
    size: int(words),
    outputs: int(2 * words),
    words: numbers(words),
    skip,
    ...blockAssembly(dialect, words, skip),
  });
  const saved = savedRegisters(core, changedRegisters(dialect, words));
  const size = {
    'swar block': 1,
    'swar block word': words,
    'swar block skip': skip ? 1 : 0,
    'saved register': saved,
  };
  return {
    helper: { name, code, size },
    instructions: blockInstructions(dialect.block(words, skip)),
    saved,
  };
}

function looped(facts: KernelFacts, prefix: string): WordFunction {
  const { inputs, outputs } = facts.layer;
  const { size, count } = blocksOf(facts);
  const { helper, instructions, saved } = blockHelper(facts.core, prefix, size, facts.constantTime);
  const { call, worked, skipped } = instructions;
  const skip = skips(size, facts.constantTime);
  return {
    template: 'kernels/swar.c.hbs',
    variant: `swar${int(size)}`,
    context: { block: helper.name, size: int(size), blockOutputs: int(2 * size) },
    helpers: [...halfHelpers(facts, prefix), helper],
    work: {
      always: {
        exact: count * (call + inputs * (skip ? skipped : worked)),
        'swar odd output': outputs % 2,
        'saved register': count * saved,
      },
      step: {},
      inputsPerStep: 1,
      eachStep: new Float64Array(inputs).fill(skip ? count * (worked - skipped) : 0),
      stackBytes: 4 * (size + saved),
    },
    blocks: count,
    rounds: {},
    spentBytes: extraBytes(facts),
  };
}

/** What an instruction of most cores can hold. */
const SHORT_MULTIPLIER = 2047;
/** By this one compilers multiply with a shift and a difference. */
const LARGEST_MULTIPLIER = 65535;

/** Multipliers stand in the code as constants, equal ones as one. */
function multiplierTerms({ layer }: KernelFacts, requantizer: Requantizer | null): Terms {
  const multipliers = requantizer?.multiplies ? [...layer.requantization!.multiplier] : [];
  return {
    'unrolled multiplier': new Set(multipliers).size,
    'unrolled long multiplier': multipliers.filter((m) => m > SHORT_MULTIPLIER && m < LARGEST_MULTIPLIER)
      .length,
  };
}

function unrolledWork(facts: KernelFacts, requantizer: Requantizer | null): LayerWork {
  const { layer, core, constantTime } = facts;
  const { inputs, outputs } = layer;
  const size = Math.ceil(outputs / 2);
  const skip = skips(size, constantTime);
  const { start, worked, skipped, farWords, farInputs } = unrolledAssembly(core, size, inputs, skip);
  const multipliers = multiplierTerms(facts, requantizer);
  const shape: Terms = {
    'unrolled layer': 1,
    'unrolled word': size,
    // Sums leave registers for the rest, or compilers move values about.
    [`unrolled words ${int(size)}`]: 1,
    'unrolled odd output': outputs % 2,
    // Nothing in it needs what takes the upper half out of a word.
    'unrolled one output': outputs === 1 ? 1 : 0,
  };
  return {
    always: {
      ...shape,
      ...(requantizer?.branches ? {} : multipliers),
      exact: start + inputs * (skip ? skipped : worked),
    },
    step: {},
    inputsPerStep: 1,
    eachStep: new Float64Array(inputs).fill(skip ? worked - skipped : 0),
    positive: requantizer?.branches ? addTerms([multipliers, 1 / outputs]) : {},
    crowding: size,
    code: {
      ...shape,
      ...multipliers,
      'unrolled input': inputs,
      'unrolled test': skip ? inputs : 0,
      'unrolled product': inputs * size,
      'unrolled far word': farWords,
      'unrolled far input': farInputs,
    },
    stackBytes: 0,
  };
}

/** The variable that rounds too, where it holds what does. */
function roundingName(facts: KernelFacts, prefix: string): string | undefined {
  const requantizer = chooseRequantizer(facts, prefix, true);
  const isHeld = requantizer?.form === 'upper' || requantizer?.rounding === 0x8000;
  return isHeld ? 'rounding' : undefined;
}

function unrolled(facts: KernelFacts, prefix: string): Record<string, TemplateValue> {
  const { layer, core, constantTime } = facts;
  const { inputs, outputs } = layer;
  const size = Math.ceil(outputs / 2);
  const skip = skips(size, constantTime);
  const assembly = unrolledAssembly(core, size, inputs, skip);
  const requantizer = chooseRequantizer(facts, prefix, true);
  const isUpper = requantizer?.form === 'upper';
  return {
    skip,
    isUpper,
    rounding: word(isUpper ? requantizer.rounding : 0x8000),
    guard: DIALECTS[core]!.guard,
    code: [...assembly.lines],
    register: assembly.register,
    inputRegister: assembly.inputRegister,
    hasSecond: assembly.hasSecond,
    biases: numbers(size),
    sums: numbers(size)
      .map((k) => `[sum${k}] "=&${assembly.sumRegister}"(sum${k})`)
      .join(', '),
    terms: Array.from({ length: inputs }, (_, i) => ({
      input: int(i),
      products: Array.from({ length: size }, (_, k) => ({ word: int(k), weight: int(size * (i + 1) + k) })),
    })),
    results: Array.from({ length: outputs }, (_, n) => ({
      n: int(n),
      word: int(n >> 1),
      high: n % 2 === 1,
    })),
  };
}

export const SWAR_KERNELS: readonly Kernel[] = [
  {
    name: 'swar-unrolled',
    template: 'kernels/swar-unrolled.c.hbs',
    suits: (facts) => {
      const { unrolled, reach } = WORD_CORES[facts.core]!;
      const { layer, flashBudget } = facts;
      return (
        layer.outputs <= MOST_UNROLLED_OUTPUTS &&
        multiplications(layer) <= unrolled &&
        4 * (multiplications(layer) + Math.ceil(layer.outputs / 2)) <= reach &&
        extraBytes(facts) <= flashBudget
      );
    },
    weights,
    biasApart: false,
    multiplierApart: true,
    isWord: true,
    own: (facts, prefix) => ({
      context: unrolled(facts, prefix),
      helpers: [apart(prefix), opaque(prefix), ...halfHelpers(facts, prefix)],
      work: unrolledWork(facts, chooseRequantizer(facts, prefix, true)),
      stores: facts.layer.outputs,
      spentBytes: extraBytes(facts),
      rounding: roundingName(facts, prefix),
    }),
  },
  wordKernel(
    {
      name: 'swar',
      suits: (facts) => extraBytes(facts) <= facts.flashBudget,
      weights,
      biasApart: false,
      isWord: true,
    },
    looped,
  ),
];
