/**
 * Elementwise arithmetic: add, sub, neg, mul, square. Either operand may be public.
 * @module
 */

import { broadcastShapes, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { addAA, negA, subAA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { expandView } from '../ring/view.ts';
import { isSame, isShare, secret, type Operand, type OpRecord } from './op.ts';
import { addPublic, checkScales, constant, mulPublic, scale } from './public.ts';
import { sumTo } from './reduce.ts';

/**
 * x + y with broadcasting.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the finer of the two; pending truncations stay pending.
 * Cost    0 rounds, 0 bytes.
 * Error   exact for two secrets; a public operand is rounded to the secret's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit.
 */
export function add(ctx: Context, x: Operand, y: Operand): Share {
  broadcastShapes('add', x.shape, y.shape);
  if (isShare(x)) return isShare(y) ? addAA(ctx, x, y) : addPublic(ctx, 'add', x, y);
  return addPublic(ctx, 'add', secret('add', y), x);
}

/**
 * x − y with broadcasting.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the finer of the two; pending truncations stay pending.
 * Cost    0 rounds, 0 bytes.
 * Error   exact for two secrets; a public operand is rounded to the secret's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit.
 */
export function sub(ctx: Context, x: Operand, y: Operand): Share {
  broadcastShapes('sub', x.shape, y.shape);
  if (isShare(x)) {
    if (isShare(y)) return subAA(ctx, x, y);
    return addPublic(ctx, 'sub', x, { shape: y.shape, data: y.data.map((value) => -value) });
  }
  return addPublic(ctx, 'sub', neg(ctx, secret('sub', y)), x);
}

/**
 * −x.
 *
 * Shape   x: any; result: same.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Leaks   nothing.
 */
export function neg(ctx: Context, x: Share): Share {
  const { constant: value } = x.storage;
  return value === undefined ? negA(ctx, x) : constant(ctx, 'neg', x.shape, -value);
}

/**
 * x·y elementwise with broadcasting.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the sum of the scales until settled; a public integer or a 0/1 tensor changes none.
 * Cost    two secrets: 1 round, 8 B for each word that has no mask yet; a public factor: nothing.
 * Error   {0, +1} ulp once settled; a public factor keeps 16 significant bits.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit,
 * ERR_MPC_SCALE when the scales leave no room.
 */
export function mul(ctx: Context, x: Operand, y: Operand): Share {
  const shape = broadcastShapes('mul', x.shape, y.shape);
  if (!isShare(x)) return mulPublic(ctx, 'mul', secret('mul', y), x);
  if (!isShare(y)) return mulPublic(ctx, 'mul', x, y);
  const [a, b] = [x.storage.constant, y.storage.constant];
  if (b !== undefined) return spread(scale(ctx, 'mul', x, b), shape);
  if (a !== undefined) return spread(scale(ctx, 'mul', y, a), shape);
  checkScales('mul', x, y);
  return ctx.gates.mul(ctx, x, y);
}

/**
 * x².
 *
 * Shape   x: any; result: same.
 * Scale   twice x's until settled.
 * Cost    1 round, 8 B for each word that has no mask yet.
 * Error   {0, +1} ulp once settled.
 * Leaks   nothing.
 */
export function square(ctx: Context, x: Share): Share {
  return mul(ctx, x, x);
}

/** The record of `add`. */
export const addOp: OpRecord<Operand, void, readonly Shape[]> = {
  name: 'add',
  forward: (ctx, [x, y]) => ({ output: add(ctx, x, y), saved: [x.shape, y.shape] }),
  backward: (ctx, shapes, dy, needs) =>
    shapes.map((shape, i) => (needs[i] ? sumTo(ctx, dy, shape) : null)),
};

/** The record of `sub`. */
export const subOp: OpRecord<Operand, void, readonly Shape[]> = {
  name: 'sub',
  forward: (ctx, [x, y]) => ({ output: sub(ctx, x, y), saved: [x.shape, y.shape] }),
  backward: (ctx, [x, y], dy, needs) => [
    needs[0] ? sumTo(ctx, dy, x) : null,
    needs[1] ? neg(ctx, sumTo(ctx, dy, y)) : null,
  ],
};

/** The record of `neg`. */
export const negOp: OpRecord<Share, void, null> = {
  name: 'neg',
  forward: (ctx, [x]) => ({ output: neg(ctx, x), saved: null }),
  backward: (ctx, _, dy) => [neg(ctx, dy)],
};

/** The record of `mul`. */
export const mulOp: OpRecord<Operand, void, readonly Operand[]> = {
  name: 'mul',
  forward: (ctx, [x, y]) => ({ output: mul(ctx, x, y), saved: [x, y] }),
  backward: (ctx, [x, y], dy, needs) => {
    if (isSame(x, y)) {
      // One product serves both sides; they may still be different leaves.
      const both = mul(ctx, dy, x);
      return [needs[0] ? both : null, needs[1] ? both : null];
    }
    return [
      needs[0] ? sumTo(ctx, mul(ctx, dy, y), x.shape) : null,
      needs[1] ? sumTo(ctx, mul(ctx, dy, x), y.shape) : null,
    ];
  },
};

/** The record of `square`. */
export const squareOp: OpRecord<Share, void, Share> = {
  name: 'square',
  forward: (ctx, [x]) => ({ output: square(ctx, x), saved: x }),
  backward: (ctx, x, dy) => [scale(ctx, 'square', mul(ctx, dy, x), 2)],
};

function spread(x: Share, shape: Shape): Share {
  return x.view(expandView(x, shape));
}
