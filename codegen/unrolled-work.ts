import type { QuantizedLayer } from '../model/quantized-model.js';
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
): UnrolledResults => unrolledResults(core, layer, requantizer, constantTime, wordsOf(layer));

export const sumsOf = ({ layer, core, constantTime }: KernelFacts): UnrolledAssembly =>
  unrolledAssembly(core, sizeOf(layer), layer.inputs, skips(sizeOf(layer), constantTime));

type StoreWork = Pick<LayerWork, 'always' | 'positive' | 'code' | 'eachPositive' | 'eachSaturated'>;

/** What the layer takes beside its sums; compilers have addresses to fetch for it, and registers to find. */
function storeWork(layer: QuantizedLayer, results: UnrolledResults, bytes: number): StoreWork {
  const { start, negative, positive, saturated } = results;
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
    code: { ...shape, exact: bytes },
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
  const { lines, start, worked, skipped, registers } = sumsOf(facts);
  const stored = storeWork(layer, results, results.bytesOf([...lines, ...results.lines]));
  return {
    ...stored,
    always: addTerms(stored.always, { exact: start + inputs * (skip ? skipped : worked) }),
    step: {},
    inputsPerStep: 1,
    eachStep: new Float64Array(inputs).fill(skip ? worked - skipped : 0),
    crowding: size + registersBeside(registers, results, layer),
    stackBytes: 0,
  };
}
