/**
 * The larger and the smaller of two tensors, elementwise.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA } from '../protocol/local/bound.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, sub } from './arithmetic.ts';
import { difference, excess, magnitudeOf } from './difference.ts';
import { isShare, type Forward, type Gradients, type Operand, type OpRecord } from './op.ts';
import { sumTo } from './reduce.ts';

/**
 * The larger of x and y, elementwise: y + max(x − y, 0).
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the finer of the two, settled.
 * Cost    one gate with one threshold: 3 rounds, 8 B + 18 bits an element; dealer 256 B. Less where both are bounded.
 * Error   exact while |x − y| < 2^(63 − fractional bits); a public side is rounded to the secret's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit.
 */
export function maximum(ctx: Context, x: Operand, y: Operand): Share {
  return larger(ctx, 'maximum', x, y, 1).output;
}

/**
 * The smaller of x and y, elementwise: y − max(y − x, 0).
 *
 * Shape, Scale, Cost, Error   as `maximum`. Leaks   nothing.
 *
 * @throws {MpcError} as `maximum`.
 */
export function minimum(ctx: Context, x: Operand, y: Operand): Share {
  return larger(ctx, 'minimum', x, y, -1).output;
}

interface LargerSaved {
  readonly chosen: Share;
  readonly x: Shape;
  readonly y: Shape;
}

/** The record of `maximum`; at a tie all of the gradient goes to y (PyTorch halves it). */
export const maximumOp: OpRecord<Operand, void, LargerSaved> = {
  name: 'maximum',
  forward: (ctx, [x, y]) => larger(ctx, 'maximum', x, y, 1),
  backward: largerBackward,
};

/** The record of `minimum`; at a tie all of the gradient goes to y (PyTorch halves it). */
export const minimumOp: OpRecord<Operand, void, LargerSaved> = {
  name: 'minimum',
  forward: (ctx, [x, y]) => larger(ctx, 'minimum', x, y, -1),
  backward: largerBackward,
};

function larger(
  ctx: Context,
  op: string,
  x: Operand,
  y: Operand,
  sign: 1 | -1,
): Forward<LargerSaved> {
  const [a, b] = [x, y].map((side) => (isShare(side) ? settle(ctx, side) : side));
  const gap = sign > 0 ? difference(ctx, op, a, b) : difference(ctx, op, b, a);
  const { value, positive } = excess(ctx, gap);
  const bounds = [a, b].map(magnitudeOf);
  const bound = bounds.includes(undefined) ? undefined : Math.max(...(bounds as number[]));
  const output = sign > 0 ? add(ctx, value, b) : sub(ctx, b, value);
  return {
    output: boundedA(output, bound),
    saved: { chosen: positive, x: x.shape, y: y.shape },
  };
}

function largerBackward(
  ctx: Context,
  { chosen, x, y }: LargerSaved,
  dy: Share,
  needs: readonly boolean[],
): Gradients {
  const settled = settle(ctx, dy);
  const toX = mul(ctx, settled, chosen);
  return [
    needs[0] ? sumTo(ctx, toX, x) : null,
    needs[1] ? sumTo(ctx, sub(ctx, settled, toX), y) : null,
  ];
}
