/**
 * Applying a kernel to the words behind a share, now or when they arrive.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Each party computes on its own words.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { then, type Later } from '../../core/later.ts';
import { showShape, type Shape } from '../../core/shape.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, Words } from '../../kernels/memory.ts';
import { mapWords } from '../../kernels/tiles.ts';
import { expandView, flatWords, wholeView } from '../../ring/view.ts';
import { fillWords } from '../../prg/stream.ts';
import { inputsOf, type Context } from '../context.ts';
import { contiguousWords, Share } from '../share.ts';

/** Public ring words of some shape and scale. */
export interface PublicWords {
  readonly shape: Shape;
  readonly words: Words;
  readonly fracBits: number;
}

/**
 * A public operand as it stands in a step's description: shape, scale and a fingerprint of its words, so that parties with
 * different public values fail at the next message instead of computing garbage.
 *
 * The fingerprint is an inner product with fixed pseudorandom words: it finds accidents, it does not stop a liar.
 */
export function describePublic(arena: Arena, { shape, words, fracBits }: PublicWords): string {
  const print = arena.scope(() => {
    const n = words.length;
    const sum = arena.zeros(1);
    if (n > 0) {
      const factors = fillWords(arena, FINGERPRINT_KEY, 0, n);
      arena.kernels.mul(factors, factors, arena.put(words), n);
      arena.kernels.sumAxis(sum, factors, 1, n, 1);
    }
    return arena.take(sum, 1)[0];
  });
  return `${showShape(shape)} ${fracBits} #${print.toString(16)}`;
}

/** Key of the public factors; no secret is ever hidden under it. */
export const FINGERPRINT_KEY: Uint8Array = new Uint8Array(32).fill(1);

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

/** The words that `body` computes elementwise from a share's. */
export function onWords(
  ctx: Context,
  x: Share,
  body: (arena: Arena, from: Ptr, n: number) => Ptr,
): Later<Words> {
  return then(contiguousWords(ctx.arena, x), (words) =>
    mapWords(ctx.arena, words.length, [words], ({ at, n }) => body(ctx.arena, at[0], n)),
  );
}

/** A public operand's words broadcast to a shape, in row-major order; not to be written to. */
export function broadcastWords(arena: Arena, p: PublicWords, shape: Shape): Words {
  return flatWords(arena, p.words, expandView(wholeView(p.shape), shape));
}
