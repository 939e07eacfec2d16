import { describe, expect, it } from 'vitest';
import { sigmoid } from '../../model/elementary.js';
import type { Dataset } from '../../dataset/dataset.js';
import type { DenseLayer, Network } from '../../model/network.js';
import { backProp } from '../../trainer/backward.js';
import { outputError } from '../../trainer/cost.js';
import { crossValidate } from '../../trainer/cross-validation.js';
import { evaluateFloat } from '../../trainer/evaluate.js';
import { allocatePass, forwardProp } from '../../trainer/forward.js';
import { LOSSES } from '../../trainer/loss.js';
import { resolveOptions } from '../../trainer/options.js';
import { allocateParameters } from '../../trainer/parameters.js';
import { fit, gate, integerAccuracy, loadIris, table, XOR } from './helpers.js';

describe('the 3-3-2 network of the lecture, element by element', () => {
  // w10 is the weight of the bias unit x0 = 1
  const [w10, w11, w12, w13] = [0.1, 0.2, -0.3, 0.4];
  const [w20, w21, w22, w23] = [-0.2, 0.5, 0.1, -0.4];
  const [w30, w31, w32, w33] = [0.3, -0.1, 0.2, 0.6];
  const [v10, v11, v12, v13] = [0.05, 0.7, -0.8, 0.9];
  const [v20, v21, v22, v23] = [-0.15, -0.6, 0.35, 0.25];
  const [x1, x2, x3] = [1, -2, 0.5];
  const [y1, y2] = [0, 1];
  const layers: DenseLayer[] = [
    {
      inputs: 3,
      outputs: 3,
      activation: 'sigmoid',
      range: null,
      weights: Float64Array.of(w11, w12, w13, w21, w22, w23, w31, w32, w33),
      bias: Float64Array.of(w10, w20, w30),
    },
    {
      inputs: 3,
      outputs: 2,
      activation: 'sigmoid',
      range: null,
      weights: Float64Array.of(v11, v12, v13, v21, v22, v23),
      bias: Float64Array.of(v10, v20),
    },
  ];
  const g = sigmoid;
  const h1 = g(w10 + w11 * x1 + w12 * x2 + w13 * x3);
  const h2 = g(w20 + w21 * x1 + w22 * x2 + w23 * x3);
  const h3 = g(w30 + w31 * x1 + w32 * x2 + w33 * x3);
  const o1 = g(v10 + v11 * h1 + v12 * h2 + v13 * h3);
  const o2 = g(v20 + v21 * h1 + v22 * h2 + v23 * h3);

  const pass = allocatePass(layers, 1);
  pass.a[0].set([x1, x2, x3]);
  forwardProp(layers, pass, 1);
  const expectClose = (actual: Float64Array, expected: number[]) => {
    expect(actual.length).toBe(expected.length);
    expected.forEach((value, k) => expect(actual[k]).toBeCloseTo(value, 14));
  };

  it('forward propagation', () => {
    expectClose(pass.a[1], [h1, h2, h3]);
    expectClose(pass.a[2], [o1, o2]);
  });

  it('cost, δ^(3) = a − y, δ^(2) = Wᵀδ · g′(z), Δ = a δ', () => {
    const cost = outputError(LOSSES['cross-entropy'], layers, pass, Float64Array.of(y1, y2), 1);
    const term = (y: number, h: number) => -(y * Math.log(h) + (1 - y) * Math.log(1 - h));
    expect(cost).toBeCloseTo(term(y1, o1) + term(y2, o2), 14);
    const gradient = allocateParameters(layers);
    backProp(
      layers.map((layer) => layer.weights),
      pass,
      1,
      gradient.slices,
    );
    const [d1, d2] = [o1 - y1, o2 - y2];
    const e1 = (v11 * d1 + v21 * d2) * h1 * (1 - h1);
    const e2 = (v12 * d1 + v22 * d2) * h2 * (1 - h2);
    const e3 = (v13 * d1 + v23 * d2) * h3 * (1 - h3);
    expectClose(pass.delta[1], [d1, d2]);
    expectClose(pass.delta[0], [e1, e2, e3]);
    expectClose(gradient.slices[1].weights, [d1 * h1, d1 * h2, d1 * h3, d2 * h1, d2 * h2, d2 * h3]);
    expectClose(gradient.slices[1].bias, [d1, d2]);
    expectClose(
      gradient.slices[0].weights,
      [e1, e2, e3].flatMap((e) => [e * x1, e * x2, e * x3]),
    );
    expectClose(gradient.slices[0].bias, [e1, e2, e3]);
  });

  it('the exercise: δ_k = (a_k − t_k) · g′(z_k)', () => {
    const cost = outputError(LOSSES.mse, layers, pass, Float64Array.of(y1, y2), 1);
    expect(cost).toBeCloseTo(0.5 * ((y1 - o1) ** 2 + (y2 - o2) ** 2), 14);
    expectClose(pass.delta[1], [(o1 - y1) * o1 * (1 - o1), (o2 - y2) * o2 * (1 - o2)]);
  });
});

describe('three steps of plain gradient descent', () => {
  it('are ΔW = −rate · ∂J/∂W, as written out by hand for a single sigmoid neuron', () => {
    const data = table([[1, 0], [2, 0], [4, 1], [5, 1]]); // prettier-ignore
    const mean = 3;
    const deviation = Math.sqrt(2.5);
    let [w, b] = [0, 0];
    for (let step = 0; step < 3; step++) {
      let [dw, db] = [0, 0];
      for (const [x, y] of [
        [1, 0],
        [2, 0],
        [4, 1],
        [5, 1],
      ]) {
        // prettier-ignore
        const u = (x - mean) / deviation;
        const delta = 1 / (1 + Math.exp(-(w * u + b))) - y;
        dw += delta * u;
        db += delta;
      }
      [w, b] = [w - 0.5 * (dw / 4 + (0.8 / 4) * w), b - 0.5 * (db / 4)];
    }
    const { network } = fit(data, {
      hidden: [],
      init: 'zero',
      batch: 'full',
      epochs: 3,
      optimizer: 'sgd',
      momentum: 0,
      schedule: 'constant',
      learningRate: 0.5,
      l2: 0.8,
      fixedPoint: false,
    });
    expect(network.layers[0].weights[0]).toBeCloseTo(w, 8);
    expect(network.layers[0].bias[0]).toBeCloseTo(b, 8);
    expect(w).toBeGreaterThan(0.4);
  });
});

describe('the perceptron', () => {
  const gates = { AND: gate(0, 0, 0, 1), OR: gate(0, 1, 1, 1), NAND: gate(1, 1, 1, 0) };
  it.each(Object.entries(gates))('learns %s, in floating point and in integers', (_name, data) => {
    // from seeds 1, 26 and 35 learning from the integers' mistakes alone leaves a row wrong in floating point
    for (const seed of [1, 2, 3, 26, 35]) {
      const { network, warnings } = fit(data, { hidden: [], output: 'step', seed, epochs: 300 });
      expect(evaluateFloat(network, data).accuracy).toBe(1);
      expect(integerAccuracy(network, data)).toBe(1);
      expect(warnings).toEqual([]);
    }
  });

  it('says that XOR is not separable', () => {
    const { network, warnings } = fit(XOR, { hidden: [], output: 'step' });
    expect(evaluateFloat(network, XOR).accuracy).toBeLessThan(1);
    expect(warnings).toEqual([expect.stringContaining('linearly separable')]);
  });
});

describe('networks of the lecture', () => {
  it('2-4-1 learns XOR from at least 8 of 10 seeds', () => {
    const learnt = Array.from({ length: 10 }, (_, k) => {
      const { network } = fit(XOR, { hidden: [4], seed: k + 1 });
      return evaluateFloat(network, XOR).accuracy === 1 && integerAccuracy(network, XOR) === 1;
    });
    expect(learnt.filter(Boolean).length).toBeGreaterThanOrEqual(8);
  });

  it('from zero weights the hidden neurons stay equal, and XOR is not learnt', () => {
    const { network } = fit(XOR, { hidden: [4], init: 'zero', activation: 'sigmoid', epochs: 100 });
    const { weights } = network.layers[0];
    for (let n = 1; n < 4; n++) expect(weights.slice(2 * n, 2 * n + 2)).toEqual(weights.slice(0, 2));
    expect(evaluateFloat(network, XOR).accuracy).toBeLessThan(1);
  });

  it('binary classification with one or two output neurons', () => {
    for (const outputs of [1, 2]) {
      const { network } = fit(gate(0, 0, 0, 1), { outputs });
      expect(network.layers[1].outputs).toBe(outputs);
      expect(integerAccuracy(network, gate(0, 0, 0, 1))).toBe(1);
    }
  });

  it('L = 4 with s = (3, 4, 4, 3), sigmoid', () => {
    const corners = Array.from({ length: 8 }, (_, k) => [
      k >> 2,
      (k >> 1) & 1,
      k & 1,
      Math.min((k >> 2) + (k & 1), 2),
    ]);
    const data = table(corners);
    const { network } = fit(data, { hidden: [4, 4], activation: 'sigmoid', output: 'sigmoid' });
    expect(network.layers.map(({ inputs }) => inputs)).toEqual([3, 4, 4]);
    expect(evaluateFloat(network, data).accuracy).toBe(1);
    expect(integerAccuracy(network, data)).toBe(1);
  });

  it('one neuron per class (one-vs-all) for four classes', () => {
    const data = table([[0, 0, 0], [0, 1, 1], [1, 0, 2], [1, 1, 3]]); // prettier-ignore
    const { network } = fit(data, { hidden: [], output: 'sigmoid' });
    expect(network.layers[0].outputs).toBe(4);
    expect(integerAccuracy(network, data)).toBe(1);
  });

  it('iris: 5-fold accuracy of at least 95 %, the integer models within 1 point', async () => {
    const iris = await loadIris();
    const folds = crossValidate(iris, 5, resolveOptions({}, iris));
    const share = (accuracyOf: (network: Network, test: Dataset) => number): number =>
      folds.reduce((sum, { network, test }) => sum + accuracyOf(network, test) * test.rows, 0) / iris.rows;
    const accuracy = share((network, test) => evaluateFloat(network, test).accuracy);
    expect(accuracy).toBeGreaterThanOrEqual(0.95);
    expect(Math.abs(share(integerAccuracy) - accuracy)).toBeLessThanOrEqual(0.01);
    expect(folds.map(({ test }) => test.rows)).toEqual([30, 30, 30, 30, 30]);
  });
});
