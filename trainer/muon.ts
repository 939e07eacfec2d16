/** One step of the polynomial a·s + b·s³ + c·s⁵ on every singular value s (Jordan et al., "Muon", 2024). */
const A = 3.4445;
const B = -4.775;
const C = 2.0315;
const ITERATIONS = 5;
/** Keeps a gradient of zeros from being divided by 0. */
const EPSILON = 1e-7;

/** M (rows, columns) -> Mᵀ (columns, rows) */
function transpose(m: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(m.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = m[r * columns + c];
  }
  return result;
}

/** M (rows, columns) -> M Mᵀ (rows, rows) */
function gram(m: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * rows);
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s <= r; s++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += m[r * columns + c] * m[s * columns + c];
      result[r * rows + s] = result[s * rows + r] = sum;
    }
  }
  return result;
}

/** P (rows, rows) @ M (rows, columns) + factor · M -> (rows, columns) */
function multiplyAdd(p: Float64Array, m: Float64Array, rows: number, factor: number): Float64Array {
  const columns = m.length / rows;
  const result = m.map((value) => factor * value);
  for (let r = 0; r < rows; r++) {
    const into = result.subarray(r * columns, (r + 1) * columns);
    for (let s = 0; s < rows; s++) {
      const share = p[r * rows + s];
      const from = s * columns;
      for (let c = 0; c < columns; c++) into[c] += share * m[from + c];
    }
  }
  return result;
}

/**
 * Newton-Schulz: nearly the orthogonal matrix UVᵀ of G = UΣVᵀ, (rows, columns) -> (rows, columns). Its singular
 * values lie in about 0.7..1.2, except where those of G are below a hundredth of G's Frobenius norm. Zeros give zeros.
 */
export function orthogonalize(g: Float64Array, rows: number, columns: number): Float64Array {
  // A tall matrix gives the same transposed, with the smaller of both Gram matrices to multiply by.
  if (rows > columns)
    return transpose(orthogonalize(transpose(g, rows, columns), columns, rows), columns, rows);
  let squares = 0;
  for (let k = 0; k < g.length; k++) squares += g[k] * g[k];
  const norm = Math.sqrt(squares) + EPSILON;
  let x: Float64Array = g.map((value) => value / norm);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const xxT = gram(x, rows, columns);
    const polynomial = multiplyAdd(xxT.map((value) => C * value), xxT, rows, B); // prettier-ignore
    x = multiplyAdd(polynomial, x, rows, A);
  }
  return x;
}
