import { describe, expect, it } from 'vitest';
import { quantize } from '../../codegen/quantize.js';
import type { Dataset } from '../../dataset/dataset.js';
import { stratifiedSplit } from '../../dataset/split.js';
import { inferRows } from '../../model/infer-rows.js';
import { scaleOutputs } from '../../model/infer.js';
import { networkFileText } from '../../model/network-text.js';
import type { Network } from '../../model/network.js';
import { Problem } from '../../model/problem.js';
import { createRandom } from '../../model/random.js';
import { unitValues } from '../../model/target-scaling.js';
import { trainingAims } from '../../trainer/aims.js';
import type { SavedState } from '../../trainer/carried-state.js';
import { crossValidate } from '../../trainer/cross-validation.js';
import { createNoise } from '../../trainer/noise.js';
import { resolveOptions, type TrainOptions } from '../../trainer/options.js';
import { allocateParameters, layersOf } from '../../trainer/parameters.js';
import { floatPropagation } from '../../trainer/propagation.js';
import { predictTargets, scoreTargets, targetsOf } from '../../trainer/regression-scores.js';
import { learnScaling } from '../../trainer/standardization.js';
import { compareRows, gradientStep } from '../../trainer/step.js';
import { learnTargets } from '../../trainer/target-scaling.js';
import { layerShapes, train } from '../../trainer/train.js';
import { fit, table } from './helpers.js';

/** Rows of two features between −1 and 1, and of targets that `f` makes of them, to three decimals. */
function rowsOf(f: (a: number, b: number, noise: number) => number[], rows = 200, seed = 5): Dataset {
  const random = createRandom(seed);
  const features = Array.from({ length: rows }, () => [2 * random.uniform() - 1, 2 * random.uniform() - 1]);
  const targets = features.map(([a, b]) => f(a, b, random.normal()).map((y) => Math.round(y * 1000) / 1000));
  const names = targets[0].map((_, k) => `y${k + 1}`);
  return {
    ...table(
      features.map((row) => [...row, 0]),
      3,
    ),
    classes: [],
    labels: null,
    targets: { names, values: Float64Array.from(targets.flat()), decimals: names.map(() => 3) },
  };
}

const LINE = rowsOf((a, b, noise) => [30 * a - 20 * b + 7 + noise]);
const CURVES = rowsOf((a, b) => [Math.sin(3 * a) + b * b, 100 * a * b], 400);

function integerValues(network: Network, data: Dataset): Float64Array {
  const { model } = quantize(network);
  const outputs = inferRows(model, data.values);
  const count = network.targets!.names.length;
  const values = new Int32Array(outputs.length);
  for (let k = 0; k < values.length; k += count)
    values.set(scaleOutputs(model.targets!, outputs.subarray(k, k + count)), k);
  return unitValues(model.targets!.decimals, values);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return `${error.details.kind} ${error.details.code}`;
    throw error;
  }
  return 'none';
}

describe('scores of predicted numbers', () => {
  it('are the root of the mean square, the mean magnitude and R², per target', () => {
    const actual = Float64Array.of(1, 10, 2, 10, 3, 10, 6, 10);
    const predicted = Float64Array.of(1, 11, 4, 9, 3, 10, 5, 12);
    const [first, second] = scoreTargets(['a', 'b'], actual, predicted);
    expect(first).toEqual({ target: 'a', rmse: Math.sqrt(5 / 4), mae: 3 / 4, r2: 1 - 5 / 14 });
    expect(second).toEqual({ target: 'b', rmse: Math.sqrt(6 / 4), mae: 1, r2: null });
    const mean = new Float64Array(4).fill(3);
    expect(scoreTargets(['a'], Float64Array.of(1, 2, 3, 6), mean)[0].r2).toBe(0);
    expect(scoreTargets(['a'], Float64Array.of(1, 2), Float64Array.of(1, 2))[0].r2).toBe(1);
  });
});

describe('the scaling of targets', () => {
  // [values, decimals in the text, decimals of the board's answer]
  const cases: [string, number[], number, number][] = [
    ["the data's own where they do", [2, 40, 25.5, 31], 1, 1],
    ['finer where whole numbers are coarse', [1, 2, 3, 4, 5], 0, 2],
    ['not those of noise', [0.1234567890123, 0.9, 0.4, 0.2], 13, 5],
    ['whole dollars stay whole', [100_000, 250_000, 1_000_000], 0, 0],
    ['coarser where 32 bits end', [1e9, 5e9, 9e9], 0, -4],
    ['a large mean leaves fewer', [1e8, 1e8 + 0.5, 1e8 + 1], 3, 1],
  ];
  it.each(cases)('%s', (_, values, own, decimals) => {
    const found = learnTargets({ names: ['y'], values: Float64Array.from(values), decimals: [own] });
    expect(found.decimals).toEqual([decimals]);
  });

  it('is learnt from the rows that are trained on, and from them alone', () => {
    const { network } = fit(CURVES, { patience: 2, validationSplit: 0.3, epochs: 3 });
    const { train } = stratifiedSplit(CURVES, 0.3, 1);
    for (const [k, mean] of network.targets!.mean.entries()) {
      const own = Array.from({ length: train.rows }, (_, r) => train.targets!.values[2 * r + k]);
      expect(mean).toBeCloseTo(own.reduce((sum, y) => sum + y, 0) / own.length, 9);
      const squares = own.reduce((sum, y) => sum + (y - mean) * (y - mean), 0);
      expect(network.targets!.deviation[k]).toBeCloseTo(Math.sqrt(squares / own.length), 9);
    }
  });
});

describe('the gradient towards targets', () => {
  it('is that of central differences, whatever the hidden activations', () => {
    for (const activation of ['tanh', 'sigmoid', 'softplus', 'elu'] as const) {
      const options = resolveOptions({ hidden: [5, 4], activation, fixedPoint: false, l2: 0.5 }, CURVES);
      const { scaling } = learnScaling(CURVES, 7);
      const shapes = layerShapes(2, options);
      const [parameters, gradient] = [allocateParameters(shapes), allocateParameters(shapes)];
      const random = createRandom(11);
      parameters.vector.forEach((_, k) => (parameters.vector[k] = 0.7 * random.normal()));
      const aims = trainingAims(CURVES, learnTargets(CURVES.targets!), options);
      const compare = compareRows(aims, options);
      const propagation = floatPropagation(CURVES, scaling, shapes);
      const layers = layersOf(parameters, shapes, []);
      const rows = Uint32Array.from({ length: 300 }, (_, r) => r + 50); // more than one chunk
      const step = gradientStep(compare, 300, parameters, gradient, options, createNoise(random, options));
      step(propagation, layers, rows);
      const cost = (): number => {
        const squares = parameters.slices.flatMap(({ weights }) => [...weights]);
        const penalty = (0.5 / 600) * squares.reduce((sum, w) => sum + w * w, 0);
        return compare(propagation, layers, rows).cost / 300 + penalty;
      };
      const largest = gradient.vector.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
      for (let k = 0; k < parameters.vector.length; k++) {
        const w = parameters.vector[k];
        parameters.vector[k] = w + 1e-5;
        const above = cost();
        parameters.vector[k] = w - 1e-5;
        const below = cost();
        parameters.vector[k] = w;
        expect(Math.abs(gradient.vector[k] - (above - below) / 2e-5) / largest).toBeLessThan(1e-6);
      }
    }
  });
});

describe('training towards targets', () => {
  it('without hidden neurons comes to the least-squares line', () => {
    const { network } = fit(LINE, { hidden: [], fixedPoint: false, l2: 0 });
    // Normal equations of y = p·a + q·b + c, solved by Cramer's rule.
    const sums = new Float64Array(9);
    for (let r = 0; r < LINE.rows; r++) {
      const [a, b] = LINE.values.subarray(2 * r, 2 * r + 2);
      const y = LINE.targets!.values[r];
      [a * a, a * b, b * b, a, b, 1, a * y, b * y, y].forEach((term, k) => (sums[k] += term));
    }
    const [aa, ab, bb, a1, b1, n, ay, by, y1] = sums;
    const det = (m: number[]): number =>
      m[0] * (m[4] * m[8] - m[5] * m[7]) -
      m[1] * (m[3] * m[8] - m[5] * m[6]) +
      m[2] * (m[3] * m[7] - m[4] * m[6]);
    const whole = det([aa, ab, a1, ab, bb, b1, a1, b1, n]);
    const p = det([ay, ab, a1, by, bb, b1, y1, b1, n]) / whole;
    const q = det([aa, ay, a1, ab, by, b1, a1, y1, n]) / whole;
    const c = det([aa, ab, ay, ab, bb, by, a1, b1, y1]) / whole;
    const at = (a: number, b: number): number => predictTargets(network, Float64Array.of(a, b))[0];
    const within = [0, 0, 0.5, 0, 0, 0.5, -0.5, 0.5]; // what lies beyond the data saturates
    for (let k = 0; k < within.length; k += 2) {
      const [a, b] = within.slice(k, k + 2);
      expect(at(a, b)).toBeCloseTo(p * a + q * b + c, 1);
    }
  });

  it('fits curves, two targets at a time, and its integers come as near', () => {
    const { network } = fit(CURVES, {});
    const actual = targetsOf(CURVES);
    const float = scoreTargets(['a', 'b'], actual, predictTargets(network, CURVES.values));
    const integer = scoreTargets(['a', 'b'], actual, integerValues(network, CURVES));
    for (const { r2 } of [...float, ...integer]) expect(r2).toBeGreaterThan(0.98);
    integer.forEach(({ rmse }, k) => expect(rmse).toBeLessThan(1.5 * float[k].rmse));
  });

  it.each([4, 8] as const)(
    '%d-bit weights: the cost it reports is that of the integers on a board',
    (weightBits) => {
      const precision = { weightBits, activationBits: 7, accumulator: 'auto' } as const;
      const given = { patience: 4, validationSplit: 0.25, epochs: 12, l2: 0, precision };
      const { network, history, bestEpoch } = fit(CURVES, given);
      const { test } = stratifiedSplit(CURVES, 0.25, 1);
      const scores = scoreTargets(['a', 'b'], targetsOf(test), integerValues(network, test));
      const relative = scores.map(({ rmse }, k) => rmse / network.targets!.deviation[k]);
      const cost = relative.reduce((sum, error) => sum + (error * error) / 2, 0);
      expect(history[bestEpoch - 1].validation!.loss / cost).toBeCloseTo(1, 2);
      expect(history[0].accuracy).toBeNull();
      expect(history[0].validation!.accuracy).toBeNull();
    },
  );

  it('ends early, with the network of the lowest validation cost', () => {
    const noise = rowsOf((_a, _b, noise) => [noise], 60);
    const given = { hidden: [16], patience: 6, epochs: 200, l2: 0, schedule: 'constant' } as const;
    const { history, bestEpoch } = fit(noise, given);
    expect(history.length).toBe(bestEpoch + 6);
    const losses = history.map(({ validation }) => validation!.loss);
    expect(losses.indexOf(Math.min(...losses))).toBe(bestEpoch - 1);
  });

  it('gives the same bytes every time', () => {
    const text = (): string => networkFileText(fit(CURVES, { epochs: 4 }).network).text;
    expect(text()).toBe(text());
    expect(text()).toMatch(/"version": 2/);
  });

  it.each([{}, { l1: 0.01 }])('goes on from a saved state to the same bytes, %j', (more) => {
    const options = resolveOptions({ epochs: 6, patience: 6, ...more }, CURVES);
    let saved: SavedState | null = null;
    const whole = train(CURVES, options, ({ epoch }, save) => {
      if (epoch === 3) saved = save();
    });
    const resumed = train(CURVES, options, undefined, saved);
    expect(networkFileText(resumed.network).text).toBe(networkFileText(whole.network).text);
    expect(resumed.history).toEqual(whole.history);
    expect(resumed.history[0]).toMatchObject({ accuracy: null, validation: { accuracy: null } });
  });

  it('cross-validates', () => {
    const folds = crossValidate(LINE, 4, resolveOptions({ hidden: [] }, LINE));
    expect(folds.map(({ test }) => test.rows)).toEqual([50, 50, 50, 50]);
    for (const { network, test } of folds) {
      expect(
        scoreTargets(['y'], targetsOf(test), predictTargets(network, test.values))[0].r2,
      ).toBeGreaterThan(0.9);
    }
  });

  it('refuses data that teach nothing', () => {
    const flat = rowsOf((a) => [a, 3]);
    expect(codeOf(() => fit(flat, {}))).toBe('data constant-target');
    expect(codeOf(() => targetsOf({ ...LINE, targets: null }))).toBe('data no-labels');
  });
});

describe('options that do not go with a regression', () => {
  const cases: [Partial<TrainOptions>, RegExp][] = [
    [{ output: 'sigmoid' }, /output sigmoid does not go with task regression/],
    [{ output: 'softmax' }, /output softmax does not go with task regression/],
    [{ loss: 'cross-entropy' }, /loss cross-entropy does not go with task regression, which minimises mse/],
    [{ outputs: 1 }, /outputs 1 does not go with 2 targets/],
    [{ labelSmoothing: 0.1 }, /labelSmoothing 0.1 does not go with task regression/],
    [{ classWeights: 'balanced' }, /classWeights balanced does not go with task regression/],
  ];
  it.each(cases)('%j', (given, message) => {
    let found: Problem | null = null;
    try {
      resolveOptions(given, CURVES);
    } catch (error) {
      found = error as Problem;
    }
    expect(found?.details).toMatchObject({ kind: 'usage', code: 'contradiction' });
    expect(found?.details.message).toMatch(message);
    expect(found?.details.hint).toBeTruthy();
  });

  it('what it chooses by itself goes together', () => {
    expect(resolveOptions({}, CURVES)).toMatchObject({
      output: 'identity',
      outputs: 2,
      loss: 'mse',
      hidden: [16],
    });
  });
});
