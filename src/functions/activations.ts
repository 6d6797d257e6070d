/**
 * Piecewise linear activations.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import type { Rectified } from '../protocol/gates.ts';
import { settledIfMade } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul } from './arithmetic.ts';
import type { OpRecord } from './op.ts';

/**
 * relu(x) = max(x, 0), elementwise.
 *
 * Shape   x: any; result: same.
 * Scale   x's nominal scale: what a product owes is truncated by the same gate.
 * Cost    3 rounds, 10.25 B an element; dealer 266 B. Where x owes a truncation by 16 bits 9.75 B; 166 B.
 * Error   as truncation where x > 0, exactly 0 elsewhere, while |x| < 2^(62 − fractional bits).
 * Leaks   nothing.
 */
export function relu(ctx: Context, x: Share): Share {
  return rectified(ctx, x).value;
}

/** The record of `relu`; the gradient at 0 is 0, as PyTorch's. */
export const reluOp: OpRecord<Share, void, Share> = {
  name: 'relu',
  forward: (ctx, [x]) => {
    const { value, positive } = rectified(ctx, x);
    return { output: value, saved: positive };
  },
  backward: (ctx, positive, dy) => [mul(ctx, dy, positive)],
};

/** One gate for truncation and ReLU, unless the truncation was made before: then that one is used (H5). */
function rectified(ctx: Context, x: Share): Rectified {
  const from = settledIfMade(ctx, x);
  return ctx.gates.rectify(ctx, from, from.fracBits - from.nominal);
}
