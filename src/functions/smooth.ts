/**
 * Smooth functions of one variable, by the compressed spline gate.
 * @module
 */

import { logistic, logOnePlusExpMinus } from '../core/elementary.ts';
import type { Context } from '../protocol/context.ts';
import type { Curve } from '../protocol/curve.ts';
import { refine } from '../protocol/local/index.ts';
import { settle, settleTo } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, square, sub } from './arithmetic.ts';
import type { OpRecord } from './op.ts';

/** Most fractional bits the spline gate takes. */
const CURVE_BITS = 16;

/** 1/(1 + e^−x) on [−16, 15.5); 0 and 1 beyond, which is off by less than 2e-7. */
export const SIGMOID: Curve = {
  name: 'sigmoid',
  knots: 64,
  stepLog2: -1,
  below: 0,
  above: 1,
  f: logistic,
};

/**
 * log(1 + e^−t) for t ≥ 0, the part of softplus that is not linear; 0 from 15.5 on, which is off by less than 2e-7.
 *
 * Continued to −1 for the knots beside 0; nothing reads it further left.
 */
export const SOFTPLUS_TAIL: Curve = {
  name: 'softplusTail',
  knots: 64,
  stepLog2: -1,
  below: 0,
  above: 0,
  f: (t) => logOnePlusExpMinus(Math.max(t, -1)),
};

/**
 * 1/(1 + e^−x), elementwise.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; x is settled, and read at 16 fractional bits at most.
 * Cost    3 rounds, 44.5 B an element; dealer 968 B.
 * Error   at most 5.3e-5 + 1 ulp for every representable x (measured in test/functions/smooth.test.ts).
 * Leaks   nothing.
 */
export function sigmoid(ctx: Context, x: Share): Share {
  return evaluate(ctx, x, SIGMOID);
}

/**
 * log(1 + e^−t) for t ≥ 0; what it gives for t < 0 is not defined.
 *
 * Shape   t: any; result: same.
 * Scale, Cost   as `sigmoid`.
 * Error   at most 5.3e-5 + 1 ulp (measured in test/functions/smooth.test.ts).
 * Leaks   nothing.
 */
export function softplusTail(ctx: Context, magnitude: Share): Share {
  return evaluate(ctx, magnitude, SOFTPLUS_TAIL);
}

/** The record of `sigmoid`: the gradient is y·(1 − y)·dy. */
export const sigmoidOp: OpRecord<Share, void, Share> = {
  name: 'sigmoid',
  forward: (ctx, [x]) => {
    const output = sigmoid(ctx, x);
    return { output, saved: output };
  },
  // y − y² needs one mask where y·(1 − y) would need two.
  backward: (ctx, y, dy) => [mul(ctx, dy, sub(ctx, y, square(ctx, y)))],
};

function evaluate(ctx: Context, x: Share, curve: Curve): Share {
  const { precision } = ctx.session;
  const settled = settle(ctx, x);
  const target = Math.min(CURVE_BITS, Math.max(settled.fracBits, precision));
  const input = refine(ctx, settleTo(ctx, settled, target), target);
  const y = ctx.gates.spline(ctx, input, curve);
  return precision > y.fracBits ? refine(ctx, y, precision) : y;
}
