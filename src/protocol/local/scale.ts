/**
 * Scales without arithmetic: the same words under another reading, and public constants.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { showShape, type Shape } from '../../core/shape.ts';
import { newWords } from '../../kernels/memory.ts';
import { encodeScalar } from '../../ring/encoder.ts';
import type { Context } from '../context.ts';
import { Share, Storage } from '../share.ts';

/** The same words read at another scale: x·2^(x.fracBits − fracBits), owed a truncation down to `nominal`. Exact. */
export function rescaleA(ctx: Context, x: Share, fracBits: number, nominal: number): Share {
  const { storage } = x;
  const { length, depth } = storage;
  const { digest } = ctx.step(`rescale ${fracBits} ${nominal}`, [storage]);
  const bound = storage.bound === undefined ? undefined : storage.bound + x.fracBits - fracBits;
  const facts = { length, fracBits, nominal, bound, depth, digest };
  return new Share(new Storage(facts, Storage.words(storage)), x);
}

/** A share every element of which is one public number: one word, read through strides of 0. */
export function constantA(ctx: Context, shape: Shape, value: number, fracBits: number): Share {
  const { digest } = ctx.step(`constant ${showShape(shape)} ${value} ${fracBits}`, []);
  const words = newWords(1);
  if (ctx.rank === 0) words[0] = encodeScalar(value, fracBits);
  const facts = { length: 1, fracBits, nominal: fracBits, constant: value, depth: 0, digest };
  return new Share(new Storage(facts, words), {
    shape,
    strides: shape.map(() => 0),
    offset: 0,
  });
}
