/**
 * CrypTen's iterations in float64, as crypten/common/functions/approximations.py has them (commit 775868a0), with the defects of
 * its odd powers and its option names left out.
 * @module
 */

/** (1 + x/2^d)^(2^d). */
export function exp(x: number, iterations = 8): number {
  let y = 1 + x / 2 ** iterations;
  for (let i = 0; i < iterations; i++) y *= y;
  return y;
}

/** Householder's iteration for the logarithm. */
export function log(x: number, iterations = 2, expIterations = 8, order = 8): number {
  let y = x / 120 - 20 * exp(-2 * x - 1, expIterations) + 3;
  for (let i = 0; i < iterations; i++) {
    const h = 1 - x * exp(-y, expIterations);
    for (let k = 1; k <= order; k++) y -= h ** k / k;
  }
  return y;
}

/** The logarithm of x between 0 and 1. */
export function logIn01(x: number): number {
  return log(100 * x) - 4.60517;
}

/** Newton's iteration for 1/x, x > 0. */
export function reciprocalNR(
  x: number,
  iterations = 10,
  initial = 3 * exp(1 - 2 * x) + 0.003,
): number {
  let y = initial;
  for (let i = 0; i < iterations; i++) y = 2 * y - y * y * x;
  return y;
}

/** e^(−log x), x > 0. */
export function reciprocalLog(x: number, logIters = 1): number {
  return exp(-log(x, logIters));
}

/** Newton's iteration for 1/√x. */
export function rsqrt(
  x: number,
  iterations = 3,
  initial = 2.2 * exp(-(x / 2 + 0.2)) + 0.2 - x / 1024,
): number {
  let y = initial;
  for (let i = 0; i < iterations; i++) y = (y * (3 - x * y * y)) / 2;
  return y;
}

/** cos x and sin x by k complex squares. */
export function cossin(x: number, iterations = 10): [cos: number, sin: number] {
  let [re, im] = [1, x / 2 ** iterations];
  for (let i = 0; i < iterations; i++) [re, im] = [re * re - im * im, 2 * re * im];
  return [re, im];
}

/** 1/(1 + e^−|x|) or 1 minus that. */
export function sigmoidReciprocal(x: number): number {
  const upper = reciprocalNR(1 + exp(-Math.abs(x)), 3, 0.75);
  return x >= 0 ? upper : 1 - upper;
}

/** Chebyshev coefficients of a function on [−1, 1], the first to count half. */
export function chebyshevSeries(f: (x: number) => number, terms: number): number[] {
  const zeros = Array.from({ length: terms }, (_, k) => ((k + 0.5) * Math.PI) / terms);
  return zeros.map(
    (_, j) => (2 / terms) * zeros.reduce((sum, at) => sum + f(Math.cos(at)) * Math.cos(j * at), 0),
  );
}

/** tanh by the odd terms of its Chebyshev series, between −1 and 1. */
export function tanhChebyshev(x: number, terms = 32): number {
  const series = chebyshevSeries(Math.tanh, terms);
  let sum = 0;
  let [before, now] = [x, 1];
  for (let j = 0; j < terms; j++) {
    if (j % 2 === 1) sum += series[j] * now;
    [before, now] = [now, 2 * x * now - before];
  }
  return Math.min(1, Math.max(-1, sum));
}

/** erf by its Taylor series. */
export function erf(x: number, iterations = 8): number {
  let sum = 0;
  let factor = 2 / Math.sqrt(Math.PI);
  for (let n = 0; n <= iterations; n++) {
    sum += (factor * x ** (2 * n + 1)) / (2 * n + 1);
    factor /= -(n + 1);
  }
  return sum;
}
