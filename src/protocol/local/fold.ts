/**
 * The adjoint of reading through a view that reads words more than once: columns are added up where they came from.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Each party computes on its own words.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { then } from '../../core/later.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { gatherView, scatterView, type View } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import { Share, Storage } from '../share.ts';
import { scaleOf } from './words.ts';

/** Where columns go. */
export interface Fold {
  /** The contiguous shape they are added into; what no column reaches is 0. */
  readonly shape: Shape;
  /** Position of each element of the columns in it. */
  readonly view: View;
  /** Axes of the view along which positions may come again; positions along the others are distinct. */
  readonly overlap: readonly number[];
  /** The part of `shape` that is the result. */
  readonly kept: View;
}

/**
 * The sum of the columns at the positions of a view; its shape is that of the columns.
 *
 * One pass of strided copies for each place along the overlapping axes (a kernel's few places), so no position comes twice in
 * a pass and nothing loops over elements here.
 */
export function foldA(ctx: Context, columns: Share, { shape, view, overlap, kept }: Fold): Share {
  const text = [view, kept].map((v) => `${showShape(v.shape)} ${v.strides.join()} ${v.offset}`);
  const step = ctx.step(
    `fold ${showShape(shape)} ${text.join(' ')} ${overlap.join()}`,
    inputsOf(columns),
  );
  const words = then(Storage.words(columns.storage), (base) =>
    ctx.arena.scope((arena) => {
      const from = arena.put(base);
      const out = arena.zeros(sizeOf(shape));
      for (const at of places(overlap.map((axis) => view.shape[axis]))) {
        arena.scope(() => {
          const to = pick(view, overlap, at);
          const n = sizeOf(to.shape);
          const sum = arena.words(n);
          const part = gatherView(arena, from, pick(columns, overlap, at));
          arena.kernels.add(sum, gatherView(arena, out, to), part, n);
          scatterView(arena, out, to, sum);
        });
      }
      return arena.take(gatherView(arena, out, kept), sizeOf(kept.shape));
    }),
  );
  const facts = { ...scaleOf(columns), depth: columns.depth, digest: step.digest };
  return Share.fresh(kept.shape, facts, words);
}

/** Every index of a shape. */
function* places(shape: Shape): Generator<readonly number[]> {
  const n = sizeOf(shape);
  for (let i = 0; i < n; i++) {
    let rest = i;
    yield shape.map((_, axis) => {
      const inner = sizeOf(shape.slice(axis + 1));
      const at = Math.floor(rest / inner);
      rest %= inner;
      return at;
    });
  }
}

/** The view at one place along some axes, which vanish. */
function pick(view: View, axes: readonly number[], at: readonly number[]): View {
  const rest = [...view.shape.keys()].filter((axis) => !axes.includes(axis));
  return {
    shape: rest.map((axis) => view.shape[axis]),
    strides: rest.map((axis) => view.strides[axis]),
    offset: axes.reduce((sum, axis, i) => sum + at[i] * view.strides[axis], view.offset),
  };
}
