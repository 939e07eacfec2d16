import { t } from '../model/messages.js';
import type { AccumulatorRequest, Network, WeightBits } from '../model/network.js';
import {
  LIMITS,
  type AccumulatorBits,
  type QuantizedLayer,
  type ProbabilityScaling,
  type QuantizedModel,
  type QuantizedTargets,
} from '../model/quantized-model.js';
import { quantizeDense, quantizeInputScaling } from '../model/quantization.js';
import { PROBABILITY_KINDS, quantizeProbability } from '../model/probability.js';
import { quantizeTargets } from '../model/target-scaling.js';
import { proveAccumulator } from '../model/range-proof.js';
import { rejectData } from '../model/problem.js';

/** What the proof says about one layer. */
export interface LayerReport {
  readonly inputs: number;
  readonly outputs: number;
  readonly weightBits: WeightBits;
  readonly accumulatorBits: AccumulatorBits;
  /** The proven range of every partial sum in the layer's accumulators, and its largest magnitude. */
  readonly lowest: number;
  readonly highest: number;
  readonly bound: number;
  /** The neuron that reaches furthest. */
  readonly neuron: number;
}

export interface Quantization {
  readonly model: QuantizedModel;
  readonly layers: readonly LayerReport[];
  readonly warnings: readonly string[];
}

export function layerReport(
  layer: Omit<QuantizedLayer, 'accumulatorBits'>,
  index: number,
  request: AccumulatorRequest,
): LayerReport {
  const { bits, range } = proveAccumulator(layer, index, request);
  const { inputs, outputs, weightBits } = layer;
  const bound = Math.max(-range.lowest, range.highest);
  return { inputs, outputs, weightBits, accumulatorBits: bits, ...range, bound };
}

/**
 * Float network → integer model. Deterministic; throws a `Problem` where an accumulator's bound can't be proven,
 * naming layer and neuron. `request` overrides the accumulator widths that the network was trained for.
 */
export function quantize(network: Network, request?: AccumulatorRequest): Quantization {
  const { features, classes, targets, precision } = network;
  if (classes.length > LIMITS.classes) {
    rejectData('too-many-classes', t`${classes.length} classes; at most ${LIMITS.classes} are possible`);
  }
  const { integers: input, grid: inputGrid } = quantizeInputScaling(
    network.input,
    features,
    precision.activationBits,
  );
  const warnings: string[] = [];
  const layers: QuantizedLayer[] = [];
  const reports: LayerReport[] = [];
  let grid = inputGrid;
  let quantizedTargets: QuantizedTargets | null = null;
  let probability: ProbabilityScaling | undefined;
  for (const [l, layer] of network.layers.entries()) {
    const dense = quantizeDense(layer, grid, precision);
    const report = layerReport(dense.integers, l, request ?? layer.accumulator ?? precision.accumulator);
    if (dense.integers.weights.every((w) => w === 0)) {
      warnings.push(t`layer ${l + 1}: all weights are zero, so its outputs do not depend on its inputs`);
    }
    layers.push({ ...dense.integers, accumulatorBits: report.accumulatorBits });
    reports.push(report);
    if (targets && !dense.grid) quantizedTargets = quantizeTargets(targets, dense, grid.scale);
    const kind = PROBABILITY_KINDS[layer.activation];
    if (kind && !dense.grid) probability = quantizeProbability(kind, grid.scale * dense.weightScale[0]);
    grid = dense.grid ?? grid;
  }
  const outputs = layers[layers.length - 1].outputs;
  const decision = targets ? 'value' : outputs === 1 && classes.length === 2 ? 'sign' : 'argmax';
  const model: QuantizedModel = {
    name: network.name,
    classes,
    targets: quantizedTargets,
    input,
    layers,
    decision,
    ...(probability && { probability }),
  };
  return { model, layers: reports, warnings };
}
