/**
 * CrypTen's square roots: Newton's iteration for 1/√x.
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import type { Share } from '../../protocol/share.ts';
import { add, mul, sub } from '../arithmetic.ts';
import { constant, plainScalar, scale } from '../public.ts';
import { entering } from './entering.ts';
import { limitExp } from './exponential.ts';
import type { MethodTable, OwnMethod } from './options.ts';

/** How √x and 1/√x are computed. */
export type RootOptions = OwnMethod | RootNewtonOptions;

/** y ← y·(3 − x·y²)/2 for 1/√x; √x is x times that. */
export interface RootNewtonOptions {
  readonly method: 'NR';
  /** Steps; 3 unless said. */
  readonly iterations?: number | undefined;
  /** Where to begin; 2.2·e^(−x/2 − 0.2) + 0.2 − x/1024 unless said. */
  readonly initial?: number | undefined;
}

/** The methods of `sqrt` and `rsqrt`. */
export const ROOT_METHODS: MethodTable = { NR: { iterations: 'count', initial: 'number' } };

/**
 * 1/√x by Newton's iteration.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision.
 * Cost    an exponential by the limit without an initial value, then 6 rounds and three products a step.
 * Error   5 % from 0.06 to 165; wrong outside.
 * Leaks   nothing.
 */
export function newtonRsqrt(
  ctx: Context,
  x: Share,
  { iterations = 3, initial }: RootNewtonOptions,
): Share {
  const from = entering(ctx, x);
  let y = initial === undefined ? guess(ctx, from) : constant(ctx, 'rsqrt', x.shape, initial);
  for (let i = 0; i < iterations; i++) {
    const rest = sub(ctx, plainScalar(3), mul(ctx, mul(ctx, from, y), y));
    y = scale(ctx, 'rsqrt', mul(ctx, y, rest), 0.5);
  }
  return y;
}

/** √x, and what it was made with. */
export interface NewtonRoot {
  readonly root: Share;
  readonly inverse: Share;
}

/**
 * √x = x/√x by Newton's iteration.
 *
 * Shape, Scale, Error   as `newtonRsqrt`.
 * Cost    as `newtonRsqrt`, and a product.
 * Leaks   nothing.
 */
export function newtonSqrt(ctx: Context, x: Share, opts: RootNewtonOptions): NewtonRoot {
  const from = entering(ctx, x);
  const inverse = newtonRsqrt(ctx, from, opts);
  return { root: mul(ctx, inverse, from), inverse };
}

function guess(ctx: Context, x: Share): Share {
  const half = sub(ctx, scale(ctx, 'rsqrt', x, -0.5), plainScalar(0.2));
  const tail = scale(ctx, 'rsqrt', limitExp(ctx, half), 2.2);
  return sub(ctx, add(ctx, tail, plainScalar(0.2)), scale(ctx, 'rsqrt', x, 2 ** -10));
}
