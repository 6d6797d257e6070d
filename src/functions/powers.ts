/**
 * Whole powers of a secret.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { mul } from './arithmetic.ts';
import type { OpRecord } from './op.ts';
import { Powers } from './polynomial.ts';
import { constant, scale } from './public.ts';
import { reciprocal } from './reciprocal.ts';

/**
 * x^k for a whole number k; x^0 is 1, also at 0, and 0^k is 0 for k < 0.
 *
 * Shape   unchanged.
 * Scale   twice x's until settled; 1 and x as they are.
 * Cost    ceil(log2 |k|) rounds; floor(log2 |k|) squares and a product for each further 1 in k's binary digits; k < 0: a reciprocal before.
 * Error   k ulp of max(1, |x|)^(k−1), for k < 0 of 1/x; |x|^k < 2^30.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for any other exponent.
 */
export function pow(ctx: Context, x: Share, exponent: number): Share {
  checkExponent(exponent);
  if (exponent === 0) return constant(ctx, 'pow', x.shape, 1);
  return powersFor(ctx, x, exponent).at(ctx, Math.abs(exponent));
}

interface PowSaved {
  readonly exponent: number;
  readonly powers: Powers;
  readonly shape: readonly number[];
}

/** The record of `pow`. */
export const powOp: OpRecord<Share, number, PowSaved> = {
  name: 'pow',
  forward: (ctx, [x], exponent) => {
    checkExponent(exponent);
    const powers = powersFor(ctx, x, exponent);
    const output = exponent === 0 ? pow(ctx, x, 0) : powers.at(ctx, Math.abs(exponent));
    return { output, saved: { exponent, powers, shape: x.shape } };
  },
  backward: (ctx, { exponent, powers, shape }, dy) => {
    if (exponent === 0) return [constant(ctx, 'pow', shape, 0)];
    if (exponent === 1) return [dy];
    return [scale(ctx, 'pow', mul(ctx, dy, powers.at(ctx, Math.abs(exponent - 1))), exponent)];
  },
};

/** The powers of x, or of 1/x for an exponent below 0. */
function powersFor(ctx: Context, x: Share, exponent: number): Powers {
  return new Powers(exponent < 0 ? reciprocal(ctx, x) : x);
}

function checkExponent(exponent: number): void {
  if (Number.isSafeInteger(exponent)) return;
  throw new MpcError(
    'ERR_MPC_UNSUPPORTED',
    `pow: exponent ${exponent} is not supported; use a whole number, or posPow for a positive base`,
  );
}
