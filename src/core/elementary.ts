/**
 * Elementary functions by IEEE additions, multiplications and divisions alone: the same bits in every engine.
 *
 * `Math.exp` and its kin may differ by an ulp between engines. Tables that parties hold must not: a difference of one unit in
 * one party's table is multiplied by a random share.
 * @module
 */

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** e^x for |x| ≤ 700; relative error below 4e-16. */
export function exp(x: number): number {
  const k = Math.round(x / (LN2_HIGH + LN2_LOW));
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let term = 1;
  let sum = 1;
  for (let i = 1; i <= 18; i++) {
    term *= r / i;
    sum += term;
  }
  return sum * 2 ** k;
}

/** log(1 + x) for 0 ≤ x ≤ 1 as 2·artanh(x/(2 + x)); absolute error below 4e-16. */
export function log1p(x: number): number {
  const z = x / (2 + x);
  let power = z;
  let sum = 0;
  for (let i = 1; i < 41; i += 2) {
    sum += power / i;
    power *= z * z;
  }
  return 2 * sum;
}

/** 1/(1 + e^−x). */
export function logistic(x: number): number {
  return 1 / (1 + exp(-x));
}

/** log(1 + e^−t) for any t. */
export function logOnePlusExpMinus(t: number): number {
  return t >= 0 ? log1p(exp(-t)) : -t + log1p(exp(t));
}
