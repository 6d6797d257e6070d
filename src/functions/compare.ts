/**
 * Comparisons, selection, sign and absolute value. A comparison's result is a secret 0/1 tensor of scale 0.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { broadcastShapes } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, sub } from './arithmetic.ts';
import { difference } from './difference.ts';
import { logicalNot } from './logic.ts';
import { isShare, type Operand, type OpRecord, type Plain } from './op.ts';
import { constant, plainScalar, scale } from './public.ts';
import { sumTo } from './reduce.ts';

/**
 * [x < y] as 0/1.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   result 0.
 * Cost    one sign gate: 3 rounds, 8 B + 18 bits an element.
 * Error   exact on the encoded values while |x − y| < 2^(63 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit.
 */
export function lt(ctx: Context, x: Operand, y: Operand): Share {
  return less(ctx, 'lt', x, y);
}

/**
 * [x > y] as 0/1.
 *
 * Shape, Scale, Cost, Error   as `lt`. Leaks   nothing.
 */
export function gt(ctx: Context, x: Operand, y: Operand): Share {
  return less(ctx, 'gt', y, x);
}

/**
 * [x ≤ y] as 0/1.
 *
 * Shape, Scale, Cost, Error   as `lt`. Leaks   nothing.
 */
export function le(ctx: Context, x: Operand, y: Operand): Share {
  return logicalNot(ctx, less(ctx, 'le', y, x));
}

/**
 * [x ≥ y] as 0/1.
 *
 * Shape, Scale, Cost, Error   as `lt`. Leaks   nothing.
 */
export function ge(ctx: Context, x: Operand, y: Operand): Share {
  return logicalNot(ctx, less(ctx, 'ge', x, y));
}

/**
 * sign(x), with sign(0) = +1.
 *
 * Shape   x: any; result: same.
 * Scale   result 0.
 * Cost    one sign gate: 3 rounds, 8 B + 18 bits an element.
 * Error   exact.
 * Leaks   nothing.
 */
export function sign(ctx: Context, x: Share): Share {
  return signOf(ctx, ctx.gates.negative(ctx, x));
}

/**
 * |x| = 2·relu(x) − x.
 *
 * Shape   x: any; result: same.
 * Scale   unchanged.
 * Cost    truncate+ReLU gate: 3 rounds, 10.25 B an element; a pending x is settled first.
 * Error   exact for |x| < 2^(62 − fractional bits).
 * Leaks   nothing.
 */
export function abs(ctx: Context, x: Share): Share {
  return magnitude(ctx, x).value;
}

/** |x|, [x > 0] and max(x, 0). */
export interface Magnitude {
  readonly value: Share;
  readonly positive: Share;
  readonly rectified: Share;
}

/**
 * |x| with what the same gate gives besides.
 *
 * Shape, Scale, Cost, Error   as `abs`. Leaks   nothing.
 */
export function magnitude(ctx: Context, x: Share): Magnitude {
  const settled = settle(ctx, x);
  const { value: rectified, positive } = ctx.gates.rectify(ctx, settled, 0);
  return { value: sub(ctx, scale(ctx, 'abs', rectified, 2), settled), positive, rectified };
}

/**
 * a where the condition is 1, b where it is 0: cond·(a − b) + b.
 *
 * Shape   PyTorch's broadcasting of all three.
 * Scale   the finer of a's and b's.
 * Cost    secret condition and choices: 1 round, 8 B for each word that has no mask yet; public choices: nothing.
 * Error   exact, but for the rounding of public choices to the session's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE when a public condition is not 0/1.
 */
export function where(ctx: Context, cond: Operand, a: Operand, b: Operand): Share {
  broadcastShapes('where', cond.shape, broadcastShapes('where', a.shape, b.shape));
  if (!isShare(cond)) {
    const bad = cond.data.findIndex((value) => value !== 0 && value !== 1);
    if (bad >= 0) {
      throw new MpcError(
        'ERR_MPC_RANGE',
        `where: the condition at flat position ${bad} is neither 0 nor 1`,
      );
    }
    return chosen(ctx, cond, a, b);
  }
  // Public choices are not subtracted as doubles: each is rounded once, as it would be alone.
  if (!isShare(a) && !isShare(b)) return chosen(ctx, cond, a, b);
  return add(ctx, mul(ctx, cond, sub(ctx, a, b)), b);
}

/** The records of `lt`, `le`, `gt`, `ge`: no gradient flows through a comparison. */
export const ltOp: OpRecord<Operand, void, null> = comparison('lt', lt);
export const leOp: OpRecord<Operand, void, null> = comparison('le', le);
export const gtOp: OpRecord<Operand, void, null> = comparison('gt', gt);
export const geOp: OpRecord<Operand, void, null> = comparison('ge', ge);

/** The record of `sign`: its gradient is 0 everywhere, as in PyTorch. */
export const signOp: OpRecord<Share, void, null> = {
  name: 'sign',
  forward: (ctx, [x]) => ({ output: sign(ctx, x), saved: null }),
  backward: (ctx, _, dy) => [constant(ctx, 'sign', dy.shape, 0)],
};

/** The record of `abs`; the gradient at 0 is −dy, one of its subgradients (PyTorch takes 0). */
export const absOp: OpRecord<Share, void, Share> = {
  name: 'abs',
  forward: (ctx, [x]) => {
    const { value, positive } = magnitude(ctx, x);
    return { output: value, saved: positive };
  },
  backward: (ctx, positive, dy) => [
    mul(ctx, dy, sub(ctx, scale(ctx, 'abs', positive, 2), plainScalar(1))),
  ],
};

/** The record of `where`; the condition gets no gradient. */
export const whereOp: OpRecord<Operand, void, readonly Operand[]> = {
  name: 'where',
  forward: (ctx, [cond, a, b]) => ({ output: where(ctx, cond, a, b), saved: [cond, a, b] }),
  backward: (ctx, [cond, a, b], dy, needs) => {
    const taken = needs[1] || needs[2] ? mul(ctx, dy, cond) : dy;
    return [
      null,
      needs[1] ? sumTo(ctx, taken, a.shape) : null,
      needs[2] ? sumTo(ctx, sub(ctx, dy, taken), b.shape) : null,
    ];
  },
};

function less(ctx: Context, op: string, x: Operand, y: Operand): Share {
  return ctx.gates.negative(ctx, difference(ctx, op, x, y));
}

/** 1 − 2·[x < 0]. */
function signOf(ctx: Context, negative: Share): Share {
  return add(ctx, scale(ctx, 'sign', negative, -2), plainScalar(1));
}

/** cond·a + (1 − cond)·b, where a product with a public side is local. */
function chosen(ctx: Context, cond: Operand, a: Operand, b: Operand): Share {
  if (!isShare(cond)) {
    const rest: Plain = { shape: cond.shape, data: cond.data.map((value) => 1 - value) };
    return add(ctx, part(ctx, cond, a), part(ctx, rest, b));
  }
  return add(ctx, mul(ctx, cond, a), mul(ctx, logicalNot(ctx, cond), b));
}

/** Public condition times a choice, which may be public, too. */
function part(ctx: Context, cond: Plain, choice: Operand): Share {
  if (isShare(choice)) return mul(ctx, choice, cond);
  const bit = mul(ctx, constant(ctx, 'where', cond.shape, 1), cond);
  return mul(ctx, bit, choice);
}

function comparison(
  name: string,
  compare: (ctx: Context, x: Operand, y: Operand) => Share,
): OpRecord<Operand, void, null> {
  return {
    name,
    differentiable: false,
    forward: (ctx, [x, y]) => ({ output: compare(ctx, x, y), saved: null }),
  };
}
