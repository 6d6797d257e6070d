/**
 * Input and reveal of XOR-shared bits: the doors into and out of binary sharing over any number of parties.
 * @module
 */

import { assert } from '../../core/errors.ts';
import { then, type Later } from '../../core/later.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import { xorZeroShare } from '../../prg/zero.ts';
import { BinaryShare, WORD_BITS } from '../binary/share.ts';
import type { Context, Step } from '../context.ts';
import { contiguousWords, Share } from '../share.ts';
import { streamContext } from '../tag.ts';
import { xorWords } from './planes.ts';

const INPUT = new Uint8Array([3]);
const REVEAL = new Uint8Array([4]);

/**
 * Shares words that party `src` knows: its share is x ⊕ its share of zero, the others' are their shares of zero.
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
): BinaryShare {
  const step = ctx.step(`binary input ${src} ${showShape(shape)} ${fracBits}`, []);
  const n = sizeOf(shape);
  const shared = then(words, (own) => {
    assert(own === null || own.length === n, 'an input has as many words as its shape');
    const zero = zeros(ctx, step, INPUT, n);
    return own === null ? zero : xorWords(ctx.arena, zero, own);
  });
  const facts = { fracBits, nominal: fracBits, depth: 0, digest: step.digest };
  return new BinaryShare(Share.fresh(shape, facts, shared), WORD_BITS);
}

/**
 * Opens x to the parties in `to`; the others send and get null. Every share is first re-randomised by a share of zero (C3).
 *
 * Cost    1 round, 8 B an element from each party to each receiver.
 * Leaks   x, to the receivers: this is the door out.
 */
export function reveal(ctx: Context, x: BinaryShare, to: readonly number[]): Later<Words | null> {
  const step = ctx.step(`binary reveal ${showShape(x.shape)} ${x.fracBits} to ${to.join()}`, [x]);
  const n = sizeOf(x.shape);
  if (n > 0) {
    const receivers = to.filter((rank) => rank !== ctx.rank).length;
    ctx.session.rounds.reach(step.depth + 1);
    ctx.session.ledger.sent(step.account, 8 * n * receivers);
  }
  return then(contiguousWords(ctx.arena, BinaryShare.inner(x)), (words) => {
    const own = xorWords(ctx.arena, zeros(ctx, step, REVEAL, n), words);
    if (n === 0) return to.includes(ctx.rank) ? own : null;
    for (const peer of ctx.peers()) {
      if (to.includes(peer)) ctx.post(step, peer, [new Uint8Array(own.buffer)]);
    }
    return to.includes(ctx.rank) ? collect(ctx, step, own) : null;
  });
}

async function collect(ctx: Context, step: Step, own: Words): Promise<Words> {
  const n = own.length;
  const parts = await Promise.all(ctx.peers().map((peer) => ctx.expect(step, peer, 8 * n)));
  return ctx.arena.scope((arena) => {
    const sum = arena.put(own);
    for (const part of parts) arena.kernels.xor(sum, sum, arena.put(part), n);
    return arena.take(sum, n);
  });
}

function zeros(ctx: Context, step: Step, purpose: Uint8Array, n: number): Words {
  const context = streamContext('zero', purpose, step.tag);
  return ctx.arena.scope((arena) =>
    arena.take(xorZeroShare(arena, ctx.session.zeroSeeds, context, n), n),
  );
}
