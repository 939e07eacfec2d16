import { foldedReach, stageOf, type Grid } from '../../model/activation-stage.js';
import { activation } from '../../model/activations.js';
import type {
  AccumulatorBits,
  ActivationShift,
  DenseLayer,
  Precision,
  PreActivationRange,
} from '../../model/network.js';
import { hiddenActivation } from '../../model/network.js';
import type { LayerShape } from '../parameters.js';
import * as at from './assembly/layout.js';
import { recordOf } from './layer-memory.js';
import type { EngineMemory } from './memory.js';

/** The activation stages of the hidden layers in the engine's memory. They are made here, by model/'s own rule. */
export interface Stages {
  /** The width that a layer's sums must fit; 0 for any. */
  readonly setAccumulator: (l: number, bits: AccumulatorBits | 0) => void;
  /** A layer's calibrated range; its activations come by multipliers. */
  readonly setRange: (l: number, range: PreActivationRange) => void;
  /** A layer's activations are its sums over 2^shift; its range must be set. */
  readonly setActivationShift: (l: number, shift: ActivationShift) => void;
  /** For the kernel: makes layer l's stage anew for `stepScale`, the largest z per unit of accumulator. */
  readonly stage: (l: number, stepScale: number) => void;
}

/** Layers are changed in place: epochs can be short. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const NOTHING = new Float64Array(0);

export function createStages(
  engine: EngineMemory,
  shapes: readonly LayerShape[],
  input: Grid,
  precision: Precision,
): Stages {
  const { view, memory } = engine;
  const reals = new Float64Array(memory.buffer); // quicker than a DataView, and epochs can be short
  const real = (address: number, x: number) => {
    reals[address / 8] = x;
  };
  const layers: Writable<DenseLayer>[] = shapes.map((shape) => ({
    ...shape,
    weights: NOTHING,
    bias: NOTHING,
    range: null,
    activationShift: undefined,
  }));
  const areThresholds = layers
    .slice(0, -1)
    .map((layer) => activation(hiddenActivation(layer)).integerForm.kind === 'threshold');

  function setInputGrid(l: number, grid: Grid): void {
    const { scale, zeroPoint, maximum } = grid;
    real(recordOf(l) + at.L_IN_SCALE, scale);
    real(recordOf(l) + at.L_IN_ZERO_POINT, zeroPoint[0]);
    view.setInt32(recordOf(l) + at.L_IN_MAXIMUM, maximum, true);
  }

  /** Returns the scale that the stage got. */
  function makeStage(l: number, stepScale: number): number {
    const made = stageOf(layers[l], precision.activationBits, stepScale);
    const layer = recordOf(l);
    real(layer + at.L_GAIN, made.gain);
    real(layer + at.L_STAGE_OFFSET, made.offset);
    real(layer + at.L_STAGE_SCALE, made.scale);
    real(layer + at.L_STAGE_ZERO_POINT, made.zeroPoint);
    real(layer + at.L_MAXIMUM, made.maximum);
    const table = view.getUint32(layer + at.L_TABLE, true);
    if (made.table) new Uint8Array(memory.buffer, table, 256).set(made.table);
    setInputGrid(l + 1, made.grid);
    return made.scale;
  }

  function stage(l: number, stepScale: number): void {
    makeStage(l, stepScale);
    const layer = recordOf(l);
    const least = (view.getFloat64(layer + at.L_GAIN, true) * stepScale) / 255;
    const isCoarse = least > view.getFloat64(layer + at.L_BASE_SCALE, true);
    view.setInt32(layer + at.L_NEEDS_STAGE, isCoarse ? 1 : 0, true);
  }

  function setRange(l: number, range: PreActivationRange): void {
    layers[l].range = range;
    layers[l].activationShift = undefined;
    const isThreshold = areThresholds[l];
    const layer = recordOf(l);
    const scale = makeStage(l, 0); // what the range alone asks for
    real(layer + at.L_BASE_SCALE, isThreshold ? Infinity : scale);
    real(layer + at.L_REACH, foldedReach(layers[l]));
    real(layer + at.L_LOW, isThreshold ? -Infinity : range.low);
    real(layer + at.L_HIGH, isThreshold ? Infinity : range.high);
    view.setInt32(layer + at.L_NEEDS_STAGE, 0, true);
    real(layer + at.L_UNIT, 0);
    view.setInt32(layer + at.L_IS_THRESHOLD, isThreshold ? 1 : 0, true);
  }

  setInputGrid(0, input);
  real(recordOf(shapes.length - 1) + at.L_REACH, foldedReach(layers[shapes.length - 1]));
  return {
    setAccumulator: (l, bits) => view.setInt32(recordOf(l) + at.L_ACCUMULATOR, bits, true),
    setRange,
    setActivationShift: (l, shift) => {
      layers[l].activationShift = shift;
      real(recordOf(l) + at.L_UNIT, 1 << shift);
      view.setInt32(recordOf(l) + at.L_UNIT_SHIFT, shift, true);
    },
    stage,
  };
}
