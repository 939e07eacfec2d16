import { t } from './messages.js';
import { Problem } from './problem.js';
import type { AccumulatorBits } from './quantized-model.js';

/** The proven range of one layer's accumulators. */
export interface AccumulatorRange {
  readonly lowest: number;
  readonly highest: number;
  /** The neuron that comes nearest to the limit. */
  readonly neuron: number;
}

export interface LayerIntegers {
  readonly inputs: number;
  readonly outputs: number;
  readonly inputMaximum: number;
  readonly weights: ArrayLike<number>; // (outputs, inputs)
  readonly bias: ArrayLike<number>; // (outputs,)
}

export const ACCUMULATOR_WIDTHS: readonly AccumulatorBits[] = [16, 24, 32];

/**
 * Over all x in 0..inputMaximum: bias + inputMaximum·Σ⁻w <= accumulator <= bias + inputMaximum·Σ⁺w.
 * Because 0 is a possible x, every partial sum in any order is itself a total for some x, so the same
 * interval bounds the partial sums: kernels may reorder at will.
 */
export function neuronRange(layer: LayerIntegers, n: number): { lowest: number; highest: number } {
  let negative = 0;
  let positive = 0;
  for (let i = n * layer.inputs; i < (n + 1) * layer.inputs; i++) {
    if (layer.weights[i] < 0) negative += layer.weights[i];
    else positive += layer.weights[i];
  }
  return {
    lowest: layer.bias[n] + layer.inputMaximum * negative,
    highest: layer.bias[n] + layer.inputMaximum * positive,
  };
}

/** The range over all neurons of a layer. */
export function accumulatorRange(layer: LayerIntegers): AccumulatorRange {
  let lowest = Infinity;
  let highest = -Infinity;
  let worst = -1;
  let neuron = 0;
  for (let n = 0; n < layer.outputs; n++) {
    const range = neuronRange(layer, n);
    lowest = Math.min(lowest, range.lowest);
    highest = Math.max(highest, range.highest);
    const reach = Math.max(-range.lowest - 1, range.highest); // two's complement reaches one further below zero
    if (reach > worst) {
      worst = reach;
      neuron = n;
    }
  }
  return { lowest, highest, neuron };
}

/** The narrowest accumulator that holds a range; undefined where 32 bits do not. */
export function narrowestAccumulator(range: AccumulatorRange): AccumulatorBits | undefined {
  return ACCUMULATOR_WIDTHS.find(
    (bits) => range.lowest >= -(2 ** (bits - 1)) && range.highest < 2 ** (bits - 1),
  );
}

/**
 * The narrowest accumulator that is proven wide enough, or the requested one if it is.
 * Throws a `Problem` naming layer, neuron and bound where no such width exists.
 */
export function proveAccumulator(
  layer: LayerIntegers,
  layerIndex: number,
  request: AccumulatorBits | 'auto',
): { bits: AccumulatorBits; range: AccumulatorRange } {
  const range = accumulatorRange(layer);
  const bits = narrowestAccumulator(range);
  const widest = request === 'auto' ? 32 : request;
  if (bits === undefined || bits > widest) {
    throw new Problem({
      kind: 'data',
      code: 'accumulator-overflow',
      message: t`layer ${layerIndex + 1}, neuron ${range.neuron}: the accumulator can reach ${range.lowest}..${range.highest}, which ${widest} bits do not hold`,
      hint:
        bits === undefined
          ? t`train with L2 regularisation (--l2 0.001) or fewer inputs, so that the weights stay smaller`
          : t`use --accumulator auto (this layer needs ${bits} bits), or train with --accumulator ${widest}`,
    });
  }
  return { bits: request === 'auto' ? bits : request, range };
}
