/**
 * Secret random tensors, drawn by the dealer.
 * @module
 */

import { then } from '../../core/later.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import { randomRequest } from '../provider/kinds/random.ts';
import { segment } from '../provider/provider.ts';
import { randomFacts, type Distribution } from '../random.ts';
import { Share } from '../share.ts';

/** Cost of n draws. */
export function randomCost(n: number): Cost {
  return { rounds: 0, bytes: 0, dealt: 8 * n };
}

/**
 * A tensor of independent draws (of one permutation, for that).
 *
 * Cost    0 rounds, 0 bytes; dealer 8 B an element.
 * Leaks   nothing to the parties; the dealer knows the values (M7), and sees nothing they are used on.
 */
export function random(ctx: Context, shape: Shape, distribution: Distribution): Share {
  const n = sizeOf(shape);
  const { kind } = distribution;
  const step = ctx.step(`random ${kind} ${showShape(shape)}`, []);
  const facts = { ...randomFacts(distribution, n), depth: step.depth, digest: step.digest };
  if (n === 0) return Share.fresh(shape, facts, new BigUint64Array(0));
  const material = ctx.session.provider.request(step, randomRequest(n, distribution));
  const words = then(material.take(), (dealt) => {
    const drawn = ctx.arena.take(segment(dealt, 'drawn').at, n);
    dealt.done();
    return drawn;
  });
  return Share.fresh(shape, facts, words);
}
