import type { Pass } from './forward.js';
import type { LayerSlice } from './parameters.js';

/** lecture: Δ_ij^(l) := Δ_ij^(l) + a_j^(l) δ_i^(l+1), over all rows: δ (rows,n)ᵀ @ a (rows,i) -> Δ (n,i) */
function accumulateGradient(delta: Float64Array, a: Float64Array, rows: number, into: LayerSlice): void {
  const { weights, bias } = into;
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
    for (let n = 0; n < outputs; n++) {
      const d = delta[r * outputs + n];
      if (d === 0) continue;
      const row = n * inputs;
      bias[n] += d;
      for (let k = 0; k < count; k++) weights[row + index[k]] += d * value[k];
    }
  }
}

/** lecture: δ^(l) = (W^(l))ᵀ δ^(l+1) · g'(z^(l)), for each row: W (n,i)ᵀ @ δ (n,) · slope (i,) -> (i,) */
function propagateDelta(
  weights: Float64Array,
  delta: Float64Array,
  outputs: number,
  rows: number,
  slope: Float64Array,
  into: Float64Array,
): void {
  const inputs = weights.length / outputs;
  for (let r = 0; r < rows; r++) {
    const from = r * inputs;
    into.fill(0, from, from + inputs);
    for (let n = 0; n < outputs; n++) {
      const d = delta[r * outputs + n];
      if (d === 0) continue;
      const row = n * inputs;
      for (let i = 0; i < inputs; i++) into[from + i] += weights[row + i] * d;
    }
    for (let i = from; i < from + inputs; i++) into[i] *= slope[i];
  }
}

/**
 * Backpropagation from δ^(L), which lies in the last `pass.delta`, to Δ = Σ_rows ∂J/∂W, which is added to
 * `gradient`. `weights` are those of the forward pass, one (outputs, inputs) array per layer. No δ is formed for
 * the input layer (lecture: "para la primera capa no se debe calcular").
 */
export function backProp(
  weights: readonly Float64Array[],
  pass: Pass,
  rows: number,
  gradient: readonly LayerSlice[],
): void {
  for (let l = weights.length - 1; l >= 0; l--) {
    accumulateGradient(pass.delta[l], pass.a[l], rows, gradient[l]);
    if (l > 0) {
      const outputs = gradient[l].bias.length;
      propagateDelta(weights[l], pass.delta[l], outputs, rows, pass.slope[l - 1], pass.delta[l - 1]);
    }
  }
}
