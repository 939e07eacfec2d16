import type { RawType, WeightBits } from '../model/network.js';
import type { AccumulatorBits, QuantizedLayer, QuantizedModel } from '../model/quantized-model.js';
import { createRandom, type Random } from '../model/random.js';
import { neuronRange, proveAccumulator } from '../model/range-proof.js';
import { benchModel, benchRows, RELU_NETWORKS } from './networks.js';

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

const pick = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)];
const between = (random: Random, low: number, high: number): number => low + random.below(high - low + 1);

/** The same layer with another requantisation, and with sums wider than they need be. */
function changeLayer(
  random: Random,
  layer: QuantizedLayer,
  inputMaximum: number,
  least: AccumulatorBits,
): QuantizedLayer {
  const { requantization: q } = layer;
  const isKept = least === 16 && random.below(3) > 0;
  const shift = isKept ? (q?.shift ?? 16) : pick(random, [8, 16, 24] as const);
  const table = q && random.below(5) === 0 ? Uint8Array.from({ length: 256 }, (_, k) => k >> 1) : null;
  const maximum = table ? 255 : isKept ? (q?.maximum ?? 127) : pick(random, [127, 255]);
  const scale = q ? (2 ** (shift - q.shift) * (maximum + 1)) / (q.maximum + 1) : 1;
  const changed = {
    ...layer,
    inputMaximum,
    table,
    requantization: q && {
      shift,
      maximum,
      multiplier: q.multiplier.map((m) => Math.min(Math.max(Math.round(m * scale), 1), 65535)),
    },
  };
  const proven = proveAccumulator(changed, 0, 'auto').bits;
  return { ...changed, accumulatorBits: Math.max(proven, least) as AccumulatorBits };
}

function changeInput(random: Random, model: QuantizedModel): QuantizedModel {
  const rawType: RawType = pick(random, ['uint8', 'int16', 'int32']);
  const { input } = model;
  const count = random.below(2) === 0 ? 1 : input.features.length;
  return {
    ...model,
    input: {
      ...input,
      rawType,
      decimals: Array.from({ length: count }, () => 0),
      low: new Int32Array(count),
      span: new Int32Array(count).fill(127),
      multiplier: new Int32Array(count).fill(65536),
    },
  };
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
      multiplier: all(() => 1000),
      rounding: all(() => 512),
      shift: all(() => 10),
      base: all(() => 0),
    },
  };
}

function randomSample(random: Random, k: number): CostSample {
  const depth = pick(random, [1, 2, 2, 2, 3]);
  const widths = Array.from({ length: depth + 1 }, () => between(random, 1, pick(random, [6, 16, 40, 70])));
  const network = { name: 'sample', widths, zeros: pick(random, [0, 0.3, 0.6]) };
  const base = benchModel(network, pick(random, [8, 8, 4, 2] as const satisfies WeightBits[]));
  const least = pick(random, [16, 16, 16, 24, 32] as const);
  let inputMaximum = base.input.maximum;
  const layers = base.layers.map((layer) => {
    const changed = changeLayer(random, layer, inputMaximum, least);
    inputMaximum = changed.table ? 127 : (changed.requantization?.maximum ?? 0);
    return changed;
  });
  const model = changeInput(random, { ...base, layers });
  return {
    name: `s${k}`,
    model: random.below(5) === 0 ? withTargets(model) : model,
    raw: benchRows(network, ROWS, k),
    constantTime: random.below(3) === 0,
    compact: random.below(3) === 0,
  };
}

/** The networks of the published figures, then random ones. */
export function costSamples(count: number, seed = 512): CostSample[] {
  const random = createRandom(seed);
  const published = RELU_NETWORKS.flatMap((network) =>
    [false, true].map((constantTime) => ({
      name: `${network.name.toLowerCase()}${constantTime ? 1 : 0}`,
      model: benchModel(network),
      raw: benchRows(network, ROWS, 2),
      constantTime,
      compact: false,
    })),
  );
  return [...published, ...Array.from({ length: count }, (_, k) => randomSample(random, k))];
}
