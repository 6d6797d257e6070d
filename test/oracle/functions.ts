/**
 * Float64 twins of functions that `Math` lacks.
 * @module
 */

/** 1/(1 + e^−x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** log(1 + e^x). */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 2/√π·e^(−x²), the slope of erf. */
export function gaussian(x: number): number {
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
}

/** erf by its series where |x| < 3, by the continued fraction of erfc beyond; off by less than 1e-13. */
export function erf(x: number): number {
  if (Math.abs(x) >= 3) {
    let fraction = 0;
    for (let k = 60; k > 0; k--) fraction = k / 2 / (Math.abs(x) + fraction);
    const tail = Math.exp(-x * x) / Math.sqrt(Math.PI) / (Math.abs(x) + fraction);
    return Math.sign(x) * (1 - tail);
  }
  let term = x;
  let sum = x;
  for (let k = 1; k < 80; k++) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Φ, the distribution function of the normal distribution. */
export function normalCdf(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}
