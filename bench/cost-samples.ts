import { entryOf, type RawType, type WeightBits } from '../model/network.js';
import type { AccumulatorBits, QuantizedLayer, QuantizedModel } from '../model/quantized-model.js';
import { createRandom, type Random } from '../model/random.js';
import { neuronRange, proveAccumulator } from '../model/range-proof.js';
import { benchModel, benchRows, NETWORKS } from './networks.js';

/** Models from which the costs of kernels are learnt: every kind of layer, in every mode, with weights shaped like trained ones. */

export interface CostSample {
  readonly name: string;
  readonly model: QuantizedModel;
  readonly raw: Int32Array; // (ROWS, features)
  readonly constantTime: boolean;
  /** As for a board of unknown flash, which has none to spend on speed. */
  readonly compact: boolean;
}

const ROWS = 12;

/** Where features of a type begin, and how wide they are at most. */
const FEATURES = {
  uint8: { lowest: 1, highest: 55, widest: 200 },
  int16: { lowest: -9999, highest: 9999, widest: 20000 },
  int32: { lowest: -99999, highest: 99999, widest: 60000 },
} as const;

const pick = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)];
type Requantization = NonNullable<QuantizedLayer['requantization']>;

const between = (random: Random, low: number, high: number): number => low + random.below(high - low + 1);

/** Multipliers over 2^`shift`, of which the largest that fit are taken. */
const multipliersFor = (scales: readonly number[], shift: number): Int32Array =>
  Int32Array.from(scales, (scale) => Math.min(Math.max(Math.round(scale * 2 ** shift), 1), 65535));

/** A requantisation by a power of two, which may need a limit from above or not, or by multipliers, or as it was. */
function changeRequantization(
  random: Random,
  { shift, multiplier, maximum: former }: Requantization,
  maximum: number,
  ways: readonly ('kept' | 'power' | 'multiplier')[],
): Requantization {
  const way = pick(random, ways);
  const scales = Array.from(multiplier, (m) => ((m / 2 ** shift) * (maximum + 1)) / (former + 1));
  if (way === 'kept') return { shift, maximum, multiplier: multipliersFor(scales, shift) };
  if (way === 'power') {
    const power = 2 ** pick(random, [Math.floor, Math.ceil])(Math.log2(Math.max(...scales)));
    return {
      shift: 16,
      maximum,
      multiplier: multipliersFor(
        scales.map(() => power),
        16,
      ),
    };
  }
  const other = pick(random, [8, 16, 24] as const);
  return { shift: other, maximum, multiplier: multipliersFor(scales, other) };
}

/** As of a step function: 1 where a sum is at least 1. */
const step = ({ outputs }: QuantizedLayer): Requantization => ({
  multiplier: new Int32Array(outputs).fill(256),
  shift: 8,
  maximum: 1,
});

/** Sums that take the whole width of their accumulators, as those of networks trained for it do, by one neuron's bias. */
function withWideSums(layer: QuantizedLayer, least: AccumulatorBits): QuantizedLayer {
  const highest = least === 16 ? 32767 : 2 ** 21;
  const bias = layer.bias.slice();
  bias[0] += highest - neuronRange(layer, 0).highest;
  return { ...layer, bias };
}

interface Draw {
  readonly widths: number[];
  readonly zeros: number;
  readonly compact: boolean;
  readonly weightBits: WeightBits;
  /** Sums are proven within so many bits at least. */
  readonly least: AccumulatorBits;
  /** Of so many layers the sums of one take the whole width of their accumulators. */
  readonly wideOneIn: number;
  /** Whether activations end anywhere, and steps are among them, instead of at 127 and 255. */
  readonly anyEnd?: boolean;
}

/** The same layer with another requantisation, and with sums wider than they need be; `l` is its place in the network. */
function changeLayer(
  random: Random,
  layer: QuantizedLayer,
  l: number,
  inputMaximum: number,
  { least, wideOneIn, anyEnd }: Draw,
): QuantizedLayer {
  const { requantization } = layer;
  const isCurved = requantization !== null && random.below(3) === 0;
  // No two of a network are equal, as compilers keep some of such once.
  const table = isCurved ? Uint8Array.from({ length: 256 }, (_, k) => (k === 128 ? 64 + l : k >> 1)) : null;
  const maximum = isCurved ? 255 : anyEnd ? between(random, 1, 254) : pick(random, [127, 127, 255]);
  const isStep = anyEnd && !isCurved && random.below(4) === 0;
  const ways = anyEnd ? (['power', 'multiplier'] as const) : (['kept', 'power', 'multiplier'] as const);
  const changed = {
    ...layer,
    inputMaximum,
    table,
    requantization:
      requantization && (isStep ? step(layer) : changeRequantization(random, requantization, maximum, ways)),
  };
  const widened = random.below(wideOneIn) === 0 ? withWideSums(changed, least) : changed;
  const proven = proveAccumulator(widened, 0, 'auto').bits;
  return { ...widened, accumulatorBits: Math.max(proven, least) as AccumulatorBits };
}

/** No constants of a network are all alike, which LLVM would make a part of its code. */
const unlike = (value: number, other: number, k: number): number => (k === 1 ? other : value);

/** Features as sensors have them: a span of their own from 0, as in images, or from elsewhere. */
function changeInput(random: Random, model: QuantizedModel): QuantizedModel {
  const rawType: RawType = pick(random, ['uint8', 'int16', 'int32']);
  const { input } = model;
  const count = random.below(2) === 0 ? 1 : input.features.length;
  const { lowest, highest, widest } = FEATURES[rawType];
  const all = (value: () => number): Int32Array => Int32Array.from({ length: count }, value);
  const span = all(() => between(random, input.maximum, widest));
  return {
    ...model,
    input: {
      ...input,
      rawType,
      decimals: Array.from({ length: count }, () => 0),
      low: all(() => (count === 1 && random.below(2) === 0 ? 0 : between(random, lowest, highest))),
      span,
      multiplier: span.map((width) => Math.floor((input.maximum * 65536) / width)),
    },
  };
}

/** Inputs (ROWS, features), from 0 to their maximum, as raw values of features. */
function rawOf({ input: { features, low, span, maximum } }: QuantizedModel, inputs: Int32Array): Int32Array {
  return inputs.map((value, k) => {
    const i = k % features.length;
    return entryOf(low, i) + Math.round((value * entryOf(span, i)) / maximum);
  });
}

/** The same model as a regression. */
function withTargets(model: QuantizedModel): QuantizedModel {
  const last = model.layers[model.layers.length - 1];
  const all = (value: (n: number) => number): Int32Array =>
    Int32Array.from({ length: last.outputs }, (_, n) => value(n));
  return {
    ...model,
    classes: [],
    decision: 'value',
    targets: {
      names: Array.from({ length: last.outputs }, (_, k) => `t${k}`),
      decimals: Array.from({ length: last.outputs }, () => 0),
      low: all((n) => neuronRange(last, n).lowest),
      multiplier: all((n) => unlike(1000, 1001, n)),
      rounding: all((n) => unlike(512, 1024, n)),
      shift: all((n) => unlike(10, 11, n)),
      base: all((n) => unlike(0, 1, n)),
    },
  };
}

/** Half of the networks are small, as those on microcontrollers often are: their layers are unrolled. */
function randomWidths(random: Random): number[] {
  const [depths, limits] = pick(random, [
    [[1, 2, 2, 2, 3] as const, [6, 16, 40, 70]],
    [[1, 2, 2, 3, 4] as const, [4, 8, 12]],
  ] as const);
  return Array.from({ length: pick(random, depths) + 1 }, () => between(random, 1, pick(random, limits)));
}

function drawSample(random: Random, k: number, draw: Draw): CostSample {
  const { widths, zeros, compact, weightBits } = draw;
  const network = { name: 'sample', widths, zeros };
  const base = benchModel(network, weightBits);
  let inputMaximum = base.input.maximum;
  const layers = base.layers.map((layer, l) => {
    const changed = changeLayer(random, layer, l, inputMaximum, draw);
    inputMaximum = changed.table ? 127 : (changed.requantization?.maximum ?? 0);
    return changed;
  });
  const model = changeInput(random, { ...base, layers });
  return {
    name: `s${k}`,
    model: random.below(5) === 0 ? withTargets(model) : model,
    raw: rawOf(model, benchRows(network, ROWS, k)),
    constantTime: random.below(5) < 2,
    compact,
  };
}

function randomSample(random: Random, k: number): CostSample {
  const widths = randomWidths(random);
  const zeros = pick(random, [0, 0.3, 0.6]);
  const compact = random.below(5) === 0;
  const weightBits = pick<WeightBits>(random, compact ? [8, 4, 4, 2, 2] : [8, 8, 4, 2]);
  const least = pick(random, [16, 16, 16, 16, 24, 32] as const);
  return drawSample(random, k, { widths, zeros, compact, weightBits, least, wideOneIn: 4 });
}

/** Kinds of networks that random ones seldom are, or of which one instruction is a large share. */
const RARE = {
  packed: { depths: [3, 4], widths: [1, 12], compact: true, bits: [4, 2], least: [16, 24, 32], wideOneIn: 4 },
  few: { depths: [1, 2, 2], widths: [1, 8], compact: false, bits: [8], least: [16], wideOneIn: 4 },
  halves: { depths: [3, 4], widths: [9, 20], compact: false, bits: [8], least: [16], wideOneIn: 2 },
  whole: { depths: [3, 4], widths: [1, 16], compact: false, bits: [8], least: [24, 32], wideOneIn: 2 },
  ends: {
    depths: [2, 3],
    widths: [4, 20],
    compact: false,
    bits: [8],
    least: [16, 16, 16, 24],
    wideOneIn: 3,
    anyEnd: true,
  },
  packedEnds: {
    depths: [2, 3],
    widths: [1, 12],
    compact: true,
    bits: [4, 2],
    least: [16, 24],
    wideOneIn: 4,
    anyEnd: true,
  },
} as const;
export type RareKind = keyof typeof RARE;

function rareSample(random: Random, k: number, kind: RareKind): CostSample {
  const { depths, widths, bits, least, ...rest } = RARE[kind];
  const depth = pick<number>(random, depths);
  return drawSample(random, k, {
    widths: Array.from({ length: depth + 1 }, () => between(random, widths[0], widths[1])),
    zeros: pick(random, [0, 0.3, 0.6]),
    weightBits: bits.length > 1 ? pick<WeightBits>(random, bits) : bits[0],
    least: least.length > 1 ? pick<AccumulatorBits>(random, least) : least[0],
    ...rest,
  });
}

/** Random networks; the seed draws them. */
export function randomSamples(count: number, seed: number): CostSample[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, k) => randomSample(random, k));
}

/** The networks of the published figures, in both modes. */
export const publishedSamples = (): CostSample[] =>
  NETWORKS.flatMap((network, k) =>
    [false, true].map((constantTime) => ({
      name: `p${2 * k + (constantTime ? 1 : 0)}`,
      model: benchModel(network),
      raw: benchRows(network, ROWS, 2),
      constantTime,
      compact: false,
    })),
  );

/** Networks of rare kinds, in turns. */
export function rareSamples(kinds: readonly RareKind[], count: number, seed: number): CostSample[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, k) => rareSample(random, k, kinds[k % kinds.length]));
}
