/**
 * CrypTen's error function: its Taylor series.
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import type { Share } from '../../protocol/share.ts';
import { polynomial } from '../polynomial.ts';
import { entering } from './entering.ts';
import type { MethodTable, OwnMethod } from './options.ts';

/** How erf is computed. */
export type ErfOptions = OwnMethod | TaylorOptions;

/** 2/√π·Σ_n (−1)^n·x^(2n+1)/(n!·(2n + 1)). */
export interface TaylorOptions {
  readonly method: 'taylor';
  /** The last n; 8 unless said. */
  readonly iterations?: number | undefined;
}

/** The methods of `erf`. */
export const ERF_METHODS: MethodTable = { taylor: { iterations: 'count' } };

/**
 * erf(x) by its Taylor series.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision.
 * Cost    ceil(log2 n) rounds of products for n = 2·iterations + 1, with a truncation after each.
 * Error   0.01 within ±1.5 by 8 iterations; wrong where |x|^n ≥ 2^30.
 * Leaks   nothing.
 */
export function taylorErf(ctx: Context, x: Share, iterations = 8): Share {
  const data = new Float64Array(2 * iterations + 1);
  let factor = 2 / Math.sqrt(Math.PI);
  for (let n = 0; n <= iterations; n++) {
    data[2 * n] = factor / (2 * n + 1);
    factor /= -(n + 1);
  }
  return polynomial(ctx, entering(ctx, x), { shape: [data.length], data });
}
