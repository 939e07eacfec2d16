import { ACTIVATIONS } from '../../model/activations.js';
import type { DenseLayer, Network } from '../../model/network.js';
import { decideClass } from '../../model/network.js';
import { backProp } from '../../trainer/backward.js';
import { finishGradient, outputError, regularization, targetPair, writeTargets } from '../../trainer/cost.js';
import { allocatePass, forwardProp } from '../../trainer/forward.js';
import { LOSSES } from '../../trainer/loss.js';
import { allocateParameters } from '../../trainer/parameters.js';
import { standardizeRows } from '../../trainer/samples.js';
import type { CostSettings } from './cost-settings.js';
import { largestDifference, numericGradient, type Cost } from './numeric-gradient.js';
import { withBias } from './with-bias.js';

/** One layer of weights, W^(l) from layer l to l + 1, and what one row did in it, forwards and backwards. */
export interface LayerTrace {
  readonly layer: DenseLayer;
  readonly before: Float64Array; // (inputs,) a^(l)
  readonly z: Float64Array; // (outputs,) z^(l+1), in vector form
  readonly zByElement: Float64Array; // (outputs,) the same, summed term by term
  readonly a: Float64Array; // (outputs,) a^(l+1)
  /** (outputs,) g'(z^(l+1)); null where there is none to follow: softmax couples its neurons. */
  readonly slope: Float64Array | null;
  readonly delta: Float64Array; // (outputs,) δ^(l+1)
  readonly accumulated: readonly Float64Array[]; // Δ^(l), (outputs, 1 + inputs): column 0 belongs to the bias
  readonly gradient: readonly Float64Array[]; // ∂J/∂W^(l), of that shape
  /** The same by central differences; NaN where a large layer's entry was left out. */
  readonly numeric: readonly Float64Array[];
}

/** Everything that `neurona explain` says about one row. */
export interface RowTrace {
  readonly raw: Float64Array; // (features,) in their own units
  readonly input: Float64Array; // (features,) standardised: a^(1)
  readonly target: Float64Array; // (K,) y, smoothed as in training
  /** The target where nothing is known, towards which smoothing moves the others. */
  readonly unknown: number;
  readonly layers: readonly LayerTrace[];
  /** J of the row, without its regularisation. */
  readonly cost: number;
  readonly squares: number; // ΣW², biases left out
  readonly magnitudes: number; // Σ|W|, biases left out
  readonly regularization: number; // λ/2n ΣW² + λ₁/n Σ|W|
  /** Relative to the largest entry of its layer; null where an activation has no true derivative (step). */
  readonly largestDifference: number | null;
  /** Index of the class that the network decides on; says nothing in a regression. */
  readonly decided: number;
}

/** lecture: w_i0·1 + w_i1·a_1 + w_i2·a_2 + …, in this order */
function sumsByElement({ inputs, weights, bias }: DenseLayer, a: Float64Array): Float64Array {
  return bias.map((w0, i) => {
    let sum = w0;
    for (let j = 0; j < inputs; j++) sum += weights[i * inputs + j] * a[j];
    return sum;
  });
}

function slopes({ activation }: DenseLayer, z: Float64Array, a: Float64Array): Float64Array | null {
  if (activation === 'softmax') return null;
  const { derivative } = ACTIVATIONS[activation];
  return z.map((value, i) => derivative(value, a[i]));
}

const hasTrueDerivative = ({ activation }: DenseLayer): boolean =>
  activation === 'softmax' || !('surrogateDerivative' in ACTIVATIONS[activation]);

/** `raw` (features,) and its class, or its standardised targets (K,), through the network, forwards and backwards, by the trainer's own functions. */
export function traceRow(
  network: Network,
  raw: Float64Array,
  aim: number | Float64Array,
  { loss: lossName, l2, l1, labelSmoothing, rows }: CostSettings,
): RowTrace {
  const { layers } = network;
  const output = layers[layers.length - 1];
  const loss = LOSSES[lossName];
  const pair = (smoothing: number) => targetPair(loss, output.activation, output.outputs, smoothing);
  const target = new Float64Array(output.outputs);
  if (typeof aim !== 'number') target.set(aim);
  else writeTargets([aim], 1, output.outputs, pair(labelSmoothing), target);

  const pass = allocatePass(layers, 1);
  standardizeRows(raw, raw.length, network.input, [0], pass.a[0]);
  forwardProp(layers, pass, 1);
  const cost = outputError(loss, layers, pass, target, 1);
  const gradient = allocateParameters(layers);
  const weights = layers.map((layer) => layer.weights);
  backProp(weights, pass, 1, gradient.slices);
  const accumulated = gradient.slices.map(withBias);
  finishGradient(gradient.slices, layers, 1, l2, rows, l1);

  const costOf: Cost = (trial, trialLayers) =>
    outputError(loss, trialLayers, trial, target, 1) + regularization(trialLayers, l2, rows, l1);
  const numeric = numericGradient(layers, pass.a[0], costOf, l1 > 0);
  const traces = layers.map((layer, l): LayerTrace => {
    const [before, z, a] = [pass.a[l], pass.z[l], pass.a[l + 1]];
    return {
      layer,
      before,
      z,
      zByElement: sumsByElement(layer, before),
      a,
      slope: slopes(layer, z, a),
      delta: pass.delta[l],
      accumulated: accumulated[l],
      gradient: withBias(gradient.slices[l]),
      numeric: numeric[l],
    };
  });
  return {
    raw,
    input: pass.a[0],
    target,
    unknown: pair(1)[0],
    layers: traces,
    cost,
    squares: regularization(layers, 2, 1),
    magnitudes: regularization(layers, 0, 1, 1),
    regularization: regularization(layers, l2, rows, l1),
    largestDifference: layers.every(hasTrueDerivative) ? largestDifference(traces) : null,
    decided: decideClass(pass.z[layers.length - 1], output.activation),
  };
}
