import type { Dataset } from '../dataset/dataset.js';
import { activation } from '../model/activations.js';
import { quantizeRows } from '../model/infer-rows.js';
import type { DenseLayer, InputScaling, Precision } from '../model/network.js';
import { entryOf, hiddenActivation } from '../model/network.js';
import { quantizeInputScaling } from '../model/quantization.js';
import { allocateFixedPoint, forwardFixedPoint, quantizeLayers } from './fixed-point.js';
import { gatherRows } from './samples.js';

const CHUNK_ROWS = 256;

/**
 * The share, 0..1, of each hidden layer's activations that the integers cannot follow: those that lie more than half
 * a step beyond the ends of the layer's grid and are clipped to it. An activation that is flat there (a sigmoid at
 * z = 20) loses nothing and is not counted. `layers` have their calibrated ranges; all of `data` is looked at.
 */
export function saturatedShares(
  data: Dataset,
  scaling: InputScaling,
  layers: readonly DenseLayer[],
  precision: Precision,
): number[] {
  const features = data.features.length;
  const { integers, grid: inputGrid } = quantizeInputScaling(
    scaling,
    data.features,
    precision.activationBits,
  );
  const inputs = quantizeRows(data.values, features, integers);
  const fixed = allocateFixedPoint(layers, CHUNK_ROWS);
  const quantized = quantizeLayers(layers, inputGrid, precision, fixed);
  const hidden = quantized.slice(0, -1).map(({ layer, dense }) => {
    const { scale, zeroPoint, maximum } = dense.grid!;
    const q = dense.integers.table ?? [0, maximum]; // a table need not reach the ends of its grid
    const lowest = scale * (Math.min(...q) - 0.5 - entryOf(zeroPoint, 0));
    const highest = scale * (Math.max(...q) + 0.5 - entryOf(zeroPoint, 0));
    return { g: activation(hiddenActivation(layer)), lowest, highest };
  });
  const clipped = hidden.map(() => 0);
  for (let from = 0; from < data.rows; from += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, data.rows - from);
    gatherRows(
      inputs,
      features,
      Array.from({ length: rows }, (_, r) => from + r),
      fixed.q[0],
    );
    forwardFixedPoint(quantized, fixed, rows);
    hidden.forEach(({ g, lowest, highest }, l) => {
      const z = fixed.pass.z[l];
      for (let k = 0; k < rows * layers[l].outputs; k++) {
        const a = g.value(z[k]);
        if (a < lowest || a > highest) clipped[l]++;
      }
    });
  }
  return clipped.map((count, l) => count / Math.max(1, data.rows * layers[l].outputs));
}
