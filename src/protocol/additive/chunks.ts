/**
 * Large gates in chunks: the dealer makes, sends and forgets one chunk's material while the parties work on another's.
 *
 * Chunks are steps of their own in one round each, so rounds and bytes stay what they are; buffers stay small. The size is a
 * constant and a multiple of 64: a public schedule, and no packed bit is wasted.
 * @module
 */

import { all, then } from '../../core/later.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { unzeroedWords, type Words } from '../../kernels/memory.ts';
import { inputsOf, type Context } from '../context.ts';
import { reshapeA } from '../local/index.ts';
import { Share, Storage } from '../share.ts';

/** Elements of a chunk of comparison gates: 4 MB of material. */
export const COMPARE_CHUNK = 16_384;

/** Elements of a chunk whose material takes `bytes` an element: about 4 MB, a multiple of 64. */
export function chunkSize(bytes: number): number {
  return Math.min(COMPARE_CHUNK, Math.max(1, Math.floor(2 ** 16 / bytes)) * 64);
}

/**
 * The elements of x in row-major order, `size` at a time; x itself when it is no larger.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function chunksOf(ctx: Context, x: Share, size: number): readonly Share[] {
  const n = sizeOf(x.shape);
  if (n <= size) return [x];
  const flat = reshapeA(ctx, x, [n]);
  return Array.from({ length: Math.ceil(n / size) }, (_, i) => {
    const at = i * size;
    return flat.view({ shape: [Math.min(size, n - at)], strides: [1], offset: flat.offset + at });
  });
}

/**
 * The chunks' results as one share of `shape`; the only one as it is.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 *
 * @param done gets the words of each chunk, fresh and nobody else's, once they have been copied.
 */
export function joined(
  ctx: Context,
  parts: readonly Share[],
  shape: Shape,
  done?: (words: Words) => void,
): Share {
  if (parts.length === 1) return parts[0];
  const step = ctx.step('join', inputsOf(...parts));
  const { fracBits, nominal, bound } = parts[0];
  const words = then(all(parts.map((part) => Storage.words(part.storage))), (pieces) => {
    const out = unzeroedWords(sizeOf(shape));
    let at = 0;
    for (const piece of pieces) {
      out.set(piece, at);
      at += piece.length;
      done?.(piece);
    }
    return out;
  });
  const depth = Math.max(...parts.map((part) => part.depth));
  return Share.fresh(shape, { fracBits, nominal, bound, depth, digest: step.digest }, words);
}
