import { activation } from '../model/activations.js';
import type { DenseLayer } from '../model/network.js';
import { hiddenActivation } from '../model/network.js';
import { softmax } from './loss.js';
import type { Noise } from './noise.js';
import type { LayerShape } from './parameters.js';

/**
 * What the forward pass leaves behind for the backward pass, for up to `capacity` rows. Layer l of the code goes
 * from a[l] to a[l + 1]; it is W^(l+1) in the lecture, which counts from 1.
 */
export interface Pass {
  readonly capacity: number;
  readonly a: readonly Float64Array[]; // L + 1 arrays (rows, s_l); a[0] = x
  readonly z: readonly Float64Array[]; // L arrays (rows, s_{l+1})
  readonly slope: readonly Float64Array[]; // L arrays (rows, s_{l+1}): g'(z); unused in the last
  readonly delta: readonly Float64Array[]; // L arrays (rows, s_{l+1}): ∂J/∂z
}

export function allocatePass(layers: readonly LayerShape[], capacity: number): Pass {
  const perLayer = () => layers.map(({ outputs }) => new Float64Array(capacity * outputs));
  const x = new Float64Array(capacity * layers[0].inputs);
  return { capacity, a: [x, ...perLayer()], z: perLayer(), slope: perLayer(), delta: perLayer() };
}

/** W (n,i) @ a (i,) + b (n,) -> z (n,), for each row. Zero inputs are skipped, which changes no sum. */
export function affine(
  weights: Float64Array,
  bias: Float64Array,
  a: Float64Array,
  rows: number,
  z: Float64Array,
): void {
  const outputs = bias.length;
  const inputs = weights.length / outputs;
  const index = new Int32Array(inputs);
  const value = new Float64Array(inputs);
  for (let r = 0; r < rows; r++) {
    let count = 0;
    for (let i = 0; i < inputs; i++) {
      const x = a[r * inputs + i];
      if (x !== 0) {
        index[count] = i;
        value[count++] = x;
      }
    }
    let n = 0;
    for (const into = r * outputs; n + 4 <= outputs; n += 4) {
      // Four neurons at once, as each sum has to wait for its own last addition.
      const row = n * inputs;
      let [sum0, sum1, sum2, sum3] = [bias[n], bias[n + 1], bias[n + 2], bias[n + 3]];
      for (let k = 0; k < count; k++) {
        const at = row + index[k];
        const x = value[k];
        sum0 += weights[at] * x;
        sum1 += weights[at + inputs] * x;
        sum2 += weights[at + 2 * inputs] * x;
        sum3 += weights[at + 3 * inputs] * x;
      }
      z[into + n] = sum0;
      z[into + n + 1] = sum1;
      z[into + n + 2] = sum2;
      z[into + n + 3] = sum3;
    }
    for (; n < outputs; n++) {
      let sum = bias[n];
      for (let k = 0; k < count; k++) sum += weights[n * inputs + index[k]] * value[k];
      z[r * outputs + n] = sum;
    }
  }
}

/** a = g(z) of the output layer, (rows, K) -> (rows, K) */
export function activateOutput(layer: LayerShape, z: Float64Array, rows: number, a: Float64Array): void {
  const count = layer.outputs;
  if (layer.activation === 'softmax') {
    for (let k = 0; k < rows * count; k += count) softmax(z.subarray(k, k + count), a.subarray(k, k + count));
  } else {
    const g = activation(layer.activation);
    for (let k = 0; k < rows * count; k++) a[k] = g.value(z[k]);
  }
}

/**
 * lecture: z^(l+1) = W^(l) a^(l) + b, a^(l+1) = g(z^(l+1)), from x in pass.a[0] to ŷ in the last pass.a. `noise`
 * is for training alone.
 */
export function forwardProp(layers: readonly DenseLayer[], pass: Pass, rows: number, noise?: Noise): void {
  const last = layers.length - 1;
  layers.forEach((layer, l) => {
    const { weights, bias, outputs } = layer;
    const z = pass.z[l];
    const a = pass.a[l + 1];
    affine(weights, bias, pass.a[l], rows, z);
    if (l === last) {
      activateOutput(layer, z, rows, a);
      return;
    }
    const slope = pass.slope[l];
    const g = activation(hiddenActivation(layer));
    for (let k = 0; k < rows * outputs; k++) {
      a[k] = g.value(z[k]);
      slope[k] = g.derivative(z[k], a[k]);
    }
    noise?.drop(outputs, (k, factor) => {
      a[k] *= factor;
      slope[k] *= factor;
    });
  });
}
