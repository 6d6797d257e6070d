/**
 * 1/x of a secret, over the whole range: a power of two times 1/z for the reduced z.
 *
 * With raw x = z·2^(63−K), K the sum of the shifts, 1/x = 2^(K − 63 + fractional bits)·(1/z): a product of two secrets, of which the
 * first is a power of two and exact.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { rescaleA } from '../protocol/local/index.ts';
import { settle, settleTo } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, neg } from './arithmetic.ts';
import { RECIPROCAL } from './coefficients.ts';
import { checkMethod } from './crypten/options.ts';
import {
  crypTenReciprocal,
  RECIPROCAL_METHODS,
  type ReciprocalOptions,
} from './crypten/reciprocal.ts';
import type { OpRecord } from './op.ts';
import { EITHER_SIGN, reduceRange, type Range, type Wanted } from './range.ts';

/** Powers of two below 2^(KEPT − 63 + fractional bits) count as 0, so that the largest, 2^(62 − KEPT) raw, leave room. */
const KEPT = 16;

/** Most fractional bits of 1/z, and of x: finer numbers than 2^−24 leave no room for their reciprocals. */
const FINEST = 28;
const FINEST_INPUT = 24;

/** sign·2^(shift − KEPT) of the first level, sign·2^shift of the second: factors of the power of two. */
const BAND_POWER: Wanted = {
  fracBits: 0,
  of: ({ shift, sign }) => (shift < KEPT ? 0n : BigInt(sign) << BigInt(shift - KEPT)),
};
const OCTAVE_POWER: Wanted = {
  fracBits: 0,
  of: ({ shift, sign }) => BigInt(sign) << BigInt(shift),
};

/**
 * 1/x, elementwise; 0 where x is 0.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is settled first, and read at 24 fractional bits at most.
 * Cost    11 rounds, 82.4 B an element of two parties; dealer 671 B.
 * Error   1.1 ulp and 3e-6 of the result, for every x with |x| < 2^(62 − fractional bits). With a method: as `crypTenReciprocal`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function reciprocal(ctx: Context, x: Share, opts: ReciprocalOptions = {}): Share {
  checkMethod('reciprocal', opts, RECIPROCAL_METHODS);
  if (opts.method !== undefined) return crypTenReciprocal(ctx, x, opts);
  const { precision } = ctx.session;
  const settled = settleTo(ctx, settle(ctx, x), Math.max(FINEST_INPUT, precision));
  const { z, bands, octaves } = reduceRange(
    ctx,
    settled,
    EITHER_SIGN,
    [BAND_POWER],
    [OCTAVE_POWER],
  );
  const powerBits = 63 - KEPT - settled.fracBits;
  const kept = Math.min(powerBits, precision + 3);
  const power = rescaleA(ctx, mul(ctx, bands[0], octaves[0]), powerBits, kept);
  // The largest result is 2^(fractional bits).
  const bits = Math.min(FINEST, 61 - settled.fracBits - kept);
  const [inverse] = ctx.gates.series(ctx, z, 1n, [RECIPROCAL], bits);
  const result = mul(ctx, power, inverse);
  return rescaleA(ctx, result, result.fracBits, precision);
}

/**
 * 1/x of settled words of a known range above 0, which leaves 16 octaves or fewer, with `precision` fractional bits and nothing owed.
 *
 * Shape   x: any; result: same.
 * Scale   `precision`, which must exceed the octaves by 13 for the range's own digits.
 * Cost    a `steps` gate of one threshold for every two octaves but the first, then 3 rounds, 20 B an element and a truncation.
 * Leaks   nothing.
 */
export function reciprocalWithin(ctx: Context, x: Share, range: Range, precision: number): Share {
  const { z, base, octaves } = reduceRange(ctx, x, range, [], [OCTAVE_POWER]);
  const powerBits = 63 - x.fracBits - base;
  const power = rescaleA(ctx, octaves[0], powerBits, powerBits);
  const [inverse] = ctx.gates.series(ctx, z, 1n, [RECIPROCAL], precision - powerBits);
  return rescaleA(ctx, mul(ctx, power, inverse), precision, precision);
}

/** The record of `reciprocal`: the gradient is −y²·dy. */
export const reciprocalOp: OpRecord<Share, ReciprocalOptions, Share> = {
  name: 'reciprocal',
  forward: (ctx, [x], opts) => {
    const output = reciprocal(ctx, x, opts);
    return { output, saved: output };
  },
  backward: (ctx, y, dy) => [neg(ctx, mul(ctx, mul(ctx, dy, y), y))],
};
