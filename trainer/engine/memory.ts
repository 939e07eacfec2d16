import { ACTIVATIONS } from '../../model/activations.js';
import { weightMaximum } from '../../model/quantized-model.js';
import { trainingRule } from '../../model/weight-scales.js';
import { targetPair } from '../cost.js';
import { LOSSES } from '../loss.js';
import type { Aims } from '../aims.js';
import { dropBelow, noiseTable } from '../noise.js';
import type { OptimizerName } from '../optimizers.js';
import type { TrainOptions } from '../options.js';
import { parameterCount, type LayerShape, type Parameters } from '../parameters.js';
import { createArena, createMemory, MOST_BYTES } from './arena.js';
import * as at from './assembly/layout.js';
import { placeInputs, writeDense, writeInputs } from './input-memory.js';
import type { Inputs } from './inputs.js';
import { panelsOf, placeLayers, writeLayer } from './layer-memory.js';

/** The engine's memory: every array's place, computed before the memory exists. */
export interface EngineMemory {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly order: Uint32Array; // (rows,)
  readonly learningRates: Float64Array; // (updates,)
  readonly powers: Float64Array; // (2,): see H_POWERS
  readonly parameters: Float64Array; // as `Parameters.vector`, once the kernel has read them
  readonly calibration: Uint32Array; // row numbers
  readonly classWeights: Float32Array; // (classes,), or none where all rows weigh the same
  readonly panels: readonly Float32Array[]; // L arrays (panels, inputs + 1, 8): weights, then biases
  /** Whether the kernel can widen all inputs once. */
  readonly isWide: boolean;
  /** Puts the inputs of all rows into a memory that is not sparse. */
  readonly writeInputs: (inputs: Inputs) => void;
  /** All that one epoch leaves to the next: each layer's panels, and its optimiser's two arrays of that shape. */
  readonly learnt: readonly Float32Array[];
}

const RULES: Readonly<Record<OptimizerName, number>> = {
  sgd: at.SGD,
  nesterov: at.NESTEROV,
  rmsprop: at.RMSPROP,
  adam: at.ADAM,
  adamw: at.ADAMW,
  muon: at.MUON,
};

/** What assembly/muon.ts works in: two matrices of the layer's size, three squares and the addresses of rows. */
function muonSpace({ inputs, outputs }: LayerShape): number {
  const rows = Math.ceil(Math.max(inputs, outputs) / 4) * 4;
  const size = Math.ceil(Math.min(inputs, outputs) / 4) * 4;
  const stride = panelsOf(Math.min(inputs, outputs)) * at.PANEL_BYTES;
  return (2 * rows + 3 * size) * stride + rows * 4;
}

/** Null where the memory would not fit 32-bit addresses. */
export function layOut(
  rows: number,
  { labels, targets }: Aims,
  inputs: Inputs,
  shapes: readonly LayerShape[],
  options: TrainOptions,
  batch: number,
  calibrationRows: number,
): EngineMemory | null {
  const features = shapes[0].inputs;
  const padded = Math.ceil(batch / 4) * 4;
  const updates = Math.ceil(rows / batch);
  const arena = createArena();
  const isFixed = inputs.grid !== null;
  const layers = placeLayers(arena, shapes, padded, isFixed);
  const scratch = arena.take(at.MOST_THREADS * at.SCRATCH_BYTES);
  const outputBytes = panelsOf(shapes[shapes.length - 1].outputs) * at.PANEL_BYTES;
  const outputs = arena.take(at.MOST_THREADS * (at.OUTPUT_ROWS * (4 + 3 * outputBytes) + 4 * outputBytes));
  const order = arena.take(rows * 4);
  const rates = arena.take(updates * 12);
  const learningRates = arena.take(updates * 8);
  const parametersAt = arena.take(parameterCount(shapes) * 8);
  const muonBytes = options.optimizer === 'muon' ? Math.max(...shapes.slice(0, -1).map(muonSpace)) : 0;
  const muon = arena.take(muonBytes);
  const calibration = arena.take(calibrationRows * 4);
  const labelsAt = arena.take(rows * 2);
  const targetsAt = targets ? arena.take(targets.length * 4) : 0;
  const weighed = options.classWeights === 'none' ? 0 : Math.max(options.outputs, 2);
  const classWeights = arena.take(weighed * 4);
  const { dropout, inputNoise } = options;
  const streams = dropout + inputNoise > 0 ? arena.take(padded * 16) : 0;
  const noise = inputNoise > 0 ? noiseTable(inputNoise, inputs.grid && inputs.grid.scale) : null;
  const noiseAt = noise ? arena.take(noise.byteLength) : 0;
  const inputPlaces = placeInputs(
    arena,
    inputs,
    rows,
    features,
    padded,
    noise !== null,
    options.augment !== null,
  );
  if (arena.size() > MOST_BYTES) return null;

  const memory = createMemory(arena.size());
  const view = new DataView(memory.buffer);
  const integer = (field: number, x: number) => view.setUint32(field, x, true);
  const last = shapes[shapes.length - 1];
  const isLone = last.outputs === 1 && last.activation !== 'softmax';
  const decision = isLone ? ACTIVATIONS[last.activation as keyof typeof ACTIVATIONS].decisionThreshold : 0;
  const loss = LOSSES[options.loss];
  const [no, yes] = targetPair(loss, options.output, options.outputs, options.labelSmoothing);
  integer(at.H_LAYERS, shapes.length);
  integer(at.H_ORDER, order);
  integer(at.H_ROWS, rows);
  integer(at.H_BATCH, batch);
  integer(at.H_LABELS, labelsAt);
  integer(at.H_TARGETS, targetsAt);
  integer(at.H_CLASS_WEIGHTS, weighed ? classWeights : 0);
  integer(at.H_RATES, rates);
  integer(at.H_LEARNING_RATES, learningRates);
  integer(at.H_PARAMETERS, parametersAt);
  view.setFloat64(at.H_WEIGHT_DECAY, options.weightDecay, true);
  integer(at.H_SCRATCH, scratch);
  integer(at.H_OUTPUTS, outputs);
  integer(at.H_OPTIMIZER, RULES[options.optimizer]);
  integer(at.H_MUON, muon);
  integer(at.H_MUON_BYTES, muonBytes);
  integer(at.H_LOSS, options.loss === 'mse' ? at.MSE : at.CROSS_ENTROPY);
  integer(at.H_FIXED, isFixed ? 1 : 0);
  view.setFloat64(at.H_MOST_SCALE, Infinity, true);
  view.setFloat64(at.H_CLIP, trainingRule(options.precision).clip ?? 0, true);
  integer(at.H_WEIGHT_LIMIT, weightMaximum(options.precision.weightBits));
  view.setFloat32(at.H_DECAY, options.l2 / rows, true);
  view.setFloat32(at.H_PULL, options.l1 / rows, true);
  view.setFloat32(at.H_MOMENTUM, options.momentum, true);
  view.setFloat32(at.H_TARGET_NO, no, true);
  view.setFloat32(at.H_TARGET_YES, yes, true);
  view.setFloat64(at.H_DECISION, decision, true);
  integer(at.H_STREAMS, streams);
  integer(at.H_NOISE, noiseAt);
  integer(at.H_DROP_BELOW, dropBelow(dropout));
  view.setFloat64(at.H_GAIN, 1 / (1 - dropout), true);
  if (noise) new Float32Array(memory.buffer, noiseAt, noise.length).set(noise);

  shapes.forEach((_, l) => {
    writeLayer(view, shapes, layers, l, padded, isFixed, options.precision.accumulator);
  });
  writeInputs(view, memory.buffer, inputPlaces, inputs, rows, features, padded);
  if (labels) new Uint16Array(memory.buffer, labelsAt, rows).set(labels);
  if (targets) new Float32Array(memory.buffer, targetsAt, targets.length).set(targets);
  const panelArray = ({ inputs: width, outputs }: LayerShape, l: number, field: number): Float32Array =>
    new Float32Array(memory.buffer, layers[l].get(field)!, panelsOf(outputs) * (width + 1) * at.PANEL);
  return {
    memory,
    view,
    order: new Uint32Array(memory.buffer, order, rows),
    learningRates: new Float64Array(memory.buffer, learningRates, updates),
    powers: new Float64Array(memory.buffer, at.H_POWERS, 2).fill(1),
    parameters: new Float64Array(memory.buffer, parametersAt, parameterCount(shapes)),
    calibration: new Uint32Array(memory.buffer, calibration, calibrationRows),
    classWeights: new Float32Array(memory.buffer, classWeights, weighed),
    panels: shapes.map((shape, l) => panelArray(shape, l, at.L_WEIGHTS)),
    learnt: shapes.flatMap((shape, l) =>
      [at.L_WEIGHTS, at.L_FIRST, at.L_SECOND].map((field) => panelArray(shape, l, field)),
    ),
    isWide: inputPlaces.wideReals > 0,
    writeInputs: (made) => writeDense(memory.buffer, inputPlaces, made, rows, features),
  };
}

/** Parameters (outputs, inputs) in float64 to panels (inputs + 1, 8) in f32. */
export function writeParameters(
  engine: EngineMemory,
  shapes: readonly LayerShape[],
  parameters: Parameters,
): void {
  shapes.forEach(({ inputs, outputs }, l) => {
    const { weights, bias } = parameters.slices[l];
    const panels = engine.panels[l];
    for (let n = 0, k = 0; n < outputs; n++) {
      let p = (n >> 3) * (inputs + 1) * at.PANEL + (n & 7);
      for (let i = 0; i < inputs; i++, k++, p += at.PANEL) panels[p] = weights[k];
      panels[p] = bias[n];
    }
  });
}
