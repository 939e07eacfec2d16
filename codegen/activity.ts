import { accumulate, activate, quantizeInputs } from '../model/infer.js';
import type { QuantizedLayer, QuantizedModel } from '../model/quantized-model.js';

/** How much of a layer is not zero: in one row, each share is 0 or 1. */
export interface LayerActivity {
  /** (inputs,) share of rows in which an input is not 0. */
  readonly active: Float64Array;
  /** (outputs,) share of rows in which a sum is not below 0. */
  readonly positive: Float64Array;
  /** (outputs,) share of rows in which an activation would exceed the largest. */
  readonly saturated: Float64Array;
}
export type Activity = readonly LayerActivity[];

const filled = (length: number, share: number): Float64Array => new Float64Array(length).fill(share);

/** Nothing is zero: no row can take longer. */
export const fullActivity = ({ layers }: QuantizedModel): Activity =>
  layers.map(({ inputs, outputs }) => ({
    active: filled(inputs, 1),
    positive: filled(outputs, 1),
    saturated: filled(outputs, 1),
  }));

/** Half of the activations that can rest do, and none saturates; inputs do not rest, and neither does what comes out of a table. */
export function assumedActivity({ layers }: QuantizedModel): Activity {
  const rests = (layer: QuantizedLayer | undefined): boolean => layer !== undefined && layer.table === null;
  return layers.map((layer, l) => ({
    active: filled(layer.inputs, rests(layers[l - 1]) ? 0.5 : 1),
    positive: filled(layer.outputs, 0.5),
    saturated: filled(layer.outputs, 0),
  }));
}

/** Whether a sum becomes more than the largest activation. */
function saturates({ requantization: q }: QuantizedLayer, sum: number, n: number): boolean {
  return q !== null && sum * q.multiplier[n] + 2 ** (q.shift - 1) >= (q.maximum + 1) * 2 ** q.shift;
}

/** raw (features,) -> what one row makes of every layer */
export function rowActivity(model: QuantizedModel, raw: ArrayLike<number>): Activity {
  let x = quantizeInputs(model.input, raw);
  return model.layers.map((layer) => {
    const active = Float64Array.from(x, (value) => (value === 0 ? 0 : 1));
    const sums = accumulate(layer, x);
    if (layer.requantization) x = activate(layer, sums);
    return {
      active,
      positive: Float64Array.from(sums, (sum) => (sum >= 0 ? 1 : 0)),
      saturated: Float64Array.from(sums, (sum, n) => (saturates(layer, sum, n) ? 1 : 0)),
    };
  });
}
