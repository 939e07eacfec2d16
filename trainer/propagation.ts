import type { Dataset } from '../dataset/dataset.js';
import type { DenseLayer, InputScaling, Precision, PreActivationRange } from '../model/network.js';
import { quantizeInputScaling } from '../model/quantization.js';
import type { FixedPointLayer } from './fixed-point.js';
import { allocateFixedPoint, calibrate, forwardFixedPoint, quantizeLayers } from './fixed-point.js';
import type { Pass } from './forward.js';
import { allocatePass, forwardProp } from './forward.js';
import type { LayerShape } from './parameters.js';
import { gatherRows, quantizeRows, standardizeRows } from './samples.js';

/** Rows per forward pass; larger batches are gone through in chunks of this size. */
export const CHUNK_ROWS = 256;

/** One way to take rows of the training data forward: in floating point, or through the board's integers. */
export interface Propagation {
  readonly pass: Pass;
  /** L arrays (outputs, inputs): the weights that the last forward pass multiplied by. */
  readonly weights: readonly Float64Array[];
  /** Takes new weights and ranges into account. */
  readonly refresh: (layers: readonly DenseLayer[]) => void;
  /** Row numbers (at most CHUNK_ROWS) -> `pass`. */
  readonly forward: (rows: Uint32Array) => void;
  /** The hidden layers' ranges of z over these rows. */
  readonly ranges: (layers: readonly DenseLayer[], rows: Uint32Array) => PreActivationRange[];
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
  const forward = (rows: Uint32Array) => {
    standardizeRows(data.values, data.features.length, scaling, rows, pass.a[0]);
    forwardProp(current, pass, rows.length);
  };
  const refresh = (layers: readonly DenseLayer[]) => {
    current = layers;
    layers.forEach((layer, l) => (weights[l] = layer.weights));
  };
  const ranges = (layers: readonly DenseLayer[], rows: Uint32Array) => {
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
    return found;
  };
  return { pass, weights, refresh, forward, ranges };
}

export function fixedPointPropagation(
  data: Dataset,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  precision: Precision,
): Propagation {
  const features = data.features.length;
  const { integers, grid } = quantizeInputScaling(scaling, data.features, precision.activationBits);
  const inputs = quantizeRows(data.values, features, integers);
  const fixed = allocateFixedPoint(shapes, CHUNK_ROWS);
  let current: FixedPointLayer[] = [];
  return {
    pass: fixed.pass,
    weights: fixed.realWeights,
    refresh: (layers) => {
      current = quantizeLayers(layers, grid, precision, fixed);
    },
    forward: (rows) => {
      gatherRows(inputs, features, rows, fixed.q[0]);
      forwardFixedPoint(current, fixed, rows.length);
    },
    ranges: (layers, rows) =>
      calibrate(layers, grid, precision, fixed, (look) =>
        forEachChunk(rows, (chunk) => {
          gatherRows(inputs, features, chunk, fixed.q[0]);
          look(chunk.length);
        }),
      ),
  };
}
