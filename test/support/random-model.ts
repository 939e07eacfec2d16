import { quantizeFeature } from '../../model/arithmetic.js';
import { RAW_TYPES, type RawType } from '../../model/network.js';
import {
  MOST_MULTIPLIER,
  weightMaximum,
  type ProbabilityScaling,
  type QuantizedInput,
  type QuantizedLayer,
  type QuantizedModel,
  type QuantizedTargets,
} from '../../model/quantized-model.js';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../../model/activations.js';
import { createRandom, type Random } from '../../model/random.js';
import { quantizeProbability } from '../../model/probability.js';
import { accumulatorRange, neuronRange, proveAccumulator } from '../../model/range-proof.js';

/** Legal integer models that no training would give: every extreme of every field. */

export const pick = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)];
export const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random.uniform() * (high - low + 1));

function randomInput(random: Random, features: number): QuantizedInput {
  const rawType = pick(random, Object.keys(RAW_TYPES) as RawType[]);
  const { lowest, highest } = RAW_TYPES[rawType];
  const maximum = pick(random, [1, 127, 127, 255]);
  const count = random.below(3) === 0 ? 1 : features;
  const span = Int32Array.from({ length: count }, () =>
    pick(random, [0, 1, 65535, between(random, 1, 300), between(random, 1, 65535)]),
  );
  return {
    features: Array.from({ length: features }, (_, i) => `f${i}`),
    rawType,
    decimals: Array.from({ length: count }, () => between(random, -3, 6)),
    low: Int32Array.from({ length: count }, () =>
      pick(random, [0, lowest, highest, -2147483648, 2147483647, between(random, lowest, highest)]),
    ),
    span,
    multiplier: span.map((s) => {
      const largest = Math.min(16777215, Math.floor(((maximum + 1) * 65536 - 32769) / Math.max(s, 1)));
      return largest >= 32768 && random.below(3) > 0 ? 32768 : largest; // 32768: every odd distance lies half way
    }),
    maximum,
  };
}

/** Accumulators of exactly -2..2, where signs are decided and roundings begin. */
const NEAR_ZERO = 5;

function randomWeight(random: Random, limit: number, style: number): number {
  if (style === NEAR_ZERO) return 0;
  if (style === 0) return random.below(2) ? limit : -limit;
  if (style === 1) return random.below(4) ? 0 : between(random, -limit, limit);
  if (style === 2) return limit;
  return between(random, -limit, limit);
}

/** The table of a real activation over a random range, or random bytes. */
export function randomTable(random: Random): Uint8Array {
  const name = pick(random, [...ACTIVATION_NAMES, null]);
  if (name === null) return Uint8Array.from({ length: 256 }, () => random.below(256));
  const top = pick(random, [127, 255]);
  const values = Array.from({ length: 256 }, (_, j) => ACTIVATIONS[name].value((j - 128) / 16));
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  return Uint8Array.from(values, (value) => Math.round(((value - low) / range) * top));
}

function randomLayer(
  random: Random,
  inputs: number,
  outputs: number,
  inputMaximum: number,
  isOutput: boolean,
): QuantizedLayer {
  const weightBits = pick(random, [8, 8, 4, 2] as const);
  const limit = weightMaximum(weightBits);
  const style = isOutput && outputs === 1 && random.below(2) === 0 ? NEAR_ZERO : random.below(8);
  const weights = Int8Array.from({ length: inputs * outputs }, () => randomWeight(random, limit, style));
  const bias = new Int32Array(outputs);
  for (let n = 0; n < outputs; n++) {
    const row = {
      inputs,
      outputs: 1,
      inputMaximum,
      weights: weights.subarray(n * inputs, (n + 1) * inputs),
      bias: [0],
    };
    const { lowest, highest } = accumulatorRange(row);
    const bits = pick(random, [0, 16, 24, 32]);
    const smallest = -(2 ** (bits - 1)) - lowest;
    const largest = 2 ** (bits - 1) - 1 - highest;
    if (style === NEAR_ZERO) bias[n] = pick(random, [-2, -1, 0, 0, 1, 2]);
    else if (bits === 0 || smallest > largest) bias[n] = between(random, -2000, 2000);
    else bias[n] = pick(random, [smallest, largest, between(random, smallest, largest)]); // the sum just reaches the limit
  }
  const table = !isOutput && random.below(3) === 0 ? randomTable(random) : null;
  const multiplier = Int32Array.from({ length: outputs }, () =>
    pick(random, [1, 65535, 256, between(random, 1, 65535), between(random, 1, 500)]),
  );
  const maximum = table ? 255 : pick(random, [127, 255, 1, between(random, 1, 255)]);
  const requantization = isOutput ? null : { multiplier, shift: pick(random, [8, 16, 24] as const), maximum };
  if (requantization && random.below(3) === 0) {
    multiplier.fill(pick(random, [256, 512, 1024, 2048]));
    requantization.shift = 16;
  }
  const layer = { inputs, outputs, inputMaximum, weightBits, weights, bias, requantization, table };
  return { ...layer, accumulatorBits: proveAccumulator(layer, 0, 'auto').bits };
}

/** Output scalings whose values just stay within 32 bits, or reach all the way to their ends. */
function randomTargets(random: Random, layer: QuantizedLayer): QuantizedTargets {
  const names = Array.from({ length: layer.outputs }, (_, k) => `t${k}`);
  const scaling = names.map((_, n) => {
    const { lowest, highest } = neuronRange(layer, n);
    const low = random.below(4) === 0 ? Math.max(-2147483648, highest - 4294967295) : lowest;
    const shift = pick(random, [0, 31, between(random, 0, 31), between(random, 10, 31)]);
    const room = Math.min(
      MOST_MULTIPLIER,
      Math.floor((4294967295 * 2 ** shift) / Math.max(highest - low, 1)),
    );
    const multiplier = pick(random, [0, 1, room, between(random, 0, room)]);
    const rounding = pick(random, [0, 2 ** shift - 1, between(random, 0, 2 ** shift - 1)]);
    const units = Math.floor(((highest - low) * multiplier + rounding) / 2 ** shift);
    const fits = units <= 4294967295;
    const top = 2147483647 - units;
    const base = fits ? pick(random, [-2147483648, top, between(random, -2147483648, top)]) : -2147483648;
    return { low, shift, rounding, base, multiplier: fits ? multiplier : 0 };
  });
  const all = (key: keyof (typeof scaling)[number]): Int32Array => Int32Array.from(scaling, (s) => s[key]);
  return {
    names,
    decimals: names.map(() => between(random, -3, 6)),
    low: all('low'),
    multiplier: all('multiplier'),
    rounding: all('rounding'),
    shift: all('shift'),
    base: all('base'),
  };
}

/** Outputs whose range is worth less than a bit up to thousands, and integers that no range would give. */
function randomProbability(random: Random, layer: QuantizedLayer, isLone: boolean): ProbabilityScaling {
  const kind = isLone ? 'sigmoid' : pick(random, ['softmax', 'softmax', 'sigmoid'] as const);
  const { lowest, highest } = accumulatorRange(layer);
  const unit = 2 ** between(random, -2, 10) / Math.max(highest - lowest, 1);
  if (random.below(4) > 0) return quantizeProbability(kind, unit);
  return {
    kind,
    drop: pick(random, [0, 16, between(random, 0, 16)]),
    multiplier: pick(random, [0, 65535, between(random, 0, 65535)]),
    shift: pick(random, [1, 17, between(random, 1, 17)]),
  };
}

/** Where each raw value counts: ranges of hundreds to thousands of values, all within the raw type. */
function livelyInput(random: Random, features: number): QuantizedInput {
  const rawType = pick(random, Object.keys(RAW_TYPES) as RawType[]);
  const { lowest, highest } = RAW_TYPES[rawType];
  const maximum = pick(random, [127, 255]);
  const span = Int32Array.from({ length: features }, () =>
    between(random, 100, Math.min(highest - lowest, 65535)),
  );
  return {
    features: Array.from({ length: features }, (_, i) => `f${i}`),
    rawType,
    decimals: Array.from({ length: features }, () => between(random, -3, 6)),
    low: span.map((s) => between(random, lowest, highest - s)),
    span,
    multiplier: span.map((s) => Math.min(16777215, Math.floor(((maximum + 1) * 65536 - 32769) / s))),
    maximum,
  };
}

/** Sums on both sides of zero, and activations that use their range: so the outputs depend on every input. */
function livelyLayer(
  random: Random,
  inputs: number,
  outputs: number,
  inputMaximum: number,
  isOutput: boolean,
): QuantizedLayer {
  const weightBits = pick(random, [8, 8, 4, 2] as const);
  const limit = weightMaximum(weightBits);
  const weights = Int8Array.from({ length: inputs * outputs }, () => between(random, -limit, limit));
  const table = !isOutput && random.below(3) === 0 ? randomTable(random) : null;
  const maximum = table ? 255 : pick(random, [127, 255]);
  // Multipliers have 16 bits.
  const shift = limit * inputMaximum * Math.sqrt(inputs) > maximum * 1000 ? (24 as const) : (16 as const);
  const bias = new Int32Array(outputs);
  const multiplier = new Int32Array(outputs);
  for (let n = 0; n < outputs; n++) {
    const row = weights.subarray(n * inputs, (n + 1) * inputs);
    const { lowest, highest } = accumulatorRange({
      inputs,
      outputs: 1,
      inputMaximum,
      weights: row,
      bias: [0],
    });
    const reach = Math.max(1, (highest - lowest) / 2);
    // Of activations many are zero.
    bias[n] = -Math.round((lowest + highest) * 0.35 + (between(random, -100, 100) / 1000) * reach);
    // Sums of many inputs seldom come near the ends of their range.
    const scale = ((maximum * Math.sqrt(inputs)) / reach) * between(random, 1, 3) * 2 ** (shift - 1);
    multiplier[n] = Math.min(65535, Math.max(1, scale));
  }
  const requantization = isOutput ? null : { multiplier, shift, maximum };
  const layer = { inputs, outputs, inputMaximum, weightBits, weights, bias, requantization, table };
  return { ...layer, accumulatorBits: proveAccumulator(layer, 0, 'auto').bits };
}

/** What models are made of. */
interface Parts {
  readonly input: typeof randomInput;
  readonly layer: typeof randomLayer;
}
const EXTREME: Parts = { input: randomInput, layer: randomLayer };
const LIVELY: Parts = { input: livelyInput, layer: livelyLayer };

/** A model of `depth` layers behind `features` inputs; `width` is asked for the outputs of one layer after the other. */
export function randomModelOf(
  random: Random,
  features: number,
  depth: number,
  width: (layer: number) => number,
  parts = EXTREME,
): QuantizedModel {
  const input = parts.input(random, features);
  const layers: QuantizedLayer[] = [];
  let inputs = features;
  let inputMaximum = input.maximum;
  for (let l = 0; l < depth; l++) {
    const layer = parts.layer(random, inputs, width(l), inputMaximum, l === depth - 1);
    layers.push(layer);
    inputs = layer.outputs;
    inputMaximum = layer.table ? Math.max(1, ...layer.table) : (layer.requantization?.maximum ?? 1);
  }
  if (random.below(4) === 0) {
    const targets = randomTargets(random, layers[depth - 1]);
    return { name: 'random', classes: [], targets, input, layers, decision: 'value' };
  }
  const decision = inputs === 1 && random.below(2) === 0 ? 'sign' : 'argmax';
  const classes = Array.from({ length: decision === 'sign' ? 2 : inputs }, (_, k) => `c${k}`);
  const model = { name: 'random', classes, targets: null, input, layers, decision } as const;
  // By a generator of its own, so that the models to come do not depend on it.
  const own = createRandom(Math.abs(layers[depth - 1].bias[0]) + features);
  if (own.below(8) === 0) return model; // as an older file
  return { ...model, probability: randomProbability(own, layers[depth - 1], decision === 'sign') };
}

/** 1..maxLayers layers of 1..maxWidth units, deep ones less often: compilers take their time for every layer. */
export function randomModel(random: Random, maxLayers = 6, maxWidth = 64): QuantizedModel {
  const width = (): number => pick(random, [1, 2, 3, between(random, 1, 12), between(random, 1, maxWidth)]);
  const depth = Math.min(pick(random, [1, 1, 2, 2, 2, 3, between(random, 1, maxLayers)]), maxLayers);
  return randomModelOf(random, width(), depth, width);
}

/** As many layers, whose answers differ from row to row: most of the models with extremes have but one answer. */
export function livelyModel(random: Random, maxLayers: number, maxWidth: number): QuantizedModel {
  const width = (): number => between(random, 2, maxWidth);
  return randomModelOf(random, width(), between(random, 1, maxLayers), width, LIVELY);
}

/** Raw rows: both ends of the raw type, both ends of each feature's range, and random values. (rows × features) */
export function randomRows(random: Random, { input }: QuantizedModel, rows: number): Int32Array {
  const { lowest, highest } = RAW_TYPES[input.rawType];
  const features = input.features.length;
  const raw = new Int32Array(rows * features);
  for (let k = 0; k < raw.length; k++) {
    const row = Math.floor(k / features);
    const i = input.low.length === 1 ? 0 : k % features;
    const within = Math.min(Math.max(input.low[i] + random.below(input.span[i] + 1), lowest), highest);
    const top = Math.min(Math.max(input.low[i] + input.span[i], lowest), highest);
    if (row === 0) raw[k] = lowest;
    else if (row === 1) raw[k] = highest;
    else if (row === 2) raw[k] = top;
    else raw[k] = pick(random, [within, within, within, between(random, lowest, highest), top]);
  }
  return raw;
}

/** Guards the generator itself: an input beyond `maximum` would make every bound above void. */
export function highestInput({ input }: QuantizedModel): number {
  return Math.max(
    ...Array.from(input.span, (span, i) =>
      quantizeFeature(input.low[i] + span, input.low[i], span, input.multiplier[i]),
    ),
  );
}
