import { quantize } from '../codegen/quantize.js';
import type { DenseLayer, InputScaling, WeightBits } from '../model/network.js';
import { quantizeInputScaling } from '../model/quantization.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { createRandom, type Random } from '../model/random.js';
import { allocateFixedPoint, calibrateFixedPoint } from '../trainer/fixed-point.js';

/** The networks that kernels are compared on: random weights, the same in every run, calibrated and quantised as trained ones are. */

export interface BenchNetwork {
  readonly name: string;
  readonly widths: readonly number[];
  /** Share of inputs that are zero, as the black pixels of an image. */
  readonly zeros: number;
  /** Of the hidden layers; ReLU unless given. */
  readonly activation?: 'relu' | 'sigmoid';
}

/** Networks A to E, whose activations are ReLU. */
export const RELU_NETWORKS: readonly BenchNetwork[] = [
  { name: 'A', widths: [4, 8, 3], zeros: 0 },
  { name: 'B', widths: [3, 4, 4, 3], zeros: 0 },
  { name: 'C', widths: [64, 32, 10], zeros: 0.49 },
  { name: 'D', widths: [16, 32, 16, 4], zeros: 0 },
  { name: 'E', widths: [784, 32, 10], zeros: 0.62 },
];

/** The same widths with sigmoids, which are tables: what these cost. */
export const SIGMOID_NETWORKS: readonly BenchNetwork[] = RELU_NETWORKS.map((network) => ({
  ...network,
  name: `${network.name} sigmoid`,
  activation: 'sigmoid',
}));

export const NETWORKS = [...RELU_NETWORKS, ...SIGMOID_NETWORKS];

/** Of the inputs. */
const MAXIMUM = 127;
/** Rows from which the scales are calibrated. */
const CALIBRATION_ROWS = 200;
/** Of the features 1 to 127, all equally likely. */
const DEVIATION = 36.7;
const BIAS_DEVIATION = 0.1;

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

/** As training standardises: every column of a table by its mean, images by no mean, so that a black pixel is 0. */
const inputScaling = ({ zeros }: BenchNetwork): InputScaling => ({
  rawType: 'uint8',
  decimals: [0],
  mean: [zeros > 0 ? 0 : MAXIMUM / 2],
  deviation: [DEVIATION],
  lowest: [0],
  highest: [MAXIMUM],
});

/** With sums of 16 bits, which networks of such sizes are trained for. */
export function benchModel(
  network: BenchNetwork,
  weightBits: WeightBits = 8,
  activationBits: 7 | 8 = 7,
): QuantizedModel {
  const random = createRandom(2026);
  const { name, widths, activation = 'relu' } = network;
  const precision = { weightBits, activationBits, accumulator: 16 } as const;
  const features = Array.from({ length: widths[0] }, (_, i) => `f${i}`);
  const outputs = widths[widths.length - 1];
  const layers = widths.slice(1).map((outputs, l): DenseLayer => {
    const inputs = widths[l];
    const deviation = Math.sqrt(2 / inputs);
    return {
      inputs,
      outputs,
      weights: Float64Array.from({ length: inputs * outputs }, () => deviation * normal(random)),
      bias: Float64Array.from({ length: outputs }, () => BIAS_DEVIATION * normal(random)),
      activation: l === widths.length - 2 ? 'identity' : activation,
      range: null,
    };
  });
  const input = inputScaling(network);
  const { grid } = quantizeInputScaling(input, features, activationBits);
  const fixed = allocateFixedPoint(layers, CALIBRATION_ROWS);
  const calibrations = calibrateFixedPoint(layers, grid, precision, fixed, (look) => {
    fixed.q[0].set(
      benchRows(network, CALIBRATION_ROWS, 1).map((raw) => Math.round((raw * grid.maximum) / MAXIMUM)),
    );
    look(CALIBRATION_ROWS);
  });
  return quantize({
    name: `bench ${name}`,
    features,
    classes: Array.from({ length: outputs }, (_, k) => `class ${k}`),
    targets: null,
    input,
    layers: layers.map((layer, l) => ({ ...layer, ...calibrations[l] })),
    precision,
    training: {},
  }).model;
}
