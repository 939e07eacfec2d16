import type { QuantizedLayer } from '../model/quantized-model.js';
import { int, rows } from './c-text.js';
import { render } from './render.js';

/**
 * A layer as plain C that holds its own weights: what stands beside assembly that has them in its instructions. `from` and
 * `to` are C expressions of arrays.
 */
export function layerInC(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  from: string,
  to: string,
): string {
  const { inputs, outputs, weights, bias, requantization } = layer;
  const nested = (values: ArrayLike<number>): string => rows(values, int, ' '.repeat(12));
  return render('kernels/layer-in-c.c.hbs', {
    prefix,
    layer: int(number),
    from,
    to,
    inputs: int(inputs),
    outputs: int(outputs),
    weightCount: int(weights.length),
    weightRows: nested(weights),
    biasRows: nested(bias),
    multiplierRows: requantization !== null && nested(requantization.multiplier),
    shift: int(requantization?.shift ?? 0),
    maximum: int(requantization?.maximum ?? 0),
    table: layer.table !== null && `${prefix}_table${int(number)}`,
  });
}
