/**
 * Products of two vectors: inner and outer, as matrix products.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { mul } from './arithmetic.ts';
import { matmul } from './linear.ts';
import { unsqueeze } from './movement.ts';
import { isShare, type Operand, type OpRecord } from './op.ts';

/**
 * Σ x·y of two vectors.
 *
 * Shape   [n] and [n]; result: 0-d.
 * Scale   the sum of the scales until settled.
 * Cost    as `matmul`.
 * Error   {0, +1} ulp once settled, whatever n.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless both are vectors of one size.
 */
export function dot(ctx: Context, x: Operand, y: Operand): Share {
  vectors('dot', x, y);
  if (!sameShape(x.shape, y.shape)) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `dot: expected vectors of one size, got ${showShape(x.shape)} and ${showShape(y.shape)}`,
    );
  }
  return matmul(ctx, x, y);
}

/**
 * Every element of x times every element of y.
 *
 * Shape   [n] and [m]; result: [n,m].
 * Scale   the sum of the scales until settled.
 * Cost    as `matmul`.
 * Error   {0, +1} ulp once settled.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless both are vectors.
 */
export function ger(ctx: Context, x: Operand, y: Operand): Share {
  vectors('ger', x, y);
  return matmul(ctx, column(x), row(y));
}

/** The record of `dot`. */
export const dotOp: OpRecord<Operand, void, readonly Operand[]> = {
  name: 'dot',
  forward: (ctx, [x, y]) => ({ output: dot(ctx, x, y), saved: [x, y] }),
  backward: (ctx, [x, y], dy, needs) => [
    needs[0] ? mul(ctx, dy, y) : null,
    needs[1] ? mul(ctx, dy, x) : null,
  ],
};

/** The record of `ger`. */
export const gerOp: OpRecord<Operand, void, readonly Operand[]> = {
  name: 'ger',
  forward: (ctx, [x, y]) => ({ output: ger(ctx, x, y), saved: [x, y] }),
  backward: (ctx, [x, y], dy, needs) => [
    needs[0] ? matmul(ctx, dy, y) : null,
    needs[1] ? matmul(ctx, x, dy) : null,
  ],
};

function vectors(op: string, x: Operand, y: Operand): void {
  if (x.shape.length === 1 && y.shape.length === 1) return;
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: expected two vectors, got ${showShape(x.shape)} and ${showShape(y.shape)}`,
  );
}

function column(x: Operand): Operand {
  return isShare(x) ? unsqueeze(x, 1) : { shape: [x.shape[0], 1], data: x.data };
}

function row(y: Operand): Operand {
  return isShare(y) ? unsqueeze(y, 0) : { shape: [1, y.shape[0]], data: y.data };
}
