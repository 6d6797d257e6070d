/**
 * Single words written over by others, and the way back: what scatter and index assignment by lists are made of.
 * @module
 */

import { contiguousStrides, sameShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { catA, pickA, placeA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { reshape } from './movement.ts';
import type { Gradients } from './op.ts';
import { writtenOver } from './positions.ts';
import { constant } from './public.ts';
import { sum } from './reduce.ts';
import { toSameScale } from './scales.ts';

/** What was written where. */
export interface Overwritten {
  /** Where each word of the result comes from: x, or what was written behind it. */
  readonly from: Int32Array;
  /** The words of the result that were named. */
  readonly at: Int32Array;
  /** The shape of what was written. */
  readonly shape: Shape;
}

/**
 * x with the words of `part` written at positions of its contiguous shape; of several at one position the last stays.
 *
 * Scale   both have one. Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function writtenAt(
  ctx: Context,
  x: Share,
  part: Share,
  at: Int32Array,
): { readonly output: Share; readonly saved: Overwritten } {
  const from = writtenOver(x.shape, at);
  const both = [x, part].map((share) => reshape(ctx, share, [-1]));
  return {
    output: pickA(ctx, catA(ctx, both, 0), { rows: from, width: 1 }, x.shape),
    saved: { from, at, shape: part.shape },
  };
}

/** Gradients of x and of what was written; a word that was written over gets none. */
export function overwrittenGradients(
  ctx: Context,
  { from, at, shape }: Overwritten,
  dy: Share,
  needs: readonly boolean[],
): Gradients {
  const size = sizeOf(dy.shape);
  // Word `size` of this is 0: what was lost gets it.
  const zero = constant(ctx, 'scatter', [1], 0);
  const all = catA(ctx, toSameScale(ctx, [reshape(ctx, dy, [size]), zero]), 0);
  const pick = (rows: Int32Array<ArrayBuffer>, to: Shape): Share =>
    pickA(ctx, all, { rows, width: 1 }, to);
  const kept = from.map((origin) => Math.min(origin, size));
  const stays = at.map((word, i) => (from[word] === size + i ? word : size));
  return [
    needs[0] ? pick(Int32Array.from(kept), dy.shape) : null,
    needs[1] ? pick(Int32Array.from(stays), shape) : null,
  ];
}

/**
 * The adjoint of reading a corner: zeros of a shape with y in the corner; of filling: the sum.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function fromCorner(ctx: Context, y: Share, shape: Shape): Share {
  if (sameShape(y.shape, shape)) return y;
  if (sizeOf(y.shape) === 0) return constant(ctx, 'scatter', shape, 0);
  if (sizeOf(shape) === 1) return reshape(ctx, sum(ctx, y), shape);
  return placeA(ctx, y, shape, { shape: y.shape, strides: contiguousStrides(shape), offset: 0 });
}
