/**
 * Equality, and logic on secret 0/1 tensors. Results are 0/1 tensors of scale 0.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { difference, magnitudeOf } from './difference.ts';
import { isShare, type Operand, type OpRecord } from './op.ts';
import { plainScalar, scale } from './public.ts';

/**
 * [x = y] as 0/1.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   result 0.
 * Cost    one zero test: 3 rounds, 8 B + 15 bits an element; dealer 112 B. Less where both sides are bounded.
 * Error   exact on the encoded values while |x − y| < 2^(63 − fractional bits); results of truncations differ by 1 ulp.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit.
 */
export function eq(ctx: Context, x: Operand, y: Operand): Share {
  return ctx.gates.zero(ctx, difference(ctx, 'eq', x, y));
}

/**
 * [x ≠ y] as 0/1.
 *
 * Shape, Scale, Cost, Error   as `eq`. Leaks   nothing.
 */
export function ne(ctx: Context, x: Operand, y: Operand): Share {
  return logicalNot(ctx, ctx.gates.zero(ctx, difference(ctx, 'ne', x, y)));
}

/**
 * 1 − x for a 0/1 tensor.
 *
 * Shape   x: any; result: same.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function logicalNot(ctx: Context, x: Share): Share {
  const bound = x.bound === undefined ? undefined : boundOf(1 + 2 ** x.bound);
  return boundedA(add(ctx, neg(ctx, x), plainScalar(1)), bound);
}

/**
 * x ∧ y = x·y for 0/1 tensors.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the sum of the scales: 0 for comparisons.
 * Cost    two secrets: 1 round, 8 B for each word that has no mask yet; a public side: nothing.
 * Error   exact for 0/1 tensors; for others not what PyTorch gives.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE when a public side is not 0/1.
 */
export function logicalAnd(ctx: Context, x: Operand, y: Operand): Share {
  return both(ctx, 'logicalAnd', x, y).product;
}

/**
 * x ∨ y = x + y − x·y for 0/1 tensors.
 *
 * Shape, Scale, Cost, Error   as `logicalAnd`. Leaks   nothing.
 *
 * @throws {MpcError} as `logicalAnd`.
 */
export function logicalOr(ctx: Context, x: Operand, y: Operand): Share {
  const { product, most } = both(ctx, 'logicalOr', x, y);
  return boundedA(sub(ctx, add(ctx, x, y), product), most);
}

/**
 * x ⊕ y = x + y − 2·x·y for 0/1 tensors.
 *
 * Shape, Scale, Cost, Error   as `logicalAnd`. Leaks   nothing.
 *
 * @throws {MpcError} as `logicalAnd`.
 */
export function logicalXor(ctx: Context, x: Operand, y: Operand): Share {
  const { product, most } = both(ctx, 'logicalXor', x, y);
  return boundedA(sub(ctx, add(ctx, x, y), scale(ctx, 'logicalXor', product, 2)), most);
}

/** The records of equality and logic: no gradient flows through them. */
export const eqOp: OpRecord<Operand, void, null> = binary('eq', eq);
export const neOp: OpRecord<Operand, void, null> = binary('ne', ne);
export const logicalAndOp: OpRecord<Operand, void, null> = binary('logicalAnd', logicalAnd);
export const logicalOrOp: OpRecord<Operand, void, null> = binary('logicalOr', logicalOr);
export const logicalXorOp: OpRecord<Operand, void, null> = binary('logicalXor', logicalXor);

/** The record of `logicalNot`: no gradient flows through it. */
export const logicalNotOp: OpRecord<Share, void, null> = {
  name: 'logicalNot',
  differentiable: false,
  forward: (ctx, [x]) => ({ output: logicalNot(ctx, x), saved: null }),
};

/** x·y, and the bound of x + y − 2·x·y, where those of x and y are known. */
function both(
  ctx: Context,
  op: string,
  x: Operand,
  y: Operand,
): { product: Share; most: number | undefined } {
  for (const side of [x, y]) checkBits(op, side);
  const product = mul(ctx, x, y);
  const [a, b] = [magnitudeOf(x), magnitudeOf(y)];
  if (a === undefined || b === undefined) return { product, most: undefined };
  return { product: boundedA(product, a + b), most: boundOf(2 ** a + 2 ** b + 2 ** (a + b + 1)) };
}

function checkBits(op: string, x: Operand): void {
  const bad = isShare(x) ? -1 : x.data.findIndex((value) => value !== 0 && value !== 1);
  if (bad < 0) return;
  throw new MpcError(
    'ERR_MPC_RANGE',
    `${op}: the public side is neither 0 nor 1 at flat position ${bad}`,
  );
}

function binary(
  name: string,
  compute: (ctx: Context, x: Operand, y: Operand) => Share,
): OpRecord<Operand, void, null> {
  return {
    name,
    differentiable: false,
    forward: (ctx, [x, y]) => ({ output: compute(ctx, x, y), saved: null }),
  };
}
