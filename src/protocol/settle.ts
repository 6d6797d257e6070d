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
  const { storage } = x;
  if (storage.fracBits === storage.nominal) return x;
  let found = storage.settled.find(({ tag }) => ctx.sees(tag));
  if (found === undefined) {
    const tag = ctx.here;
    found = { tag, storage: ctx.gates.truncate(ctx, storage, storage.fracBits - storage.nominal) };
    storage.settled.push(found);
  }
  return new Share(found.storage, x);
}

/** Resolves once the share's words are there; says nothing about them. */
export function arrival(x: Share): Later<void> {
  return then(Storage.words(x.storage), () => undefined);
}
