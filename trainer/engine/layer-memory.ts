import { ACTIVATIONS, type OutputActivationName } from '../../model/activations.js';
import type { AccumulatorBits } from '../../model/quantized-model.js';
import type { LayerShape } from '../parameters.js';
import type { Arena } from './arena.js';
import * as at from './assembly/layout.js';

/** The record of a layer and the arrays that it points to. */

const KINDS: Readonly<Record<OutputActivationName, number>> = {
  identity: at.IDENTITY,
  step: at.STEP,
  sigmoid: at.SIGMOID,
  tanh: at.TANH,
  relu: at.RELU,
  'leaky-relu': at.LEAKY_RELU,
  elu: at.ELU,
  softplus: at.SOFTPLUS,
  'hard-sigmoid': at.HARD_SIGMOID,
  'hard-tanh': at.HARD_TANH,
  softmax: at.SOFTMAX,
};

export const panelsOf = (units: number): number => Math.ceil(units / at.PANEL);

/** Address of the record of layer l. */
export const recordOf = (l: number): number => at.HEADER_BYTES + l * at.LAYER_BYTES;

/** Arrays of one layer: record field -> bytes; some of them only where the forward pass goes through integers. */
function layerArrays({ inputs, outputs }: LayerShape, batch: number, isFixed: boolean): [number, number][] {
  const panels = panelsOf(outputs);
  const weights = panels * (inputs + 1) * at.PANEL_BYTES;
  const units = batch * panels * at.PANEL_BYTES;
  const perNeuron = panels * at.PANEL * 8;
  const inStride = panelsOf(inputs) * at.PANEL * 2;
  const arrays: [number, number][] = [
    [at.L_IN_ROWS, batch * 4],
    [at.L_WEIGHTS, weights],
    [at.L_FIRST, weights],
    [at.L_SECOND, weights],
    [at.L_TRANSPOSED, panelsOf(inputs) * outputs * at.PANEL_BYTES],
    [at.L_Z, units],
    [at.L_A, units],
    [at.L_SLOPE, units],
    [at.L_DELTA, units],
  ];
  if (!isFixed) return arrays;
  return [
    ...arrays,
    [at.L_INTEGERS, weights + panels * at.PANEL_BYTES * 4], // enough for i32, and for pairs filled up to four
    [at.L_MASK, units],
    [at.L_SCALE, perNeuron],
    [at.L_STEP, perNeuron],
    [at.L_BIAS, perNeuron],
    [at.L_OFFSET, perNeuron],
    [at.L_MULTIPLIER, perNeuron],
    [at.L_TABLE, 256],
    [at.L_IN_INTEGERS, batch * inStride],
    [at.L_IN_INTEGER_ROWS, batch * 4],
    [at.L_SUMS, panels * at.SUM_BYTES],
    [at.L_IS_STALE, panels],
    [at.L_CONSTANTS, panels * at.CONSTANT_BYTES],
  ];
}

/** Record field -> address, for each layer. */
export function placeLayers(
  arena: Arena,
  shapes: readonly LayerShape[],
  batch: number,
  isFixed: boolean,
): ReadonlyMap<number, number>[] {
  return shapes.map(
    (shape) =>
      new Map(layerArrays(shape, batch, isFixed).map(([field, bytes]) => [field, arena.take(bytes)])),
  );
}

/** Writes the record of layer `l`, but for what depends on the inputs. */
export function writeLayer(
  view: DataView,
  shapes: readonly LayerShape[],
  places: readonly ReadonlyMap<number, number>[],
  l: number,
  batch: number,
  isFixed: boolean,
  accumulator: AccumulatorBits | 'auto',
): void {
  const { inputs, outputs, activation } = shapes[l];
  const isHidden = l < shapes.length - 1;
  const integer = (field: number, x: number) => view.setUint32(recordOf(l) + field, x, true);
  for (const [field, address] of places[l]) integer(field, address);
  integer(at.L_INPUTS, inputs);
  integer(at.L_ACCUMULATOR, accumulator === 'auto' ? 0 : accumulator);
  integer(at.L_OUTPUTS, outputs);
  integer(at.L_PANELS, panelsOf(outputs));
  integer(at.L_STRIDE, panelsOf(outputs) * at.PANEL_BYTES);
  integer(at.L_IN_STRIDE, panelsOf(inputs) * at.PANEL * 2);
  integer(at.L_ACTIVATION, KINDS[activation]);
  integer(at.L_IS_RELU, activation === 'relu' && isHidden && !isFixed ? 1 : 0);
  const isTable =
    isHidden && activation !== 'softmax' && ACTIVATIONS[activation].integerForm.kind === 'table';
  if (!isTable) integer(at.L_TABLE, 0);
  const place = places[l];
  if (l > 0) {
    const stride = panelsOf(inputs) * at.PANEL_BYTES;
    writeRows(view, place.get(at.L_IN_ROWS)!, places[l - 1].get(at.L_A)!, stride, batch);
  }
  if (isFixed) {
    const stride = panelsOf(inputs) * at.PANEL * 2;
    writeRows(view, place.get(at.L_IN_INTEGER_ROWS)!, place.get(at.L_IN_INTEGERS)!, stride, batch);
  }
}

/** The addresses of a layer's input rows, which lie `stride` bytes apart from `first` on, to (batch,) at `addresses`. */
export function writeRows(
  view: DataView,
  addresses: number,
  first: number,
  stride: number,
  batch: number,
): void {
  for (let r = 0; r < batch; r++) view.setUint32(addresses + 4 * r, first + r * stride, true);
}
