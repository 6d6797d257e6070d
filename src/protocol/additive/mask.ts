/**
 * Masks: a secret operand is masked once, opened once, and used in as many products as the program asks for.
 *
 * A mask belongs to a range of a storage, that is to one version of one secret, and follows every strided view of it; a write makes
 * a new storage and so a new mask (C8). A batch of a data matrix is masked when it is first multiplied and never again: later
 * epochs, the transposed product of the backward pass and further layers open nothing for it (SecureML, S&P 2017, §4.1).
 * @module
 */

import { then } from '../../core/later.ts';
import { isContiguous, sizeOf } from '../../core/shape.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, Words } from '../../kernels/memory.ts';
import { mapWords, type Maker } from '../../kernels/tiles.ts';
import { gatherReach, reachOf, type View } from '../../ring/view.ts';
import type { Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import { openKept } from '../open.ts';
import type { MaskRef } from '../provider/descriptor.ts';
import type { LentMask } from '../provider/mask-share.ts';
import { Storage, type Mask, type Share } from '../share.ts';

/** Cost of masking `n` words that have no mask yet. */
export function maskCost(n: number): Cost {
  return { rounds: n === 0 ? 0 : 1, bytes: 8 * n, dealt: 0 };
}

/**
 * The mask that covers everything a share reads, opened now unless it exists.
 *
 * A view that reads only part of its storage gets a mask of that range, until the ranges would add up to more than the
 * storage; then the whole storage is masked. So a storage costs at most twice its size, whatever is read of it.
 *
 * Cost    1 round, 8 B for each word of the range; 0 once masked.
 * Leaks   nothing: delta = x − a, a uniform and used for this storage alone.
 */
export function maskOf(ctx: Context, share: Share): Mask {
  const { storage } = share;
  const [low, high] = reachOf(share);
  const found = storage.masks.find(
    (mask) => mask.start <= low && high <= mask.start + mask.length && ctx.sees(mask.tag),
  );
  if (found !== undefined) return found;
  // Only masks this point sees count: forks run in no fixed order, and the choice must be the same at every party.
  const covered = storage.masks.reduce(
    (sum, mask) => sum + (ctx.sees(mask.tag) ? mask.length : 0),
    0,
  );
  const whole = covered + (high - low) > storage.length;
  const mask = whole
    ? openMask(ctx, storage, 0, storage.length)
    : openMask(ctx, storage, low, high);
  storage.masks.push(mask);
  return mask;
}

/** How a product reads a mask through a view of the share's storage. */
export function maskView(mask: Mask, view: View): View {
  return { shape: view.shape, strides: view.strides, offset: view.offset - mask.start };
}

/** The dealer's name for the same. */
export function maskRef(mask: Mask, view: View): MaskRef {
  return { tag: mask.tag, length: mask.length, view: maskView(mask, view) };
}

/** This party's share of a mask, to be read through a view. */
export interface ViewedMask {
  readonly lent: LentMask;
  readonly view: View;
}

/** What the view reads of a mask, in row-major order, in the arena's scope. */
export function gatherMask(arena: Arena, { lent, view }: ViewedMask): Ptr {
  return gatherReach(arena, view, (from, count) => lent.read(arena, from, count));
}

/** The same as elements for tiles: made tile by tile where they lie one after the other. */
export function flatMask(arena: Arena, mask: ViewedMask): Words | Maker {
  const { lent, view } = mask;
  if (isContiguous(view.shape, view.strides) && view.offset % 2 === 0) {
    return (from, count) => lent.read(arena, view.offset + from, count);
  }
  return arena.scope(() => arena.take(gatherMask(arena, mask), sizeOf(view.shape)));
}

function openMask(ctx: Context, storage: Storage, low: number, high: number): Mask {
  const length = high - low;
  const step = ctx.step(`mask ${low} ${length}`, [storage]);
  const { arena } = ctx;
  const share = ctx.session.provider.mask(step.tag, length);
  const lent = share.lend();
  const a = (from: number, count: number): Ptr => lent.read(arena, from, count);
  const masked = then(Storage.words(storage), (words) => {
    const less = mapWords(arena, length, [words.subarray(low, high), a], ({ at: [x, m], n }) => {
      arena.kernels.sub(x, x, m, n);
      return x;
    });
    lent.done();
    return less;
  });
  return {
    tag: step.tag,
    start: low,
    length,
    depth: step.depth + (length === 0 ? 0 : 1),
    digest: step.digest,
    share,
    delta: openKept(ctx, step, length, masked),
  };
}
