/**
 * CrypTen's sine and cosine: e^(ix) as (1 + ix/2^k)^(2^k), squared k times.
 *
 * Every square doubles the error, so the iteration keeps 24 fractional bits where there is room.
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import { rescaleA } from '../../protocol/local/index.ts';
import { settle } from '../../protocol/settle.ts';
import type { Share } from '../../protocol/share.ts';
import { mul, square, sub } from '../arithmetic.ts';
import { plainScalar, scale } from '../public.ts';
import { entering } from './entering.ts';
import type { MethodTable, OwnMethod } from './options.ts';

/** How sines and cosines are computed. */
export type TrigOptions = OwnMethod | SquaringOptions;

/** (1 + ix/2^iterations)^(2^iterations). */
export interface SquaringOptions {
  readonly method: 'squaring';
  /** Squares; 10 unless said. */
  readonly iterations?: number | undefined;
}

/** The methods of `sin`, `cos` and `cossin`. */
export const TRIG_METHODS: MethodTable = { squaring: { iterations: 'count' } };

/** Fractional bits of the iteration. */
const FINE = 24;

/**
 * cos x and sin x by k complex squares.
 *
 * Shape   x: any; results: same.
 * Scale   the session's precision.
 * Cost    2k rounds, k − 1 times two squares and a product, and a square.
 * Error   k = 10: 0.025 within ±π, 0.07 within ±10; the result is e^(x²/2^(k+1)) times too large.
 * Leaks   nothing.
 */
export function squaredCosSin(
  ctx: Context,
  x: Share,
  iterations = 10,
): { readonly cos: Share; readonly sin: Share } {
  const { precision } = ctx.session;
  const from = entering(ctx, x);
  const bits = from.fracBits + iterations;
  let im = settle(ctx, rescaleA(ctx, from, bits, Math.min(bits, Math.max(FINE, precision))));
  let re = sub(ctx, plainScalar(1), square(ctx, im));
  im = scale(ctx, 'sin', im, 2);
  for (let i = 1; i < iterations; i++) {
    const across = scale(ctx, 'sin', mul(ctx, re, im), 2);
    re = sub(ctx, square(ctx, re), square(ctx, im));
    im = across;
  }
  return { cos: coarse(ctx, re), sin: coarse(ctx, im) };
}

function coarse(ctx: Context, y: Share): Share {
  return rescaleA(ctx, y, y.fracBits, ctx.session.precision);
}
