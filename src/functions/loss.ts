/**
 * Losses with their gradients in closed form: the gradient never goes back through what the value was computed with.
 *
 * Gradients keep up to 8 more fractional bits than the session's precision, since a mean makes them small.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { mul, neg, square, sub } from './arithmetic.ts';
import { secret, type Operand, type OpRecord } from './op.ts';
import { softplus } from './rectifiers.ts';
import { checkTarget, factorOf, reduced, scaled, skipped, type LossOptions } from './reduction.ts';
import { sigmoid } from './smooth.ts';

/**
 * Binary cross-entropy of sigmoid(x) against y, from the logits x: log(1 + e^x) − x·y.
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value: a softplus, and beside it a product with a secret y; gradient: a sigmoid.
 * Error   2.8e-5 + 2 ulp an element, for every x with |x| < 2^(62 − 2·fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for the mean of no elements.
 */
export function binaryCrossEntropyWithLogits(
  ctx: Context,
  x: Share,
  y: Operand,
  opts: LossOptions = {},
): Share {
  checkTarget('binaryCrossEntropyWithLogits', x, y);
  if (opts.skipForward === true) return skipped(ctx, x.shape, opts);
  return reduced(ctx, sub(ctx, softplus(ctx, x), mul(ctx, x, y)), opts);
}

/**
 * Mean squared error (x − y)².
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value: 1 round, 8 B an element; gradient: nothing.
 * Error   2 ulp.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for the mean of no elements.
 */
export function mseLoss(ctx: Context, x: Share, y: Operand, opts: LossOptions = {}): Share {
  checkTarget('mseLoss', x, y);
  if (opts.skipForward === true) return skipped(ctx, x.shape, opts);
  return reduced(ctx, square(ctx, sub(ctx, x, y)), opts);
}

interface LossSaved {
  readonly x: Share;
  readonly y: Operand;
  readonly factor: number;
}

/** The record of `binaryCrossEntropyWithLogits`: gradients (sigmoid(x) − y)·scale and −x·scale. */
export const binaryCrossEntropyWithLogitsOp: OpRecord<Operand, LossOptions, LossSaved> = {
  name: 'binaryCrossEntropyWithLogits',
  forward: (ctx, [x, y], opts) => {
    const logits = secret('binaryCrossEntropyWithLogits', x);
    const output = binaryCrossEntropyWithLogits(ctx, logits, y, opts);
    return { output, saved: { x: logits, y, factor: factorOf(logits.shape, opts) } };
  },
  backward: (ctx, { x, y, factor }, dy, needs) => [
    needs[0] ? scaled(ctx, sub(ctx, sigmoid(ctx, x), y), dy, factor) : null,
    needs[1] ? scaled(ctx, neg(ctx, x), dy, factor) : null,
  ],
};

/** The record of `mseLoss`: gradients ±2·(x − y)·scale. */
export const mseLossOp: OpRecord<Operand, LossOptions, LossSaved> = {
  name: 'mseLoss',
  forward: (ctx, [x, y], opts) => {
    const prediction = secret('mseLoss', x);
    const output = mseLoss(ctx, prediction, y, opts);
    return { output, saved: { x: prediction, y, factor: factorOf(prediction.shape, opts) } };
  },
  backward: (ctx, { x, y, factor }, dy, needs) => {
    const gradient = scaled(ctx, sub(ctx, x, y), dy, 2 * factor);
    return [needs[0] ? gradient : null, needs[1] ? neg(ctx, gradient) : null];
  },
};
