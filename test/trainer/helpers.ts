import path from 'node:path';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset } from '../../dataset/load.js';
import { predict } from '../../model/infer.js';
import type { Network } from '../../model/network.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { quantizeDense, quantizeInputScaling } from '../../model/quantization.js';
import type { QuantizedLayer, QuantizedModel } from '../../model/quantized-model.js';
import { proveAccumulator } from '../../model/range-proof.js';
import { rawFeatures } from '../../model/raw-features.js';
import type { TrainOptions } from '../../trainer/options.js';
import { resolveOptions } from '../../trainer/options.js';
import type { TrainResult } from '../../trainer/train.js';
import { train } from '../../trainer/train.js';

/** A data set from rows of numbers whose last entry is the class. */
export function table(rows: readonly (readonly number[])[], decimals = 0): Dataset {
  const width = rows[0].length - 1;
  const labels = Uint16Array.from(rows, (row) => row[width]);
  return {
    name: 'table',
    features: Array.from({ length: width }, (_, i) => `x${i + 1}`),
    classes: Array.from({ length: Math.max(...labels) + 1 }, (_, k) => `c${k}`),
    rows: rows.length,
    values: Float64Array.from(rows.flatMap((row) => row.slice(0, width))),
    labels,
    targets: null,
    decimals: Array.from({ length: width }, () => decimals),
    image: null,
    sha256: '0'.repeat(64),
  };
}

export const gate = (...outputs: [number, number, number, number]): Dataset =>
  table(outputs.map((y, k) => [k >> 1, k & 1, y]));

export const XOR = gate(0, 1, 1, 0);

export const loadIris = (): Promise<Dataset> =>
  loadDataset([path.join(PACKAGE_ROOT, 'examples/iris/iris.csv')], {});

export const fit = (data: Dataset, given: Partial<TrainOptions>): TrainResult =>
  train(data, resolveOptions(given, data));

/** The integer model of a network, by the model folder's rule alone. */
export function quantize(network: Network): QuantizedModel {
  const { precision, features, layers: dense } = network;
  const { integers, grid } = quantizeInputScaling(network.input, features, precision.activationBits);
  let input = grid;
  const layers = dense.map((layer, l): QuantizedLayer => {
    const quantized = quantizeDense(layer, input, precision);
    input = quantized.grid ?? input;
    const { bits } = proveAccumulator(quantized.integers, l, layer.accumulator ?? precision.accumulator);
    return { ...quantized.integers, accumulatorBits: bits };
  });
  const decision = dense[dense.length - 1].outputs === 1 ? 'sign' : 'argmax';
  return { name: network.name, classes: network.classes, targets: null, input: integers, layers, decision };
}

/** The share of rows that the integer reference gets right. */
export function integerAccuracy(network: Network, data: Dataset): number {
  const model = quantize(network);
  const width = data.features.length;
  const raw = rawFeatures(data.values, width, model.input);
  let right = 0;
  for (let r = 0; r < data.rows; r++) {
    if (predict(model, raw.subarray(r * width, (r + 1) * width)).class === data.labels![r]) right++;
  }
  return right / data.rows;
}
