import { accumulate, activate } from '../model/infer.js';
import type { WeightBits } from '../model/network.js';
import { weightMaximum, type QuantizedLayer, type QuantizedModel } from '../model/quantized-model.js';
import { createRandom, type Random } from '../model/random.js';
import { proveAccumulator } from '../model/range-proof.js';

/** The networks that kernels are compared on, with weights shaped like trained ones and the same in every run. */

export interface BenchNetwork {
  readonly name: string;
  readonly widths: readonly number[];
  /** Share of inputs that are zero, as the black pixels of an image. */
  readonly zeros: number;
}

export const NETWORKS: readonly BenchNetwork[] = [
  { name: 'A', widths: [4, 8, 3], zeros: 0 },
  { name: 'B', widths: [3, 4, 4, 3], zeros: 0 },
  { name: 'C', widths: [64, 32, 10], zeros: 0.49 },
  { name: 'D', widths: [16, 32, 16, 4], zeros: 0 },
  { name: 'E', widths: [784, 32, 10], zeros: 0.62 },
];

/** 7-bit inputs and activations. */
const MAXIMUM = 127;
/** Rows from which the scales are calibrated, and rows that are measured. */
const CALIBRATION_ROWS = 200;
const ACCUMULATOR_LIMIT = 32767;
/** Integers per deviation of the real weights: 45 % of normal ones round to 0. */
const TERNARY_SCALE = 0.84;

/** Roughly normal, within ±6. */
function normal(random: Random): number {
  let sum = -6;
  for (let k = 0; k < 12; k++) sum += random.uniform();
  return sum;
}

/** raw rows (rows, features), which are the inputs themselves; each has exactly its share of zeros */
export function benchRows(network: BenchNetwork, rows: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const features = network.widths[0];
  const raw = Int32Array.from({ length: rows * features }, () => 1 + random.below(MAXIMUM));
  for (let r = 0; r < rows; r++) {
    for (let left = Math.round(network.zeros * features); left > 0;) {
      const at = r * features + random.below(features);
      if (raw[at] !== 0) left--;
      raw[at] = 0;
    }
  }
  return raw;
}

/**
 * Weights with the largest scale at which their bits hold them and the accumulator is proven within 16 bits; ternary
 * ones lie at the usual share of 0.
 */
function denseLayer(random: Random, inputs: number, outputs: number, weightBits: WeightBits): QuantizedLayer {
  const limit = weightMaximum(weightBits);
  const weights = new Int8Array(inputs * outputs);
  const bias = new Int32Array(outputs);
  for (let n = 0; n < outputs; n++) {
    const real = Float64Array.from({ length: inputs }, () => normal(random));
    const reach = real.reduce((sum, w) => sum + Math.abs(w), 0) * MAXIMUM;
    const largest = real.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    const fitting = weightBits === 2 ? TERNARY_SCALE : limit / largest;
    const scale = Math.min(fitting, (1.2 * ACCUMULATOR_LIMIT) / reach);
    real.forEach((w, i) => {
      weights[n * inputs + i] = Math.min(Math.max(Math.round(w * scale), -limit), limit);
    });
    bias[n] = Math.round(normal(random) * 300);
  }
  const layer = { inputs, outputs, inputMaximum: MAXIMUM, weightBits, weights, bias };
  const { bits } = proveAccumulator(layer, 0, 'auto');
  return { ...layer, accumulatorBits: bits, requantization: null, table: null };
}

export function benchModel(network: BenchNetwork, weightBits: WeightBits = 8): QuantizedModel {
  const random = createRandom(2026);
  const features = network.widths[0];
  const raw = benchRows(network, CALIBRATION_ROWS, 1);
  let rows: Uint8Array[] = Array.from({ length: CALIBRATION_ROWS }, (_, r) =>
    Uint8Array.from(raw.subarray(r * features, (r + 1) * features)),
  );
  const layers = network.widths.slice(1).map((outputs, l): QuantizedLayer => {
    const dense = denseLayer(random, network.widths[l], outputs, weightBits);
    if (l === network.widths.length - 2) return dense;
    const highest = Math.max(...rows.map((x) => Math.max(...accumulate(dense, x))));
    const ratio = (MAXIMUM / highest) * 65536;
    const multiplier = Int32Array.from({ length: outputs }, () =>
      Math.round(ratio * (0.7 + 0.3 * random.uniform())),
    );
    const layer = { ...dense, requantization: { multiplier, shift: 16 as const, maximum: MAXIMUM } };
    rows = rows.map((x) => activate(layer, accumulate(layer, x)));
    return layer;
  });
  const outputs = network.widths[network.widths.length - 1];
  return {
    name: `bench ${network.name}`,
    classes: Array.from({ length: outputs }, (_, k) => `class ${k}`),
    targets: null,
    input: {
      features: Array.from({ length: features }, (_, i) => `f${i}`),
      rawType: 'uint8',
      decimals: [0],
      low: Int32Array.of(0),
      span: Int32Array.of(MAXIMUM),
      multiplier: Int32Array.of(65536),
      maximum: MAXIMUM,
    },
    layers,
    decision: 'argmax',
  };
}
