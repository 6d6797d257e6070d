/**
 * The exponential linear unit.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, sub } from './arithmetic.ts';
import { excess } from './difference.ts';
import { expBelowOne } from './exponential.ts';
import type { Forward, OpRecord } from './op.ts';
import { plainScalar, scale } from './public.ts';

/** Options of `elu`. */
export interface EluOptions {
  /** −(what it goes to on the left); 1 unless said. */
  readonly alpha?: number | undefined;
}

interface EluSaved {
  /** α·e^min(x, 0). */
  readonly tail: Share;
  readonly positive: Share;
  readonly alpha: number;
}

/**
 * x where x > 0, α·(e^x − 1) elsewhere.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision, and α's bits until settled; a pending x is settled first.
 * Cost    a gate with one threshold, then as `exp`; owes one truncation unless α is a whole number.
 * Error   1.2 ulp and 4e-5 of e^x, times α, for |x| < 2^(45 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE for an α that is not a number or does not fit.
 */
export function elu(ctx: Context, x: Share, opts: EluOptions = {}): Share {
  return eluForward(ctx, x, opts).output;
}

/** The record of `elu`: the slope is 1 above 0 and α·e^x below; α at 0, as PyTorch's. */
export const eluOp: OpRecord<Share, EluOptions, EluSaved> = {
  name: 'elu',
  forward: (ctx, [x], opts) => eluForward(ctx, x, opts),
  backward: (ctx, { tail, positive, alpha }, dy) => {
    // Where x > 0, the tail is α.
    const slope = alpha === 1 ? tail : add(ctx, tail, scale(ctx, 'elu', positive, 1 - alpha));
    return [mul(ctx, dy, slope)];
  },
};

function eluForward(ctx: Context, x: Share, { alpha = 1 }: EluOptions): Forward<EluSaved> {
  const { precision } = ctx.session;
  const settled = settle(ctx, x);
  const { value, positive } = excess(ctx, settled);
  const below = expBelowOne(ctx, sub(ctx, settled, value), precision + 1, precision);
  const tail = scale(ctx, 'elu', below, alpha);
  const output = add(ctx, value, add(ctx, tail, plainScalar(-alpha)));
  return { output, saved: { tail, positive, alpha } };
}
