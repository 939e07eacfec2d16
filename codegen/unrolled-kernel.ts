import type { QuantizedLayer } from '../model/quantized-model.js';
import { int, word } from './c-text.js';
import { WORD_CORES } from './kernel-costs.js';
import type { Kernel, KernelFacts } from './kernel.js';
import { addTerms, type LayerWork, type Terms } from './layer-work.js';
import type { TemplateValue } from './render.js';
import { chooseRequantizer, type Requantizer } from './requantization.js';
import { DIALECTS } from './swar-assembly.js';
import { extraBytes, halfHelpers, numbers, skips, weights, type WordArray } from './swar-words.js';
import { unrolledAssembly, type UnrolledAssembly } from './unrolled-assembly.js';
import { unrolledResults, type UnrolledResults } from './unrolled-results.js';
import { apart, opaque } from './word-layer.js';

/** A small SWAR layer as straight-line code: its sums are assembly, and what follows them on cores that `unrolled-results.ts` knows. */

/** The requantisation of each output stands in the code: some 40 bytes. */
const MOST_UNROLLED_OUTPUTS = 8;

const sizeOf = ({ outputs }: QuantizedLayer): number => Math.ceil(outputs / 2);
const multiplications = (layer: QuantizedLayer): number => layer.inputs * sizeOf(layer);
const wordsOf = (layer: QuantizedLayer): number => multiplications(layer) + sizeOf(layer);

const requantizerOf = (facts: KernelFacts, prefix: string): Requantizer | null =>
  chooseRequantizer(facts, prefix, true);

const resultsOf = (
  { layer, core, constantTime }: KernelFacts,
  requantizer: Requantizer | null,
): UnrolledResults | null => unrolledResults(core, layer, requantizer, constantTime, wordsOf(layer));

const sumsOf = ({ layer, core, constantTime }: KernelFacts): UnrolledAssembly =>
  unrolledAssembly(core, sizeOf(layer), layer.inputs, skips(sizeOf(layer), constantTime));

/** What rounds lies behind the words where assembly takes it from there. */
function unrolledWeights(facts: KernelFacts): WordArray {
  const { values, comment, ...rest } = weights(facts);
  const requantizer = requantizerOf(facts, '');
  return resultsOf(facts, requantizer)?.rounds
    ? {
        ...rest,
        values: [...Array.from(values), requantizer!.rounding],
        comment: `${comment}; then what rounds`,
      }
    : { ...rest, values, comment };
}

/** What an instruction of most cores can hold. */
const SHORT_MULTIPLIER = 2047;
/** By this one compilers multiply with a shift and a difference. */
const LARGEST_MULTIPLIER = 65535;

/** Multipliers stand in the code as constants, equal ones as one. */
function multiplierTerms({ requantization }: QuantizedLayer, requantizer: Requantizer | null): Terms {
  const multipliers = requantizer?.multiplies ? [...requantization!.multiplier] : [];
  return {
    'unrolled multiplier': new Set(multipliers).size,
    'unrolled long multiplier': multipliers.filter((m) => m > SHORT_MULTIPLIER && m < LARGEST_MULTIPLIER)
      .length,
  };
}

type StoreWork = Pick<LayerWork, 'always' | 'positive' | 'code' | 'eachPositive' | 'eachSaturated'>;

/** What the layer takes beside its sums where compilers make that of C. */
function storedInC(layer: QuantizedLayer, requantizer: Requantizer | null): StoreWork {
  const size = sizeOf(layer);
  const multipliers = multiplierTerms(layer, requantizer);
  const shape: Terms = {
    'unrolled layer': 1,
    'unrolled word': size,
    // Sums leave registers for the rest, or compilers move values about.
    [`unrolled words ${int(size)}`]: 1,
    'unrolled odd output': layer.outputs % 2,
    // Nothing in it needs what takes the upper half out of a word.
    'unrolled one output': layer.outputs === 1 ? 1 : 0,
  };
  return {
    always: { ...shape, ...(requantizer?.branches ? {} : multipliers) },
    positive: requantizer?.branches ? addTerms([multipliers, 1 / layer.outputs]) : {},
    code: { ...shape, ...multipliers },
  };
}

/** Of a load of a bias on cores with such assembly. */
const SHORT_BYTES = 2;

/** The same where it is assembly: compilers have addresses to fetch, and registers to find. */
function storedInAssembly(layer: QuantizedLayer, loads: number, results: UnrolledResults): StoreWork {
  const { start, negative, positive, saturated, bytes } = results;
  const shape: Terms = {
    'assembled layer': 1,
    'assembled raw': layer.requantization ? 0 : 1,
    'assembled table': layer.table ? 1 : 0,
    'assembled far table': results.isTableFar ? 1 : 0,
    'assembled multipliers': results.multiplies ? 1 : 0,
  };
  return {
    always: { ...shape, exact: negative.reduce((sum, n) => sum + n, start) },
    positive: {},
    code: { ...shape, exact: bytes + SHORT_BYTES * loads },
    eachPositive: positive.map((count, n) => count - negative[n]),
    eachSaturated: saturated.map((count, n) => count - positive[n]),
  };
}

/** Registers that assembly needs at once beside those of the sums; where the network's outputs go waits in one, too. */
function registersBeside(
  ofSums: number,
  { joins, registers }: UnrolledResults,
  { requantization }: QuantizedLayer,
): number {
  const waiting = requantization ? 1 : 0;
  return joins ? ofSums + registers + waiting : Math.max(ofSums + 1, registers + waiting);
}

function unrolledWork(facts: KernelFacts, requantizer: Requantizer | null): LayerWork {
  const { layer, constantTime } = facts;
  const { inputs } = layer;
  const size = sizeOf(layer);
  const skip = skips(size, constantTime);
  const results = resultsOf(facts, requantizer);
  const { start, worked, skipped, registers, farWords, farInputs } = sumsOf(facts);
  const stored = results ? storedInAssembly(layer, start, results) : storedInC(layer, requantizer);
  return {
    ...stored,
    always: addTerms(stored.always, { exact: start + inputs * (skip ? skipped : worked) }),
    step: {},
    inputsPerStep: 1,
    eachStep: new Float64Array(inputs).fill(skip ? worked - skipped : 0),
    crowding: size + (results ? registersBeside(registers, results, layer) : 0),
    code: addTerms(stored.code, {
      'unrolled input': inputs,
      'unrolled test': skip ? inputs : 0,
      'unrolled product': inputs * size,
      'unrolled far word': farWords,
      'unrolled far input': farInputs,
    }),
    stackBytes: 0,
  };
}

/** The variable that rounds too, where it holds what does. */
function roundingName(requantizer: Requantizer | null): string | undefined {
  const isHeld = requantizer?.form === 'upper' || requantizer?.rounding === 0x8000;
  return isHeld ? 'rounding' : undefined;
}

interface Names {
  readonly prefix: string;
  readonly number: number;
}

/** What assembly reads that stores results: where they go, and the layer's arrays. */
function readOperands(
  layer: QuantizedLayer,
  { register, multiplies, isTableFar }: UnrolledResults,
  { prefix, number }: Names,
): string[] {
  const array = (stem: string, constraint: string): string =>
    `[${stem}] "${constraint}"(${prefix}_${stem}${int(number)})`;
  return [
    operand('y', register),
    ...(multiplies ? [array('multiplier', register)] : []),
    ...(layer.table ? [isTableFar ? operand('table', 'm') : array('table', register)] : []),
  ];
}

const operand = (name: string, constraint: string): string => `[${name}] "${constraint}"(${name})`;

/** The statement of the sums, to its end or to that of the results. */
function sumsStatement(
  facts: KernelFacts,
  results: UnrolledResults | null,
  names: Names,
): Record<string, TemplateValue> {
  const { layer } = facts;
  const { lines, register, inputRegister, hasSecond } = sumsOf(facts);
  const joins = results?.joins ?? false;
  const scratch = ['first', ...(hasSecond ? ['second'] : []), ...(joins ? results!.scratch : [])];
  // What follows the sums needs no inputs any more, nor, once it has what rounds, their words.
  const isSpent = joins && layer.requantization !== null;
  const pointers = ['x', 'word'];
  return {
    code: [...lines, ...(joins ? results!.lines : [])],
    joins,
    scratch: ['input', ...scratch],
    written: [
      ...numbers(sizeOf(layer)).map((k) => operand(`sum${k}`, '=&r')),
      operand('input', `=&${inputRegister}`),
      ...scratch.map((name) => operand(name, `=&${register}`)),
      ...(isSpent ? pointers.map((name) => operand(name, `+&${register}`)) : []),
    ].join(', '),
    read: [
      ...(isSpent ? [] : pointers.map((name) => operand(name, register))),
      ...(joins ? readOperands(layer, results!, names) : []),
    ].join(', '),
    hasSecond,
  };
}

/** The statement of the results, where it is one of its own. */
const resultsStatement = (
  layer: QuantizedLayer,
  results: UnrolledResults,
  names: Names,
): Record<string, TemplateValue> => ({
  code: [...results.lines],
  scratch: [...results.scratch],
  written: [
    ...numbers(sizeOf(layer)).map((k) => operand(`sum${k}`, '+r')),
    ...(results.rounds ? [operand('word', `+${results.register}`)] : []),
    ...results.scratch.map((name) => operand(name, `=&${results.register}`)),
  ].join(', '),
  read: readOperands(layer, results, names).join(', '),
  waits: results.sums?.includes('r12') ?? false,
  isTableFar: results.isTableFar,
});

function unrolled(
  facts: KernelFacts,
  requantizer: Requantizer | null,
  names: Names,
): Record<string, TemplateValue> {
  const { layer, core, constantTime } = facts;
  const size = sizeOf(layer);
  const results = resultsOf(facts, requantizer);
  const isUpper = requantizer?.form === 'upper';
  return {
    ...sumsStatement(facts, results, names),
    guard: DIALECTS[core]!.guard,
    stored: results !== null && { rounds: results.rounds, requantizes: requantizer !== null },
    then: results !== null && !results.joins && resultsStatement(layer, results, names),
    isUpper,
    rounding: word(isUpper ? requantizer.rounding : 0x8000),
    skip: skips(size, constantTime),
    sums: numbers(size).map((k) => ({ k, register: results?.sums?.[Number(k)] ?? false })),
    terms: Array.from({ length: layer.inputs }, (_, i) => ({
      input: int(i),
      products: Array.from({ length: size }, (_, k) => ({ word: int(k), weight: int(size * (i + 1) + k) })),
    })),
    results: Array.from({ length: layer.outputs }, (_, n) => ({
      n: int(n),
      word: int(n >> 1),
      high: n % 2 === 1,
    })),
  };
}

export const UNROLLED_KERNEL: Kernel = {
  name: 'swar-unrolled',
  template: 'kernels/swar-unrolled.c.hbs',
  suits: (facts) => {
    const { unrolled, reach } = WORD_CORES[facts.core]!;
    const { layer, flashBudget } = facts;
    return (
      layer.outputs <= MOST_UNROLLED_OUTPUTS &&
      multiplications(layer) <= unrolled &&
      4 * wordsOf(layer) <= reach &&
      extraBytes(facts) <= flashBudget
    );
  },
  weights: unrolledWeights,
  biasApart: false,
  multiplierApart: true,
  isWord: true,
  own: (facts, prefix, number) => {
    const requantizer = requantizerOf(facts, prefix);
    return {
      context: unrolled(facts, requantizer, { prefix, number }),
      helpers: [apart(prefix), opaque(prefix), ...halfHelpers(facts, prefix)],
      work: unrolledWork(facts, requantizer),
      stores: resultsOf(facts, requantizer) ? 0 : facts.layer.outputs,
      spentBytes: extraBytes(facts),
      rounding: roundingName(requantizer),
    };
  },
};
