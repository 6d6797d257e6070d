/**
 * Sums over axes, concatenation, placing and reshaping.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Each party computes on its own words.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { all, then } from '../../core/later.ts';
import { contiguousStrides, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { gatherView, scatterView, wholeView, type View } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import { Share, Storage } from '../share.ts';
import { refine } from './arithmetic.ts';
import { mapA, scaleOf } from './words.ts';

/** Sum over `axes` (sorted, distinct); keeps them with size 1 when asked. */
export function sumA(ctx: Context, x: Share, axes: readonly number[], keepdim: boolean): Share {
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const shape = keepdim ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const step = ctx.step(`sum ${axes.join()} ${keepdim}`, inputsOf(x));
  // Summed axes go last, so that one pass adds them all up.
  const order = [...x.shape.keys()].sort(
    (a, b) => Number(axes.includes(a)) - Number(axes.includes(b)) || a - b,
  );
  const view = {
    shape: order.map((axis) => x.shape[axis]),
    strides: order.map((axis) => x.strides[axis]),
    offset: x.offset,
  };
  const words = then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(shape);
      const out = arena.zeros(n);
      const len = sizeOf(axes.map((axis) => x.shape[axis]));
      if (n > 0 && len > 0) {
        arena.kernels.sumAxis(out, gatherView(arena, arena.put(base), view), n, len, 1);
      }
      return arena.take(out, n);
    }),
  );
  return Share.fresh(shape, { ...scaleOf(x), depth: x.depth, digest: step.digest }, words);
}

/** Concatenation along `axis`; scales are aligned. */
export function catA(ctx: Context, parts: readonly Share[], axis: number): Share {
  const fracBits = Math.max(...parts.map((part) => part.fracBits));
  const nominal = Math.max(...parts.map((part) => part.nominal));
  const aligned = parts.map((part) => refine(ctx, part, fracBits));
  const shape = [...aligned[0].shape];
  shape[axis] = aligned.reduce((sum, part) => sum + part.shape[axis], 0);
  const step = ctx.step(`cat ${axis}`, inputsOf(...aligned));
  const strides = contiguousStrides(shape);
  const words = then(all(aligned.map((part) => Storage.words(part.storage))), (bases) =>
    ctx.arena.scope((arena) => {
      const out = arena.words(sizeOf(shape));
      let start = 0;
      aligned.forEach((part, i) => {
        const from = gatherView(arena, arena.put(bases[i]), part);
        scatterView(
          arena,
          out,
          { shape: part.shape, strides, offset: start * strides[axis] },
          from,
        );
        start += part.shape[axis];
      });
      return arena.take(out, sizeOf(shape));
    }),
  );
  const depth = Math.max(...aligned.map((part) => part.depth));
  return Share.fresh(shape, { fracBits, nominal, depth, digest: step.digest }, words);
}

/** Zeros of `shape` with x written at `view`, a view of that contiguous shape; the adjoint of slicing. */
export function placeA(ctx: Context, x: Share, shape: Shape, view: View): Share {
  const step = ctx.step(
    `place ${showShape(shape)} ${view.strides.join()} ${view.offset}`,
    inputsOf(x),
  );
  const words = then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) => {
      const out = arena.zeros(sizeOf(shape));
      scatterView(arena, out, view, gatherView(arena, arena.put(base), x));
      return arena.take(out, sizeOf(shape));
    }),
  );
  return Share.fresh(shape, { ...scaleOf(x), depth: x.depth, digest: step.digest }, words);
}

/** x in row-major order under another shape of the same size: a view where the strides allow it, else a copy. */
export function reshapeA(ctx: Context, x: Share, shape: Shape): Share {
  const view = { ...wholeView(shape), offset: x.offset };
  const contiguous = contiguousStrides(x.shape);
  if (x.shape.every((dim, axis) => dim <= 1 || x.strides[axis] === contiguous[axis])) {
    return x.view(view);
  }
  const flat = mapA(ctx, 'contiguous', x, (_, from) => from);
  return flat.view(wholeView(shape));
}
