import { estimateBoard, type BoardEstimate } from '../../codegen/board-estimate.js';
import type { Format } from '../../codegen/formats.js';
import type { Board } from '../../model/board.js';
import { t } from '../../model/messages.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { duration } from '../estimate-lines.js';
import { grouped } from '../text-table.js';

/** What a trial takes of the board, by the estimate. */
export interface Figures extends Pick<
  BoardEstimate,
  'flashBytes' | 'ramBytes' | 'cycles' | 'unit' | 'microseconds'
> {
  /** Of the slowest row; null where nothing is known of the core. */
  readonly worstMicroseconds: number | null;
  /** What the board itself has too little of; null for nothing. */
  readonly shortfall: string | null;
}

/** What a network may take, besides what the board has; null for no limit. */
export interface Budget {
  readonly flashBytes: number | null;
  readonly ramBytes: number | null;
  /** Of the slowest row. */
  readonly microseconds: number | null;
}

/** Where and as what the networks are to run. */
export interface Target {
  readonly board: Board;
  readonly format: Format;
  readonly constantTime: boolean;
}

export function figuresOf(model: QuantizedModel, { board, format, constantTime }: Target): Figures {
  const estimated = estimateBoard(model, board, format, constantTime, null);
  const { flashBytes, ramBytes, cycles, unit, microseconds, shortfall } = estimated;
  const worst = microseconds === null || !cycles ? null : (microseconds * cycles.worst) / cycles.typical;
  return { flashBytes, ramBytes, cycles, unit, microseconds, worstMicroseconds: worst, shortfall };
}

/** The more of each: a network that was trained on other rows takes a few bytes more or less. */
export function moreOf(one: Figures | null, other: Figures): Figures {
  if (!one) return other;
  const slower = (one.worstMicroseconds ?? 0) > (other.worstMicroseconds ?? 0) ? one : other;
  return {
    ...slower,
    flashBytes: Math.max(one.flashBytes, other.flashBytes),
    ramBytes: Math.max(one.ramBytes, other.ramBytes),
    shortfall: one.shortfall ?? other.shortfall,
  };
}

export interface Excess {
  /** How many times too much it is. */
  readonly ratio: number;
  /** Completes "the network …". */
  readonly text: string;
}

/** Everything of which a network takes too much. */
export function excessesOf(figures: Figures, budget: Budget): Excess[] {
  const { flashBytes, ramBytes, worstMicroseconds, shortfall } = figures;
  const over = (
    need: number | null,
    have: number | null,
    text: (need: number, have: number) => string,
  ): Excess[] =>
    need === null || have === null || need <= have ? [] : [{ ratio: need / have, text: text(need, have) }];
  return [
    ...over(
      flashBytes,
      budget.flashBytes,
      (need, have) => t`needs about ${grouped(need)} bytes of flash; --max-flash allows ${grouped(have)}`,
    ),
    ...over(
      ramBytes,
      budget.ramBytes,
      (need, have) => t`needs about ${grouped(need)} bytes of RAM; --max-ram allows ${grouped(have)}`,
    ),
    ...over(
      worstMicroseconds,
      budget.microseconds,
      (need, have) => t`needs up to ${duration(need)} a row; --max-latency allows ${duration(have)}`,
    ),
    ...(shortfall === null ? [] : [{ ratio: Infinity, text: shortfall }]),
  ];
}
