import type { QuantizedLayer } from '../model/quantized-model.js';
import { int, word } from './c-text.js';
import { WORD_CORES } from './kernel-costs.js';
import type { Kernel, KernelFacts } from './kernel.js';
import type { TemplateValue } from './render.js';
import { chooseRequantizer, type Requantizer } from './requantization.js';
import { DIALECTS } from './swar-assembly.js';
import { extraBytes, halfHelpers, numbers, skips, weights, type WordArray } from './swar-words.js';
import type { UnrolledResults } from './unrolled-results.js';
import { SECOND } from './unrolled-store.js';
import { multiplications, resultsOf, sizeOf, sumsOf, unrolledWork, wordsOf } from './unrolled-work.js';
import { apart, opaque } from './word-layer.js';

/** A small SWAR layer as straight-line assembly: its sums, and what follows them. */

/** The requantisation of each output stands in the code: some 40 bytes. */
const MOST_UNROLLED_OUTPUTS = 8;

const requantizerOf = (facts: KernelFacts, prefix: string): Requantizer | null =>
  chooseRequantizer(facts, prefix, true);

/** What rounds lies behind the words where assembly takes it from there. */
function unrolledWeights(facts: KernelFacts): WordArray {
  const { values, comment, ...rest } = weights(facts);
  const requantizer = requantizerOf(facts, '');
  return resultsOf(facts, requantizer).rounds
    ? {
        ...rest,
        values: [...Array.from(values), requantizer!.rounding],
        comment: `${comment}; then what rounds`,
      }
    : { ...rest, values, comment };
}

interface Names {
  readonly prefix: string;
  readonly number: number;
}

const operand = (name: string, constraint: string): string => `[${name}] "${constraint}"(${name})`;

/** What assembly reads that stores results: where they go, and the layer's arrays. */
function readOperands(
  layer: QuantizedLayer,
  { constraint, multiplies, isTableFar }: UnrolledResults,
  { prefix, number }: Names,
): string[] {
  const array = (stem: string): string => `[${stem}] "${constraint(stem)}"(${prefix}_${stem}${int(number)})`;
  return [
    operand('y', constraint('y')),
    ...(multiplies ? [array('multiplier')] : []),
    ...(layer.table ? [isTableFar ? operand('table', 'm') : array('table')] : []),
  ];
}

/** A variable of C, in a register of its own where it has one. */
const declaration = (type: string, name: string, { registerOf }: UnrolledResults): string => {
  const register = registerOf(name);
  return register ? `register ${type}${name} __asm__("${register}")` : `${type}${name}`;
};

const scratchOf = (names: readonly string[], results: UnrolledResults): string[] =>
  names.map((name) => declaration('uint32_t ', name, results));

/** The statement of the sums, to its end or to that of the results. */
function sumsStatement(
  facts: KernelFacts,
  results: UnrolledResults,
  names: Names,
): Record<string, TemplateValue> {
  const { layer } = facts;
  const { lines, constraint, hasSecond } = sumsOf(facts);
  const { joins, spends } = results;
  const own = ['first', ...(hasSecond ? ['second'] : []), ...(joins ? results.scratch : [])];
  const scratch = ['input', ...own];
  const pointers = ['x', 'word'];
  // What follows the sums needs no inputs any more, nor, once it has what rounds, their words.
  const spent = pointers.filter((name) => joins && spends.includes(name));
  const sums = numbers(sizeOf(layer)).map((k) => `sum${k}`);
  return {
    code: [...lines, ...(joins ? results.lines : [])],
    joins,
    word: declaration('const uint32_t *', 'word', results),
    scratch: scratchOf([...sums, ...scratch], results),
    written: [
      ...sums.map((name) => operand(name, '=&r')),
      ...scratch.map((name) => operand(name, `=&${constraint(name)}`)),
      ...spent.map((name) => operand(name, `+&${constraint(name)}`)),
    ].join(', '),
    read: [
      ...pointers.filter((name) => !spent.includes(name)).map((name) => operand(name, constraint(name))),
      ...(joins ? readOperands(layer, results, names) : []),
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
  scratch: scratchOf(results.scratch, results),
  written: [
    ...numbers(sizeOf(layer)).map((k) => operand(`sum${k}`, '+r')),
    ...(results.holdsRounding ? [operand('word', `+&${results.constraint('word')}`)] : []),
    ...results.scratch.map((name) => operand(name, `=&${results.constraint(name)}`)),
  ].join(', '),
  read: readOperands(layer, results, names).join(', '),
  waits: sizeOf(layer) > 3 && results.registerOf('sum3') !== null,
  holdsRounding: results.holdsRounding,
  hasOther: results.scratch.includes('other'),
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
    rounds: results.rounds,
    requantizes: requantizer !== null,
    holdsRounding: results.holdsRounding,
    spendsInputs: results.spends.includes('x'),
    holdsLargest: results.lines.some((line) => line.includes(SECOND)),
    multiplies: results.multiplies,
    table: layer.table !== null,
    then: !results.joins && resultsStatement(layer, results, names),
    isUpper,
    rounding: word(isUpper ? requantizer.rounding : 0x8000),
    skip: skips(size, constantTime),
    sums: numbers(size),
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
      spentBytes: extraBytes(facts),
    };
  },
};
