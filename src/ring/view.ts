/**
 * Strided views of ring words, and the copies between views and contiguous words.
 *
 * A view is public: it says how to read a storage, not what is in it.
 * @module
 */

import {
  contiguousStrides,
  expandStrides,
  isContiguous,
  sizeOf,
  type Shape,
} from '../core/shape.ts';
import type { Ptr } from '../kernels/contract.ts';
import type { Arena, BlockWords, Words } from '../kernels/memory.ts';

/** How to read a tensor out of a storage: strides and offset count words. */
export interface View {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The view of a whole contiguous storage. */
export function wholeView(shape: Shape): View {
  return { shape, strides: contiguousStrides(shape), offset: 0 };
}

/** Whether the view is exactly its storage of `length` words, in order. */
export function isWhole(view: View, length: number): boolean {
  return (
    view.offset === 0 && sizeOf(view.shape) === length && isContiguous(view.shape, view.strides)
  );
}

/** First word and one past the last word that a view reads; [0, 0] for an empty view. */
export function reachOf(view: View): [number, number] {
  if (sizeOf(view.shape) === 0) return [0, 0];
  let low = view.offset;
  let high = view.offset;
  view.shape.forEach((dim, axis) => {
    const span = view.strides[axis] * (dim - 1);
    if (span < 0) low += span;
    else high += span;
  });
  return [low, high + 1];
}

/** Whether the view reads only words of a storage of `length` words. */
export function staysInside(view: View, length: number): boolean {
  const [low, high] = reachOf(view);
  return low >= 0 && high <= length;
}

/** The view expanded to `target` by PyTorch's broadcasting. */
export function expandView(view: View, target: Shape): View {
  return {
    shape: target,
    strides: expandStrides(view.shape, view.strides, target),
    offset: view.offset,
  };
}

/** Pointer to the view's elements in row-major order: into `base` where possible, else a fresh copy in the scope. */
export function gatherView(arena: Arena, base: Ptr, view: View): Ptr {
  const from = base + view.offset * 8;
  if (isContiguous(view.shape, view.strides) && view.offset % 2 === 0) return from;
  const out = arena.words(sizeOf(view.shape));
  const { shape, strides } = putView(arena, view);
  if (sizeOf(view.shape) > 0) {
    arena.kernels.gatherStrided(out, from, shape, strides, view.shape.length);
  }
  return out;
}

/** As `gatherView` of words that `read` puts somewhere: from the block of 8 words in which the view begins to its end. */
export function gatherReach(
  arena: Arena,
  view: View,
  read: (from: number, count: number) => Ptr,
): Ptr {
  const [low, high] = reachOf(view);
  const from = low - (low % 8);
  return gatherView(arena, read(from, high - from), { ...view, offset: view.offset - from });
}

/** The words that a view reads, in row-major order: the array itself or a part of it where that is possible. Not to be written to. */
export function flatWords<T extends Words | BlockWords>(
  arena: Arena,
  words: T,
  view: View,
): T | Words {
  const n = sizeOf(view.shape);
  if (isWhole(view, words.length)) return words;
  const flat = isContiguous(view.shape, view.strides);
  if (flat && words instanceof BigUint64Array) return words.subarray(view.offset, view.offset + n);
  return arena.scope(() => arena.take(gatherView(arena, arena.put(words), view), n));
}

/** Writes contiguous words at `from` to the view's positions of `base`. */
export function scatterView(arena: Arena, base: Ptr, view: View, from: Ptr): void {
  if (sizeOf(view.shape) === 0) return;
  const { shape, strides } = putView(arena, view);
  const at = base + view.offset * 8;
  arena.kernels.scatterStrided(at, from, shape, strides, view.shape.length);
}

function putView(arena: Arena, view: View): { shape: Ptr; strides: Ptr } {
  return {
    shape: arena.put(Int32Array.from(view.shape)),
    strides: arena.put(Int32Array.from(view.strides)),
  };
}
