import { H_LAYERS, H_PARAMETERS, HEADER_BYTES, L_INPUTS, L_OUTPUTS, L_WEIGHTS, LAYER_BYTES, PANEL_BYTES } from './layout';

/** Column n of a panel (inputs, 8) -> f64 (inputs,); returns the largest of `largest` and their magnitudes, NaN with a NaN. */
@inline
function readColumn(weight: usize, inputs: usize, into: usize, largest: f64): f64 {
  for (const end = into + (inputs << 3); into < end; into += 8) {
    const w = <f64>load<f32>(weight);
    store<f64>(into, w);
    largest = max(largest, abs(w));
    weight += PANEL_BYTES;
  }
  return largest;
}

/** All weights and biases to H_PARAMETERS; returns the largest magnitude, NaN where one is no number. */
export function readParameters(): f64 {
  const layers = load<i32>(H_LAYERS);
  let into = load<usize>(H_PARAMETERS);
  let largest: f64 = 0;
  for (let l = 0; l < layers; l++) {
    const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
    const inputs = load<usize>(layer, L_INPUTS);
    const outputs = load<usize>(layer, L_OUTPUTS);
    const panelBytes = (inputs + 1) * PANEL_BYTES;
    const biases = into + ((inputs * outputs) << 3);
    for (let n: usize = 0; n < outputs; n++) {
      const column = load<usize>(layer, L_WEIGHTS) + (n >> 3) * panelBytes + ((n & 7) << 2);
      largest = readColumn(column, inputs, into, largest);
      into += inputs << 3;
      const bias = column + inputs * PANEL_BYTES;
      largest = readColumn(bias, 1, biases + (n << 3), largest);
    }
    into += outputs << 3;
  }
  return largest;
}
