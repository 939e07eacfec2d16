import { entryOf } from '../model/network.js';
import type { Random } from '../model/random.js';

/**
 * Sets some of the values (rows, units) to the `zeroPoint` that stands for 0 (one entry, or one per unit) and moves
 * the others away from it, in place; the slopes g'(z), of the same shape, are scaled alike.
 */
export type DropUnits = (
  values: Float64Array,
  slope: Float64Array,
  rows: number,
  units: number,
  zeroPoint: ArrayLike<number>,
) => void;

/** What disturbs a forward pass of training, and never one of evaluation or calibration. */
export interface Noise {
  /** Adds to the first `count` values of x, each of whose units is `unit` of a standardised input. */
  readonly disturb: (x: Float64Array, count: number, unit: number) => void;
  readonly drop: DropUnits;
}

/**
 * Inverted dropout (Srivastava et al., JMLR 2014): each activation is 0 with `probability`, else 1/(1 − probability)
 * times itself, so that its mean stays and evaluation needs no scaling.
 */
export function dropout(random: Random, probability: number): DropUnits {
  const scale = 1 / (1 - probability);
  return (values, slope, rows, units, zeroPoint) => {
    if (probability === 0) return;
    for (let r = 0, k = 0; r < rows; r++) {
      for (let n = 0; n < units; n++, k++) {
        const factor = random.uniform() < probability ? 0 : scale;
        const zero = entryOf(zeroPoint, n);
        values[k] = zero + factor * (values[k] - zero);
        slope[k] *= factor;
      }
    }
  };
}

/** Draws from `random`, row by row and layer by layer: `deviation` is that of the noise on standardised inputs. */
export function createNoise(random: Random, deviation: number, probability: number): Noise {
  return {
    disturb: (x, count, unit) => {
      if (deviation === 0) return;
      for (let k = 0; k < count; k++) x[k] += (deviation / unit) * random.normal();
    },
    drop: dropout(random, probability),
  };
}
