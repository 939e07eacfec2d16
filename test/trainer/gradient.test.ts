import { describe, expect, it } from 'vitest';
import type { OutputActivationName } from '../../model/activations.js';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../../model/activations.js';
import { createRandom } from '../../model/random.js';
import { backProp } from '../../trainer/backward.js';
import {
  balancedWeights,
  finishGradient,
  outputError,
  regularization,
  targetPair,
  writeTargets,
} from '../../trainer/cost.js';
import { allocatePass, forwardProp } from '../../trainer/forward.js';
import { INITIALIZERS } from '../../trainer/initializers.js';
import type { LossName } from '../../trainer/loss.js';
import { LOSSES } from '../../trainer/loss.js';
import type { LayerShape } from '../../trainer/parameters.js';
import { allocateParameters, initialize, layersOf } from '../../trainer/parameters.js';

const ROWS = 5;
const INPUTS = 3;
const L2 = 0.7;
/** The lecture's cost, and everything that changes it. */
const PLAIN = { l1: 0, smoothing: 0, balanced: false };
const CHANGED = { l1: 0.4, smoothing: 0.2, balanced: true };
const DATA_ROWS = 11; // the rows are a mini-batch of a larger set

/** J and ∂J/∂W of the cost for random weights, and J for any other weights. */
function problem(
  shapes: LayerShape[],
  lossName: LossName,
  seed: number,
  { l1, smoothing, balanced }: typeof PLAIN,
) {
  const random = createRandom(seed);
  const parameters = allocateParameters(shapes);
  const gradient = allocateParameters(shapes);
  initialize(parameters, shapes, INITIALIZERS.lecun, random);
  for (const { bias } of parameters.slices) bias.forEach((_, n) => (bias[n] = 0.3 * random.normal()));
  const pass = allocatePass(shapes, ROWS);
  const { outputs, activation } = shapes[shapes.length - 1];
  const loss = LOSSES[lossName];
  const labels = Uint16Array.from({ length: ROWS }, () => random.below(Math.max(outputs, 2)));
  const classWeights = balancedWeights(labels, Math.max(outputs, 2));
  const rowWeights = balanced ? Float64Array.from(labels, (label) => classWeights[label]) : null;
  const targets = new Float64Array(ROWS * outputs);
  writeTargets(labels, ROWS, outputs, targetPair(loss, activation, outputs, smoothing), targets);
  for (let k = 0; k < ROWS * INPUTS; k++) pass.a[0][k] = random.normal();
  const layers = layersOf(parameters, shapes, []);
  const cost = (): number => {
    forwardProp(layers, pass, ROWS);
    const sum = outputError(loss, layers, pass, targets, ROWS, rowWeights);
    return sum / ROWS + regularization(parameters.slices, L2, DATA_ROWS, l1);
  };
  const analytic = (): Float64Array => {
    cost();
    gradient.vector.fill(0);
    const weights = layers.map((layer) => layer.weights);
    backProp(weights, pass, ROWS, gradient.slices);
    finishGradient(gradient.slices, parameters.slices, ROWS, L2, DATA_ROWS, l1);
    return gradient.vector;
  };
  return { vector: parameters.vector, cost, analytic };
}

/** Central differences; the step halves the digits of float64. */
function numericGradient(vector: Float64Array, cost: () => number): Float64Array {
  const h = 1e-5;
  return vector.map((weight, k) => {
    vector[k] = weight + h;
    const above = cost();
    vector[k] = weight - h;
    const below = cost();
    vector[k] = weight;
    return (above - below) / (2 * h);
  });
}

function shapesOf(
  depth: number,
  hidden: (typeof ACTIVATION_NAMES)[number],
  output: OutputActivationName,
  outputs: number,
) {
  const units = [INPUTS, ...[4, 5].slice(0, depth - 1), outputs];
  return units.slice(1).map((count, l): LayerShape => ({
    inputs: units[l],
    outputs: count,
    activation: l === depth - 1 ? output : hidden,
  }));
}

// A surrogate derivative is by design not the slope of the function, so differences can't confirm it.
const SMOOTH = ACTIVATION_NAMES.filter((name) => !('surrogateDerivative' in ACTIVATIONS[name]));

describe('backpropagation against central differences', () => {
  it('leaves out only the step', () => {
    expect(ACTIVATION_NAMES.filter((name) => !SMOOTH.includes(name))).toEqual(['step']);
  });

  for (const loss of Object.keys(LOSSES) as LossName[]) {
    for (const output of LOSSES[loss].outputs) {
      if (output === 'step') continue;
      it.each([
        ['plain', PLAIN],
        ['with L1, label smoothing and class weights', CHANGED],
      ])(
        `${loss} with ${output}, every hidden activation, depths 1 to 3, one output and several, %s`,
        (_, terms) => {
          for (const hidden of SMOOTH) {
            for (const depth of [1, 2, 3]) {
              for (const outputs of output === 'softmax' ? [2, 3] : [1, 3]) {
                const { vector, cost, analytic } = problem(
                  shapesOf(depth, hidden, output, outputs),
                  loss,
                  7 + depth,
                  terms,
                );
                const expected = numericGradient(vector, cost);
                const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
                expect(largest).toBeGreaterThan(1e-4);
                analytic().forEach((value, k) => {
                  const error = Math.abs(value - expected[k]) / largest;
                  expect(error, `${hidden}, depth ${depth}, ${outputs} outputs, parameter ${k}`).toBeLessThan(
                    1e-6,
                  );
                });
              }
            }
          }
        },
      );
    }
  }

  it('δ of the step is the perceptron rule a − y, without a slope', () => {
    const delta = new Float64Array(2);
    const [a, t] = [Float64Array.of(1, 0), Float64Array.of(0, 1)];
    LOSSES.mse.delta('step', Float64Array.of(50, -50), a, t, delta);
    expect([...delta]).toEqual([1, -1]);
  });
});

describe('regularisation', () => {
  it('is λ/2n ΣW² over the weights, and its gradient λ/n W; biases have no part in it', () => {
    const shapes: LayerShape[] = [{ inputs: 2, outputs: 1, activation: 'sigmoid' }];
    const { vector, slices } = allocateParameters(shapes);
    vector.set([3, -4, 100]);
    expect(regularization(slices, 0.5, 10)).toBeCloseTo((0.5 / 20) * 25, 15);
    const gradient = allocateParameters(shapes);
    gradient.vector.set([8, 8, 8]);
    finishGradient(gradient.slices, slices, 4, 0.5, 10);
    expect([...gradient.vector]).toEqual([2 + 0.05 * 3, 2 + 0.05 * -4, 2]);
  });
});

describe('L1', () => {
  it('is λ₁/n Σ|W| over the weights, and its gradient λ₁/n sign(W), 0 at 0; biases have no part in it', () => {
    const shapes: LayerShape[] = [{ inputs: 3, outputs: 1, activation: 'sigmoid' }];
    const { vector, slices } = allocateParameters(shapes);
    vector.set([3, -4, 0, 100]);
    expect(regularization(slices, 0, 10, 0.5)).toBeCloseTo(0.05 * 7, 15);
    expect(regularization(slices, 2, 10, 0.5)).toBeCloseTo(0.05 * 7 + 2.5, 15);
    const gradient = allocateParameters(shapes);
    gradient.vector.set([8, 8, 8, 8]);
    finishGradient(gradient.slices, slices, 4, 0, 10, 0.5);
    expect([...gradient.vector]).toEqual([2.05, 1.95, 2, 2]);
  });
});

describe('label smoothing', () => {
  const cases: [LossName, OutputActivationName, number, number, readonly [number, number]][] = [
    ['cross-entropy', 'softmax', 4, 0.2, [0.05, 0.85]],
    ['cross-entropy', 'softmax', 4, 0, [0, 1]],
    ['cross-entropy', 'sigmoid', 4, 0.2, [0.1, 0.9]],
    ['cross-entropy', 'sigmoid', 1, 0.2, [0.1, 0.9]],
    ['mse', 'tanh', 3, 0.5, [-0.5, 0.5]],
  ];
  it.each(cases)('%s, %s, %d outputs, smoothing %d', (loss, output, outputs, smoothing, [no, yes]) => {
    const plain = LOSSES[loss].targets(output);
    if (output === 'tanh') expect(plain).toEqual([-1, 1]);
    const pair = targetPair(LOSSES[loss], output, outputs, smoothing);
    expect(pair[0]).toBeCloseTo(no, 15);
    expect(pair[1]).toBeCloseTo(yes, 15);
  });
});

describe('class weights', () => {
  it('balance: n / (K · n_class), and 0 for a class that has no rows', () => {
    const labels = Uint16Array.of(0, 0, 0, 0, 0, 0, 1, 1, 3, 3);
    expect([...balancedWeights(labels, 4)]).toEqual([10 / 18, 10 / 6, 0, 10 / 6]);
  });

  it('multiply the cost and the error of each row', () => {
    const shapes: LayerShape[] = [{ inputs: 1, outputs: 1, activation: 'identity' }];
    const layers = layersOf(allocateParameters(shapes), shapes, []);
    const pass = allocatePass(shapes, 2);
    forwardProp(layers, pass, 2);
    const cost = outputError(LOSSES.mse, layers, pass, Float64Array.of(2, 4), 2, Float64Array.of(3, 0.5));
    expect(cost).toBe(3 * 2 + 0.5 * 8);
    expect([...pass.delta[0]]).toEqual([-6, -2]);
  });
});

describe('costs where the formula as written would overflow', () => {
  const cases: [OutputActivationName, number[], number[], number][] = [
    ['sigmoid', [800], [0], 800],
    ['sigmoid', [-800], [1], 800],
    ['sigmoid', [800], [1], 0],
    ['softmax', [1000, 0], [0, 1], 1000],
    ['softmax', [-1000, -1000], [0, 1], Math.LN2],
  ];
  it.each(cases)('%s of %j towards %j costs %d', (output, z, t, cost) => {
    const value = LOSSES['cross-entropy'].value(
      output,
      Float64Array.from(z),
      new Float64Array(z.length),
      Float64Array.from(t),
    );
    expect(value).toBeCloseTo(cost, 9);
  });
});
