/**
 * The plain scheme's random tensors, from the platform's CSPRNG.
 * @module
 */

import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { fillWords, deriveStream } from '../../prg/stream.ts';
import type { Context } from '../context.ts';
import { coinsFor, draw, randomFacts, type Distribution } from '../random.ts';
import { Share } from '../share.ts';

/** A tensor of independent draws (of one permutation, for that). */
export function random(ctx: Context, shape: Shape, distribution: Distribution): Share {
  const n = sizeOf(shape);
  const step = ctx.step(`random ${distribution.kind} ${showShape(shape)}`, []);
  const seed = globalThis.crypto.getRandomValues(new Uint8Array(32));
  const coins = ctx.arena.scope((arena) => {
    const count = coinsFor(n);
    return arena.take(fillWords(arena, deriveStream(seed, new Uint8Array(0)), 0, count), count);
  });
  const facts = { ...randomFacts(distribution, n), depth: step.depth, digest: step.digest };
  return Share.fresh(shape, facts, draw(distribution, n, coins));
}
