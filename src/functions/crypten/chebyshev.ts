/**
 * Chebyshev coefficients of tanh, by exact IEEE operations alone: they multiply shares.
 * @module
 */

import { exp2 } from '../../core/elementary.ts';

const LOG2_E = 1.4426950408889634;

/**
 * Coefficients of T_0 to T_(terms−1) for tanh on [−1, 1]: (2/n)·Σ_k tanh(x_k)·T_j(x_k) at the n zeros x_k of T_n. The first counts
 * half; of an odd function it is 0, as are all even ones.
 */
export function tanhSeries(terms: number): Float64Array {
  const sums = new Float64Array(terms);
  for (let k = 0; k < terms; k++) {
    const x = sine(((terms - 1 - 2 * k) * Math.PI) / (2 * terms));
    const y = 1 - 2 / (exp2(2 * LOG2_E * x) + 1);
    let [before, now] = [x, 1];
    for (let j = 0; j < terms; j++) {
      sums[j] += (2 / terms) * y * now;
      [before, now] = [now, 2 * x * now - before];
    }
  }
  return sums;
}

/** sin(x) for |x| ≤ π/2. */
function sine(x: number): number {
  let term = x;
  let sum = x;
  for (let i = 2; i < 30; i += 2) {
    term *= (-x * x) / (i * (i + 1));
    sum += term;
  }
  return sum;
}
