/**
 * e^x as 2^(x·log2 e). The factor is 189097/2^17, off by 4e-7, so the product is exact and owes nothing.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { rescaleA, scaleA } from '../protocol/local/index.ts';
import { settle, settleTo } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul } from './arithmetic.ts';
import { EXP_METHODS, limitExp, type ExpOptions } from './crypten/exponential.ts';
import { checkMethod } from './crypten/options.ts';
import type { OpRecord } from './op.ts';

/** log2 e as a fraction. */
const LOG2_E = 189097n;
const LOG2_E_BITS = 17;

/** Most fractional bits of x: the product with log2 e must leave room for the gate. */
const FINEST_INPUT = 24;

/** The result stops growing at 2^26; two octaves more would double what the dealer sends. */
const HIGHEST = 26;

/**
 * e^x, elementwise; 0 where e^x is less than half an ulp, 2^26 from x = 18.05 on, one of both from 18.02 to there.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is settled first, and read at 24 fractional bits at most.
 * Cost    3 rounds, 18.5 B an element; dealer 258 B.
 * Error   1.2 ulp and 4e-5 of the result, for |x| < 2^(45 − fractional bits). With a method: as `limitExp`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function exp(ctx: Context, x: Share, opts: ExpOptions = {}): Share {
  checkMethod('exp', opts, EXP_METHODS);
  if (opts.method === 'limit') return limitExp(ctx, x, opts.iterations);
  const { precision } = ctx.session;
  return power(ctx, x, -(precision + 1), HIGHEST, precision);
}

/**
 * e^x for x ≤ 0; 0 where e^x < 2^−low.
 *
 * Shape   x: any; result: same.
 * Scale   `fracBits`.
 * Cost    as `exp`.
 * Leaks   nothing.
 */
export function expBelowOne(ctx: Context, x: Share, low: number, fracBits: number): Share {
  return power(ctx, x, -low, 1, fracBits);
}

/** The record of `exp`: the gradient is y·dy. */
export const expOp: OpRecord<Share, ExpOptions, Share> = {
  name: 'exp',
  forward: (ctx, [x], opts) => {
    const output = exp(ctx, x, opts);
    return { output, saved: output };
  },
  backward: (ctx, y, dy) => [mul(ctx, dy, y)],
};

function power(ctx: Context, x: Share, low: number, high: number, fracBits: number): Share {
  const { precision } = ctx.session;
  const settled = settleTo(ctx, settle(ctx, x), Math.max(FINEST_INPUT, precision));
  const bits = settled.fracBits + LOG2_E_BITS;
  const exponent = rescaleA(ctx, scaleA(ctx, settled, LOG2_E), bits, bits);
  return ctx.gates.powerOfTwo(ctx, exponent, low, high, fracBits);
}
