/**
 * Matrix products with a public side, and the batched ring product that everything else builds on.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Each party computes on its own words.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { then } from '../../core/later.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena } from '../../kernels/memory.ts';
import { gatherView } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import { settle } from '../settle.ts';
import { Share, Storage } from '../share.ts';
import { productFacts } from './arithmetic.ts';
import { describePublic, type PublicWords } from './words.ts';

/** [..,m,k]·[..,k,n] with one public side; batch dims already equal. */
export function matmulAP(ctx: Context, x: Share, p: PublicWords, side: 'left' | 'right'): Share {
  const share = settle(ctx, x);
  const step = ctx.step(`matmulPublic ${side} ${describePublic(ctx.arena, p)}`, inputsOf(share));
  const [a, b] = side === 'right' ? [share.shape, p.shape] : [p.shape, share.shape];
  const shape = [...a.slice(0, -1), b[b.length - 1]];
  const words = then(Storage.words(share.storage), (base) =>
    ctx.arena.scope((arena) => {
      const secret = gatherView(arena, arena.put(base), share);
      const open = arena.put(p.words);
      const out = arena.words(sizeOf(shape));
      matmulInto(
        arena,
        out,
        side === 'right' ? secret : open,
        side === 'right' ? open : secret,
        matrixDims(a, b),
        0,
      );
      return arena.take(out, sizeOf(shape));
    }),
  );
  return Share.fresh(shape, productFacts(share, p, step.digest, ctx), words);
}

/** A batched matrix product; operands are read in row-major order as [batches, m, k] and [batches, k, n]. */
export interface MatrixDims {
  readonly batches: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** The dims of [..,m,k]·[..,k,n]. */
export function matrixDims(a: Shape, b: Shape): MatrixDims {
  const [m, k] = a.slice(-2);
  return { batches: sizeOf(a.slice(0, -2)), m, k, n: b[b.length - 1] };
}

/** out (+)= a·b for every matrix of the batch. */
export function matmulInto(
  arena: Arena,
  out: Ptr,
  a: Ptr,
  b: Ptr,
  { batches, m, k, n }: MatrixDims,
  accumulate: 0 | 1,
): void {
  const scratch = arena.bytes(arena.kernels.matmulScratch(m, k, n));
  for (let i = 0; i < batches; i++) {
    const at = { out: out + i * m * n * 8, a: a + i * m * k * 8, b: b + i * k * n * 8 };
    // Kernels want 16-byte alignment, which a matrix of odd size breaks for its successor.
    if ((at.out | at.a | at.b) % 16 === 0) {
      arena.kernels.matmul(at.out, at.a, at.b, m, k, n, accumulate, scratch);
      continue;
    }
    arena.scope(() => {
      const left = arena.put(arena.take(at.a, m * k));
      const right = arena.put(arena.take(at.b, k * n));
      const sum = arena.put(arena.take(at.out, m * n));
      arena.kernels.matmul(sum, left, right, m, k, n, accumulate, scratch);
      new Uint8Array(arena.kernels.buffer()).copyWithin(at.out, sum, sum + m * n * 8);
    });
  }
}
