/**
 * Gradients of logits from the gradient of the layer that made them.
 * @module
 */

/** Part of the mean square of A's columns that is added to AᵀA, so that dead columns do no harm. */
const RIDGE = 1e-9;

/**
 * dz with Aᵀ·dz ≈ gradient: A·(AᵀA + κ)⁻¹·gradient, the least squares solution of least norm for κ → 0, and the best linear estimate
 * under noise of variance κ times that of dz.
 *
 * @param rows A, [rows, columns], row by row.
 */
export function logitGradients(
  rows: Float64Array,
  columns: number,
  gradient: Float64Array,
  kappa: number,
): Float64Array {
  const count = rows.length / columns;
  const gram = new Float64Array(columns * columns);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < columns; i++) {
      const a = rows[row * columns + i];
      for (let j = 0; j <= i; j++) gram[i * columns + j] += a * rows[row * columns + j];
    }
  }
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += gram[i * columns + i];
  for (let i = 0; i < columns; i++) {
    gram[i * columns + i] += kappa + (RIDGE * trace) / columns + Number.MIN_VALUE;
  }
  const x = solve(gram, columns, gradient);
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += rows[row * columns + i] * x[i];
    return sum;
  });
}

/** The solution of a positive definite system, of which the lower half is given and overwritten, by Cholesky's factors. */
function solve(lower: Float64Array, n: number, right: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * n + j];
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j];
    }
  }
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i * n + k] * x[k];
    x[i] /= lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= lower[k * n + i] * x[k];
    x[i] /= lower[i * n + i];
  }
  return x;
}
