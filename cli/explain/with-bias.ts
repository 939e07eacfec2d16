import type { LayerSlice } from '../../trainer/parameters.js';

/** weights (outputs, inputs) and bias (outputs,) -> (outputs, 1 + inputs), as the lecture's w_i0, w_i1, w_i2 … */
export function withBias({ weights, bias }: LayerSlice): Float64Array[] {
  const inputs = weights.length / bias.length;
  return Array.from(bias, (w0, i) => {
    const row = new Float64Array(1 + inputs);
    row[0] = w0;
    row.set(weights.subarray(i * inputs, (i + 1) * inputs), 1);
    return row;
  });
}
