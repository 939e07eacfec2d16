import { activation } from '../model/activations.js';
import { requantize } from '../model/arithmetic.js';
import type { DenseLayer, PreActivationRange } from '../model/network.js';
import { entryOf, hiddenActivation } from '../model/network.js';
import type { Grid } from '../model/activation-stage.js';
import type { WeightRule } from '../model/weight-scales.js';
import type { QuantizedDense } from '../model/quantization.js';
import { quantizeDense } from '../model/quantization.js';
import type { Pass } from './forward.js';
import { chooseAccumulator } from './accumulators.js';
import { chooseActivationShift } from './activation-shifts.js';
import { activateOutput, affine, allocatePass } from './forward.js';
import type { Noise } from './noise.js';
import type { Calibration, LayerShape } from './parameters.js';

/**
 * The forward pass through the integers that the board computes with: not an imitation of quantisation but the
 * arithmetic of model/infer.ts itself, on integers held in float64, where it is exact.
 */
export interface FixedPointPass {
  readonly pass: Pass;
  /** L arrays (rows, s_l): the integers of a[l]; q[0] = the quantised inputs. */
  readonly q: readonly Float64Array[];
  /** L arrays (rows, s_{l+1}); the last one's are the raw outputs. */
  readonly accumulators: readonly Float64Array[];
  /** L arrays (outputs, inputs): integer weights, and the real weights they stand for. */
  readonly integerWeights: readonly Float64Array[];
  readonly realWeights: readonly Float64Array[];
}

export function allocateFixedPoint(layers: readonly LayerShape[], capacity: number): FixedPointPass {
  const perWeight = () => layers.map(({ inputs, outputs }) => new Float64Array(inputs * outputs));
  return {
    pass: allocatePass(layers, capacity),
    q: layers.map(({ inputs }) => new Float64Array(capacity * inputs)),
    accumulators: layers.map(({ outputs }) => new Float64Array(capacity * outputs)),
    integerWeights: perWeight(),
    realWeights: perWeight(),
  };
}

/** A layer and its integers, between the grids of its inputs and its activations. */
export interface FixedPointLayer {
  readonly layer: DenseLayer;
  readonly input: Grid;
  readonly dense: QuantizedDense;
}

/** Quantises layer l of a network by the one rule, and puts its weights where the passes read them. */
function quantizeLayer(
  layer: DenseLayer,
  l: number,
  input: Grid,
  precision: WeightRule,
  fixed: FixedPointPass,
): FixedPointLayer {
  const dense = quantizeDense(layer, input, precision);
  const { inputs, outputs, weights } = dense.integers;
  const integer = fixed.integerWeights[l];
  const real = fixed.realWeights[l];
  integer.set(weights);
  for (let n = 0, k = 0; n < outputs; n++) {
    for (let i = 0; i < inputs; i++, k++) real[k] = dense.weightScale[n] * weights[k];
  }
  return { layer, input, dense };
}

/** Every layer must have its range, but for the last. `input`: grid of the quantised inputs. */
export function quantizeLayers(
  layers: readonly DenseLayer[],
  input: Grid,
  precision: WeightRule,
  fixed: FixedPointPass,
): FixedPointLayer[] {
  return layers.map((layer, l) => {
    const quantized = quantizeLayer(layer, l, input, precision, fixed);
    input = quantized.dense.grid ?? input;
    return quantized;
  });
}

/** a = gain · scale · (q − zeroPoint), (rows, units) -> (rows, units) */
function dequantize(
  { scale, zeroPoint }: Grid,
  units: number,
  q: Float64Array,
  rows: number,
  a: Float64Array,
  gain = 1,
): void {
  for (let r = 0, k = 0; r < rows; r++) {
    for (let i = 0; i < units; i++, k++) a[k] = gain * scale * (q[k] - entryOf(zeroPoint, i));
  }
}

/**
 * Sums over inputs that dropout has left, each of which stands for `gain` times what it is: what they add to the bias
 * and to the zero points, times `gain`, to the nearest integer.
 */
function amplify(
  { input, dense: { integers } }: FixedPointLayer,
  gain: number,
  rows: number,
  accumulators: Float64Array,
): void {
  const { inputs, outputs, weights, bias } = integers;
  const still = Float64Array.from(bias, (b, n) => {
    let sum = b;
    for (let i = 0; i < inputs; i++) sum += weights[n * inputs + i] * entryOf(input.zeroPoint, i);
    return sum;
  });
  for (let r = 0, k = 0; r < rows; r++) {
    for (let n = 0; n < outputs; n++, k++) {
      accumulators[k] = still[n] + Math.floor(gain * (accumulators[k] - still[n]) + 0.5);
    }
  }
}

/** W (n,i) @ q (i,) + bias (n,) -> accumulators (n,); z = input scale · weightScale · (accumulator − offset) */
function accumulateLayer(
  quantized: FixedPointLayer,
  l: number,
  fixed: FixedPointPass,
  rows: number,
  gain = 1,
): void {
  const { input, dense } = quantized;
  const { integers, weightScale, accumulatorOffset } = dense;
  const accumulators = fixed.accumulators[l];
  const z = fixed.pass.z[l];
  affine(fixed.integerWeights[l], Float64Array.from(integers.bias), fixed.q[l], rows, accumulators);
  if (gain !== 1) amplify(quantized, gain, rows, accumulators);
  for (let r = 0, k = 0; r < rows; r++) {
    for (let n = 0; n < integers.outputs; n++, k++) {
      z[k] = input.scale * weightScale[n] * (accumulators[k] - accumulatorOffset[n]);
    }
  }
}

/**
 * accumulators (n,) -> q (n,), for each row. The rounding is passed straight through by the gradient (Bengio et al.
 * 2013), g'(z) is that of the real z; but beyond the calibrated range the integers stand still, so g' is 0 there.
 */
function activateLayer(
  { layer, dense }: FixedPointLayer,
  l: number,
  fixed: FixedPointPass,
  rows: number,
  noise?: Noise,
): void {
  const { multiplier, shift, maximum } = dense.integers.requantization!;
  const { outputs, table } = dense.integers;
  const g = activation(hiddenActivation(layer));
  const { low, high } = g.integerForm.kind === 'threshold' ? UNLIMITED : layer.range!;
  const accumulators = fixed.accumulators[l];
  const q = fixed.q[l + 1];
  const z = fixed.pass.z[l];
  const slope = fixed.pass.slope[l];
  for (let r = 0, k = 0; r < rows; r++) {
    for (let n = 0; n < outputs; n++, k++) {
      const index = requantize(accumulators[k], multiplier[n], shift, maximum);
      q[k] = table ? table[index] : index;
      slope[k] = z[k] < low || z[k] > high ? 0 : g.derivative(z[k], g.value(z[k]));
    }
  }
  const { zeroPoint } = dense.grid!;
  noise?.drop(outputs, (k, factor) => {
    if (factor === 0) q[k] = entryOf(zeroPoint, k % outputs);
    slope[k] *= factor;
  });
  dequantize(dense.grid!, outputs, q, rows, fixed.pass.a[l + 1], noise?.gain);
}

/** What a hidden layer is quantised with until its own range is known. */
export const PROVISIONAL_RANGE: PreActivationRange = { low: 0, high: 1 };
const UNLIMITED: PreActivationRange = { low: -Infinity, high: Infinity };

/**
 * From the integers of x in fixed.q[0] to raw outputs, and to the real z and a that they stand for. `noise` is for
 * training alone: integers it drops become those that stand for 0, and the sums over the others are made larger.
 */
export function forwardFixedPoint(
  layers: readonly FixedPointLayer[],
  fixed: FixedPointPass,
  rows: number,
  noise?: Noise,
): void {
  const last = layers.length - 1;
  dequantize(layers[0].input, layers[0].layer.inputs, fixed.q[0], rows, fixed.pass.a[0]);
  layers.forEach((quantized, l) => {
    accumulateLayer(quantized, l, fixed, rows, l > 0 ? noise?.gain : 1);
    if (l < last) activateLayer(quantized, l, fixed, rows, noise);
    else activateOutput(quantized.layer, fixed.pass.z[l], rows, fixed.pass.a[l + 1]);
  });
}

/**
 * For each layer the width of its accumulators and, but for the last, the range of its pre-activations z, seen through
 * the integers of the layers before it; layers that come with widths keep them, and their shifts. `eachChunk` puts the rows to look at into fixed.q[0], chunk by chunk, and calls back with their number.
 */
export function calibrateFixedPoint(
  layers: readonly DenseLayer[],
  input: Grid,
  precision: WeightRule,
  fixed: FixedPointPass,
  eachChunk: (look: (rows: number) => void) => void,
): Calibration[] {
  const ready: FixedPointLayer[] = [];
  return layers.map((given, l) => {
    const { accumulator: trained, activationShift: trainedShift, ...layer } = given;
    const range = l < layers.length - 1 ? PROVISIONAL_RANGE : null;
    // Where weights saturate, the width is no choice but what they need.
    const isTrained = trained !== undefined && precision.clip === undefined;
    const accumulator = isTrained ? trained : chooseAccumulator({ ...layer, range }, input, precision);
    if (!range) return { range, accumulator };
    const provisional = quantizeLayer({ ...layer, range, accumulator }, l, input, precision, fixed);
    const z = fixed.pass.z[l];
    let low = Infinity;
    let high = -Infinity;
    eachChunk((rows) => {
      ready.forEach((before, j) => {
        accumulateLayer(before, j, fixed, rows);
        activateLayer(before, j, fixed, rows);
      });
      accumulateLayer(provisional, l, fixed, rows);
      for (let k = 0; k < rows * layer.outputs; k++) {
        low = Math.min(low, z[k]);
        high = Math.max(high, z[k]);
      }
    });
    const ranged = { ...layer, range: { low, high }, accumulator };
    const shift = isTrained ? trainedShift : chooseActivationShift(ranged, input, precision);
    const calibration = { range: ranged.range, accumulator, ...(shift && { activationShift: shift }) };
    ready.push(quantizeLayer({ ...layer, ...calibration }, l, input, precision, fixed));
    input = ready[l].dense.grid!;
    return calibration;
  });
}
