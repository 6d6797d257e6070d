/**
 * Sums of squares, for a root or its reciprocal.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { rescaleA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { square } from './arithmetic.ts';
import { sum } from './reduce.ts';

/** Fractional bits beyond the session's that are kept: a root halves the significant bits. */
const KEPT_BITS = 12;

/**
 * Σ x² over axes, none for a 0-d tensor.
 *
 * Shape   x: any; the axes vanish, or stay with size 1 under `keepdim`.
 * Scale   12 bits finer than the session's, once settled.
 * Cost    1 round, 8 B for each word that has no mask yet; owes one truncation.
 * Error   an ulp of that scale, while the sum is below 2^(62 − 2·fractional bits of x).
 * Leaks   nothing.
 */
export function sumOfSquares(
  ctx: Context,
  x: Share,
  axes: readonly number[],
  keepdim: boolean,
): Share {
  const each = square(ctx, x);
  const total = axes.length === 0 ? each : sum(ctx, each, { dim: axes, keepdim });
  const kept = Math.min(total.fracBits, ctx.session.precision + KEPT_BITS);
  return rescaleA(ctx, total, total.fracBits, kept);
}
