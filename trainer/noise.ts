import type { Random } from '../model/random.js';
import { seedWords, xoshiro128 } from '../model/random.js';
import { normalQuantile } from './normal-quantile.js';
import type { TrainOptions } from './options.js';
import { CHUNK_ROWS } from './propagation.js';

/**
 * What disturbs a forward pass of training, and never one of evaluation or calibration. Each row of an epoch draws
 * from a generator of its own, `seedWords` of the epoch's key and of its place in the order: first one number for
 * every two inputs, where they are disturbed, then one for each hidden neuron, layer by layer, where some are dropped.
 * So the numbers depend neither on how the rows are divided nor on what the other rows draw.
 */
export interface Noise {
  /** Draws the key of the next epoch, if anything will be disturbed at all. */
  readonly beginEpoch: () => void;
  /** Goes on to the next `rows` of the epoch, at most CHUNK_ROWS. */
  readonly beginRows: (rows: number) => void;
  /** Adds to x (rows, features) what `noiseTable` holds for this unit. */
  readonly disturb: (x: Float64Array, features: number, unit: number | null) => void;
  /** 1/(1 − p), where p is the chance of a neuron to be dropped. */
  readonly gain: number;
  /** Calls back with index and factor, 0 or the gain, of all activations of a hidden layer (rows, units). */
  readonly drop: (units: number, each: (k: number, factor: number) => void) => void;
}

/** The key from which the generators of an epoch's rows are seeded. */
export function drawKey(random: Random): bigint {
  const low = BigInt(random.uint32());
  return low | (BigInt(random.uint32()) << 32n);
}

/** Numbers below this, of 32 bits, drop a neuron. */
export const dropBelow = (probability: number): number => Math.ceil(probability * 2 ** 32);

/** Entries of the table below: a draw of 32 bits picks two. */
const TABLE_SIZE = 2 ** 16;
/** Steps of the integer grid; far more than it has, and within 16 bits together with it. */
const MOST_STEPS = 2 ** 14;

/**
 * (65536,) equally likely values of Gaussian noise, up to 4.3 deviations. `deviation` is in standardised inputs; with a
 * `unit`, the values are whole numbers of it, as the integers that they are added to.
 */
export function noiseTable(deviation: number, unit: number | null): Float32Array {
  const table = new Float32Array(TABLE_SIZE);
  for (let k = TABLE_SIZE / 2; k < TABLE_SIZE; k++) {
    const value = deviation * normalQuantile((k + 0.5) / TABLE_SIZE);
    table[k] = unit === null ? value : Math.min(Math.floor(value / unit + 0.5), MOST_STEPS);
    table[TABLE_SIZE - 1 - k] = -table[k];
  }
  return table;
}

/**
 * Gaussian noise on the inputs, and inverted dropout (Srivastava et al., JMLR 2014): each hidden activation is 0 with
 * probability `dropout`, else the gain times itself, so that its mean stays and evaluation needs no scaling.
 */
export function createNoise(
  random: Random,
  { inputNoise, dropout }: Pick<TrainOptions, 'inputNoise' | 'dropout'>,
): Noise {
  const gain = 1 / (1 - dropout);
  const below = dropBelow(dropout);
  const words = Array.from({ length: CHUNK_ROWS }, () => new Uint32Array(4)); // each row's generator
  const tables = new Map<number | null, Float32Array>();
  let key = 0n;
  let next = 0;
  let rows = 0;
  return {
    beginEpoch: () => {
      if (inputNoise > 0 || dropout > 0) key = drawKey(random);
      next = 0;
    },
    beginRows: (count) => {
      if (inputNoise > 0 || dropout > 0) for (let r = 0; r < count; r++) seedWords(key, next + r, words[r]);
      rows = count;
      next += count;
    },
    disturb: (x, features, unit) => {
      if (inputNoise === 0) return;
      const table = tables.get(unit) ?? noiseTable(inputNoise, unit);
      tables.set(unit, table);
      for (let r = 0, k = 0; r < rows; r++) {
        for (const end = k + features; k < end; k += 2) {
          const drawn = xoshiro128(words[r]);
          x[k] += table[drawn >>> 16];
          if (k + 1 < end) x[k + 1] += table[drawn & 0xffff];
        }
        k = (r + 1) * features;
      }
    },
    gain,
    drop: (units, each) => {
      if (dropout === 0) return;
      for (let r = 0, k = 0; r < rows; r++) {
        for (let n = 0; n < units; n++, k++) each(k, xoshiro128(words[r]) < below ? 0 : gain);
      }
    },
  };
}
