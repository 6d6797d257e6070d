/**
 * Exact truncation: floor(x/2^m) + {0, 1} ulp for |raw x| < 2^62, never a large error (M3), for any number of parties.
 *
 * Two parties (H6): X = x + 2^62 < 2^63 is split as X_0 + X_1, and its wrap is msb(X_0) OR msb(X_1), one product of two private
 * bits; with bits a_0, a_1 and shares of a_0·a_1 from the dealer that is one opened bit. More parties (EGK20, Figure 10; DEK20):
 * c = x + 2^62 + r is opened and truncated in public, and r's own upper part and top bit correct it.
 *
 * # Warning
 * This realises the functionality that draws a public d in [0, 2^m) and returns ceil((x − d)/2^m), not one with a private coin
 * (H5): two truncations of one secret are two dithers, so `settle` makes only one.
 * @module
 */

import { both, then, type Later } from '../../core/later.ts';
import { keepSpare } from '../../core/spare.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, Words } from '../../kernels/memory.ts';
import { bytesOf, inTiles, mapWords, type Tile } from '../../kernels/tiles.ts';
import type { Context, Step } from '../context.ts';
import { packed, type Cost } from '../cost.ts';
import { exchangeBits, open } from '../open.ts';
import {
  topBytes,
  truncateOpenedRequest,
  truncatePairRequest,
} from '../provider/kinds/truncation.ts';
import { segment, type Material } from '../provider/provider.ts';
import { Storage } from '../share.ts';

/** 2^62, which moves the valid range of x to [0, 2^63). */
const OFFSET = BigUint64Array.of(1n << 62n);

/** Cost of truncating n words by m bits. */
export function truncateCost(n: number, m: number, world: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  return world === 2
    ? { rounds: 1, bytes: packed(n), dealt: n * Math.ceil(m / 8) }
    : { rounds: 1, bytes: 8 * n, dealt: n * (8 + topBytes(m)) };
}

/**
 * Drops `m` fractional bits of a whole storage, 1 ≤ m ≤ 61.
 *
 * Cost    1 round; two parties 1 bit and ceil(m/8) B from the dealer, more parties 8 B and 8 + ceil((m + 1)/8) B from the dealer, an element.
 * Error   {0, +1} ulp of the result for |raw x| < 2^62; P(+1) is the fraction cut off, so the mean is right.
 * Leaks   nothing: each opened bit or word is one-time padded; see the warning above for what the rounding is.
 */
export function truncate(ctx: Context, x: Storage, m: number): Storage {
  const n = x.length;
  const step = ctx.step(`truncate ${n} by ${m}`, [x]);
  const facts = {
    length: n,
    fracBits: x.fracBits - m,
    nominal: Math.min(x.nominal, x.fracBits - m),
    bound: x.bound,
    depth: step.depth + (n === 0 ? 0 : 1),
    digest: step.digest,
  };
  if (n === 0) return new Storage(facts, new BigUint64Array(0));
  const body = ctx.world === 2 ? truncatePair : truncateMasked;
  return new Storage(facts, body(ctx, step, x, m));
}

/** Opened c = x + r moved by 2^62, as the truncation kernels take it. */
export function withOffset(arena: Arena, c: Words): number {
  const at = arena.put(c);
  arena.kernels.addScalar(at, at, arena.put(OFFSET), c.length);
  return at;
}

function truncatePair(ctx: Context, step: Step, x: Storage, m: number): Later<Words> {
  const n = x.length;
  const material = ctx.session.provider.request(step, truncatePairRequest(n, m));
  const split = then(both(Storage.words(x), material.take()), ([words, dealt]) =>
    splitShare(ctx, words, dealt, m),
  );
  const hidden = then(split, (ours) => ours.hidden);
  return then(both(split, exchangeBits(ctx, step, n, hidden)), ([ours, theirs]) =>
    joinShares(ctx, ours, theirs, m),
  );
}

/** What a party keeps until the peer's bits are there. */
interface Split {
  readonly x: Words;
  /** Its top bits, each XOR its own dealt bit: what is sent. */
  readonly hidden: Uint8Array;
  readonly dealt: Material;
}

function splitShare({ arena, rank }: Context, x: Words, dealt: Material, m: number): Split {
  const inputs = [[bytesOf(x), 64] as const, [segment(dealt, 'bits'), 1] as const];
  const [hidden] = inTiles(arena, x.length, inputs, [1], ({ at: [from, mask], n }) => {
    const words = Math.ceil(n / 64);
    const bits = arena.zeros(words);
    arena.kernels.truncateSplit(from, bits, from, m, rank, n);
    arena.kernels.xor(bits, bits, mask, words);
    return [bits];
  });
  return { x, hidden, dealt };
}

function joinShares({ arena, rank }: Context, ours: Split, theirs: Uint8Array, m: number): Words {
  const [first, second] = rank === 0 ? [ours.hidden, theirs] : [theirs, ours.hidden];
  const inputs = [
    [bytesOf(ours.x), 64] as const,
    [segment(ours.dealt, 'ab'), 64] as const,
    ...[segment(ours.dealt, 'bits'), first, second].map((bits) => [bits, 1] as const),
  ];
  // The share of the upper part is computed again: cheaper than keeping it for a round.
  const body = ({ at: [x, ab, own, d0, d1], n }: Tile): readonly Ptr[] => {
    arena.kernels.truncateSplit(x, arena.zeros(Math.ceil(n / 64)), x, m, rank, n);
    arena.kernels.truncateJoin(x, x, ab, own, d0, d1, m, rank, n);
    return [x];
  };
  const [joined] = inTiles(arena, ours.x.length, inputs, [64], body);
  ours.dealt.done();
  return new BigUint64Array(joined.buffer);
}

function truncateMasked(ctx: Context, step: Step, x: Storage, m: number): Later<Words> {
  const n = x.length;
  const material = ctx.session.provider.request(step, truncateOpenedRequest(n, m));
  const masked = then(both(Storage.words(x), material.take()), ([words, dealt]) => ({
    dealt,
    c: mapWords(ctx.arena, n, [words, segment(dealt, 'r')], ({ at: [x, r], n: count }) => {
      ctx.arena.kernels.add(x, x, r, count);
      return x;
    }),
  }));
  const sections = then(masked, ({ c }) => [{ words: c, bytes: 8 }]);
  return then(both(masked, open(ctx, step, [{ words: n, bytes: 8 }], sections)), ([ours, [c]]) =>
    ctx.arena.scope((arena) => {
      const out = arena.words(n);
      const [rc, r63] = ['rc', 'r63'].map((name) => arena.put(segment(ours.dealt, name)));
      arena.kernels.truncateOpened(out, withOffset(arena, c.words), rc, r63, m, ctx.rank, n);
      ours.dealt.done();
      keepSpare(c.words);
      return arena.take(out, n);
    }),
  );
}
