import type { Dataset } from '../dataset/dataset.js';
import { t } from '../model/messages.js';
import type { Network } from '../model/network.js';
import { decideClass } from '../model/network.js';
import { rejectData } from '../model/problem.js';
import { allocatePass, forwardProp } from './forward.js';
import { standardizeRows } from './samples.js';

const CHUNK = 256;

/** The float forward pass: values (rows, features), in their own units -> output pre-activations z (rows, K) */
export function predictFloat(network: Network, values: Float64Array | Uint8Array): Float64Array {
  const { layers, input } = network;
  const features = network.features.length;
  const { outputs } = layers[layers.length - 1];
  const rows = values.length / features;
  const pass = allocatePass(layers, Math.min(CHUNK, rows));
  const z = new Float64Array(rows * outputs);
  for (let from = 0; from < rows; from += CHUNK) {
    const chunk = Uint32Array.from({ length: Math.min(CHUNK, rows - from) }, (_, r) => from + r);
    standardizeRows(values, features, input, chunk, pass.a[0]);
    forwardProp(layers, pass, chunk.length);
    z.set(pass.z[layers.length - 1].subarray(0, chunk.length * outputs), from * outputs);
  }
  return z;
}

export interface Evaluation {
  /** The share of rows whose class is right, 0..1. */
  readonly accuracy: number;
  /** confusion[actual][predicted], in rows. */
  readonly confusion: number[][];
  readonly predictions: Uint16Array; // (rows,)
}

/** Compares classes with labels; both (rows,). */
export function scorePredictions(labels: Uint16Array, predictions: Uint16Array, classes: number): Evaluation {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let right = 0;
  labels.forEach((label, r) => {
    confusion[label][predictions[r]]++;
    if (label === predictions[r]) right++;
  });
  return { accuracy: right / labels.length, confusion, predictions };
}

/** How well one class is told from the others; each 0..1, and 0 where it would be 0/0. */
export interface ClassScore {
  /** Of the rows taken for the class, the share that is of it. */
  readonly precision: number;
  /** Of the rows of the class, the share that was taken for it. */
  readonly recall: number;
  /** The harmonic mean of both: 2·TP / (2·TP + FP + FN). */
  readonly f1: number;
  /** Rows of the class. */
  readonly rows: number;
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** confusion[actual][predicted] (K, K), in rows -> (K,) the scores of each class */
export function classScores(confusion: readonly (readonly number[])[]): ClassScore[] {
  return confusion.map((counts, k) => {
    const right = counts[k];
    const rows = counts.reduce((sum, count) => sum + count, 0);
    const taken = confusion.reduce((sum, row) => sum + row[k], 0);
    return {
      precision: share(right, taken),
      recall: share(right, rows),
      f1: share(2 * right, rows + taken),
      rows,
    };
  });
}

/** `data` must have the network's features and classes, in its order. Throws a `Problem` where it has no labels. */
export function evaluateFloat(network: Network, data: Dataset): Evaluation {
  if (!data.labels) rejectData('no-labels', t`the data has no label column to compare with`);
  const { outputs, activation } = network.layers[network.layers.length - 1];
  const z = predictFloat(network, data.values);
  const predictions = Uint16Array.from({ length: data.rows }, (_, r) =>
    decideClass(z.subarray(r * outputs, (r + 1) * outputs), activation),
  );
  return scorePredictions(data.labels, predictions, network.classes.length);
}
