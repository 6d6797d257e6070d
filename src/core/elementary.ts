/**
 * Elementary functions by IEEE additions, multiplications and divisions alone: the same bits in every engine.
 *
 * `Math.pow` and its kin may differ by an ulp between engines. Public numbers that multiply shares must not: a difference of one
 * unit at one party is multiplied by a random share.
 * @module
 */

const LN2 = 0.6931471805599453;

/** 2^x for |x| ≤ 1000; relative error below 1e-15, exact for integers. */
export function exp2(x: number): number {
  const whole = Math.floor(x);
  const r = (x - whole) * LN2;
  let term = 1;
  let sum = 1;
  for (let i = 1; i <= 20; i++) {
    term *= r / i;
    sum += term;
  }
  return sum * 2 ** whole;
}
