import type { QuantizedLayer } from '../model/quantized-model.js';
import { int } from './c-text.js';
import type { KernelFacts } from './kernel.js';
import { addTerms, type LayerWork, type Terms } from './layer-work.js';
import type { Requantizer } from './requantization.js';
import { skips } from './swar-words.js';
import { unrolledAssembly, type UnrolledAssembly } from './unrolled-assembly.js';
import { unrolledResults, type UnrolledResults } from './unrolled-results.js';

/** What an unrolled SWAR layer has a core do. */

export const sizeOf = ({ outputs }: QuantizedLayer): number => Math.ceil(outputs / 2);
export const multiplications = (layer: QuantizedLayer): number => layer.inputs * sizeOf(layer);
export const wordsOf = (layer: QuantizedLayer): number => multiplications(layer) + sizeOf(layer);

export const resultsOf = (
  { layer, core, constantTime }: KernelFacts,
  requantizer: Requantizer | null,
): UnrolledResults | null => unrolledResults(core, layer, requantizer, constantTime, wordsOf(layer));

export const sumsOf = ({ layer, core, constantTime }: KernelFacts): UnrolledAssembly =>
  unrolledAssembly(core, sizeOf(layer), layer.inputs, skips(sizeOf(layer), constantTime));

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

export function unrolledWork(facts: KernelFacts, requantizer: Requantizer | null): LayerWork {
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
