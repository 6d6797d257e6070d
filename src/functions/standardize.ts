/**
 * To mean 0 and variance 1 along axes: what layer normalisation and batch normalisation share.
 *
 * With d = x − mean over n elements, d/√(Σd²/n + ε) = d·(√n/√(Σd² + n·ε)): the factor √n costs nothing in the root, and the sum of
 * squares keeps more fractional bits than a variance would. A result is at most √n, for which the factor leaves room.
 *
 * Cost    as `layerNorm`. Leaks   nothing.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sizeOf } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, sub } from './arithmetic.ts';
import { plainScalar, scale, scaleFinely } from './public.ts';
import { sum } from './reduce.ts';
import { coarser, rsqrtTimes } from './roots.ts';
import { sumOfSquares } from './squares.ts';

/** What was standardised, and what is left for the backward pass and for running statistics. */
export interface Standardized {
  readonly normalized: Share;
  /** 1/√(variance + ε). */
  readonly factor: Share;
  /** Σ x and Σ (x − mean)², the axes of size 1. */
  readonly total: Share;
  readonly squares: Share;
  readonly axes: readonly number[];
}

/**
 * (x − mean)/√(variance + ε) along axes; the variance is the biased one.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision, once settled.
 * Error   1 ulp, an ulp over the standard deviation and 2^−16 of the result; Σ (x − mean)² < 2^(62 − 2·precision).
 *
 * @throws {MpcError} ERR_MPC_RANGE for nothing to normalise or eps < 0.
 */
export function standardize(
  ctx: Context,
  op: string,
  x: Share,
  axes: readonly number[],
  eps: number,
): Standardized {
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  if (count === 0 || !(eps >= 0)) {
    throw new MpcError('ERR_MPC_RANGE', `${op}: needs elements to normalise and eps from 0 up`);
  }
  const total = sum(ctx, x, { dim: axes, keepdim: true });
  // n·x − Σx is exact: what is rounded is the distance from the mean, not the mean.
  const distance = sub(ctx, scale(ctx, op, x, count), total);
  const centered = settle(ctx, scale(ctx, op, distance, 1 / count));
  const squares = settle(ctx, sumOfSquares(ctx, centered, axes, true));
  const spread = add(ctx, squares, plainScalar(eps * count));
  const factor = rsqrtTimes(ctx, spread, Math.sqrt(count));
  const product = mul(ctx, centered, factor);
  const normalized = rescaleA(ctx, product, product.fracBits, ctx.session.precision);
  return { normalized, factor, total, squares, axes };
}

/** The gradient of x from that of the standardised x: (dy − mean(dy) − y·mean(dy·y))·factor. */
export function standardizeBackward(
  ctx: Context,
  op: string,
  { normalized, factor, axes }: Standardized,
  dy: Share,
): Share {
  const count = sizeOf(axes.map((axis) => normalized.shape[axis]));
  const mean = (share: Share): Share =>
    scaleFinely(ctx, op, sum(ctx, share, { dim: axes, keepdim: true }), 1 / count);
  const along = mul(ctx, normalized, mean(mul(ctx, dy, normalized)));
  const across = sub(ctx, sub(ctx, dy, mean(dy)), along);
  return mul(ctx, across, coarser(ctx, factor));
}
