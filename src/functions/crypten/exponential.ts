/**
 * CrypTen's exponential: the limit (1 + x/2^d)^(2^d).
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import type { Share } from '../../protocol/share.ts';
import { add, square } from '../arithmetic.ts';
import { plainScalar, scale } from '../public.ts';
import { entering } from './entering.ts';
import type { MethodTable, OwnMethod } from './options.ts';

/** How e^x is computed. */
export type ExpOptions = OwnMethod | LimitOptions;

/** The limit (1 + x/2^iterations)^(2^iterations). */
export interface LimitOptions {
  readonly method: 'limit';
  /** Squares; 8 unless said. */
  readonly iterations?: number | undefined;
}

/** The methods of `exp`. */
export const EXP_METHODS: MethodTable = { limit: { iterations: 'count' } };

/** CrypTen's `exp_iterations`. */
export const EXP_ITERATIONS = 8;

/**
 * e^x by d squares.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision.
 * Cost    d squares and their truncations: 2d rounds.
 * Error   that of the limit, x²/2^(d+1) of the result, and 2^d ulp relative to 1; d = 8: 5 % within ±4.9, 0.01 from −500 to 0.
 *         Wrong below −2^(d+1) and where e^x > 2^(30 − precision/2).
 * Leaks   nothing.
 */
export function limitExp(ctx: Context, x: Share, iterations: number = EXP_ITERATIONS): Share {
  let y = add(ctx, scale(ctx, 'exp', entering(ctx, x), 2 ** -iterations), plainScalar(1));
  for (let i = 0; i < iterations; i++) y = square(ctx, y);
  return y;
}
