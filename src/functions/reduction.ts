/**
 * What all losses do with one value for each element: reduce it, scale the gradient, check the target, or skip the value.
 *
 * Cost    0 rounds, 0 bytes but for a product with an upstream gradient that is secret. Leaks   nothing.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { mul } from './arithmetic.ts';
import { constant, scaleFinely } from './public.ts';
import { mean, sum } from './reduce.ts';

/** How a loss over elements becomes one number. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of the losses. */
export interface LossOptions {
  /** `mean` unless said. */
  readonly reduction?: Reduction | undefined;
  /** The value is 0 and costs nothing; gradients are exact. For training that never looks at the loss. */
  readonly skipForward?: boolean | undefined;
}

/** Losses of elements as the options reduce them. */
export function reduced(ctx: Context, losses: Share, { reduction = 'mean' }: LossOptions): Share {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? sum(ctx, losses) : mean(ctx, losses);
}

/** 0 in the shape of the reduced losses. */
export function skipped(ctx: Context, shape: Shape, { reduction = 'mean' }: LossOptions): Share {
  return constant(ctx, 'loss', reduction === 'none' ? shape : [], 0);
}

/** What a reduction divides by, as a factor, for losses of a shape. */
export function factorOf(shape: Shape, { reduction = 'mean' }: LossOptions): number {
  return reduction === 'mean' ? 1 / sizeOf(shape) : 1;
}

/** slope·factor·dy with up to 8 more fractional bits; local when dy is the public 1 that a backward pass starts from. */
export function scaled(ctx: Context, slope: Share, dy: Share, factor: number): Share {
  const { constant: start } = dy.storage;
  if (start !== undefined) return scaleFinely(ctx, 'backward', slope, factor * start);
  return mul(ctx, scaleFinely(ctx, 'backward', slope, factor), dy);
}

/**
 * Checks that a target has its input's shape.
 *
 * @throws {MpcError} ERR_MPC_SHAPE otherwise.
 */
export function checkTarget(
  op: string,
  x: { readonly shape: Shape },
  y: { readonly shape: Shape },
): void {
  if (sameShape(x.shape, y.shape)) return;
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: input ${showShape(x.shape)} and target ${showShape(y.shape)} must have the same shape; reshape one of them`,
  );
}
