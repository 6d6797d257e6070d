/**
 * Losses with their gradients in closed form: the gradient never goes back through what the value was computed with.
 *
 * Gradients keep up to 8 more fractional bits than the session's precision, since a mean makes them small.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, neg, square, sub } from './arithmetic.ts';
import { magnitude } from './compare.ts';
import { isShare, type Operand, type OpRecord } from './op.ts';
import { constant, scaleFinely } from './public.ts';
import { mean, sum } from './reduce.ts';
import { sigmoid, softplusTail } from './smooth.ts';

/** How a loss over elements becomes one number. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of the losses. */
export interface LossOptions {
  /** `mean` unless said. */
  readonly reduction?: Reduction | undefined;
  /** The value is 0 and costs nothing; gradients are exact. For training that never looks at the loss. */
  readonly skipForward?: boolean | undefined;
}

/**
 * Binary cross-entropy of sigmoid(x) against y, from the logits x: relu(x) − x·y + log(1 + e^−|x|).
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value: 6 rounds, 55 B an element and a product with a secret y; gradient: a sigmoid.
 * Error   5.3e-5 + 4 ulp an element, for every x with |x| < 2^(62 − 2·fractional bits).
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
  if (opts.skipForward === true) return skipped(ctx, x, opts);
  const { value, rectified } = magnitude(ctx, x);
  const linear = sub(ctx, rectified, mul(ctx, settle(ctx, x), y));
  return reduced(ctx, add(ctx, linear, softplusTail(ctx, value)), opts);
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
  if (opts.skipForward === true) return skipped(ctx, x, opts);
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

/** slope·factor·dy; local when dy is the public 1 that a backward pass starts from. */
function scaled(ctx: Context, slope: Share, dy: Share, factor: number): Share {
  const { constant: start } = dy.storage;
  if (start !== undefined) return scaleFinely(ctx, 'backward', slope, factor * start);
  return mul(ctx, scaleFinely(ctx, 'backward', slope, factor), dy);
}

function reduced(ctx: Context, losses: Share, { reduction = 'mean' }: LossOptions): Share {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? sum(ctx, losses) : mean(ctx, losses);
}

function skipped(ctx: Context, x: Share, { reduction = 'mean' }: LossOptions): Share {
  return constant(ctx, 'loss', reduction === 'none' ? x.shape : [], 0);
}

function factorOf(shape: Shape, { reduction = 'mean' }: LossOptions): number {
  return reduction === 'mean' ? 1 / sizeOf(shape) : 1;
}

function checkTarget(op: string, x: Share, y: Operand): void {
  if (sameShape(x.shape, y.shape)) return;
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: input ${showShape(x.shape)} and target ${showShape(y.shape)} must have the same shape; reshape one of them`,
  );
}

function secret(op: string, x: Operand): Share {
  if (isShare(x)) return x;
  throw new TypeError(`${op}: expected a secret input`);
}
