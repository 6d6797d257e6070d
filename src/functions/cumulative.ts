/**
 * Running sums, and the sum of a diagonal.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { contiguousStrides, normalizeDim, showShape, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { placeA, prompt, runningSumsA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import type { View } from '../ring/view.ts';
import { expand, flip } from './movement.ts';
import type { OpRecord } from './op.ts';
import { sum } from './reduce.ts';

/**
 * Sums from the start of a dim up to each position.
 *
 * Shape   unchanged; a 0-d tensor as it is.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Error   exact while the sums are below 2^(62 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim.
 */
export function cumsum(ctx: Context, x: Share, dim: number): Share {
  const axis = normalizeDim('cumsum', dim, x.shape.length);
  return x.shape.length === 0 ? x : runningSumsA(ctx, prompt(ctx, x), axis);
}

/**
 * The sum of a matrix's diagonal.
 *
 * Shape   x: [n,m]; result: 0-d.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for anything but a matrix.
 */
export function trace(ctx: Context, x: Share): Share {
  if (x.shape.length !== 2) {
    throw new MpcError('ERR_MPC_SHAPE', `trace: expected a matrix, got ${showShape(x.shape)}`);
  }
  return sum(ctx, x.view(diagonal(x)));
}

/** The record of `cumsum`. */
export const cumsumOp: OpRecord<Share, number, number> = {
  name: 'cumsum',
  forward: (ctx, [x], dim) => ({ output: cumsum(ctx, x, dim), saved: dim }),
  backward: (ctx, dim, dy) => {
    if (dy.shape.length === 0) return [dy];
    return [flip(cumsum(ctx, flip(dy, dim), dim), dim)];
  },
};

/** The record of `trace`. */
export const traceOp: OpRecord<Share, void, Shape> = {
  name: 'trace',
  forward: (ctx, [x]) => ({ output: trace(ctx, x), saved: x.shape }),
  backward: (ctx, shape, dy) => {
    const view = diagonal({ shape, strides: contiguousStrides(shape), offset: 0 });
    return [placeA(ctx, expand(dy, view.shape), shape, view)];
  },
};

/** A matrix read along its diagonal. */
function diagonal({ shape: [n, m], strides: [down, right], offset }: View): View {
  return { shape: [Math.min(n, m)], strides: [down + right], offset };
}
