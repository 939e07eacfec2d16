import type { Board } from '../model/board.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { assumedActivity, type Activity } from './activity.js';
import { estimate, type Estimate } from './estimate.js';
import { findCoreShortfall, findShortfall } from './fit.js';
import type { Format } from './formats.js';
import { layOut } from './layout.js';

/** What a board would make of a model. */
export interface BoardEstimate extends Estimate {
  readonly format: Format;
  /** The kernel of each layer, by its name in the table of kernels. */
  readonly kernels: readonly string[];
  readonly fits: boolean;
  /** What the board has too little of; null where the model fits. */
  readonly shortfall: string | null;
  /** What it has too little of with Arduino's core alone; null where that fits, too, or neither does. */
  readonly coreShortfall: string | null;
}

/** `rows`: what rows of data make of the layers; null where there are none, and half of the activations are taken for 0. */
export function estimateBoard(
  model: QuantizedModel,
  board: Board,
  format: Format,
  constantTime: boolean,
  rows: readonly Activity[] | null,
): BoardEstimate {
  const layout = layOut(model, board, constantTime, 'm');
  const estimated = estimate(model, board, format, layout, rows ?? [assumedActivity(model)]);
  const shortfall = findShortfall(board, format, layout, estimated);
  return {
    ...estimated,
    format,
    kernels: layout.kernels,
    fits: shortfall === null,
    shortfall: shortfall?.message ?? null,
    coreShortfall: findCoreShortfall(board, format, layout, estimated),
  };
}
