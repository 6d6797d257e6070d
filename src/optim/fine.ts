/**
 * The numbers that adaptive steps are made of, finer than the session's precision, and 1/(√v + ε) of them.
 *
 * A gradient of 10⁻³ has a square of 10⁻⁶, below the last of 16 fractional bits. So gradients and their averages keep 24 bits, squares
 * and their sums 28. Averages are kept as sums, u ← β·u + g² without the factor 1 − β, which makes them 1/(1 − β) times larger
 * than the rounding of a step, whatever its direction; the factor is public and goes into the step size.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';

/** Below this ε it counts as 0: it is far below the smallest root that can be told from 0. */
const LEAST_EPS = 2 ** -24;

/** Fractional bits of gradients: 24 where the session has 16. */
export function gradientBits(precision: number): number {
  return Math.max(precision, Math.min(precision + 8, 44 - precision));
}

/** Fractional bits of squares: 28 where the session has 16. */
export function squareBits(precision: number): number {
  return Math.max(precision, Math.min(precision + 12, 48 - precision));
}

/** Fractional bits of parameters before they are rounded: 40 where the session has 16; a step may bring more. */
export function exactBits(precision: number): number {
  return Math.max(precision, Math.min(precision + 24, 40));
}

/** Secret zeros like a tensor, with these fractional bits: the state before the first step. */
export function zerosLike({ party, shape }: CrypTensor, precision: number): CrypTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return party.cryptensor({ shape, data: new Float64Array(size) }, { precision });
}

/** x with at least these fractional bits; nothing is truncated. */
export function widened(x: CrypTensor, precision: number): CrypTensor {
  return x.precision >= precision ? x : zerosLike(x, precision).add(x);
}

/** x truncated to these fractional bits and no further, where it still owes what is below. */
export function refined(x: CrypTensor, precision: number): CrypTensor {
  return widened(x, precision).settle_();
}

/** sum·decay + x for settled tensors, as sum − (1 − decay)·sum + x: a factor has 16 significant bits, and what matters is 1 − decay. */
export function decayed(sum: CrypTensor, decay: number, x: CrypTensor): CrypTensor {
  return sum.sub(sum.mul(1 - decay).settle_()).add(x);
}

/**
 * x/(√(u·spread²) + eps)·spread, elementwise; 0 where u is 0 and eps counts as 0. The missing 1/spread is the caller's.
 *
 * Scale   x's, owed one truncation.
 * Cost    12 rounds, 87 B an element of two parties; with an eps from 2^−24 on 26 rounds, 186 B.
 * Error   1.8e-5·√u of the result, and what the last of u's bits makes.
 */
export function overRoot(x: CrypTensor, u: CrypTensor, spread: number, eps: number): CrypTensor {
  const inverse = u.rsqrt();
  if (eps < LEAST_EPS) return x.mul(inverse);
  return x.mul(
    u
      .mul(inverse)
      .settle_()
      .add(eps / spread)
      .reciprocal(),
  );
}
