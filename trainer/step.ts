import type { DenseLayer } from '../model/network.js';
import { decideClass } from '../model/network.js';
import type { Aims } from './aims.js';
import { backProp } from './backward.js';
import { finishGradient, outputError, targetPair, writeTargets } from './cost.js';
import { LOSSES } from './loss.js';
import type { Noise } from './noise.js';
import type { TrainOptions } from './options.js';
import type { Parameters } from './parameters.js';
import type { Propagation } from './propagation.js';
import { CHUNK_ROWS } from './propagation.js';

/** What the network made of some rows. */
export interface Seen {
  /** Σ_rows J, each times the weight of its class, without the regularisation. */
  readonly cost: number;
  /** Rows whose class was right; 0 in a regression. */
  readonly right: number;
}

/** Takes rows forward, calling `afterChunk` while the pass holds their z, a and δ^(L). */
export type CompareRows = (
  propagation: Propagation,
  layers: readonly DenseLayer[],
  rows: Uint32Array,
  noise?: Noise,
  afterChunk?: (chunkRows: number) => void,
) => Seen;

/** Compares the outputs with `aims`, those of the propagation's whole data. */
export function compareRows(aims: Aims, options: TrainOptions): CompareRows {
  return aims.targets
    ? compareTargets(aims.targets, options)
    : compareClasses(aims.labels!, options, aims.classWeights);
}

function compareTargets(values: Float64Array, options: TrainOptions): CompareRows {
  const { outputs } = options;
  const loss = LOSSES[options.loss];
  const targets = new Float64Array(CHUNK_ROWS * outputs);
  return (propagation, layers, rows, noise, afterChunk) => {
    let cost = 0;
    propagation.refresh(layers);
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const chunk = rows.subarray(from, from + CHUNK_ROWS);
      for (let r = 0, k = 0; r < chunk.length; r++) {
        for (let n = 0; n < outputs; n++, k++) targets[k] = values[chunk[r] * outputs + n];
      }
      propagation.forward(chunk, noise);
      cost += outputError(loss, layers, propagation.pass, targets, chunk.length);
      afterChunk?.(chunk.length);
    }
    return { cost, right: 0 };
  };
}

function compareClasses(
  labels: Uint16Array,
  options: TrainOptions,
  classWeights: Float64Array | null,
): CompareRows {
  const { outputs, output } = options;
  const loss = LOSSES[options.loss];
  const pair = targetPair(loss, output, outputs, options.labelSmoothing);
  const targets = new Float64Array(CHUNK_ROWS * outputs);
  const actual = new Uint16Array(CHUNK_ROWS);
  const rowWeights = classWeights && new Float64Array(CHUNK_ROWS);
  return (propagation, layers, rows, noise, afterChunk) => {
    const { pass } = propagation;
    const z = pass.z[layers.length - 1];
    let cost = 0;
    let right = 0;
    propagation.refresh(layers);
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const chunk = rows.subarray(from, from + CHUNK_ROWS);
      for (let r = 0; r < chunk.length; r++) {
        actual[r] = labels[chunk[r]];
        if (rowWeights) rowWeights[r] = classWeights[actual[r]];
      }
      propagation.forward(chunk, noise);
      writeTargets(actual, chunk.length, outputs, pair, targets);
      cost += outputError(loss, layers, pass, targets, chunk.length, rowWeights);
      for (let r = 0; r < chunk.length; r++) {
        if (decideClass(z.subarray(r * outputs, (r + 1) * outputs), output) === actual[r]) right++;
      }
      afterChunk?.(chunk.length);
    }
    return { cost, right };
  };
}

/**
 * The lecture's algorithm for one batch of row numbers: Δ := 0; for each row forward propagation, δ^(L), δ^(L-1) …
 * δ^(2), Δ := Δ + a δ; then ∂J/∂W at the current weights, which lie in `parameters`, into `gradient`. `compare` knows
 * the aims of all `dataRows` rows.
 */
export function gradientStep(
  compare: CompareRows,
  dataRows: number,
  parameters: Parameters,
  gradient: Parameters,
  { l1, l2 }: TrainOptions,
  noise: Noise,
): (propagation: Propagation, layers: readonly DenseLayer[], rows: Uint32Array) => Seen {
  return (propagation, layers, rows) => {
    gradient.vector.fill(0);
    const seen = compare(propagation, layers, rows, noise, (chunkRows) =>
      backProp(propagation.weights, propagation.pass, chunkRows, gradient.slices),
    );
    finishGradient(gradient.slices, parameters.slices, rows.length, l2, dataRows, l1);
    return seen;
  };
}
