import type { DenseLayer } from '../model/network.js';
import { decideClass } from '../model/network.js';
import { backProp } from './backward.js';
import { finishGradient, outputError, writeTargets } from './cost.js';
import { LOSSES } from './loss.js';
import type { TrainOptions } from './options.js';
import type { Parameters } from './parameters.js';
import type { Propagation } from './propagation.js';
import { CHUNK_ROWS } from './propagation.js';

/** What one step saw, before it moved the weights. */
export interface StepResult {
  /** Σ_rows J, without the regularisation. */
  readonly cost: number;
  /** Rows whose class was right. */
  readonly right: number;
}

/** Row numbers of one batch -> ∂J/∂W at the current weights, in `gradient`. */
export type GradientStep = (
  propagation: Propagation,
  layers: readonly DenseLayer[],
  rows: Uint32Array,
) => StepResult;

/**
 * The lecture's algorithm for one batch: Δ := 0; for each row forward propagation, δ^(L), δ^(L-1) … δ^(2),
 * Δ := Δ + a δ. `labels` are those of the whole data set; the weights of `layers` lie in `parameters`.
 */
export function gradientStep(
  labels: Uint16Array,
  parameters: Parameters,
  gradient: Parameters,
  options: TrainOptions,
): GradientStep {
  const { outputs, output, l2 } = options;
  const loss = LOSSES[options.loss];
  const targetPair = loss.targets(output);
  const targets = new Float64Array(CHUNK_ROWS * outputs);
  const actual = new Uint16Array(CHUNK_ROWS);
  return (propagation, layers, rows) => {
    const { pass, weights } = propagation;
    let cost = 0;
    let right = 0;
    gradient.vector.fill(0);
    propagation.refresh(layers);
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const chunk = rows.subarray(from, from + CHUNK_ROWS);
      for (let r = 0; r < chunk.length; r++) actual[r] = labels[chunk[r]];
      propagation.forward(chunk);
      writeTargets(actual, chunk.length, outputs, targetPair, targets);
      cost += outputError(loss, layers, pass, targets, chunk.length);
      const z = pass.z[layers.length - 1];
      for (let r = 0; r < chunk.length; r++) {
        if (decideClass(z.subarray(r * outputs, (r + 1) * outputs), output) === actual[r]) right++;
      }
      backProp(weights, pass, chunk.length, gradient.slices);
    }
    finishGradient(gradient.slices, parameters.slices, rows.length, l2, labels.length);
    return { cost, right };
  };
}
