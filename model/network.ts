import type { ActivationName, OutputActivationName } from './activations.js';
import { ACTIVATIONS } from './activations.js';

/** The integer type in which a feature reaches the board. */
export type RawType = 'uint8' | 'int16' | 'int32';

export const RAW_TYPES: Readonly<Record<RawType, { bytes: number; lowest: number; highest: number }>> = {
  uint8: { bytes: 1, lowest: 0, highest: 255 },
  int16: { bytes: 2, lowest: -32768, highest: 32767 },
  int32: { bytes: 4, lowest: -2147483648, highest: 2147483647 },
};

/**
 * How features become network inputs, learnt from the training part alone.
 * Every array has one entry per feature, or a single entry shared by all of them (images).
 */
export interface InputScaling {
  readonly rawType: RawType;
  /** The board receives round(feature · 10^decimals): "5.1" with one decimal is 51. May be negative. */
  readonly decimals: readonly number[];
  /** Standardised input = (feature − mean) / deviation. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** The range of the feature, in its own unit, that counts; values beyond it saturate, in floating point as in integers. */
  readonly lowest: readonly number[];
  readonly highest: readonly number[];
  /** What happens to images first; left out where they are taken as they are, and for tables. */
  readonly resize?: ImageResize;
}

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** The middle of images is made smaller or larger by area averaging before it is features; see dataset/resize.ts. */
export interface ImageResize {
  readonly from: ImageSize;
  /** What of `from` counts, in the middle. */
  readonly crop: ImageSize;
  readonly to: ImageSize;
}

/** The pre-activations z of a layer seen on the training part; the integer grid covers this range. */
export interface PreActivationRange {
  readonly low: number;
  readonly high: number;
}

/** z = W·a + b, then the activation. In the lecture's notation W^(l), with the bias a_0 = 1 kept apart. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array; // (outputs, inputs), row major
  readonly bias: Float64Array; // (outputs,)
  readonly activation: OutputActivationName;
  /** Calibrated range; null for the output layer, whose pre-activations are the raw outputs. */
  readonly range: PreActivationRange | null;
  /** The width of its accumulators that training chose; without one, the network's precision asks for it. */
  readonly accumulator?: AccumulatorBits;
  /** Of a hidden ReLU layer: its activations are its accumulators over 2^activationShift; see docs/arithmetic.md. */
  readonly activationShift?: ActivationShift;
}

/** What a network is for: to name a class, or to predict numbers. */
export const TASKS = ['classification', 'regression'] as const;
export type Task = (typeof TASKS)[number];

/**
 * How the outputs of a regression become numbers: target = mean + deviation · z, learnt from the training part alone.
 * Every array has one entry per target, and each target has an output.
 */
export interface TargetScaling {
  readonly names: readonly string[];
  /** The board answers with the integer round(target · 10^decimals): 2137 with two decimals is 21.37. May be negative. */
  readonly decimals: readonly number[];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** The width of a weight on the board; 2 bits are ternary: -1, 0 and 1. */
export type WeightBits = 8 | 4 | 2;
export type AccumulatorBits = 16 | 24 | 32;
/** 8 means the upper byte of a 16-bit accumulator; every bit less, that one is shifted left once before. */
export type ActivationShift = 8 | 7 | 6 | 5;
export type AccumulatorRequest = 'auto' | AccumulatorBits;

/** The integer widths the network is trained for. */
export interface Precision {
  readonly weightBits: WeightBits;
  readonly activationBits: 7 | 8;
  readonly accumulator: AccumulatorRequest;
}

/** A trained multilayer perceptron in floating point, as `network.json` holds it. */
export interface Network {
  /** Where the data came from, as a word: `iris` for `iris.csv`. Becomes the prefix of the C names. */
  readonly name: string;
  readonly features: readonly string[];
  /** Empty in a regression. */
  readonly classes: readonly string[];
  /** Null in a classification. */
  readonly targets: TargetScaling | null;
  readonly input: InputScaling;
  readonly layers: readonly DenseLayer[];
  readonly precision: Precision;
  /** Options, seed, data hash and results of the training; for people and for reproduction, read by no later stage. */
  readonly training: Readonly<Record<string, unknown>>;
}

/** The entry of a per-feature array that may be shared by all features. */
export function entryOf<T>(values: ArrayLike<T>, index: number): T {
  return values[values.length === 1 ? 0 : index];
}

/**
 * The class that a vector of output pre-activations z stands for: the largest wins and ties go to the lowest
 * class; a lone output neuron means the second class above its activation's decision threshold.
 */
export function decideClass(z: ArrayLike<number>, outputActivation: OutputActivationName): number {
  if (z.length === 1 && outputActivation !== 'softmax') {
    const threshold = ACTIVATIONS[outputActivation].decisionThreshold;
    return z[0] > threshold || (outputActivation === 'step' && z[0] === threshold) ? 1 : 0;
  }
  let best = 0;
  for (let k = 1; k < z.length; k++) if (z[k] > z[best]) best = k;
  return best;
}

/** "4-8-3" */
export function architecture(layers: readonly { inputs: number; outputs: number }[]): string {
  return [layers[0].inputs, ...layers.map((layer) => layer.outputs)].join('-');
}

export function hiddenActivation(layer: DenseLayer): ActivationName {
  if (layer.activation === 'softmax') throw new Error('softmax is an output activation only');
  return layer.activation;
}
