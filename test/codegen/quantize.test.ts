import { describe, expect, test } from 'vitest';
import { quantize } from '../../codegen/quantize.js';
import {
  ACTIVATION_NAMES,
  ACTIVATIONS,
  type ActivationName,
  type OutputActivationName,
} from '../../model/activations.js';
import { infer, predict, quantizeInputs } from '../../model/infer.js';
import { decideClass, type DenseLayer, type Network, type Precision } from '../../model/network.js';
import { modelFileText } from '../../model/model-file.js';
import { probabilities } from '../../model/probability.js';
import { networkFileText } from '../../model/network-text.js';
import { Problem } from '../../model/problem.js';
import { createRandom, type Random } from '../../model/random.js';
import { rawFeatures } from '../../model/raw-features.js';

const PRECISION: Precision = { weightBits: 8, activationBits: 8, accumulator: 'auto' };
const FEATURES = 5;

/** The float network by its textbook definition, written apart from the trainer's: x standardised -> z of every layer. */
function forward(layers: readonly DenseLayer[], x: number[]): number[][] {
  let a = x;
  return layers.map((layer) => {
    const z = Array.from(layer.bias, (b, n) =>
      a.reduce((sum, value, i) => sum + value * layer.weights[n * layer.inputs + i], b),
    );
    a = layer.activation === 'softmax' ? z : z.map(ACTIVATIONS[layer.activation].value);
    return z;
  });
}

function makeNetwork(
  random: Random,
  sizes: number[],
  hidden: ActivationName,
  output: OutputActivationName,
  rows: number[][],
  changes: Partial<Network> = {},
): Network {
  const layers: DenseLayer[] = sizes.slice(1).map((outputs, l) => ({
    inputs: sizes[l],
    outputs,
    weights: Float64Array.from(
      { length: outputs * sizes[l] },
      () => (1.6 * random.normal()) / Math.sqrt(sizes[l]),
    ),
    bias: Float64Array.from({ length: outputs }, () => 0.3 * random.normal()),
    activation: l === sizes.length - 2 ? output : hidden,
    range: null,
  }));
  const seen = rows.map((row) => forward(layers, row));
  const calibrated = layers.map((layer, l): DenseLayer => {
    if (l === layers.length - 1) return layer;
    const z = seen.flatMap((perLayer) => perLayer[l]);
    return { ...layer, range: { low: Math.min(...z), high: Math.max(...z) } };
  });
  const lowest = Array.from({ length: sizes[0] }, (_, i) => Math.min(...rows.map((row) => row[i])));
  const highest = Array.from({ length: sizes[0] }, (_, i) => Math.max(...rows.map((row) => row[i])));
  const outputs = sizes[sizes.length - 1];
  return {
    name: 'net',
    features: Array.from({ length: sizes[0] }, (_, i) => `x${i}`),
    classes: Array.from({ length: Math.max(outputs, 2) }, (_, k) => `c${k}`),
    targets: null,
    input: {
      rawType: 'int16',
      decimals: lowest.map(() => 3),
      mean: lowest.map(() => 0),
      deviation: lowest.map(() => 1),
      lowest,
      highest,
    },
    layers: calibrated,
    precision: PRECISION,
    training: {},
    ...changes,
  };
}

const randomRows = (random: Random, rows: number, features: number): number[][] =>
  Array.from({ length: rows }, () =>
    Array.from({ length: features }, () => Math.round(random.normal() * 1000) / 1000),
  );

const rawOf = (network: Network, row: number[]): Int32Array => rawFeatures(row, row.length, network.input);

describe.each(ACTIVATION_NAMES)('%s in integers', (hidden) => {
  const random = createRandom(5);
  const rows = randomRows(random, 300, FEATURES);

  test.each([
    ['softmax', 3],
    ['sigmoid', 1],
    ['identity', 1],
    ['step', 1],
    ['tanh', 4],
  ] as const)('decides as the float network does, %s output × %d', (output, outputs) => {
    const network = makeNetwork(random, [FEATURES, 12, outputs], hidden, output, rows);
    const { model } = quantize(network);
    let same = 0;
    for (const row of rows) {
      const z = forward(network.layers, row)[1];
      if (predict(model, rawOf(network, row)).class === decideClass(z, output)) same++;
    }
    // A hidden step turns any rounding near its threshold into a jump, so there a few more rows may differ.
    expect(same / rows.length).toBeGreaterThan(hidden === 'step' ? 0.9 : 0.96);
  });
});

test('a step output decides at z >= 0 exactly, as the float network does', () => {
  const layer: DenseLayer = {
    inputs: 2,
    outputs: 1,
    weights: Float64Array.of(1, 1),
    bias: Float64Array.of(-1),
    activation: 'step',
    range: null,
  };
  const input = {
    rawType: 'int16' as const,
    decimals: [0, 0],
    mean: [0, 0],
    deviation: [1, 1],
    lowest: [0, 0],
    highest: [1, 1],
  };
  const network: Network = {
    name: 'or',
    features: ['a', 'b'],
    classes: ['0', '1'],
    targets: null,
    input,
    layers: [layer],
    precision: PRECISION,
    training: {},
  };
  const { model } = quantize(network);
  const table = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ].map((row) => predict(model, rawOf(network, row)).class);
  expect(table).toEqual([0, 1, 1, 1]);
});

describe('edges', () => {
  const random = createRandom(8);
  const rows = randomRows(random, 40, FEATURES);

  test('an all-zero layer has a defined scale, and is warned about', () => {
    for (const hidden of ACTIVATION_NAMES) {
      const network = makeNetwork(random, [FEATURES, 4, 2], hidden, 'softmax', rows);
      const layers = network.layers.map((layer) => ({
        ...layer,
        weights: layer.weights.map(() => 0),
        range: layer.range && { low: 0, high: 0 },
      }));
      const { model, warnings } = quantize({ ...network, layers });
      expect(warnings).toHaveLength(2);
      expect(warnings[0]).toContain('layer 1');
      expect(infer(model, quantizeInputs(model.input, rawOf(network, rows[0])))).toHaveLength(2);
      expect(modelFileText(model).hash).toHaveLength(64);
    }
  });

  test.each([1e-300, 1e-30, 1e-6, 1, 1e6, 1e30, 1e150])(
    'weights of every magnitude give legal integers: × %d',
    (factor) => {
      for (const hidden of ACTIVATION_NAMES) {
        const network = makeNetwork(random, [FEATURES, 6, 3], hidden, 'softmax', rows);
        const scale = (layer: DenseLayer): DenseLayer => ({
          ...layer,
          weights: layer.weights.map((w) => w * factor),
          bias: layer.bias.map((b) => b * factor),
        });
        const layers = network.layers.map(scale);
        const z = rows.flatMap((row) => forward(layers, row)[0]);
        layers[0] = { ...layers[0], range: { low: Math.min(...z), high: Math.max(...z) } };
        const { model } = quantize({ ...network, layers });
        expect(modelFileText(model).hash).toHaveLength(64); // writing checks every bound
      }
    },
  );

  test('one neuron a million times smaller than its layer keeps multipliers within 1..65535', () => {
    const network = makeNetwork(random, [FEATURES, 6, 3], 'relu', 'softmax', rows);
    const weights = network.layers[0].weights.map((w, k) => (k < FEATURES ? w * 1e-6 : w));
    const { model } = quantize({
      ...network,
      layers: [{ ...network.layers[0], weights }, network.layers[1]],
    });
    for (const m of model.layers[0].requantization!.multiplier) {
      expect(m).toBeGreaterThanOrEqual(1);
      expect(m).toBeLessThanOrEqual(65535);
    }
  });

  test('a requested accumulator that is not proven is refused, naming layer, neuron and bound', () => {
    const network = makeNetwork(random, [FEATURES, 60, 3], 'relu', 'softmax', rows);
    expect(() => quantize(network, 16)).toThrow(Problem);
    expect(() => quantize(network, 16)).toThrow(
      /layer \d, neuron \d+: the accumulator can reach -?\d+\.\.-?\d+, which 16 bits/,
    );
    expect(quantize(network, 32).model.layers.map((layer) => layer.accumulatorBits)).toEqual([32, 32]);
    const bits = quantize(network).layers.map((layer) => layer.accumulatorBits);
    expect(quantize(network, 24).layers.every((layer) => layer.accumulatorBits === 24)).toBe(
      bits.every((b) => b <= 24),
    );
  });

  test.each([16, 24] as const)(
    'a network trained for %d-bit accumulators always gets them, by coarser scales',
    (accumulator) => {
      for (const hidden of ACTIVATION_NAMES) {
        for (const factor of [1e-3, 1, 1e3]) {
          const precision: Precision = { ...PRECISION, accumulator };
          const network = makeNetwork(random, [FEATURES, 90, 30, 3], hidden, 'softmax', rows, { precision });
          const bias = network.layers[0].bias.map((b) => b * factor);
          const { layers } = quantize({
            ...network,
            layers: [{ ...network.layers[0], bias }, ...network.layers.slice(1)],
          });
          for (const layer of layers) expect(layer.accumulatorBits).toBe(accumulator);
        }
      }
    },
  );

  test('a huge bias makes the scale coarser instead of overflowing', () => {
    const network = makeNetwork(random, [FEATURES, 3], 'relu', 'softmax', rows);
    const [layer] = network.layers;
    const weights = layer.weights.map((_, k) => (k === 0 ? 1 : 0));
    const bias = layer.bias.map(() => 1e12);
    // The scale grows with the bias, so the integers stay legal and the outputs keep their order.
    const { model } = quantize({ ...network, layers: [{ ...layer, weights, bias }] });
    expect(Math.max(...model.layers[0].bias)).toBeLessThan(2 ** 31);
  });

  test('same network, same bytes', () => {
    const make = () =>
      makeNetwork(
        createRandom(1),
        [FEATURES, 7, 3],
        'tanh',
        'softmax',
        randomRows(createRandom(2), 50, FEATURES),
      );
    expect(modelFileText(quantize(make()).model)).toEqual(modelFileText(quantize(make()).model));
    expect(networkFileText(make())).toEqual(networkFileText(make()));
  });

  test('4-bit weights stay within ±7', () => {
    const network = makeNetwork(random, [FEATURES, 9, 3], 'relu', 'softmax', rows, {
      precision: { ...PRECISION, weightBits: 4 },
    });
    const { model } = quantize(network);
    for (const layer of model.layers) expect(Math.max(...layer.weights.map(Math.abs))).toBe(7);
  });
});

describe('probabilities', () => {
  const random = createRandom(8);
  const rows = randomRows(random, 200, FEATURES);
  const softmax = (z: readonly number[]): number[] => {
    const sum = z.reduce((all, value) => all + Math.exp(value), 0);
    return z.map((value) => Math.exp(value) / sum);
  };
  const sigmoid = (z: readonly number[]): number[] => z.map((value) => 1 / (1 + Math.exp(-value)));
  const both = ([p]: readonly number[]): number[] => [1 - p, p];

  test.each([
    ['softmax', 4, softmax],
    ['sigmoid', 4, sigmoid],
    ['sigmoid', 1, (z: readonly number[]) => both(sigmoid(z))],
  ] as const)('of %s, %d outputs, are those of the network in floating point', (output, outputs, truth) => {
    const network = makeNetwork(random, [FEATURES, 8, outputs], 'relu', output, rows);
    const { model } = quantize(network);
    expect(model.probability!.kind).toBe(output);
    const errors = rows.flatMap((row) => {
      const found = probabilities(model, predict(model, rawOf(network, row)).outputs)!;
      return truth(forward(network.layers, row).at(-1)!).map((p, k) => Math.abs(p - found[k] / 10000));
    });
    // What the roundings of weights and activations cost, too.
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.005);
    expect(Math.max(...errors)).toBeLessThan(0.04);
  });

  test.each(['identity', 'tanh', 'relu'] as const)('are none of %s outputs', (output) => {
    expect(quantize(makeNetwork(random, [FEATURES, 3], 'relu', output, rows)).model.probability).toBe(
      undefined,
    );
  });
});
