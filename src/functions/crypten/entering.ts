/**
 * Where CrypTen's methods begin: words of the session's precision.
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import { refine } from '../../protocol/local/index.ts';
import { settle, settleTo } from '../../protocol/settle.ts';
import type { Share } from '../../protocol/share.ts';

/**
 * x at the session's precision, so that every product of an iteration keeps it.
 *
 * Scale   the session's precision. Cost    0 rounds, 0 bytes; a pending or finer x is settled. Leaks   nothing.
 */
export function entering(ctx: Context, x: Share): Share {
  const { precision } = ctx.session;
  return refine(ctx, settleTo(ctx, settle(ctx, x), precision), precision);
}
