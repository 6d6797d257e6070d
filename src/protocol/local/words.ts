/**
 * Applying a kernel to the words behind a share, now or when they arrive.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Each party computes on its own words.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { then, type Later } from '../../core/later.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, Words } from '../../kernels/memory.ts';
import { expandView, gatherView, wholeView } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import { Share, Storage } from '../share.ts';

/** Public ring words of some shape and scale. */
export interface PublicWords {
  readonly shape: Shape;
  readonly words: Words;
  readonly fracBits: number;
}

/** The scales of a share, for a result that keeps them. */
export function scaleOf(x: Share): { fracBits: number; nominal: number } {
  return { fracBits: x.fracBits, nominal: x.nominal };
}

/** A share of the same shape and scale whose words `body` computes. */
export function mapA(
  ctx: Context,
  text: string,
  x: Share,
  body: (arena: Arena, from: Ptr, n: number) => Ptr,
): Share {
  const step = ctx.step(text, inputsOf(x));
  return Share.fresh(
    x.shape,
    { ...scaleOf(x), depth: x.depth, digest: step.digest },
    onWords(ctx, x, body),
  );
}

/** The words that `body` computes from a share's contiguous words. */
export function onWords(
  ctx: Context,
  x: Share,
  body: (arena: Arena, from: Ptr, n: number) => Ptr,
): Later<Words> {
  const n = sizeOf(x.shape);
  return then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) =>
      arena.take(body(arena, gatherView(arena, arena.put(base), x), n), n),
    ),
  );
}

/** A public operand broadcast to a shape, in the arena. */
export function gatherPublic(arena: Arena, p: PublicWords, shape: Shape): Ptr {
  const from = arena.put(p.words);
  return gatherView(arena, from, expandView(wholeView(p.shape), shape));
}
