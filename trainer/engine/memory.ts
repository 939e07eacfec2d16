import { ACTIVATIONS, type OutputActivationName } from '../../model/activations.js';
import { weightMaximum } from '../../model/quantized-model.js';
import { trainingRule } from '../../model/weight-scales.js';
import { targetPair } from '../cost.js';
import { LOSSES } from '../loss.js';
import type { Aims } from '../aims.js';
import type { OptimizerName } from '../optimizers.js';
import type { TrainOptions } from '../options.js';
import type { LayerShape, Parameters } from '../parameters.js';
import { createArena, createMemory, MOST_BYTES } from './arena.js';
import * as at from './assembly/layout.js';
import type { Inputs } from './inputs.js';

/** The engine's memory: every array's place, computed before the memory exists. */
export interface EngineMemory {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly order: Uint32Array; // (rows,)
  readonly rates: Float32Array; // (updates, 3): see H_RATES
  readonly calibration: Uint32Array; // row numbers
  readonly classWeights: Float32Array; // (classes,), or none where all rows weigh the same
  readonly panels: readonly Float32Array[]; // L arrays (panels, inputs + 1, 8): weights, then biases
  /** Puts the inputs of all rows into a memory that is not sparse. */
  readonly writeInputs: (inputs: Inputs) => void;
  /** All that one epoch leaves to the next: each layer's panels, and its optimiser's two arrays of that shape. */
  readonly learnt: readonly Float32Array[];
  /** Address of the record of layer l. */
  readonly record: (l: number) => number;
}

const KINDS: Readonly<Record<OutputActivationName, number>> = {
  identity: at.IDENTITY,
  step: at.STEP,
  sigmoid: at.SIGMOID,
  tanh: at.TANH,
  relu: at.RELU,
  'leaky-relu': at.LEAKY_RELU,
  elu: at.ELU,
  softplus: at.SOFTPLUS,
  'hard-sigmoid': at.HARD_SIGMOID,
  'hard-tanh': at.HARD_TANH,
  softmax: at.SOFTMAX,
};

const CACHE_LINE = 64;

const panelsOf = (units: number): number => Math.ceil(units / at.PANEL);

/** Arrays of one layer: record field -> bytes. */
function layerArrays({ inputs, outputs }: LayerShape, batch: number): [number, number][] {
  const panels = panelsOf(outputs);
  const weights = panels * (inputs + 1) * at.PANEL_BYTES;
  const units = batch * panels * at.PANEL_BYTES;
  const perNeuron = panels * at.PANEL * 8;
  return [
    [at.L_IN_ROWS, batch * 4],
    [at.L_WEIGHTS, weights],
    [at.L_FIRST, weights],
    [at.L_SECOND, weights],
    [at.L_TRANSPOSED, panelsOf(inputs) * outputs * at.PANEL_BYTES],
    [at.L_Z, units],
    [at.L_A, units],
    [at.L_SLOPE, units],
    [at.L_DELTA, units],
    [at.L_INTEGERS, weights],
    [at.L_MASK, units],
    [at.L_SCALE, perNeuron],
    [at.L_STEP, perNeuron],
    [at.L_BIAS, perNeuron],
    [at.L_OFFSET, perNeuron],
    [at.L_MULTIPLIER, perNeuron],
  ];
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
  const layers = shapes.map((shape) =>
    layerArrays(shape, padded).map(([field, bytes]) => [field, arena.take(bytes)] as const),
  );
  const tables = shapes.map(() => arena.take(256));
  const zeroPoints = arena.take(features * 4);
  const widest = Math.max(...shapes.map((shape) => shape.inputs));
  const scratchBytes = Math.ceil((4 * widest + 1) / 2) * 2 * at.PANEL_BYTES;
  const scratch = arena.take(at.MOST_THREADS * scratchBytes);
  const outputs = arena.take(
    at.MOST_THREADS * 3 * 4 * panelsOf(shapes[shapes.length - 1].outputs) * at.PANEL_BYTES,
  );
  const order = arena.take(rows * 4);
  const rates = arena.take(updates * 12);
  const muonBytes = options.optimizer === 'muon' ? Math.max(...shapes.slice(0, -1).map(muonSpace)) : 0;
  const muon = arena.take(muonBytes);
  const calibration = arena.take(calibrationRows * 4);
  const labelsAt = arena.take(rows * 2);
  const targetsAt = targets ? arena.take(targets.length * 4) : 0;
  const weighed = options.classWeights === 'none' ? 0 : Math.max(options.outputs, 2);
  const classWeights = arena.take(weighed * 4);
  const { sparse } = inputs;
  const dense = sparse ? 0 : arena.take(rows * features * 4);
  const ifSparse = (bytes: number): number => (sparse ? arena.take(bytes) : 0);
  const starts = ifSparse((rows + 1) * 4);
  const entries = ifSparse((sparse?.entries ?? 0) * 4);
  const table = ifSparse(256 * 4);
  const lengths = ifSparse(at.MOST_THREADS * features * 4);
  const listBytes = padded * 8 + CACHE_LINE; // a power of two would put all lists into a few sets of the cache
  const lists = ifSparse(features * listBytes);
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
  integer(at.H_DATA, dense);
  integer(at.H_LABELS, labelsAt);
  integer(at.H_TARGETS, targetsAt);
  integer(at.H_CLASS_WEIGHTS, weighed ? classWeights : 0);
  integer(at.H_RATES, rates);
  integer(at.H_SCRATCH, scratch);
  integer(at.H_SCRATCH_BYTES, scratchBytes);
  integer(at.H_OUTPUTS, outputs);
  integer(at.H_SPARSE_START, starts);
  integer(at.H_SPARSE_ENTRY, entries);
  integer(at.H_SPARSE_TABLE, table);
  integer(at.H_COLUMN_BYTES, lengths);
  integer(at.H_COLUMN_LIST, lists);
  integer(at.H_COLUMN_STRIDE, listBytes);
  integer(at.H_OPTIMIZER, RULES[options.optimizer]);
  integer(at.H_MUON, muon);
  integer(at.H_MUON_BYTES, muonBytes);
  integer(at.H_LOSS, options.loss === 'mse' ? at.MSE : at.CROSS_ENTROPY);
  integer(at.H_FIXED, inputs.grid ? 1 : 0);
  const { accumulator } = options.precision;
  view.setFloat64(at.H_CLIP, trainingRule(options.precision).clip ?? 0, true);
  integer(at.H_WEIGHT_LIMIT, weightMaximum(options.precision.weightBits));
  view.setFloat32(at.H_DECAY, options.l2 / rows, true);
  view.setFloat32(at.H_PULL, options.l1 / rows, true);
  view.setFloat32(at.H_MOMENTUM, options.momentum, true);
  view.setFloat32(at.H_TARGET_NO, no, true);
  view.setFloat32(at.H_TARGET_YES, yes, true);
  view.setFloat64(at.H_DECISION, decision, true);

  function writeInputs({ read }: Inputs): void {
    for (let r = 0, k = dense; r < rows; r++, k += features * 4) {
      read(r, new Float32Array(memory.buffer, k, features));
    }
  }

  const record = (l: number): number => at.HEADER_BYTES + l * at.LAYER_BYTES;
  shapes.forEach((shape, l) => {
    const layer = record(l);
    for (const [field, address] of layers[l]) integer(layer + field, address);
    integer(layer + at.L_INPUTS, shape.inputs);
    integer(layer + at.L_ACCUMULATOR, accumulator === 'auto' ? 0 : accumulator);
    integer(layer + at.L_OUTPUTS, shape.outputs);
    integer(layer + at.L_PANELS, panelsOf(shape.outputs));
    integer(layer + at.L_STRIDE, panelsOf(shape.outputs) * at.PANEL_BYTES);
    integer(layer + at.L_ACTIVATION, KINDS[shape.activation]);
    const isRelu = shape.activation === 'relu' && l < shapes.length - 1 && !inputs.grid;
    integer(layer + at.L_IS_RELU, isRelu ? 1 : 0);
    const isTable =
      l < shapes.length - 1 &&
      shape.activation !== 'softmax' &&
      ACTIVATIONS[shape.activation].integerForm.kind === 'table';
    integer(layer + at.L_TABLE, isTable ? tables[l] : 0);
    if (l > 0) {
      const below = view.getUint32(record(l - 1) + at.L_A, true);
      const stride = view.getUint32(record(l - 1) + at.L_STRIDE, true);
      const addresses = view.getUint32(layer + at.L_IN_ROWS, true);
      for (let r = 0; r < padded; r++) integer(addresses + 4 * r, below + r * stride);
    }
  });
  if (labels) new Uint16Array(memory.buffer, labelsAt, rows).set(labels);
  if (targets) new Float32Array(memory.buffer, targetsAt, targets.length).set(targets);
  if (sparse) {
    new Float32Array(memory.buffer, table, 256).set(sparse.table);
    const start = new Uint32Array(memory.buffer, starts, rows + 1);
    writeEntries(sparse, features, start, new Uint32Array(memory.buffer, entries, sparse.entries));
  } else writeInputs(inputs);
  if (inputs.grid && inputs.grid.zeroPoint.some((zero) => zero !== inputs.grid!.zeroPoint[0])) {
    integer(record(0) + at.L_ZERO_POINTS, zeroPoints);
    new Float32Array(memory.buffer, zeroPoints, features).set(inputs.grid.zeroPoint);
  }
  const panelArray = ({ inputs: width, outputs }: LayerShape, l: number, field: number): Float32Array =>
    new Float32Array(
      memory.buffer,
      view.getUint32(record(l) + field, true),
      panelsOf(outputs) * (width + 1) * at.PANEL,
    );
  return {
    memory,
    view,
    order: new Uint32Array(memory.buffer, order, rows),
    rates: new Float32Array(memory.buffer, rates, updates * 3),
    calibration: new Uint32Array(memory.buffer, calibration, calibrationRows),
    classWeights: new Float32Array(memory.buffer, classWeights, weighed),
    panels: shapes.map((shape, l) => panelArray(shape, l, at.L_WEIGHTS)),
    learnt: shapes.flatMap((shape, l) =>
      [at.L_WEIGHTS, at.L_FIRST, at.L_SECOND].map((field) => panelArray(shape, l, field)),
    ),
    writeInputs,
    record,
  };
}

/** The bytes that do not stand for 0, as input << 8 | byte, and where each row of them starts. */
function writeEntries(
  { bytes, table }: NonNullable<Inputs['sparse']>,
  features: number,
  start: Uint32Array,
  entries: Uint32Array,
): void {
  const isZero = Uint8Array.from(table, (value) => (value === 0 ? 1 : 0));
  let count = 0;
  for (let k = 0, r = 0; k < bytes.length;) {
    for (let i = 0; i < features; i++, k++) {
      if (!isZero[bytes[k]]) entries[count++] = (i << 8) | bytes[k];
    }
    start[++r] = count;
  }
}

/** Between parameters (outputs, inputs) in float64 and panels (inputs + 1, 8) in f32, in either direction. */
export function copyParameters(
  engine: EngineMemory,
  shapes: readonly LayerShape[],
  parameters: Parameters,
  direction: 'in' | 'out',
): void {
  for (let l = 0; l < shapes.length; l++) {
    const { inputs, outputs } = shapes[l];
    const { weights, bias } = parameters.slices[l];
    const panels = engine.panels[l];
    for (let n = 0, k = 0; n < outputs; n++) {
      let p = (n >> 3) * (inputs + 1) * at.PANEL + (n & 7);
      if (direction === 'in') {
        for (let i = 0; i < inputs; i++, k++, p += at.PANEL) panels[p] = weights[k];
        panels[p] = bias[n];
      } else {
        for (let i = 0; i < inputs; i++, k++, p += at.PANEL) weights[k] = panels[p];
        bias[n] = panels[p];
      }
    }
  }
}
