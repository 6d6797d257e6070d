/**
 * Smooth functions with constant tails: sigmoid, tanh, erf.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, neg, square, sub } from './arithmetic.ts';
import { ERF_METHODS, taylorErf, type ErfOptions } from './crypten/erf.ts';
import { checkMethod } from './crypten/options.ts';
import {
  crypTenSigmoid,
  crypTenTanh,
  SIGMOID_METHODS,
  type SigmoidOptions,
} from './crypten/sigmoid.ts';
import { curveOf, erfCurve, erfSlopeCurve, sigmoidCurve, tanhCurve } from './curves.ts';
import type { OpRecord } from './op.ts';
import { plainScalar } from './public.ts';

/**
 * 1/(1 + e^−x), elementwise; 0 and 1 beyond ±11, or within a quarter of it.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is taken as it is.
 * Cost    3 rounds, 19.5 B an element; dealer 428 B.
 * Error   2.2e-5 + 1 ulp for every representable x. With a method: as `crypTenSigmoid`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function sigmoid(ctx: Context, x: Share, opts: SigmoidOptions = {}): Share {
  checkMethod('sigmoid', opts, SIGMOID_METHODS);
  if (opts.method !== undefined) return crypTenSigmoid(ctx, x, opts);
  return curveOf(ctx, x, sigmoidCurve);
}

/**
 * tanh(x), elementwise; ±1 beyond ±5.75, or within a quarter of it.
 *
 * Shape   x: any; result: same.
 * Scale   as `sigmoid`.
 * Cost    3 rounds, 19.5 B an element; dealer 444 B.
 * Error   3.4e-5 + 1 ulp for every representable x. With a method: as `crypTenTanh`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function tanh(ctx: Context, x: Share, opts: SigmoidOptions = {}): Share {
  checkMethod('tanh', opts, SIGMOID_METHODS);
  if (opts.method !== undefined) return crypTenTanh(ctx, x, opts);
  return curveOf(ctx, x, tanhCurve);
}

/**
 * erf(x) = 2/√π·∫₀ˣ e^(−t²) dt, elementwise; ±1 beyond ±3, or within a sixteenth of it.
 *
 * Shape   x: any; result: same.
 * Scale   as `sigmoid`.
 * Cost    3 rounds, 20 B an element; dealer 460 B.
 * Error   3.3e-5 + 1 ulp for every representable x. With a method: as `taylorErf`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function erf(ctx: Context, x: Share, opts: ErfOptions = {}): Share {
  checkMethod('erf', opts, ERF_METHODS);
  if (opts.method === 'taylor') return taylorErf(ctx, x, opts.iterations);
  return curveOf(ctx, x, erfCurve);
}

/** The record of `sigmoid`: the gradient is y·(1 − y)·dy. */
export const sigmoidOp: OpRecord<Share, SigmoidOptions, Share> = {
  name: 'sigmoid',
  forward: (ctx, [x], opts) => {
    const output = sigmoid(ctx, x, opts);
    return { output, saved: output };
  },
  // y − y² needs one mask where y·(1 − y) would need two.
  backward: (ctx, y, dy) => [mul(ctx, dy, sub(ctx, y, square(ctx, y)))],
};

/** The record of `tanh`: the gradient is (1 − y²)·dy. */
export const tanhOp: OpRecord<Share, SigmoidOptions, Share> = {
  name: 'tanh',
  forward: (ctx, [x], opts) => {
    const output = tanh(ctx, x, opts);
    return { output, saved: output };
  },
  backward: (ctx, y, dy) => [mul(ctx, dy, add(ctx, neg(ctx, square(ctx, y)), plainScalar(1)))],
};

/** The record of `erf`: its slope is a curve of its own. */
export const erfOp: OpRecord<Share, ErfOptions, Share> = {
  name: 'erf',
  forward: (ctx, [x], opts) => ({ output: erf(ctx, x, opts), saved: x }),
  backward: (ctx, x, dy) => [mul(ctx, dy, curveOf(ctx, x, erfSlopeCurve))],
};
