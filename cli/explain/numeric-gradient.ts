import type { DenseLayer } from '../../model/network.js';
import type { Pass } from '../../trainer/forward.js';
import { allocatePass, forwardProp } from '../../trainer/forward.js';
import { allocateParameters, layersOf } from '../../trainer/parameters.js';
import { withBias } from './with-bias.js';

/** ε of (J(w + ε) − J(w − ε)) / 2ε: the cube root of float64's precision, where both errors are small. */
export const EPSILON = 1e-5;
/** Each entry costs two forward passes, so of larger layers only every n-th is checked. */
const MOST_ENTRIES = 500;
/** Below this a whole layer's gradient is rounding, and a relative difference says nothing. */
const NEGLIGIBLE = 1e-10;

/** The cost after a forward pass of `layers`. */
export type Cost = (pass: Pass, layers: readonly DenseLayer[]) => number;

/**
 * ∂J/∂W of one row `x` (features,) by central differences: one (outputs, 1 + inputs) matrix per layer, biases in
 * column 0. Entries that were left out are NaN; so are, where the cost `hasCorners` as |w| has, those of weights so near
 * 0 that the difference would reach across.
 */
export function numericGradient(
  layers: readonly DenseLayer[],
  x: Float64Array,
  cost: Cost,
  hasCorners: boolean,
): Float64Array[][] {
  const parameters = allocateParameters(layers);
  const numeric = allocateParameters(layers);
  numeric.vector.fill(NaN);
  layers.forEach(({ weights, bias }, l) => {
    parameters.slices[l].weights.set(weights);
    parameters.slices[l].bias.set(bias);
  });
  const trialLayers = layersOf(parameters, layers, []);
  const pass = allocatePass(layers, 1);
  pass.a[0].set(x);
  const costAt = (values: Float64Array, k: number, value: number): number => {
    values[k] = value;
    forwardProp(trialLayers, pass, 1);
    return cost(pass, trialLayers);
  };
  const check = (values: Float64Array, into: Float64Array, isCornered: boolean): void => {
    const stride = Math.ceil(values.length / MOST_ENTRIES);
    for (let k = 0; k < values.length; k += stride) {
      const w = values[k];
      if (isCornered && w !== 0 && Math.abs(w) < EPSILON) continue;
      const above = costAt(values, k, w + EPSILON);
      const below = costAt(values, k, w - EPSILON);
      values[k] = w;
      into[k] = (above - below) / (2 * EPSILON);
    }
  };
  parameters.slices.forEach(({ weights, bias }, l) => {
    check(weights, numeric.slices[l].weights, hasCorners);
    check(bias, numeric.slices[l].bias, false);
  });
  return numeric.slices.map(withBias);
}

/** The largest |gradient − numeric| of any checked entry, relative to the largest |gradient| of its layer. */
export function largestDifference(
  layers: readonly {
    readonly gradient: readonly Float64Array[];
    readonly numeric: readonly Float64Array[];
  }[],
): number {
  let worst = 0;
  for (const { gradient, numeric } of layers) {
    let largest = NEGLIGIBLE;
    let difference = 0;
    gradient.forEach((row, i) =>
      row.forEach((value, j) => {
        largest = Math.max(largest, Math.abs(value));
        const checked = numeric[i][j];
        if (!Number.isNaN(checked)) difference = Math.max(difference, Math.abs(value - checked));
      }),
    );
    worst = Math.max(worst, difference / largest);
  }
  return worst;
}
