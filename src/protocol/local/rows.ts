/**
 * Rows by number, running sums, and writing one tensor over a part of another.
 *
 * A row is `width` consecutive words of a tensor in row-major order; row numbers are public.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Each party computes on its own words.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Arena } from '../../kernels/memory.ts';
import { expandView, gatherView, scatterView, type View } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import { contiguousWords, Share, Storage } from '../share.ts';
import { describePublic, scaleOf } from './words.ts';

/** Numbers of rows, and how many words a row has. */
export interface Rows {
  readonly rows: Int32Array<ArrayBuffer>;
  readonly width: number;
}

/** A tensor of `shape` whose row i is row rows[i] of x. */
export function pickA(ctx: Context, x: Share, { rows, width }: Rows, shape: Shape): Share {
  const step = ctx.step(`pick ${describeRows(ctx.arena, rows, width)}`, inputsOf(x));
  const words = then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(shape);
      const out = arena.words(n);
      const from = gatherView(arena, arena.put(base), x);
      arena.kernels.gatherRows(out, from, arena.put(rows), width, rows.length);
      return arena.take(out, n);
    }),
  );
  const facts = { ...scaleOf(x), bound: x.bound, depth: x.depth, digest: step.digest };
  return Share.fresh(shape, facts, words);
}

/** Zeros of `shape` with row i of x added to row rows[i]; the adjoint of `pickA`. */
export function addRowsA(ctx: Context, x: Share, { rows, width }: Rows, shape: Shape): Share {
  const step = ctx.step(
    `addRows ${describeRows(ctx.arena, rows, width)} ${showShape(shape)}`,
    inputsOf(x),
  );
  const words = then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(shape);
      const out = arena.zeros(n);
      const from = gatherView(arena, arena.put(base), x);
      arena.kernels.addRows(out, from, arena.put(rows), width, rows.length);
      return arena.take(out, n);
    }),
  );
  return Share.fresh(shape, { ...scaleOf(x), depth: x.depth, digest: step.digest }, words);
}

/** Sums of x from the start of an axis up to each position of it. */
export function runningSumsA(ctx: Context, x: Share, axis: number): Share {
  const { shape } = x;
  const step = ctx.step(`running ${axis}`, inputsOf(x));
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const words = then(contiguousWords(ctx.arena, x), (own) =>
    ctx.arena.scope((arena) => {
      const out = arena.words(own.length);
      arena.kernels.runningSums(out, arena.put(own), outer, shape[axis], inner);
      return arena.take(out, own.length);
    }),
  );
  return Share.fresh(shape, { ...scaleOf(x), depth: x.depth, digest: step.digest }, words);
}

/** x with y written over the positions of a view of x's contiguous shape; both have the same scale, y broadcasts. */
export function overwriteA(ctx: Context, x: Share, view: View, y: Share): Share {
  const text = `${showShape(view.shape)} ${view.strides.join()} ${view.offset}`;
  const step = ctx.step(`overwrite ${text}`, inputsOf(x, y));
  const words = then(both(Storage.words(x.storage), Storage.words(y.storage)), ([p, q]) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(x.shape);
      const out = gatherView(arena, arena.put(p), x);
      const from = gatherView(arena, arena.put(q), expandView(y, view.shape));
      scatterView(arena, out, view, from);
      return arena.take(out, n);
    }),
  );
  const facts = {
    fracBits: x.fracBits,
    nominal: Math.max(x.nominal, y.nominal),
    depth: Math.max(x.depth, y.depth),
    digest: step.digest,
  };
  return Share.fresh(x.shape, facts, words);
}

/** Row numbers as they stand in a step's description: how many, and a fingerprint. */
function describeRows(arena: Arena, rows: Int32Array, width: number): string {
  const padded = new Int32Array(rows.length + (rows.length % 2));
  padded.set(rows);
  const words = new BigUint64Array(padded.buffer);
  return describePublic(arena, { shape: [rows.length], words, fracBits: width });
}
