/**
 * The natural logarithm, over the whole range: log of the reduced z, and log 2 for each octave of the shift.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add } from './arithmetic.ts';
import { LOGARITHM } from './coefficients.ts';
import { householderLog, LOG_METHODS, type LogOptions } from './crypten/logarithm.ts';
import { checkMethod } from './crypten/options.ts';
import type { OpRecord } from './op.ts';
import { plainScalar } from './public.ts';
import { DIVISOR, divisor, divisorOf, quotient, type Divisor } from './quotient.ts';
import { POSITIVE, reduceRange, type Range, type Reduced, type Wanted } from './range.ts';

/**
 * log x, elementwise; where x ≤ 0, the log of the smallest number of x's scale.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is settled first.
 * Cost    9 rounds, 38.6 B an element of two parties; dealer 555 B.
 * Error   2 ulp, for every x with x < 2^(62 − fractional bits). With a method: as `householderLog`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function log(ctx: Context, x: Share, opts: LogOptions = {}): Share {
  checkMethod('log', opts, LOG_METHODS);
  if (opts.method === 'householder') return householderLog(ctx, x, opts);
  return logWithin(ctx, settle(ctx, x), POSITIVE, ctx.session.precision);
}

/**
 * log x of settled words of a known range.
 *
 * Shape   x: any; result: same.
 * Scale   `precision`.
 * Cost    as `log`; a narrow range needs one level of thresholds or none.
 * Leaks   nothing.
 */
export function logWithin(ctx: Context, x: Share, range: Range, precision: number): Share {
  const wanted = [octavesOf(precision)];
  return logOf(ctx, reduceRange(ctx, x, range, wanted, wanted), x.fracBits, precision);
}

/** log x, and x as a divisor for when it is asked for. */
export interface LogWithDivisor {
  readonly log: Share;
  readonly divisor: (ctx: Context) => Divisor;
}

/**
 * log x of settled words of a known range, and x as a divisor from the same reduced range.
 *
 * Shape, Scale, Cost   as `logWithin`; the divisor takes 1 round and 4 B an element more.
 * Leaks   nothing.
 */
export function logWithDivisor(ctx: Context, x: Share, range: Range): LogWithDivisor {
  const { precision } = ctx.session;
  const wanted = octavesOf(precision);
  const { bands, octaves } = DIVISOR;
  const all = reduceRange(ctx, x, range, [wanted, ...bands], [wanted, ...octaves]);
  const rest = { ...all, bands: all.bands.slice(1), octaves: all.octaves.slice(1) };
  return {
    log: logOf(ctx, all, x.fracBits, precision),
    divisor: (later) => divisorOf(later, rest, x.fracBits),
  };
}

/** The record of `log`: the gradient is dy/x, from the reduced range of the forward pass. */
export const logOp: OpRecord<Share, LogOptions, LogWithDivisor> = {
  name: 'log',
  forward: (ctx, [x], opts = {}) => {
    if (opts.method !== undefined) {
      const output = log(ctx, x, opts);
      return { output, saved: { log: output, divisor: (later) => divisor(later, x) } };
    }
    checkMethod('log', opts, LOG_METHODS);
    const saved = logWithDivisor(ctx, settle(ctx, x), POSITIVE);
    return { output: saved.log, saved };
  },
  backward: (ctx, { divisor }, dy) => [quotient(ctx, dy, divisor(ctx))],
};

/** −shift·log 2. */
function octavesOf(precision: number): Wanted {
  return {
    fracBits: precision,
    of: ({ shift }) => BigInt(Math.round(-shift * Math.LN2 * 2 ** precision)),
  };
}

/** log x = log z + (63 − K − f)·log 2 for f fractional bits and K the sum of the shifts, of which the levels' first outputs tell. */
function logOf(
  ctx: Context,
  { z, base, bands, octaves }: Reduced,
  fracBits: number,
  precision: number,
): Share {
  const [rest] = ctx.gates.series(ctx, z, 1n, [LOGARITHM], precision);
  const shifts = bands.length === 0 ? octaves[0] : add(ctx, bands[0], octaves[0]);
  const known = plainScalar((63 - base - fracBits) * Math.LN2);
  return add(ctx, add(ctx, settle(ctx, rest), shifts), known);
}
