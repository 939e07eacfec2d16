import type { Terms } from '../codegen/layer-work.js';

/** Coefficients of terms, so that most observations are met exactly and outliers do not matter. */

export interface Observation {
  readonly terms: Terms;
  readonly measured: number;
}

const ROUNDS = 40;
/** Residuals below this share of what is tolerated count alike. */
const LEAST_RESIDUAL = 0.05;

/** Solves A x = b for a symmetric positive definite A (n, n), row major, by Cholesky's factors. */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j];
    }
  }
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
    x[i] /= l[i * n + i];
  }
  return x;
}

/**
 * Least absolute residuals by iteratively reweighted least squares. `tolerance` says of a measured value by how much it
 * may be missed: residuals count relative to it. `usual` is about how large coefficients are: those that few observations
 * tell stay near 0, so that what is rare goes by the terms that it has in common with others.
 */
export function fitTerms(
  observations: readonly Observation[],
  tolerance: (measured: number) => number,
  usual: number,
): Record<string, number> {
  const names = [...new Set(observations.flatMap(({ terms }) => Object.keys(terms)))]
    .filter((name) => name !== 'exact' && observations.some(({ terms }) => (terms[name] ?? 0) !== 0))
    .sort();
  const n = names.length;
  const scales = names.map((name) =>
    Math.sqrt(
      observations.reduce((sum, { terms }) => sum + (terms[name] ?? 0) ** 2, 0) / observations.length,
    ),
  );
  const rows = observations.map(({ terms }) => names.map((name, k) => (terms[name] ?? 0) / scales[k]));
  const wanted = observations.map(({ terms, measured }) => measured - (terms.exact ?? 0));
  const limits = observations.map(({ measured }) => tolerance(measured));
  let weights = limits.map((limit) => 1 / limit);
  let x: Float64Array = new Float64Array(n);
  for (let round = 0; round < ROUNDS; round++) {
    const a = new Float64Array(n * n);
    const b = new Float64Array(n);
    rows.forEach((row, r) => {
      const weight = weights[r] ** 2;
      for (let i = 0; i < n; i++) {
        if (row[i] === 0) continue;
        b[i] += weight * row[i] * wanted[r];
        for (let j = 0; j <= i; j++) a[i * n + j] += weight * row[i] * row[j];
      }
    });
    for (let i = 0; i < n; i++) a[i * n + i] += 1 / (usual * scales[i]) ** 2;
    x = solve(a, b);
    weights = rows.map((row, r) => {
      const residual = Math.abs(row.reduce((sum, value, i) => sum + value * x[i], 0) - wanted[r]) / limits[r];
      return 1 / (limits[r] * Math.sqrt(Math.max(residual, LEAST_RESIDUAL)));
    });
  }
  return Object.fromEntries(names.map((name, k) => [name, Math.round((1000 * x[k]) / scales[k]) / 1000]));
}
