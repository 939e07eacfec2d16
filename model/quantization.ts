import { ACTIVATIONS, activation } from './activations.js';
import { clamp, round } from './arithmetic.js';
import { rejectData } from './problem.js';
import type { DenseLayer, InputScaling, Precision } from './network.js';
import { hiddenActivation } from './network.js';
import type { QuantizedInput, QuantizedLayer, Requantization } from './quantized-model.js';
import { weightMaximum } from './quantized-model.js';

/**
 * The rule by which real numbers become integers and scales. The trainer's fixed-point-aware forward pass and
 * `codegen/quantize.ts` both call it, so what training sees is what the board computes. docs/arithmetic.md
 * derives it.
 */

/** real value = scale · (q − zeroPoint), q in 0..maximum. zeroPoint has one entry per unit, or one for all. */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: Int32Array;
  readonly maximum: number;
}

export const gridMaximum = (activationBits: 7 | 8): number => 2 ** activationBits - 1;

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
    const unit = 10 ** input.decimals[i];
    zeroPoint[i] = clamp(round(-standardised(input.lowest, i) / scale), -(2 ** 15), 2 ** 15);
    low[i] = round((input.mean[i] - scale * zeroPoint[i] * input.deviation[i]) * unit);
    const steps = clamp(Math.ceil(standardised(input.highest, i) / scale + zeroPoint[i]), 1, maximum);
    const rawPerStep = scale * input.deviation[i] * unit;
    span[i] = clamp(round(rawPerStep * steps), 1, 65535);
    multiplier[i] = clamp(round(65536 / rawPerStep), 1, Math.floor((maximum * 65536) / span[i]));
  }
  return {
    integers: { features, rawType: input.rawType, decimals: input.decimals, low, span, multiplier, maximum },
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

/** Neurons with weights this much smaller than the layer's largest share its scale's floor. */
const SCALE_FLOOR = 1 / 256;
/**
 * The largest bias, and the largest constant of an activation, in accumulator units: a scale so fine that they exceed
 * it would describe a neuron whose weights move z by less than 1/1000 of its bias.
 */
const BIAS_LIMIT = 2 ** 24;

/** The largest |z| that the constants of a layer's activation stand for, once they are folded into the bias. */
function foldedReach(layer: DenseLayer): number {
  if (layer.range === null) {
    const isLone = layer.outputs === 1 && layer.activation !== 'softmax';
    return isLone ? Math.abs(activation(hiddenActivation(layer)).decisionThreshold) : 0;
  }
  const form = activation(hiddenActivation(layer)).integerForm;
  const offset = form.kind === 'clamp' ? form.offset / form.gain : 0;
  return Math.max(Math.abs(layer.range.low), Math.abs(layer.range.high)) + offset;
}

/** (outputs,) one scale per neuron; the output layer has one for all, so that its accumulators compare. */
function weightScales(layer: DenseLayer, inputScale: number, weightBits: 8 | 4): Float64Array {
  const { inputs, outputs, weights, bias } = layer;
  const limit = weightMaximum(weightBits);
  const scales = new Float64Array(outputs);
  const reach = foldedReach(layer);
  let largest = 0;
  for (let n = 0; n < outputs; n++) {
    let magnitude = 0;
    for (let i = n * inputs; i < (n + 1) * inputs; i++) magnitude = Math.max(magnitude, Math.abs(weights[i]));
    scales[n] = Math.max(magnitude / limit, Math.max(Math.abs(bias[n]), reach) / (inputScale * BIAS_LIMIT));
    largest = Math.max(largest, scales[n]);
  }
  if (largest === 0) return scales.fill(1 / limit); // an all-zero layer: any scale is exact
  if (layer.range === null) return scales.fill(largest);
  return scales.map((scale) => Math.max(scale, largest * SCALE_FLOOR));
}

/** What an activation asks of the integers between accumulator and activation. */
interface Stage {
  /** index = (gain·z + offset) / scale + zeroPoint, clamped to 0..maximum */
  readonly gain: number;
  readonly offset: number;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly maximum: number;
  readonly table: Uint8Array | null;
  readonly grid: Grid;
}

/** A grid over low..high that holds 0 exactly. `minimumScale` keeps the requantisation multiplier in 16 bits. */
function gridOver(low: number, high: number, maximum: number, minimumScale: number): Grid {
  const from = Math.min(low, 0);
  const scale = Math.max((Math.max(high, 0) - from) / maximum, minimumScale);
  return { scale, zeroPoint: Int32Array.of(clamp(round(-from / scale), 0, maximum)), maximum };
}

/** `stepScale`: the largest change of z that one unit of an accumulator stands for. */
function stageOf(layer: DenseLayer, activationBits: 7 | 8, stepScale: number): Stage {
  const g = activation(hiddenActivation(layer));
  const form = g.integerForm;
  const { low, high } = layer.range!;
  const maximum = gridMaximum(activationBits);
  switch (form.kind) {
    case 'threshold': {
      const grid: Grid = { scale: 1, zeroPoint: Int32Array.of(0), maximum: 1 };
      return { gain: 1, offset: 0, scale: 1, zeroPoint: 0, maximum: 1, table: null, grid };
    }
    case 'clamp': {
      const grid = gridOver(
        clamp(form.gain * low + form.offset, form.lowest, form.highest),
        clamp(form.gain * high + form.offset, form.lowest, form.highest),
        maximum,
        (form.gain * stepScale) / 255,
      );
      return { ...form, scale: grid.scale, zeroPoint: grid.zeroPoint[0], maximum, table: null, grid };
    }
    case 'table': {
      const from = Math.max(low, -form.reach);
      const to = Math.max(Math.min(high, form.reach), from);
      const scale = Math.max((to - from) / 255, stepScale / 255, 1e-30);
      let lowest = Infinity;
      let highest = -Infinity;
      const values = Float64Array.from({ length: 256 }, (_, j) => g.value(from + j * scale));
      for (const value of values) {
        lowest = Math.min(lowest, value);
        highest = Math.max(highest, value);
      }
      const full = gridOver(lowest, highest, maximum, 1e-30);
      const table = Uint8Array.from(values, (value) =>
        clamp(round(value / full.scale) + full.zeroPoint[0], 0, maximum),
      );
      // Rounding may leave the top of the grid unused; the tighter maximum makes a tighter bound.
      const grid = { ...full, maximum: Math.max(1, ...table) };
      return { gain: 1, offset: -from, scale, zeroPoint: 0, maximum: 255, table, grid };
    }
  }
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

/** The second class of a lone output neuron begins above the decision threshold; integers compare with 0. */
function outputThreshold(layer: DenseLayer, step: number): number {
  if (layer.outputs !== 1 || layer.activation === 'softmax') return 0;
  if (layer.activation === 'step') return -1; // z >= 0 is accumulator + 1 > 0
  return ACTIVATIONS[layer.activation].decisionThreshold / step;
}

/**
 * One dense layer in integers. `input` is the grid of its inputs. The accumulator's width is left to
 * `range-proof.ts`. A layer with `range` null is the output layer and gets no requantisation.
 */
export function quantizeDense(layer: DenseLayer, input: Grid, precision: Precision): QuantizedDense {
  const { inputs, outputs } = layer;
  const weightScale = weightScales(layer, input.scale, precision.weightBits);
  const limit = weightMaximum(precision.weightBits);
  const weights = new Int8Array(outputs * inputs);
  const bias = new Int32Array(outputs);
  const accumulatorOffset = new Float64Array(outputs);
  const step = weightScale.map((scale) => scale * input.scale); // (outputs,) z per unit of accumulator
  const stage = layer.range === null ? null : stageOf(layer, precision.activationBits, Math.max(...step));
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
        `neuron ${n} of a ${inputs}-${outputs} layer: its bias is ${total} in accumulator units, beyond 32 bits`,
        {
          hint: 'train with L2 regularisation (--l2 0.001) or another seed: the weights of this layer differ too much in size',
        },
      );
    }
    accumulatorOffset[n] = folded;
  }
  const requantized: Requantization | null =
    stage && realMultipliers
      ? isThreshold
        ? { multiplier: new Int32Array(outputs).fill(256), shift: 8, maximum: 1 }
        : requantization(realMultipliers, stage.maximum)
      : null;
  return {
    integers: {
      inputs,
      outputs,
      inputMaximum: input.maximum,
      weightBits: precision.weightBits,
      weights,
      bias,
      requantization: requantized,
      table: stage?.table ?? null,
    },
    weightScale,
    accumulatorOffset,
    grid: stage?.grid ?? null,
  };
}
