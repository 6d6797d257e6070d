/**
 * Variances over dims.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { mul, square, sub } from './arithmetic.ts';
import type { Forward, OpRecord } from './op.ts';
import { scale, scaleFinely } from './public.ts';
import { axesOf, countOf, expandReduced, sum, type ReduceOptions } from './reduce.ts';

/** What is reduced, and whether the sum of squares is divided by n − 1 (unless said otherwise) or by n. */
export interface VarianceOptions extends ReduceOptions {
  readonly unbiased?: boolean | undefined;
}

interface VarianceSaved {
  /** x − mean. */
  readonly centered: Share;
  readonly axes: readonly number[];
  readonly divisor: number;
}

/**
 * Variance over dims: Σ(x − mean)²/(n − 1), or /n where `unbiased` is false, as in PyTorch.
 *
 * Shape   as `sum`.
 * Scale   twice x's until settled.
 * Cost    1 round and 8 B an element for the squares, after the truncation of x − mean.
 * Error   2 ulp of the largest |x − mean| and 2^−15 of the variance.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, ERR_MPC_RANGE where fewer than two elements (biased: none) meet.
 */
export function variance(ctx: Context, x: Share, opts: VarianceOptions = {}): Share {
  return spread(ctx, [x], opts).output;
}

/** The record of `variance`. */
export const varianceOp: OpRecord<Share, VarianceOptions, VarianceSaved> = {
  name: 'variance',
  forward: spread,
  backward: (ctx, { centered, axes, divisor }, dy) => {
    const wide = expandReduced(dy, centered.shape, axes);
    return [scaleFinely(ctx, 'var', mul(ctx, centered, wide), 2 / divisor)];
  },
};

function spread(
  ctx: Context,
  [x]: readonly Share[],
  { dim, unbiased = true, keepdim = false }: VarianceOptions,
): Forward<VarianceSaved> {
  const axes = axesOf('var', x.shape, dim);
  const count = countOf('var', x.shape, axes);
  if (unbiased && count < 2) throw tooFew(x.shape);
  const divisor = unbiased ? count - 1 : count;
  // n·x − Σx is exact: what is rounded is the distance from the mean, not the mean.
  const total = sum(ctx, x, { dim: axes.length === 0 ? undefined : axes, keepdim: true });
  const distance = sub(ctx, scale(ctx, 'var', x, count), total);
  const centered = scale(ctx, 'var', distance, 1 / count);
  const squares = sum(ctx, square(ctx, centered), { dim, keepdim });
  return { output: scale(ctx, 'var', squares, 1 / divisor), saved: { centered, axes, divisor } };
}

function tooFew(shape: Shape): MpcError {
  return new MpcError(
    'ERR_MPC_RANGE',
    `var: one element of ${showShape(shape)} along the dims has no unbiased variance; pass { unbiased: false }`,
  );
}
