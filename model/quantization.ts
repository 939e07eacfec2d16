import { activation } from './activations.js';
import { gridMaximum, outputThreshold, stageOf, type Grid } from './activation-stage.js';
import { clamp, round } from './arithmetic.js';
import { powerOfTen } from './elementary.js';
import { t } from './messages.js';
import { rejectData } from './problem.js';
import type { DenseLayer, InputScaling, Precision } from './network.js';
import { hiddenActivation } from './network.js';
import type { AccumulatorBits, QuantizedInput, QuantizedLayer, Requantization } from './quantized-model.js';
import { accumulatorRange, neuronRange, type LayerIntegers } from './range-proof.js';
import { weightMaximum } from './quantized-model.js';
import { hasCommonScale, weightScales, type WeightRule } from './weight-scales.js';

/**
 * The rule by which real numbers become integers and scales. The trainer's fixed-point-aware forward pass and
 * `codegen/quantize.ts` both call it, so what training sees is what the board computes. docs/arithmetic.md
 * derives it.
 */

/** Standardised inputs all share one scale, so that the first layer is a layer like any other. */
export function quantizeInputScaling(
  input: InputScaling,
  features: readonly string[],
  activationBits: 7 | 8,
): { integers: QuantizedInput; grid: Grid } {
  const maximum = gridMaximum(activationBits);
  const count = input.mean.length;
  const standardised = (values: readonly number[], i: number) =>
    (values[i] - input.mean[i]) / input.deviation[i];
  let range = 0;
  for (let i = 0; i < count; i++) {
    range = Math.max(range, standardised(input.highest, i) - standardised(input.lowest, i));
  }
  const scale = range > 0 ? range / maximum : 1 / maximum;
  const zeroPoint = new Int32Array(count);
  const low = new Int32Array(count);
  const span = new Int32Array(count);
  const multiplier = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const unit = powerOfTen(input.decimals[i]);
    zeroPoint[i] = clamp(round(-standardised(input.lowest, i) / scale), -(2 ** 15), 2 ** 15);
    low[i] = round((input.mean[i] - scale * zeroPoint[i] * input.deviation[i]) * unit);
    const steps = clamp(Math.ceil(standardised(input.highest, i) / scale + zeroPoint[i]), 1, maximum);
    const rawPerStep = scale * input.deviation[i] * unit;
    span[i] = clamp(round(rawPerStep * steps), 1, 65535);
    multiplier[i] = clamp(round(65536 / rawPerStep), 1, Math.floor((maximum * 65536) / span[i]));
  }
  return {
    integers: {
      features,
      rawType: input.rawType,
      decimals: input.decimals,
      low,
      span,
      multiplier,
      maximum,
      ...(input.resize && { resize: input.resize }),
    },
    grid: { scale, zeroPoint, maximum },
  };
}

/** A layer in integers, with the real scales that the trainer's backward pass needs. */
export interface QuantizedDense {
  readonly integers: Omit<QuantizedLayer, 'accumulatorBits'>;
  /** (outputs,) real weight = weightScale · integer weight; all equal in the output layer. */
  readonly weightScale: Float64Array;
  /** (outputs,) z = grid.scale · weightScale · (accumulator − accumulatorOffset). */
  readonly accumulatorOffset: Float64Array;
  /** Grid of the activations; null for the output layer. */
  readonly grid: Grid | null;
}

/** The widest shift whose largest multiplier still fits 16 bits. */
function requantization(realMultipliers: Float64Array, maximum: number): Requantization {
  const largest = realMultipliers.reduce((a, b) => Math.max(a, b), 0);
  const shift = ([24, 16] as const).find((s) => round(largest * 2 ** s) <= 65535) ?? 8;
  return {
    multiplier: Int32Array.from(realMultipliers, (m) => clamp(round(m * 2 ** shift), 1, 65535)),
    shift,
    maximum,
  };
}

/**
 * Makes the scales of neurons coarser whose accumulators could leave `bits` bits, which makes their integers
 * smaller; a scale that all share follows the worst neuron. Returns whether any had to change.
 */
function coarsen(
  scales: Float64Array,
  integers: LayerIntegers,
  isCommon: boolean,
  bits: AccumulatorBits,
): boolean {
  let worst = 1;
  for (let n = 0; n < scales.length; n++) {
    const { lowest, highest } = neuronRange(integers, n);
    const excess = Math.max(highest / (2 ** (bits - 1) - 1), -lowest / 2 ** (bits - 1));
    if (excess > 1 && !isCommon) scales[n] *= excess * COARSENING;
    worst = Math.max(worst, excess);
  }
  if (isCommon && worst > 1) for (let n = 0; n < scales.length; n++) scales[n] *= worst * COARSENING;
  return worst > 1;
}

/** A little more than the excess itself, so that roundings do not make for many rounds. */
const COARSENING = 1.005;

/**
 * One dense layer in integers. `input` is the grid of its inputs. Where the layer or `precision` asks for an accumulator
 * width, the scales are made coarse enough for it; the proof itself is left to `range-proof.ts`. A layer with
 * `range` null is the output layer and gets no requantisation.
 */
export function quantizeDense(layer: DenseLayer, input: Grid, precision: WeightRule): QuantizedDense {
  const accumulator = layer.accumulator ?? precision.accumulator;
  const scales = weightScales(layer, input.scale, precision);
  if (layer.activationShift) {
    const { scale } = stageOf(layer, precision.activationBits, 0);
    scales.fill(Math.max(scales[0], scale / (2 ** layer.activationShift * input.scale)));
  }
  let dense = quantizeWithScales(layer, input, precision, scales);
  while (accumulator !== 'auto' && coarsen(scales, dense.integers, hasCommonScale(layer), accumulator)) {
    dense = quantizeWithScales(layer, input, precision, scales);
  }
  return dense;
}

function quantizeWithScales(
  layer: DenseLayer,
  input: Grid,
  precision: Precision,
  weightScale: Float64Array,
): QuantizedDense {
  const { inputs, outputs } = layer;
  const limit = weightMaximum(precision.weightBits);
  const weights = new Int8Array(outputs * inputs);
  const bias = new Int32Array(outputs);
  const accumulatorOffset = new Float64Array(outputs);
  const step = weightScale.map((scale) => scale * input.scale); // (outputs,) z per unit of accumulator
  const stage =
    layer.range === null
      ? null
      : stageOf(
          layer,
          precision.activationBits,
          step.reduce((a, b) => Math.max(a, b)),
        );
  const isThreshold = stage !== null && activation(hiddenActivation(layer)).integerForm.kind === 'threshold';
  const realMultipliers = stage ? step.map((s) => (stage.gain * s) / stage.scale) : null;

  for (let n = 0; n < outputs; n++) {
    let zeroPointSum = 0;
    for (let i = 0; i < inputs; i++) {
      const w = clamp(round(layer.weights[n * inputs + i] / weightScale[n]), -limit, limit);
      weights[n * inputs + i] = w;
      zeroPointSum += w * input.zeroPoint[input.zeroPoint.length === 1 ? 0 : i];
    }
    let folded: number; // what the activation adds to z, in accumulator units
    if (!stage || !realMultipliers) folded = -outputThreshold(layer, step[n]);
    else if (isThreshold)
      folded = 1; // z >= 0 is accumulator + 1 >= 1
    else folded = (stage.offset / stage.scale + stage.zeroPoint) / realMultipliers[n];
    const total = round(layer.bias[n] / step[n] + folded) - zeroPointSum;
    bias[n] = total;
    if (bias[n] !== total) {
      rejectData(
        'bias-overflow',
        t`neuron ${n} of a ${inputs}-${outputs} layer: its bias is ${total} in accumulator units, beyond 32 bits`,
        {
          hint: t`train with L2 regularisation (--l2 0.001) or another seed: the weights of this layer differ too much in size`,
        },
      );
    }
    accumulatorOffset[n] = folded;
  }
  const integers = {
    inputs,
    outputs,
    inputMaximum: input.maximum,
    weightBits: precision.weightBits,
    weights,
    bias,
  };
  let maximum = stage?.maximum ?? 0;
  if (layer.activationShift && !stage?.table) {
    // What no accumulator reaches need not be asked for, and makes the next layer's bound tighter.
    const reached = round(accumulatorRange(integers).highest / 2 ** layer.activationShift);
    maximum = clamp(reached, 1, maximum);
  }
  const requantized: Requantization | null =
    stage && realMultipliers
      ? isThreshold
        ? { multiplier: new Int32Array(outputs).fill(256), shift: 8, maximum: 1 }
        : requantization(realMultipliers, maximum)
      : null;
  return {
    integers: {
      ...integers,
      requantization: requantized,
      table: stage?.table ?? null,
    },
    weightScale: weightScale.slice(),
    accumulatorOffset,
    grid: stage && (stage.table ? stage.grid : { ...stage.grid, maximum }),
  };
}
