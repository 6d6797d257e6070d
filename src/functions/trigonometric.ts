/**
 * Sine and cosine: one harmonic of an angle that the ring reduces by itself.
 *
 * x·turn mod 2^64 is the angle in turns as a fraction: wrapping around is what angles do, so nothing is reduced, truncated or lost.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import type { Harmonics } from '../protocol/harmonics.ts';
import { settledIfMade } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, neg, sub } from './arithmetic.ts';
import { checkMethod } from './crypten/options.ts';
import { squaredCosSin, TRIG_METHODS, type TrigOptions } from './crypten/trigonometric.ts';
import { index, stack } from './movement.ts';
import type { OpRecord } from './op.ts';

/** 2^128/(2π), rounded. */
const TURN_128 = 54157620742477409023451113735280473968n;

const COSINE: Harmonics = { constant: 0, cos: [1], sin: [0], bound: 1 };
const SINE: Harmonics = { constant: 0, cos: [0], sin: [1], bound: 1 };

/** Cosine and sine of one opening. */
export interface CosSin {
  readonly cos: Share;
  readonly sin: Share;
}

/**
 * sin(x), elementwise, x in radians.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is taken as it is.
 * Cost    2 rounds, 4.1 B an element of two parties, owed truncation included; dealer 22 B.
 * Error   1 ulp and |x|·2^(fractional bits − 62) for every representable x. With a method: as `squaredCosSin`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function sin(ctx: Context, x: Share, opts: TrigOptions = {}): Share {
  checkMethod('sin', opts, TRIG_METHODS);
  if (opts.method === 'squaring') return squaredCosSin(ctx, x, opts.iterations).sin;
  return harmonicsOf(ctx, x, [SINE])[0];
}

/**
 * cos(x), elementwise, x in radians.
 *
 * Shape, Scale, Error   as `sin`.
 * Cost    2 rounds, 4.1 B an element of two parties, owed truncation included; dealer 22 B.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function cos(ctx: Context, x: Share, opts: TrigOptions = {}): Share {
  checkMethod('cos', opts, TRIG_METHODS);
  if (opts.method === 'squaring') return squaredCosSin(ctx, x, opts.iterations).cos;
  return harmonicsOf(ctx, x, [COSINE])[0];
}

/**
 * cos(x) and sin(x) from one opening.
 *
 * Shape, Scale, Error   as `sin`.
 * Cost    as `sin`, for both together.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function cossin(ctx: Context, x: Share, opts: TrigOptions = {}): CosSin {
  checkMethod('cossin', opts, TRIG_METHODS);
  if (opts.method === 'squaring') return squaredCosSin(ctx, x, opts.iterations);
  const [cosine, sine] = harmonicsOf(ctx, x, [COSINE, SINE]);
  return { cos: cosine, sin: sine };
}

/** The record of `sin`: its slope is the cosine of the same opening. */
export const sinOp: OpRecord<Share, TrigOptions, Share> = {
  name: 'sin',
  forward: (ctx, [x], opts) => {
    const both = cossin(ctx, x, opts);
    return { output: both.sin, saved: both.cos };
  },
  backward: (ctx, slope, dy) => [mul(ctx, dy, slope)],
};

/** The record of `cos`: its slope is minus the sine of the same opening. */
export const cosOp: OpRecord<Share, TrigOptions, Share> = {
  name: 'cos',
  forward: (ctx, [x], opts) => {
    const both = cossin(ctx, x, opts);
    return { output: both.cos, saved: both.sin };
  },
  backward: (ctx, slope, dy) => [neg(ctx, mul(ctx, dy, slope))],
};

/**
 * The record of `cossin`, with cos(x) and sin(x) stacked along a new first dim.
 *
 * The gradient is −sin(x)·dy_0 + cos(x)·dy_1.
 */
export const cossinOp: OpRecord<Share, TrigOptions, CosSin> = {
  name: 'cossin',
  forward: (ctx, [x], opts) => {
    const saved = cossin(ctx, x, opts);
    return { output: stack(ctx, [saved.cos, saved.sin], 0), saved };
  },
  backward: (ctx, { cos: cosine, sin: sine }, dy) => [
    sub(ctx, mul(ctx, index(dy, [1]), cosine), mul(ctx, index(dy, [0]), sine)),
  ],
};

function harmonicsOf(ctx: Context, x: Share, sums: readonly Harmonics[]): readonly Share[] {
  const from = settledIfMade(ctx, x);
  return ctx.gates.series(ctx, from, turnOf(from.fracBits), sums, ctx.session.precision);
}

/** The angle of one unit of a word with so many fractional bits, in units of 2^−64 turns, rounded. */
function turnOf(fracBits: number): bigint {
  const shift = BigInt(64 + fracBits);
  return (TURN_128 + (1n << (shift - 1n))) >> shift;
}
