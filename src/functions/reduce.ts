/**
 * Sums and means, and the adjoint of broadcasting.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDims, sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { prompt, sumA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { expandView } from '../ring/view.ts';
import type { OpRecord } from './op.ts';
import { constant, scale, scaleFinely } from './public.ts';

/** What is summed, and whether summed dims stay with size 1. */
export interface ReduceOptions {
  /** Dims to reduce, negative from the end; absent or empty: all. */
  readonly dim?: number | readonly number[] | undefined;
  readonly keepdim?: boolean | undefined;
}

interface ReduceSaved {
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly factor: number;
}

/**
 * Sum over dims.
 *
 * Shape   x: any; the reduced dims vanish, or stay with size 1 under `keepdim`.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Error   exact while the sum is below 2^(62 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when a dim is outside the tensor or named twice.
 */
export function sum(ctx: Context, x: Share, opts: ReduceOptions = {}): Share {
  const axes = axesOf('sum', x.shape, opts.dim);
  return sumAxes(ctx, x, axes, opts.keepdim ?? false);
}

/**
 * Mean over dims: the sum times 1/n, exact for a power of two.
 *
 * Shape   as `sum`.
 * Scale   the session's precision at least: the mean of a 0/1 tensor is a fraction.
 * Cost    0 rounds, 0 bytes; owes one truncation.
 * Error   1 ulp and 2^−16 of the mean.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, ERR_MPC_RANGE for the mean of no elements.
 */
export function mean(ctx: Context, x: Share, opts: ReduceOptions = {}): Share {
  const axes = axesOf('mean', x.shape, opts.dim);
  const count = countOf('mean', x.shape, axes);
  return scale(ctx, 'mean', sumAxes(ctx, x, axes, opts.keepdim ?? false), 1 / count);
}

/**
 * Adjoint of broadcasting: sums dy over the dims along which a tensor of `shape` was repeated.
 *
 * Shape   dy: any that `shape` broadcasts to; result: `shape`.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Leaks   nothing.
 */
export function sumTo(ctx: Context, dy: Share, shape: Shape): Share {
  if (sameShape(dy.shape, shape)) return dy;
  const lead = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((dim, axis) =>
    axis < lead || (shape[axis - lead] === 1 && dim !== 1) ? [axis] : [],
  );
  const kept = axes.length === 0 ? dy : sumAxes(ctx, dy, axes, true);
  return kept.view({ shape, strides: kept.strides.slice(lead), offset: kept.offset });
}

/** The record of `sum`. */
export const sumOp: OpRecord<Share, ReduceOptions, ReduceSaved> = {
  name: 'sum',
  forward: (ctx, [x], opts) => ({
    output: sum(ctx, x, opts),
    saved: { shape: x.shape, axes: axesOf('sum', x.shape, opts.dim), factor: 1 },
  }),
  backward: reduceBackward,
};

/** The record of `mean`. */
export const meanOp: OpRecord<Share, ReduceOptions, ReduceSaved> = {
  name: 'mean',
  forward: (ctx, [x], opts) => {
    const axes = axesOf('mean', x.shape, opts.dim);
    const factor = 1 / countOf('mean', x.shape, axes);
    return { output: mean(ctx, x, opts), saved: { shape: x.shape, axes, factor } };
  },
  backward: reduceBackward,
};

function reduceBackward(ctx: Context, saved: ReduceSaved, dy: Share): readonly Share[] {
  const { shape, axes, factor } = saved;
  return [expandReduced(scaleFinely(ctx, 'mean', dy, factor), shape, axes)];
}

/** What a reduction of `shape` over `axes` gave, with or without the reduced dims, spread over them again. */
export function expandReduced(y: Share, shape: Shape, axes: readonly number[]): Share {
  let from = 0;
  const strides = shape.map((_, axis) => {
    if (y.shape.length === shape.length) return y.strides[axis];
    return axes.includes(axis) ? 0 : y.strides[from++];
  });
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return y.view(expandView({ shape: kept, strides, offset: y.offset }, shape));
}

function sumAxes(ctx: Context, x: Share, axes: readonly number[], keepdim: boolean): Share {
  const { constant: value } = x.storage;
  if (value !== undefined) {
    const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
    const shape = keepdim ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
    const count = sizeOf(axes.map((axis) => x.shape[axis]));
    return constant(ctx, 'sum', shape, value * count);
  }
  return sumA(ctx, prompt(ctx, x), axes, keepdim);
}

/** The axes that a reduction names. */
export function axesOf(op: string, shape: Shape, dim: ReduceOptions['dim']): number[] {
  const all = dim === undefined || (typeof dim !== 'number' && dim.length === 0);
  const axes = normalizeDims(op, all ? undefined : dim, shape.length);
  // A 0-d tensor may be reduced along dim 0 or −1, as in PyTorch; there is nothing to sum.
  return shape.length === 0 ? [] : axes;
}

/**
 * How many elements meet in one.
 *
 * @throws {MpcError} ERR_MPC_RANGE when there are none.
 */
export function countOf(op: string, shape: Shape, axes: readonly number[]): number {
  const count = sizeOf(axes.map((axis) => shape[axis]));
  if (count === 0) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `${op}: ${showShape(shape)} has no elements along the dims`,
    );
  }
  return count;
}
