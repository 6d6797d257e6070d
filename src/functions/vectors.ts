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
import { isShare, type Forward, type Operand, type OpRecord } from './op.ts';

/**
 * Σ x·y of two vectors, or Σ x·y·w with weights.
 *
 * Shape   [n], [n] and [n]; result: 0-d.
 * Scale   the sum of the scales until settled.
 * Cost    as `matmul`; weights: a product and its truncation before.
 * Error   {0, +1} ulp once settled, whatever n; weights: {0, +1} ulp of x·w, times y, for each.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless all are vectors of one size.
 */
export function dot(ctx: Context, x: Operand, y: Operand, weights?: Operand): Share {
  return weighing(ctx, x, y, weights).output;
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

/** What a gradient of `dot` is made of. */
interface DotSaved {
  readonly x: Operand;
  readonly y: Operand;
  readonly weights: Operand | undefined;
  /** x, or x·w. */
  readonly weighed: Operand;
}

/** The record of `dot`; the third operand, if there is one, holds weights. */
export const dotOp: OpRecord<Operand, void, DotSaved> = {
  name: 'dot',
  forward: (ctx, [x, y, weights]) => weighing(ctx, x, y, weights),
  backward: (ctx, { x, y, weights, weighed }, dy, needs) => {
    const each = needs[0] || needs[2] ? mul(ctx, dy, y) : dy;
    return [
      needs[0] ? (weights === undefined ? each : mul(ctx, each, weights)) : null,
      needs[1] ? mul(ctx, dy, weighed) : null,
      needs[2] ? mul(ctx, each, x) : null,
    ];
  },
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

function weighing(
  ctx: Context,
  x: Operand,
  y: Operand,
  weights: Operand | undefined,
): Forward<DotSaved> {
  vectors('dot', x, y);
  const all = weights === undefined ? [x, y] : [x, y, weights];
  if (!all.every(({ shape }) => sameShape(shape, x.shape))) {
    const shapes = all.map(({ shape }) => showShape(shape)).join(' and ');
    throw new MpcError('ERR_MPC_SHAPE', `dot: expected vectors of one size, got ${shapes}`);
  }
  const weighed = weights === undefined ? x : weigh(ctx, x, weights);
  return { output: matmul(ctx, weighed, y), saved: { x, y, weights, weighed } };
}

/** x·w; of two public vectors as public numbers. */
function weigh(ctx: Context, x: Operand, weights: Operand): Operand {
  if (isShare(x) || isShare(weights)) return mul(ctx, x, weights);
  return { shape: x.shape, data: x.data.map((value, i) => value * weights.data[i]) };
}

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
