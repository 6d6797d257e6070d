/**
 * x/y for secrets, over the whole range: x is shifted as y was, then multiplied by 1/z.
 *
 * With raw y = z·2^(63−K) for f fractional bits, x/y = t/z for t = x·2^(K − 63 + f), which is x/y·z and as small as the result.
 * So both factors of the last product have about the fractional bits that the result can use, whatever the sizes of x and y: a reciprocal
 * of its own would lose them for large y, or room for the result for small y. A divisor can divide several numbers.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { refine, rescaleA, scaleA } from '../protocol/local/index.ts';
import { settle, settleTo } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul } from './arithmetic.ts';
import { RECIPROCAL } from './coefficients.ts';
import { BAND_SHIFTS, EITHER_SIGN, reduceRange, type Reduced, type Wanted } from './range.ts';

/** What division wants of a reduced range: for each band whether y lies in it, with y's sign, and sign·2^shift of the octaves. */
export const DIVISOR: { readonly bands: readonly Wanted[]; readonly octaves: readonly Wanted[] } = {
  bands: BAND_SHIFTS.map((band) => ({
    fracBits: 0,
    of: ({ shift, sign }) => (shift === band ? BigInt(sign) : 0n),
  })),
  octaves: [{ fracBits: 0, of: ({ shift, sign }) => BigInt(sign) << BigInt(shift) }],
};

/** Fractional bits of t and of 1/z, which the last product adds up: 32, or as many as the product of two tensors has. */
function scales(precision: number): { readonly t: number; readonly inverse: number } {
  const t = Math.max(18, precision + 2);
  return { t, inverse: t - 4 };
}

/** A secret that was made ready to divide by. */
export interface Divisor extends Omit<Reduced, 'z'> {
  /** 1/z. */
  readonly inverse: Share;
  readonly fracBits: number;
}

/**
 * y made ready to divide by; dividing by 0 gives 0.
 *
 * Cost    7 rounds, 51.5 B an element; the 1/z of it owes a truncation.
 * Leaks   nothing.
 */
export function divisor(ctx: Context, y: Share): Divisor {
  const settled = settle(ctx, y);
  const reduced = reduceRange(ctx, settled, EITHER_SIGN, DIVISOR.bands, DIVISOR.octaves);
  return divisorOf(ctx, reduced, settled.fracBits);
}

/** The divisor of words of so many fractional bits, of which the range was reduced with `DIVISOR`. */
export function divisorOf(ctx: Context, { z, ...rest }: Reduced, fracBits: number): Divisor {
  const bits = scales(ctx.session.precision).inverse;
  const [inverse] = ctx.gates.series(ctx, z, 1n, [RECIPROCAL], bits);
  return { ...rest, inverse, fracBits };
}

/**
 * x/y with broadcasting.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the session's precision; x is settled and read at that precision.
 * Cost    4 rounds, 80 B an element and the truncations between them; masks of the divisor are opened once.
 * Error   3 ulp and 2^−13 of the result, while |x/y| < 2^(62 − 2·precision).
 * Leaks   nothing.
 */
export function quotient(ctx: Context, x: Share, y: Divisor): Share {
  const { precision } = ctx.session;
  const bits = scales(precision);
  const wide = bits.t + bits.inverse;
  const own = refine(ctx, settleTo(ctx, settle(ctx, x), precision), precision);
  // t = x·2^(K − 63 + f) with `wide` fractional bits: raw t = raw x·2^(K + offset), K the sum of the shifts.
  const offset = y.base + y.fracBits - precision - 63 + wide;
  const banded = y.bands.length === 0 ? shiftedBy(ctx, own, offset) : inBand(ctx, own, y, offset);
  const t = rescaleA(ctx, mul(ctx, banded, y.octaves[0]), wide, bits.t);
  const result = mul(ctx, t, y.inverse);
  return rescaleA(ctx, result, result.fracBits, precision);
}

/** raw x·2^(shift of y's band + offset), as whole numbers. */
function inBand(ctx: Context, x: Share, { bands }: Divisor, offset: number): Share {
  const shifts = BAND_SHIFTS.map((shift) => shift + offset);
  const up = bands.flatMap((band, i) =>
    shifts[i] < 0 ? [] : [scaleA(ctx, band, 1n << BigInt(shifts[i]))],
  );
  const down = bands.flatMap((band, i) =>
    shifts[i] < 0 ? [mul(ctx, shiftedBy(ctx, x, shifts[i]), band)] : [],
  );
  const one = up.reduce((a, b) => add(ctx, a, b));
  return down.reduce((a, b) => add(ctx, a, b), mul(ctx, shiftedBy(ctx, x, 0), one));
}

/** raw x·2^shift as whole numbers; bits that are shifted out are truncated, once for all that divide x (H5). */
function shiftedBy(ctx: Context, x: Share, shift: number): Share {
  if (shift === 0) return rescaleA(ctx, x, 0, 0);
  const moved =
    shift < 0 ? settleTo(ctx, x, x.fracBits + shift) : scaleA(ctx, x, 1n << BigInt(shift));
  return rescaleA(ctx, moved, 0, 0);
}
