import type { Dataset } from '../dataset/dataset.js';
import type { DenseLayer, InputScaling } from '../model/network.js';
import { quantizeRows } from '../model/infer-rows.js';
import { quantizeInputScaling } from '../model/quantization.js';
import { trainingRule, type WeightRule } from '../model/weight-scales.js';
import type { FixedPointLayer } from './fixed-point.js';
import { allocateFixedPoint, calibrateFixedPoint, forwardFixedPoint, quantizeLayers } from './fixed-point.js';
import type { Pass } from './forward.js';
import { allocatePass, forwardProp } from './forward.js';
import type { Noise } from './noise.js';
import type { TrainOptions } from './options.js';
import type { Calibration, LayerShape } from './parameters.js';
import { gatherRows, standardizeRows } from './samples.js';

/** Rows per forward pass; larger batches are gone through in chunks of this size. */
export const CHUNK_ROWS = 256;

/** One way to take rows of the training data forward: in floating point, or through the board's integers. */
export interface Propagation {
  readonly pass: Pass;
  /** L arrays (outputs, inputs): the weights that the last forward pass multiplied by. */
  readonly weights: readonly Float64Array[];
  /** Takes new values of the data into account. */
  readonly renewInputs: () => void;
  /** Takes new weights and ranges into account. */
  readonly refresh: (layers: readonly DenseLayer[]) => void;
  /** Row numbers (at most CHUNK_ROWS) -> `pass`. `noise` is for training alone. */
  readonly forward: (rows: Uint32Array, noise?: Noise) => void;
  /** What these rows say of the layers' integers: in floating point the ranges of z alone. */
  readonly calibrate: (layers: readonly DenseLayer[], rows: Uint32Array) => Calibration[];
}

function forEachChunk(rows: Uint32Array, look: (chunk: Uint32Array) => void): void {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) look(rows.subarray(from, from + CHUNK_ROWS));
}

export function floatPropagation(
  data: Dataset,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
): Propagation {
  const pass = allocatePass(shapes, CHUNK_ROWS);
  let current: readonly DenseLayer[] = [];
  const weights: Float64Array[] = [];
  const forward = (rows: Uint32Array, noise?: Noise) => {
    const features = data.features.length;
    standardizeRows(data.values, features, scaling, rows, pass.a[0]);
    noise?.beginRows(rows.length);
    noise?.disturb(pass.a[0], features, null);
    forwardProp(current, pass, rows.length, noise);
  };
  const refresh = (layers: readonly DenseLayer[]) => {
    current = layers;
    layers.forEach((layer, l) => (weights[l] = layer.weights));
  };
  const calibrate = (layers: readonly DenseLayer[], rows: Uint32Array): Calibration[] => {
    refresh(layers);
    const found = layers.slice(0, -1).map(() => ({ low: Infinity, high: -Infinity }));
    forEachChunk(rows, (chunk) => {
      forward(chunk);
      found.forEach((range, l) => {
        const z = pass.z[l];
        for (let k = 0; k < chunk.length * shapes[l].outputs; k++) {
          range.low = Math.min(range.low, z[k]);
          range.high = Math.max(range.high, z[k]);
        }
      });
    });
    return [...found.map((range) => ({ range })), { range: null }];
  };
  return { pass, weights, renewInputs: () => {}, refresh, forward, calibrate };
}

export function fixedPointPropagation(
  data: Dataset,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  precision: WeightRule,
): Propagation {
  const features = data.features.length;
  const { integers, grid } = quantizeInputScaling(scaling, data.features, precision.activationBits);
  let inputs = quantizeRows(data.values, features, integers);
  const fixed = allocateFixedPoint(shapes, CHUNK_ROWS);
  let current: FixedPointLayer[] = [];
  return {
    pass: fixed.pass,
    weights: fixed.realWeights,
    renewInputs: () => {
      inputs = quantizeRows(data.values, features, integers);
    },
    refresh: (layers) => {
      current = quantizeLayers(layers, grid, precision, fixed);
    },
    forward: (rows, noise) => {
      gatherRows(inputs, features, rows, fixed.q[0]);
      noise?.beginRows(rows.length);
      noise?.disturb(fixed.q[0], features, grid.scale);
      forwardFixedPoint(current, fixed, rows.length, noise);
    },
    calibrate: (layers, rows) =>
      calibrateFixedPoint(layers, grid, precision, fixed, (look) =>
        forEachChunk(rows, (chunk) => {
          gatherRows(inputs, features, chunk, fixed.q[0]);
          look(chunk.length);
        }),
      ),
  };
}

/**
 * Epochs take turns through these. Training through the integers is enough for both worlds where the cost leaves a
 * margin; the perceptron's rule leaves none: it stops as soon as no row is wrong, and a row on the very threshold
 * falls to one side in integers and to the other in floating point. So it learns from the mistakes of both.
 */
export function choosePropagations(
  data: Dataset,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  options: TrainOptions,
): Propagation[] {
  if (!options.fixedPoint) return [floatPropagation(data, scaling, shapes)];
  const fixedPoint = fixedPointPropagation(data, scaling, shapes, trainingRule(options.precision));
  return options.output === 'step' ? [fixedPoint, floatPropagation(data, scaling, shapes)] : [fixedPoint];
}
