import type { Grid } from '../../model/activation-stage.js';
import { quantizeDense, quantizeInputScaling, type QuantizedDense } from '../../model/quantization.js';
import type { Network } from '../../model/network.js';

/** The layers of a network in integers with their real scales, which the model does not hold. */
export function quantizedLayers({ input, features, layers, precision }: Network): QuantizedDense[] {
  let { grid } = quantizeInputScaling(input, features, precision.activationBits);
  return layers.map((layer) => {
    const dense = quantizeDense(layer, grid, precision);
    grid = dense.grid ?? grid;
    return dense;
  });
}

/** (layers,) the grids of what each layer reads: value = scale · (q − zero point). */
export function inputGrids(network: Network): Grid[] {
  const { grid } = quantizeInputScaling(network.input, network.features, network.precision.activationBits);
  return [grid, ...quantizedLayers(network).flatMap((dense) => dense.grid ?? [])];
}
