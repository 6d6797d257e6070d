/**
 * Input and reveal: the doors into and out of additive sharing over any number of parties.
 * @module
 */

import { assert } from '../../core/errors.ts';
import { then, type Later } from '../../core/later.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { unzeroedWords, type Words } from '../../kernels/memory.ts';
import { bytesOf } from '../../kernels/tiles.ts';
import { zeroShare } from '../../prg/zero.ts';
import { inputsOf, type Context, type Step } from '../context.ts';
import type { Cost } from '../cost.ts';
import { addUp } from '../add-up.ts';
import { contiguousWords, Share } from '../share.ts';
import { streamContext } from '../tag.ts';

const INPUT = new Uint8Array([1]);
const REVEAL = new Uint8Array([2]);

/** Cost of an input: zero shares come from pairwise streams. */
export const inputCost: Cost = { rounds: 0, bytes: 0, dealt: 0 };

/** Cost of revealing n words to a peer. */
export function revealCost(n: number): Cost {
  return { rounds: 1, bytes: 8 * n, dealt: 0 };
}

/**
 * Shares words that party `src` knows: its share is x plus its share of zero, the others' are their shares of zero.
 *
 * Cost    0 rounds, 0 bytes.
 * Leaks   nothing: any n−1 shares are uniform because every pair of parties has a stream (C3).
 */
export function input(
  ctx: Context,
  src: number,
  shape: Shape,
  fracBits: number,
  words: Later<Words> | null,
): Share {
  const step = ctx.step(`input ${src} ${showShape(shape)} ${fracBits}`, []);
  const n = sizeOf(shape);
  const shared = then(words, (own) =>
    ctx.arena.scope((arena) => {
      assert(own === null || own.length === n, 'an input has as many words as its shape');
      const zero = zeros(ctx, step, INPUT, n);
      if (own !== null) arena.kernels.add(zero, zero, arena.put(own), n);
      return arena.take(zero, n);
    }),
  );
  const facts = { fracBits, nominal: fracBits, depth: 0, digest: step.digest };
  return Share.fresh(shape, facts, shared);
}

/**
 * Opens x to the parties in `to`; the others send and get null.
 *
 * With three parties or more every share is first re-randomised by a zero share, so that the opened shares say nothing but their
 * sum (C3); of two shares the other one is what the sum says anyway.
 *
 * Cost    1 round, 8 B an element from each party to each receiver.
 * Leaks   x, to the receivers: this is the door out. Callers settle x first (H4).
 */
export function reveal(ctx: Context, x: Share, to: readonly number[]): Later<Words | null> {
  const step = ctx.step(`reveal ${showShape(x.shape)} ${x.fracBits} to ${to.join()}`, inputsOf(x));
  const n = sizeOf(x.shape);
  if (n > 0) {
    const receivers = to.filter((rank) => rank !== ctx.rank).length;
    ctx.session.rounds.reach(step.depth + 1);
    ctx.session.ledger.sent(step.account, 8 * n * receivers);
  }
  return then(contiguousWords(ctx.arena, x), (words) => {
    const own = ctx.world === 2 ? words : rerandomised(ctx, step, words);
    if (n === 0) return to.includes(ctx.rank) ? own : null;
    for (const peer of ctx.peers()) {
      if (to.includes(peer)) ctx.post(step, peer, [bytesOf(own)]);
    }
    return to.includes(ctx.rank) ? addUp(ctx, step, own, ctx.peers(), unzeroedWords(n)) : null;
  });
}

function rerandomised(ctx: Context, step: Step, words: Words): Words {
  const n = words.length;
  return ctx.arena.scope((arena) => {
    const zero = zeros(ctx, step, REVEAL, n);
    arena.kernels.add(zero, zero, arena.put(words), n);
    return arena.take(zero, n);
  });
}

function zeros(ctx: Context, step: Step, purpose: Uint8Array, n: number): number {
  const context = streamContext('zero', purpose, step.tag);
  return zeroShare(ctx.arena, ctx.session.zeroSeeds, ctx.rank, context, n);
}
