import type { AccumulatorBits, ImageResize, RawType, WeightBits } from './network.js';

export type { AccumulatorBits };

/** Input scaling in integers: q = quantizeFeature(raw, low, span, multiplier). One entry per feature, or one for all. */
export interface QuantizedInput {
  readonly features: readonly string[];
  readonly rawType: RawType;
  /** What a raw unit means: raw = round(feature · 10^decimals). */
  readonly decimals: readonly number[];
  readonly low: Int32Array; // the raw value that becomes 0
  readonly span: Int32Array; // raw values from low + span upwards all become the highest input, 0..65535
  readonly multiplier: Int32Array; // span · multiplier < 2^24
  /** No input exceeds this: 127 or 255. */
  readonly maximum: number;
  /** What the harness does to images before a board receives their bytes; left out where nothing. */
  readonly resize?: ImageResize;
}

/** activation = clamp(floor((accumulator · multiplier[n] + 2^(shift-1)) / 2^shift), 0, maximum) */
export interface Requantization {
  readonly multiplier: Int32Array; // (outputs,), 1..65535
  readonly shift: 8 | 16 | 24;
  readonly maximum: number; // 1..255
}

/** accumulator[n] = bias[n] + Σ_i weights[n, i] · x[i], with every x in 0..inputMaximum */
export interface QuantizedLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly inputMaximum: number;
  readonly weightBits: WeightBits;
  readonly weights: Int8Array; // (outputs, inputs), row major, ±(2^(weightBits-1) - 1)
  readonly bias: Int32Array; // (outputs,) zero points, rounding offsets and thresholds are folded in
  /** The narrowest width that holds every partial sum in any order; see range-proof.ts. */
  readonly accumulatorBits: AccumulatorBits;
  /** Null for the output layer, whose accumulators are the raw outputs. */
  readonly requantization: Requantization | null;
  /** For curved activations: x of the next layer = table[requantised accumulator], 256 entries; else null. */
  readonly table: Uint8Array | null;
}

/**
 * What the raw outputs of a regression mean: output n is the number scaleOutput(raw, …), in units of 10^-decimals. One
 * entry per target. No raw output is below `low`, and no value is beyond 32 bits.
 */
export interface QuantizedTargets {
  readonly names: readonly string[];
  readonly decimals: readonly number[];
  readonly low: Int32Array;
  readonly multiplier: Int32Array; // 0..2^20 − 1
  readonly rounding: Int32Array; // 0..2^shift − 1
  readonly shift: Int32Array; // 0..31
  readonly base: Int32Array;
}

/**
 * What the raw outputs of a classification are worth as probabilities: outputs that lie `distance` apart differ by a factor of
 * 2^-(steps / 128), with steps = round((distance >> drop) · multiplier / 2^shift). `softmax` looks at all outputs together,
 * `sigmoid` at each of them alone.
 */
export interface ProbabilityScaling {
  readonly kind: 'softmax' | 'sigmoid';
  readonly drop: number; // 0..16
  readonly multiplier: number; // 0..65535
  readonly shift: number; // 1..17
}

/** Integers and names only: the single source of truth for the integer reference and for the generated C. */
export interface QuantizedModel {
  readonly name: string;
  /** Empty in a regression. */
  readonly classes: readonly string[];
  /** Null in a classification. */
  readonly targets: QuantizedTargets | null;
  readonly input: QuantizedInput;
  readonly layers: readonly QuantizedLayer[];
  /**
   * `argmax`: the largest output, ties to the lowest class. `sign`: one output, the second class where it is > 0.
   * `value`: no class; each output is a number, which `targets` says.
   */
  readonly decision: 'argmax' | 'sign' | 'value';
  /** Left out where the outputs stand for no probabilities, and in files that know nothing of them. */
  readonly probability?: ProbabilityScaling;
}

/** Limits that reader, quantiser and C agree on. */
export const LIMITS = {
  classes: 256,
  targets: 256,
  layers: 64,
  features: 65535,
  units: 65535,
} as const;

/** Of a target: with 32 bits of accumulator, the product stays below 2^53. */
export const MOST_MULTIPLIER = 2 ** 20 - 1;

export const weightMaximum = (weightBits: WeightBits): number => 2 ** (weightBits - 1) - 1;
