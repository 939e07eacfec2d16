import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { artifactText } from '../../model/artifact.js';
import { scaleOutputs } from '../../model/infer.js';
import { modelFileText, readModelFile } from '../../model/model-file.js';
import { readNetworkFile } from '../../model/network-file.js';
import { networkFileText } from '../../model/network-text.js';
import type { DenseLayer, Network, TargetScaling } from '../../model/network.js';
import { Problem } from '../../model/problem.js';
import { quantizeDense } from '../../model/quantization.js';
import { createRandom } from '../../model/random.js';
import { neuronRange } from '../../model/range-proof.js';
import { quantizeTargets, targetValues, unitValues } from '../../model/target-scaling.js';
import { tinyRegression } from '../support/tiny-regression.js';

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-targets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'model.json');

const PRECISION = { weightBits: 8, activationBits: 7, accumulator: 'auto' } as const;

function problemOf(run: () => unknown): Problem['details'] {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  throw new Error('expected a Problem');
}

describe('the integer output scaling', () => {
  const random = createRandom(3);
  // [decimals, mean, deviation]: a sensor, large sums, tiny quantities, a mean far from 0 beside the deviation
  const targets: [number, number, number][] = [
    [2, 21.4, 5.5],
    [0, 250_000, 80_000],
    [-2, -3e7, 1.2e7],
    [9, 2.5e-6, 4e-7],
    [3, 100_000, 1.5],
    [0, 0, 30],
  ];
  it.each(targets)(
    'decimals %d, mean %d, deviation %d: what real numbers give',
    (decimals, mean, deviation) => {
      const scaling: TargetScaling = {
        names: ['a', 'b', 'c'],
        decimals: [decimals, decimals, decimals],
        mean: [mean, -mean, 0],
        deviation: [deviation, deviation / 3, deviation * 2],
      };
      for (const inputs of [1, 16, 200]) {
        const layer: DenseLayer = {
          inputs,
          outputs: 3,
          weights: Float64Array.from({ length: 3 * inputs }, () => random.normal() / 4),
          bias: Float64Array.from({ length: 3 }, () => random.normal()),
          activation: 'identity',
          range: null,
        };
        const input = { scale: 0.05, zeroPoint: Int32Array.of(7), maximum: 127 };
        const dense = quantizeDense(layer, input, PRECISION);
        const quantized = quantizeTargets(scaling, dense, input.scale);
        const ranges = [0, 1, 2].map((n) => neuronRange(dense.integers, n));
        for (let k = 0; k <= 20; k++) {
          const raw = Int32Array.from(ranges, ({ lowest, highest }) =>
            Math.round(lowest + ((highest - lowest) * k) / 20),
          );
          const z = Float64Array.from(
            raw,
            (a, n) => input.scale * dense.weightScale[n] * (a - dense.accumulatorOffset[n]),
          );
          const real = targetValues(scaling, z);
          const found = unitValues(quantized.decimals, scaleOutputs(quantized, raw));
          real.forEach((value, n) => {
            const drift = Math.abs(z[n] * scaling.deviation[n]) * 1e-6;
            expect(Math.abs(found[n] - value)).toBeLessThanOrEqual(0.5001 * 10 ** -decimals + drift);
          });
        }
      }
    },
  );

  it('refuses values that 32 bits do not hold, naming the target', () => {
    const layer: DenseLayer = {
      inputs: 1,
      outputs: 1,
      weights: Float64Array.of(1),
      bias: Float64Array.of(0),
      activation: 'identity',
      range: null,
    };
    const input = { scale: 1, zeroPoint: Int32Array.of(0), maximum: 127 };
    const dense = quantizeDense(layer, input, PRECISION);
    for (const [mean, deviation, decimals] of [
      [0, 1e9, 0],
      [-3e9, 1, 0],
      [2147483600, 1, 0],
      [0, 1, 9],
    ]) {
      const scaling = { names: ['depth'], decimals: [decimals], mean: [mean], deviation: [deviation] };
      const problem = problemOf(() => quantizeTargets(scaling, dense, 1));
      expect(problem).toMatchObject({ kind: 'data', code: 'value-overflow' });
      expect(problem.message).toMatch(/target "depth".*32 bits/);
    }
    const fits = { names: ['depth'], decimals: [0], mean: [2147483500], deviation: [1] };
    const quantized = quantizeTargets(fits, dense, 1);
    const { highest } = neuronRange(dense.integers, 0);
    expect(scaleOutputs(quantized, Int32Array.of(highest))[0]).toBe(2147483500 + 127);
  });
});

describe('a regression as model.json', () => {
  it('comes back as it was, in format 2, with the same hash', () => {
    const { text, hash } = modelFileText(tinyRegression());
    writeFileSync(file, text);
    expect(text).toMatch(/"version": 2/);
    expect(readModelFile(file)).toEqual({ model: tinyRegression(), hash });
  });

  type Json = Record<string, unknown>;
  const faults: [string, (body: Json & { targets: Json }) => void, RegExp][] = [
    ['a raw output below low', (b) => (b.targets.low = [0, -769]), /targets\.low\[0\].*raw output can be -/],
    [
      'a low so low that values leave 32 bits',
      (b) => (b.targets.low = [-481, -2147483648]),
      /targets\.base\[1\].*beyond/,
    ],
    [
      'rounding of a whole unit',
      (b) => (b.targets.rounding = [0, 2]),
      /targets\.rounding\[1\]: expected 0\.\.2\^1/,
    ],
    [
      'a value beyond 32 bits',
      (b) => (b.targets.base = [0, 2147483000]),
      /targets\.base\[1\].*beyond 32 bits/,
    ],
    ['a multiplier too large', (b) => (b.targets.multiplier = [1048576, 3]), /targets\.multiplier\[0\]/],
    ['a shift of 32', (b) => (b.targets.shift = [32, 1]), /targets\.shift\[0\]: expected 0\.\.31/],
    ['a target too few', (b) => (b.targets.names = ['light']), /targets\.names: has 1 numbers; expected 2/],
    ['classes beside targets', (b) => (b.classes = ['a', 'b']), /classes: must be empty/],
    [
      'a decision between classes',
      (b) => (b.decision = 'argmax'),
      /decision: argmax does not go with targets/,
    ],
    ['no targets', (b) => delete (b as Json).targets, /decision: value does not go without targets/],
    ['half a number', (b) => (b.targets.base = [0.5, 12]), /targets\.base\[0\]/],
  ];
  it.each(faults)('%s is refused, with its field', (_, spoil, message) => {
    const {
      neurona: _kind,
      version: _version,
      hash: _hash,
      ...body
    } = JSON.parse(modelFileText(tinyRegression()).text) as Json & { targets: Json };
    spoil(body);
    writeFileSync(file, artifactText('model', body, 2).text);
    const problem = problemOf(() => readModelFile(file));
    expect(problem).toMatchObject({ code: 'wrong-field', file });
    expect(problem.message).toMatch(message);
  });
});

describe('a regression as network.json', () => {
  const network: Network = {
    name: 'tiny',
    features: ['x'],
    classes: [],
    targets: { names: ['a', 'b'], decimals: [1, -2], mean: [20, -3e5], deviation: [4, 1e5] },
    input: { rawType: 'int16', decimals: [0], mean: [5], deviation: [3], lowest: [0], highest: [10] },
    layers: [
      {
        inputs: 1,
        outputs: 2,
        weights: Float64Array.of(0.5, -1),
        bias: Float64Array.of(0, 0.25),
        activation: 'identity',
        range: null,
      },
    ],
    precision: PRECISION,
    training: {},
  };

  it('comes back as it was, in format 2', () => {
    const { text, hash } = networkFileText(network);
    writeFileSync(file, text);
    expect(text).toMatch(/"version": 2/);
    expect(readNetworkFile(file)).toEqual({ network, hash });
  });

  const targets = network.targets!;
  const faults: [string, Partial<Network>, RegExp][] = [
    ['a mean too few', { targets: { ...targets, mean: [20] } }, /targets\.mean: has 1 entries; expected 2/],
    ['a deviation of 0', { targets: { ...targets, deviation: [4, 0] } }, /targets\.deviation\[1\]/],
    ['a name too many', { targets: { ...targets, names: ['a', 'b', 'c'] } }, /targets\.names: has 3 entries/],
    ['half a decimal', { targets: { ...targets, decimals: [0.5, 0] } }, /targets\.decimals\[0\]/],
    ['classes too', { classes: ['no', 'yes'] }, /classes: must be empty where there are targets/],
    ['neither', { targets: null }, /classes: 0 classes do not go with 2 outputs/],
    [
      'outputs that are no numbers',
      { layers: [{ ...network.layers[0], activation: 'softmax' }] },
      /layers\[0\]\.activation: targets need identity outputs/,
    ],
  ];
  it.each(faults)('%s is refused, with its field', (_, changes, message) => {
    writeFileSync(file, networkFileText({ ...network, ...changes }).text);
    const problem = problemOf(() => readNetworkFile(file));
    expect(problem).toMatchObject({ code: 'wrong-field', file });
    expect(problem.message).toMatch(message);
  });
});
