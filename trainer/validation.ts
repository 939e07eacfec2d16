import type { Dataset } from '../dataset/dataset.js';
import type { DenseLayer, InputScaling } from '../model/network.js';
import type { Aims } from './aims.js';
import type { TrainOptions } from './options.js';
import type { LayerShape } from './parameters.js';
import { choosePropagations } from './propagation.js';
import { compareRows } from './step.js';

/** What the rows held out say of a network. */
export interface Judgement {
  /** Their mean cost, without regularisation. */
  readonly loss: number;
  /** The share of them that is right; null in a regression. */
  readonly accuracy: number | null;
}

/**
 * Judges the current network by rows it does not learn from, through the integers where it learns through them;
 * always null where there are no such rows. `aims` are theirs; `calibrated` gives its layers with the ranges of the training part.
 */
export function validator(
  validation: Dataset | null,
  scaling: InputScaling,
  shapes: readonly LayerShape[],
  options: TrainOptions,
  aims: Aims | null,
  calibrated: () => DenseLayer[],
): () => Judgement | null {
  if (!validation || !aims) return () => null;
  const [propagation] = choosePropagations(validation, scaling, shapes, options);
  const compare = compareRows(aims, options);
  const rows = Uint32Array.from({ length: validation.rows }, (_, r) => r);
  return () => {
    const { cost, right } = compare(propagation, calibrated(), rows);
    return { loss: cost / rows.length, accuracy: aims.targets ? null : right / rows.length };
  };
}
