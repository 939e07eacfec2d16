import type { QuantizedLayer } from '../model/quantized-model.js';
import { int, word } from './c-text.js';
import { WORD_CORES } from './kernel-costs.js';
import type { Kernel, KernelFacts } from './kernel.js';
import type { TemplateValue } from './render.js';
import { chooseRequantizer, type Requantizer } from './requantization.js';
import { DIALECTS } from './swar-assembly.js';
import { extraBytes, halfHelpers, numbers, skips, weights, type WordArray } from './swar-words.js';
import type { UnrolledResults } from './unrolled-results.js';
import { multiplications, resultsOf, sizeOf, sumsOf, unrolledWork, wordsOf } from './unrolled-work.js';
import { apart, opaque } from './word-layer.js';

/** A small SWAR layer as straight-line code: its sums are assembly, and what follows them on cores that `unrolled-results.ts` knows. */

/** The requantisation of each output stands in the code: some 40 bytes. */
const MOST_UNROLLED_OUTPUTS = 8;

const requantizerOf = (facts: KernelFacts, prefix: string): Requantizer | null =>
  chooseRequantizer(facts, prefix, true);

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
    ...(results.rounds ? [operand('word', `+&${results.register}`)] : []),
    ...results.scratch.map((name) => operand(name, `=&${results.register}`)),
  ].join(', '),
  read: readOperands(layer, results, names).join(', '),
  waits: results.sums?.includes('r12') ?? false,
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
    stored: results !== null && {
      rounds: results.rounds,
      requantizes: requantizer !== null,
      multiplies: results.multiplies,
      clamped: requantizer?.clamped ?? false,
      table: layer.table !== null,
    },
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
