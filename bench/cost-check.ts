import { rowActivity } from '../codegen/activity.js';
import type { CostSet } from '../codegen/cost-terms.js';
import { estimate } from '../codegen/estimate.js';
import { layOut } from '../codegen/layout.js';
import { findBoard } from '../model/board.js';
import { architecture } from '../model/network.js';
import type { CostSample } from './cost-samples.js';
import { COST_BOARDS } from './device-facts.js';
import type { Measurement } from './uno-costs.js';

/** How far estimates are from what models take that nothing was learnt from. */

export interface CostCheck {
  /** Of the models' worst rows: relative errors of the time, ascending. */
  readonly timeErrors: readonly number[];
  /** Share of all rows whose time is off by more than is promised. */
  readonly rowsOff: number;
  /** Models of which a row took longer than the estimate at worst, and by how much at most. */
  readonly exceeded: number;
  readonly mostExceeded: number;
  /** Share of models whose flash, or whose RAM, is off by more than is promised. */
  readonly flashOff: number;
  readonly ramOff: number;
  /** Bytes by which flash is off, ascending. */
  readonly flashErrors: readonly number[];
  /** The models of which anything is off, or a row took longer. */
  readonly misses: readonly Miss[];
}

export interface Miss {
  readonly name: string;
  readonly architecture: string;
  readonly kernels: readonly string[];
  /** Relative error of the time of the worst row. */
  readonly time: number;
  /** Estimated less measured, in bytes. */
  readonly flashBytes: number;
  readonly ramBytes: number;
}

/** What is promised of times, as a share, and of sizes, as bytes or a share. */
const TIME_SHARE = { avr: 0.01, others: 0.05 } as const;
const SIZE = { bytes: 32, share: 0.02 } as const;

const isSizeOff = (estimated: number, measured: number): boolean =>
  Math.abs(estimated - measured) > Math.max(SIZE.bytes, SIZE.share * measured);

const share = (values: readonly boolean[]): number => values.filter(Boolean).length / values.length;
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** One measurement for each sample. */
export function checkCosts(
  core: CostSet,
  samples: readonly CostSample[],
  measurements: readonly Measurement[],
): CostCheck {
  const known = findBoard(COST_BOARDS[core]);
  const promised = core === 'avr' ? TIME_SHARE.avr : TIME_SHARE.others;
  const models = samples.map(({ name, model, raw, constantTime, compact }, k) => {
    const board = compact ? { ...known, flashBytes: null } : known;
    const layout = layOut(model, board, constantTime, 'm');
    const features = model.input.features.length;
    const { costs, flashBytes, ramBytes, stackBytes } = measurements[k];
    const rows = costs.map((cost, r) => {
      const activity = rowActivity(model, raw.subarray(r * features, (r + 1) * features));
      return { cost, estimated: estimate(model, board, board.formats[0], layout, [activity]) };
    });
    const errors = rows.map(({ cost, estimated }) => Math.abs(estimated.cycles!.typical - cost) / cost);
    const [{ estimated }] = rows;
    const miss: Miss = {
      name,
      architecture: architecture(model.layers),
      kernels: layout.kernels,
      time: Math.max(...errors),
      flashBytes: estimated.flashBytes - flashBytes,
      ramBytes: estimated.ramBytes - ramBytes - stackBytes,
    };
    return {
      errors,
      excess: Math.max(...costs) / estimated.cycles!.worst - 1,
      flashError: Math.abs(miss.flashBytes),
      isFlashOff: isSizeOff(estimated.flashBytes, flashBytes),
      isRamOff: isSizeOff(estimated.ramBytes, ramBytes + stackBytes),
      miss,
    };
  });
  return {
    timeErrors: ascending(models.map(({ errors }) => Math.max(...errors))),
    rowsOff: share(models.flatMap(({ errors }) => errors.map((error) => error > promised))),
    exceeded: models.filter(({ excess }) => excess > 0).length,
    mostExceeded: Math.max(0, ...models.map(({ excess }) => excess)),
    flashOff: share(models.map(({ isFlashOff }) => isFlashOff)),
    ramOff: share(models.map(({ isRamOff }) => isRamOff)),
    flashErrors: ascending(models.map(({ flashError }) => flashError)),
    misses: models
      .filter(
        ({ excess, isFlashOff, isRamOff, miss }) =>
          miss.time > promised || excess > 0 || isFlashOff || isRamOff,
      )
      .map(({ miss }) => miss),
  };
}
