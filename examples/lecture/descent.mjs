import { createRandom } from '../../dist/model/random.js';
import { backProp } from '../../dist/trainer/backward.js';
import { finishGradient, outputError, writeTargets } from '../../dist/trainer/cost.js';
import { evaluateFloat } from '../../dist/trainer/evaluate.js';
import { allocatePass, forwardProp } from '../../dist/trainer/forward.js';
import { LOSSES } from '../../dist/trainer/loss.js';
import { allocateParameters, layersOf } from '../../dist/trainer/parameters.js';
import { standardizeRows } from '../../dist/trainer/samples.js';
import { learnScaling } from '../../dist/trainer/standardization.js';

/**
 * The lecture's algorithm in floating point, with nothing hidden: all rows forwards and backwards, one step against
 * the gradient, again. `neurona train` does the same in mini-batches and through the board's integers.
 *
 * `hidden`: neurons per hidden layer, all with `activation`. The output is one sigmoid for two classes, else a
 * softmax; the cost is the cross-entropy plus λ/2n ΣW² (`l2` is λ). `initialize(layer, random)` fills the weights of
 * one layer `{ weights, inputs, outputs }`; biases start at 0.
 */
export function startDescent(data, { hidden, activation, initialize, seed = 1, l2 = 0, rate, momentum = 0 }) {
  const { rows, features, labels, classes } = data;
  const output = classes.length === 2 ? 'sigmoid' : 'softmax';
  const units = [features.length, ...hidden, classes.length === 2 ? 1 : classes.length];
  const shapes = units.slice(1).map((outputs, l) => ({
    inputs: units[l],
    outputs,
    activation: l === hidden.length ? output : activation,
  }));
  const parameters = allocateParameters(shapes);
  const gradient = allocateParameters(shapes);
  const velocity = new Float64Array(parameters.vector.length);
  const layers = layersOf(parameters, shapes, []);
  const random = createRandom(seed);
  for (const layer of layers) initialize(layer, random);

  const { scaling } = learnScaling(data, 8);
  const pass = allocatePass(shapes, rows);
  const loss = LOSSES['cross-entropy'];
  const targets = new Float64Array(rows * units[units.length - 1]);
  writeTargets(labels, rows, units[units.length - 1], loss.targets(output), targets);
  standardizeRows(
    data.values,
    features.length,
    scaling,
    labels.map((_, r) => r),
    pass.a[0],
  );

  /** J of the rows at the current weights, without its λ term; fills `gradient` and `pass`. */
  function measure() {
    forwardProp(layers, pass, rows);
    const cost = outputError(loss, layers, pass, targets, rows);
    gradient.vector.fill(0);
    backProp(
      layers.map((layer) => layer.weights),
      pass,
      rows,
      gradient.slices,
    );
    finishGradient(gradient.slices, layers, rows, l2, rows);
    return cost / rows;
  }

  /** One epoch: v := momentum · v + ∂J/∂W, W := W − rate · v. Returns J before it. */
  function step() {
    const cost = measure();
    for (let k = 0; k < velocity.length; k++) {
      velocity[k] = momentum * velocity[k] + gradient.vector[k];
      parameters.vector[k] -= rate * velocity[k];
    }
    return cost;
  }

  const accuracy = (other) => evaluateFloat({ layers, input: scaling, features, classes }, other).accuracy;
  return { layers, gradient: gradient.slices, pass, measure, step, accuracy };
}

/** Fills weights with numbers around 0 of this standard deviation. */
export const normal = (deviation) => (layer, random) => {
  for (let k = 0; k < layer.weights.length; k++) layer.weights[k] = deviation * random.normal();
};

/** Uniform in ±√(6 / (inputs + outputs)): Glorot and Bengio, AISTATS 2010; for sigmoid and tanh. */
export const glorot = ({ weights, inputs, outputs }, random) => {
  const limit = Math.sqrt(6 / (inputs + outputs));
  for (let k = 0; k < weights.length; k++) weights[k] = limit * (2 * random.uniform() - 1);
};

/** Normal with deviation √(2 / inputs): He et al., ICCV 2015; for ReLU, which drops half of what it gets. */
export const he = (layer, random) => normal(Math.sqrt(2 / layer.inputs))(layer, random);

/** √Σx² */
export const norm = (values) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
