/**
 * Delayed truncation: a product keeps the sum of its factors' scales until somebody needs the nominal one.
 *
 * The first consumer *called* decides, so the schedule is public. The result is cached with the storage: truncating one secret
 * twice would give two dithers, and both revealed narrow it (H5). Sums, movement and integer factors do not settle; a second
 * product, a curve, a reveal (H4: the low bits of an exact product leak) and `settle` do.
 * @module
 */

import { then, type Later } from '../core/later.ts';
import type { Context } from './context.ts';
import { Share, Storage } from './share.ts';

/** The share at its nominal scale; the share itself when nothing is owed. */
export function settle(ctx: Context, x: Share): Share {
  return settleTo(ctx, x, x.nominal);
}

/** The share with `fracBits` fractional bits at most, truncated once whatever is asked for it. */
export function settleTo(ctx: Context, x: Share, fracBits: number): Share {
  const { storage } = x;
  if (storage.fracBits <= fracBits) return x;
  let found = storage.settled.find(
    (made) => made.storage.fracBits === fracBits && ctx.sees(made.tag),
  );
  if (found === undefined) {
    const tag = ctx.here;
    found = { tag, storage: ctx.gates.truncate(ctx, storage, storage.fracBits - fracBits) };
    storage.settled.push(found);
  }
  return new Share(found.storage, x);
}

/** The truncated share where that was made before, else x as it is: whoever can use either makes no second dither (H5). */
export function settledIfMade(ctx: Context, x: Share): Share {
  return x.storage.settled.some(({ tag }) => ctx.sees(tag)) ? settle(ctx, x) : x;
}

/** Resolves once the share's words are there; says nothing about them. */
export function arrival(x: Share): Later<void> {
  return then(Storage.words(x.storage), () => undefined);
}
