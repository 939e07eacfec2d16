import { ACTIVATIONS, activation } from './activations.js';
import { clamp, round } from './arithmetic.js';
import { hiddenActivation, type DenseLayer } from './network.js';

/** How the activations of `activations.ts` become integers between one layer's accumulators and the next layer's inputs. */

/** real value = scale · (q − zeroPoint), q in 0..maximum. zeroPoint has one entry per unit, or one for all. */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: Int32Array;
  readonly maximum: number;
}

export const gridMaximum = (activationBits: 7 | 8): number => (1 << activationBits) - 1;

/** What an activation asks of the integers between accumulator and activation. */
export interface Stage {
  /** index = (gain·z + offset) / scale + zeroPoint, clamped to 0..maximum */
  readonly gain: number;
  readonly offset: number;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly maximum: number;
  readonly table: Uint8Array | null;
  readonly grid: Grid;
}

const ZERO = new Int32Array(1);

/** Making an array takes longer than all else here, and training comes here in every epoch, however short. */
function lone(value: number): Int32Array {
  if (value === 0) return ZERO;
  const array = new Int32Array(1);
  array[0] = value;
  return array;
}

/** A grid over low..high that holds 0 exactly. `minimumScale` keeps the requantisation multiplier in 16 bits. */
function gridOver(low: number, high: number, maximum: number, minimumScale: number): Grid {
  const from = Math.min(low, 0);
  const scale = Math.max((Math.max(high, 0) - from) / maximum, minimumScale);
  return { scale, zeroPoint: lone(clamp(round(-from / scale), 0, maximum)), maximum };
}

/** 256 values of g at from + j·scale, on a grid of their own. Plain loops: training calls this at every step. */
function tabulate(
  g: (z: number) => number,
  from: number,
  scale: number,
  maximum: number,
): { table: Uint8Array; grid: Grid } {
  const values = new Float64Array(256);
  let lowest = Infinity;
  let highest = -Infinity;
  for (let j = 0; j < 256; j++) {
    values[j] = g(from + j * scale);
    lowest = Math.min(lowest, values[j]);
    highest = Math.max(highest, values[j]);
  }
  const full = gridOver(lowest, highest, maximum, 1e-30);
  const table = new Uint8Array(256);
  let top = 1; // rounding may leave the grid's top unused; the tighter maximum makes a tighter bound
  for (let j = 0; j < 256; j++) {
    table[j] = clamp(round(values[j] / full.scale) + full.zeroPoint[0], 0, maximum);
    top = Math.max(top, table[j]);
  }
  return { table, grid: { ...full, maximum: top } };
}

/** The finest scale of a layer's activations, at which its multipliers fit 16 bits, or are 1/2^activationShift. */
const leastScale = ({ activationShift }: DenseLayer, gain: number, stepScale: number): number =>
  activationShift ? 2 ** activationShift * stepScale : (gain * stepScale) / 255;

/** `stepScale`: the largest change of z that one unit of an accumulator stands for. */
export function stageOf(layer: DenseLayer, activationBits: 7 | 8, stepScale: number): Stage {
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
        leastScale(layer, form.gain, stepScale),
      );
      const { gain, offset } = form;
      return { gain, offset, scale: grid.scale, zeroPoint: grid.zeroPoint[0], maximum, table: null, grid };
    }
    case 'table': {
      const from = Math.max(low, -form.reach);
      const to = Math.max(Math.min(high, form.reach), from);
      const scale = Math.max((to - from) / 255, leastScale(layer, 1, stepScale), 1e-30);
      const { table, grid } = tabulate(g.value, from, scale, maximum);
      return { gain: 1, offset: -from, scale, zeroPoint: 0, maximum: 255, table, grid };
    }
  }
}

/** The largest |z| that the constants of a layer's activation stand for, once they are folded into the bias. */
export function foldedReach(layer: DenseLayer): number {
  if (layer.range === null) {
    const isLone = layer.outputs === 1 && layer.activation !== 'softmax';
    return isLone ? Math.abs(activation(hiddenActivation(layer)).decisionThreshold) : 0;
  }
  const form = activation(hiddenActivation(layer)).integerForm;
  const offset = form.kind === 'clamp' ? form.offset / form.gain : 0;
  return Math.max(Math.abs(layer.range.low), Math.abs(layer.range.high)) + offset;
}

/** The second class of a lone output neuron begins above the decision threshold; integers compare with 0. */
export function outputThreshold(layer: DenseLayer, step: number): number {
  if (layer.outputs !== 1 || layer.activation === 'softmax') return 0;
  if (layer.activation === 'step') return -1; // z >= 0 is accumulator + 1 > 0
  return ACTIVATIONS[layer.activation].decisionThreshold / step;
}
