import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES } from '../../model/activations.js';
import { infer } from '../../model/infer.js';
import type { DenseLayer, Precision } from '../../model/network.js';
import type { Grid } from '../../model/activation-stage.js';
import { quantizeDense } from '../../model/quantization.js';
import type { QuantizedLayer, QuantizedModel } from '../../model/quantized-model.js';
import { proveAccumulator } from '../../model/range-proof.js';
import type { Random } from '../../model/random.js';
import { createRandom } from '../../model/random.js';
import {
  allocateFixedPoint,
  calibrateFixedPoint,
  forwardFixedPoint,
  quantizeLayers,
} from '../../trainer/fixed-point.js';
import { allocatePass, forwardProp } from '../../trainer/forward.js';
import { randomData } from '../engine/helpers.js';
import { fit, quantize } from './helpers.js';

const ROWS = 40;
const UNITS = [6, 9, 7, 3];

function randomLayers(random: Random, activation: (typeof ACTIVATION_NAMES)[number]): DenseLayer[] {
  return UNITS.slice(1).map((outputs, l) => ({
    inputs: UNITS[l],
    outputs,
    activation: l === UNITS.length - 2 ? ('softmax' as const) : activation,
    range: null,
    weights: Float64Array.from({ length: outputs * UNITS[l] }, () => random.normal() * (random.below(4) / 3)),
    bias: Float64Array.from({ length: outputs }, () => random.normal()),
  }));
}

function setUp(activation: (typeof ACTIVATION_NAMES)[number], precision: Precision, seed: number) {
  const random = createRandom(seed);
  const layers = randomLayers(random, activation);
  const maximum = 2 ** precision.activationBits - 1;
  const zeroPoint = Int32Array.from({ length: UNITS[0] }, () => random.below(maximum + 1));
  const input: Grid = { scale: 4 / maximum, zeroPoint, maximum };
  const fixed = allocateFixedPoint(layers, ROWS);
  const q = Uint8Array.from({ length: ROWS * UNITS[0] }, () => random.below(maximum + 1));
  fixed.q[0].set(q);
  const calibrations = calibrateFixedPoint(layers, input, precision, fixed, (look) => look(ROWS));
  const ready = layers.map((layer, l) => ({ ...layer, ...calibrations[l] }));
  forwardFixedPoint(quantizeLayers(ready, input, precision, fixed), fixed, ROWS);
  const ranges = calibrations.slice(0, -1).map(({ range }) => range!);
  return { layers: ready, input, fixed, q, ranges };
}

function modelOf(layers: readonly DenseLayer[], input: Grid, precision: Precision): QuantizedModel {
  let grid = input;
  const integers = layers.map((layer, l): QuantizedLayer => {
    const dense = quantizeDense(layer, grid, precision);
    grid = dense.grid ?? grid;
    const { bits } = proveAccumulator(dense.integers, l, precision.accumulator);
    return { ...dense.integers, accumulatorBits: bits };
  });
  const none = Int32Array.of(0);
  const scaling = {
    features: [],
    rawType: 'uint8' as const,
    decimals: [0],
    low: none,
    span: none,
    multiplier: none,
  };
  return {
    name: 'random',
    classes: ['a', 'b', 'c'],
    targets: null,
    input: { ...scaling, maximum: input.maximum },
    layers: integers,
    decision: 'argmax',
  };
}

const PRECISIONS: Precision[] = [
  { weightBits: 8, activationBits: 7, accumulator: 'auto' },
  { weightBits: 8, activationBits: 8, accumulator: 'auto' },
  { weightBits: 4, activationBits: 7, accumulator: 'auto' },
  { weightBits: 2, activationBits: 8, accumulator: 'auto' },
];

describe('the fixed-point forward pass', () => {
  for (const activation of ACTIVATION_NAMES) {
    it(`gives the raw outputs of the integer reference: ${activation}`, () => {
      for (const precision of PRECISIONS) {
        for (const seed of [1, 2, 3]) {
          const { layers, input, fixed, q } = setUp(activation, precision, seed);
          const model = modelOf(layers, input, precision);
          for (let r = 0; r < ROWS; r++) {
            const expected = infer(model, q.subarray(r * UNITS[0], (r + 1) * UNITS[0]));
            expect([...fixed.accumulators[2].subarray(3 * r, 3 * r + 3)]).toEqual([...expected]);
          }
        }
      }
    });

    it(`stands for the real forward pass, but for the rounding: ${activation}`, () => {
      const { layers, fixed } = setUp(activation, PRECISIONS[1], 4);
      const pass = allocatePass(layers, ROWS);
      pass.a[0].set(fixed.pass.a[0]);
      forwardProp(layers, pass, ROWS);
      // Only the first layer can be compared row by row: rounding near a step's threshold turns whole activations over.
      const spread = pass.z[0].reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      pass.z[0].forEach((z, k) => expect(Math.abs(z - fixed.pass.z[0][k])).toBeLessThan(0.03 * spread));
    });
  }

  it('calibrates to exactly the pre-activations it sees, where no common scale follows', () => {
    const { fixed, ranges } = setUp('relu', PRECISIONS[1], 5);
    expect(ranges.length).toBe(2);
    ranges.forEach(({ low, high }, l) => {
      expect(low).toBe(Math.min(...fixed.pass.z[l]));
      expect(high).toBe(Math.max(...fixed.pass.z[l]));
    });
  });

  it('passes no gradient where an activation has saturated at the top of its grid', () => {
    const { layers, input, fixed, ranges } = setUp('relu', PRECISIONS[0], 6);
    const middle = ranges[0].high / 2;
    const narrow = layers.map((layer, l) =>
      l === 0 ? { ...layer, range: { low: 0, high: middle } } : layer,
    );
    forwardFixedPoint(quantizeLayers(narrow, input, PRECISIONS[0], fixed), fixed, ROWS);
    const slopes = [...fixed.pass.z[0]].map((z) => (z > 0 && z <= middle ? 1 : 0));
    expect([...fixed.pass.slope[0]]).toEqual(slopes);
    expect(fixed.pass.z[0].some((z) => z > middle)).toBe(true);
  });

  it('lets a step, which never saturates, learn beyond its range', () => {
    const { layers, input, fixed } = setUp('step', PRECISIONS[0], 6);
    const narrow = layers.map((layer, l) => (l === 0 ? { ...layer, range: { low: 0, high: 0.1 } } : layer));
    forwardFixedPoint(quantizeLayers(narrow, input, PRECISIONS[0], fixed), fixed, ROWS);
    expect([...fixed.pass.slope[0]]).toEqual([...fixed.pass.z[0]].map((z) => (Math.abs(z) <= 1 ? 1 : 0)));
  });

  it('is defined for layers of zeros', () => {
    for (const activation of ACTIVATION_NAMES) {
      const layers = randomLayers(createRandom(1), activation);
      for (const { weights, bias } of layers) {
        weights.fill(0);
        bias.fill(0);
      }
      const input: Grid = { scale: 0.1, zeroPoint: Int32Array.of(0), maximum: 127 };
      const fixed = allocateFixedPoint(layers, ROWS);
      fixed.q[0].fill(100);
      const calibrations = calibrateFixedPoint(layers, input, PRECISIONS[0], fixed, (look) => look(ROWS));
      const ready = layers.map((layer, l) => ({ ...layer, ...calibrations[l] }));
      forwardFixedPoint(quantizeLayers(ready, input, PRECISIONS[0], fixed), fixed, ROWS);
      expect([...fixed.pass.z[2]].every((z) => z === 0)).toBe(true);
    }
  });

  it('is defined where the weights of a layer have all but vanished beside its bias or its range', () => {
    for (const activation of ACTIVATION_NAMES) {
      for (const size of [1e-3, 1e-6, 1e-9, 1e-12, 1e-30]) {
        const [layer] = randomLayers(createRandom(2), activation);
        const weights = layer.weights.map((w) => w * size);
        const input: Grid = { scale: 0.1, zeroPoint: Int32Array.of(0), maximum: 127 };
        for (const bias of [layer.bias, layer.bias.map((b) => b * size)]) {
          const small = { ...layer, weights, bias, range: { low: -8, high: 8 } };
          const { integers } = quantizeDense(small, input, PRECISIONS[0]);
          expect(() => proveAccumulator(integers, 0, 'auto')).not.toThrow();
        }
      }
    }
  });
});

describe('4-bit weights that saturated in training', () => {
  const settings = { hidden: [12], epochs: 30, seed: 3 };
  const data = randomData(5, 200, 40, 3);
  const integersOf = (accumulator: 'auto' | 16) => {
    const precision = { weightBits: 4, activationBits: 8, accumulator } as const;
    const { network } = fit(data, { ...settings, precision });
    return { network, model: quantize(network) };
  };

  it('become what their integers stand for, so that quantising again changes nothing', () => {
    const { network, model } = integersOf('auto');
    network.layers.forEach(({ weights, inputs, outputs }, l) => {
      const integers = model.layers[l].weights;
      const largest = (from: number, to: number) => Math.max(...weights.subarray(from, to).map(Math.abs));
      for (let n = 0; n < outputs; n++) {
        const isLast = l === network.layers.length - 1;
        const scale = (isLast ? largest(0, weights.length) : largest(n * inputs, (n + 1) * inputs)) / 7;
        for (let k = n * inputs; k < (n + 1) * inputs; k++) {
          expect(weights[k] / scale).toBeCloseTo(integers[k], 6);
        }
      }
    });
    // the largest integer is not the lot of one weight alone
    const { weights } = model.layers[0];
    expect(weights.filter((w) => Math.abs(w) === 7).length).toBeGreaterThan(2 * settings.hidden[0]);
  });

  it('stay as they are where an accumulator is asked for: nothing saturates there', () => {
    const { network, model } = integersOf(16);
    const { weights, inputs } = network.layers[0];
    const scale = Math.max(...weights.subarray(0, inputs).map(Math.abs)) / 7;
    const isWhole = (x: number) => Math.abs(x - Math.round(x)) < 1e-6;
    expect([...weights.subarray(0, inputs)].every((w) => isWhole(w / scale))).toBe(false);
    expect(model.layers[0].weights.filter((w) => Math.abs(w) === 7).length).toBeLessThan(24);
  });
});
