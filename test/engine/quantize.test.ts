import { expect, it } from 'vitest';
import type { Grid } from '../../model/activation-stage.js';
import { ACTIVATION_NAMES } from '../../model/activations.js';
import { createRandom } from '../../model/random.js';
import * as at from '../../trainer/engine/assembly/layout.js';
import type { Inputs } from '../../trainer/engine/inputs.js';
import { calibrate } from '../../trainer/engine/calibration.js';
import { layOut, writeParameters } from '../../trainer/engine/memory.js';
import { recordOf } from '../../trainer/engine/layer-memory.js';
import { compile, kernelOf } from '../../trainer/engine/module.js';
import { createStages } from '../../trainer/engine/stages.js';
import { trainingRule } from '../../model/weight-scales.js';
import { allocateFixedPoint, calibrateFixedPoint, quantizeLayers } from '../../trainer/fixed-point.js';
import type { TrainOptions } from '../../trainer/options.js';
import { resolveOptions } from '../../trainer/options.js';
import { allocateParameters, layersOf } from '../../trainer/parameters.js';
import { layerShapes } from '../../trainer/train.js';
import { PRECISIONS, randomData } from './helpers.js';

const ROWS = 21;

/** Everything the kernel makes of random weights, beside what model/quantization.ts makes of them. */
function compareIntegers(
  given: Partial<TrainOptions>,
  seed: number,
  features = 13,
  weightsAre: 'random' | 'equal' | 'halves' = 'random',
): void {
  const random = createRandom(seed);
  const data = randomData(seed, ROWS, features, Math.max(given.outputs ?? 3, 2));
  const options = resolveOptions(given, data);
  const precision = trainingRule(options.precision);
  const shapes = layerShapes(features, options);
  const parameters = allocateParameters(shapes);
  const size = [1, 30, 0.01, 1e-9][seed & 3];
  for (const { weights, bias } of parameters.slices) {
    const half = () => (random.below(8) === 0 ? 127 : random.below(254) - 126.5) / (seed & 1 ? 100 : 128);
    const number = () => (weightsAre === 'halves' ? half() : random.normal() * (random.below(4) / 3));
    const one = () => Math.fround(weightsAre === 'equal' ? size : size * number());
    weights.forEach((_, k) => (weights[k] = one()));
    bias.forEach((_, n) => (bias[n] = one()));
  }
  const maximum = 2 ** precision.activationBits - 1;
  const lowest = weightsAre === 'equal' ? maximum - 1 : 0;
  const q = Float32Array.from({ length: ROWS * features }, () => lowest + random.below(maximum - lowest + 1));
  const shared = (seed & 4) !== 0;
  // Far from its range lies the zero of a feature that hardly varies.
  const zero = () => ((seed & 3) === 3 ? random.below(2 ** 16) - 2 ** 15 : random.below(maximum + 1));
  const zeroPoint = Int32Array.from({ length: shared ? 1 : features }, zero);
  const input: Grid = { scale: 4 / maximum, zeroPoint, maximum };
  const inputs: Inputs = {
    grid: input,
    sparse: null,
    read: (r, into) => into.set(q.subarray(r * features, (r + 1) * features)),
  };
  const aims = { labels: data.labels, targets: null, classWeights: null };
  const engine = layOut(ROWS, aims, inputs, shapes, options, 8, ROWS)!;
  const stages = createStages(engine, shapes, input, precision);
  const kernel = kernelOf(compile(false), engine.memory, stages.stage);
  writeParameters(engine, shapes, parameters);
  if (engine.isWide) kernel.widenInputs();
  engine.calibration.set(Uint32Array.from({ length: ROWS }, (_, r) => r));

  const fixed = allocateFixedPoint(shapes, ROWS);
  fixed.q[0].set(q);
  const uncalibrated = layersOf(parameters, shapes, []);
  const calibrations = calibrateFixedPoint(uncalibrated, input, precision, fixed, (look) => look(ROWS));
  const expected = quantizeLayers(layersOf(parameters, shapes, calibrations), input, precision, fixed);
  const title = JSON.stringify([options.hidden, options.activation, options.output, precision, seed]);
  expect(calibrate(engine, kernel, stages, shapes, precision), title).toEqual(calibrations);
  shapes.forEach(({ inputs: width, outputs }, l) => {
    const { view, memory } = engine;
    const { integers, weightScale, accumulatorOffset, grid } = expected[l].dense;
    const layer = recordOf(l);
    const perNeuron = (field: number) => [
      ...new Float64Array(memory.buffer, view.getUint32(layer + field, true), outputs),
    ];
    const pairs = new Int16Array(memory.buffer, view.getUint32(layer + at.L_INTEGERS, true));
    const weights = Array.from(integers.weights, (_, k) => {
      const [n, i] = [Math.floor(k / width), k % width];
      return pairs[((n >> 3) * Math.ceil(width / 8) * 4 + (i >> 1)) * 16 + (n & 7) * 2 + (i & 1)];
    });
    expect(perNeuron(at.L_SCALE), title).toEqual([...weightScale]);
    expect(weights, title).toEqual([...integers.weights]);
    expect(perNeuron(at.L_BIAS), title).toEqual([...integers.bias]);
    expect(
      perNeuron(at.L_OFFSET).map((w) => w + 0),
      title,
    ).toEqual(Array.from(accumulatorOffset, (x) => x + 0));
    if (!grid || !integers.requantization) return;
    const { multiplier, shift } = integers.requantization;
    const unit = view.getFloat64(layer + at.L_UNIT, true);
    if (unit > 0) expect([...multiplier], title).toEqual(perNeuron(at.L_BIAS).map(() => 2 ** shift / unit));
    else {
      expect(perNeuron(at.L_MULTIPLIER), title).toEqual([...multiplier]);
      expect(view.getInt32(layer + at.L_SHIFT, true), title).toBe(shift);
    }
    const table = view.getUint32(layer + at.L_TABLE, true);
    if (unit === 0 || table) {
      expect(view.getFloat64(layer + at.L_MAXIMUM, true), title).toBe(integers.requantization.maximum);
    } else expect(integers.requantization.maximum, title).toBe(grid.maximum);
    expect(view.getInt32(recordOf(l + 1) + at.L_IN_MAXIMUM, true), title).toBe(grid.maximum);
    expect(integers.table, title).toEqual(table ? new Uint8Array(memory.buffer, table, 256) : null);
    expect(view.getFloat64(recordOf(l + 1) + at.L_IN_SCALE, true), title).toBe(grid.scale);
    expect(view.getFloat64(recordOf(l + 1) + at.L_IN_ZERO_POINT, true), title).toBe(grid.zeroPoint[0]);
  });
}

for (const activation of ACTIVATION_NAMES) {
  it(`the kernel makes the integers and ranges of model/quantization.ts: ${activation}`, () => {
    for (const precision of PRECISIONS) {
      for (const hidden of [[9], [17, 8], [3, 4, 5]]) {
        for (const outputs of [1, 3]) {
          for (let seed = 0; seed < 8; seed++) {
            compareIntegers({ hidden, activation, outputs, precision, fixedPoint: true, batch: 8 }, seed);
          }
        }
      }
    }
  });
}

it('the kernel’s sums are exact beyond 2^24, where f32 is not', () => {
  for (const seed of [0, 1, 4, 5]) {
    compareIntegers(
      { hidden: [9], precision: PRECISIONS[1], fixedPoint: true, batch: 8 },
      seed,
      1030,
      'equal',
    );
  }
});

it('weights that lie on the very edge between two integers fall to the same side', () => {
  for (const activation of ['relu', 'tanh'] as const) {
    for (let seed = 0; seed < 40; seed += 1 + (seed & 1) * 3) {
      compareIntegers({ hidden: [9, 8], activation, fixedPoint: true, batch: 8 }, seed, 30, 'halves');
    }
  }
});
