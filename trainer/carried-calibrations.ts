import type { AccumulatorBits, ActivationShift } from '../model/network.js';
import type { Keep } from './carried-state.js';
import type { TrainOptions } from './options.js';
import { updatesPerEpoch } from './options.js';
import type { Calibration, LayerShape } from './parameters.js';

/**
 * Layers are calibrated at the start of an epoch, but not before they have moved this often: of few rows an epoch is so
 * short that calibrating would take as long as learning.
 */
const LEAST_UPDATES = 32;

/** The calibrations that last from one epoch to the next. */
export interface CarriedCalibrations {
  /** Whether layers are calibrated anew before this epoch, which counts from 1. */
  readonly isDue: (epoch: number) => boolean;
  readonly write: (calibrations: readonly Calibration[]) => void;
  /** Those written last. */
  readonly read: () => Calibration[];
  /** Keeps those written last beside the best parameters. */
  readonly markBest: () => void;
  /** Those kept so; without widths as long as none are. */
  readonly readBest: () => Calibration[];
}

/** Per layer: low, high, accumulator and activationShift, 0 for those it has none of. */
const NUMBERS = 4;

export function carryCalibrations(
  shapes: readonly LayerShape[],
  rows: number,
  { batch, output }: TrainOptions,
  keep: Keep,
): CarriedCalibrations {
  // The perceptron's epochs take turns between two worlds, of which each has its own.
  const epochs = output === 'step' ? 1 : Math.ceil(LEAST_UPDATES / updatesPerEpoch(rows, batch));
  const numbers = keep('calibrations', new Float64Array(NUMBERS * shapes.length));
  const best = keep('best calibrations', numbers.slice());
  const decode = (from: Float64Array): Calibration[] =>
    shapes.map((_, l) => {
      const [low, high, accumulator, shift] = from.subarray(NUMBERS * l, NUMBERS * (l + 1));
      const range = l < shapes.length - 1 ? { low, high } : null;
      return {
        range,
        accumulator: (accumulator || undefined) as AccumulatorBits | undefined,
        ...(shift && { activationShift: shift as ActivationShift }),
      };
    });
  return {
    isDue: (epoch) => (epoch - 1) % epochs === 0,
    write: (calibrations) => {
      calibrations.forEach(({ range, accumulator, activationShift }, l) => {
        numbers[NUMBERS * l] = range?.low ?? 0;
        numbers[NUMBERS * l + 1] = range?.high ?? 0;
        numbers[NUMBERS * l + 2] = accumulator ?? 0;
        numbers[NUMBERS * l + 3] = activationShift ?? 0;
      });
    },
    read: () => decode(numbers),
    markBest: () => best.set(numbers),
    readBest: () => decode(best),
  };
}
