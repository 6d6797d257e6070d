/**
 * Views: how movement operations read a tensor. Pure arithmetic on shapes and strides; nothing is copied.
 *
 * A view keeps its storage's mask and truncation, which is why none of these makes a new storage.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, normalizeDims, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { View } from '../ring/view.ts';

/**
 * One entry of an index, as in jax-js: a number selects and drops the dim; `[]` keeps it whole; `[start]`, `[start, end]` and
 * `[start, end, step]` slice it, negative positions counting from the end; `null` adds a dim of size 1; `'...'`, once, stands for all
 * dims that the other entries leave.
 */
export type IndexEntry = number | readonly number[] | null | '...';

/** Two dims swapped. */
export function transposeView(view: View, dim0: number, dim1: number): View {
  const rank = view.shape.length;
  const a = normalizeDim('transpose', dim0, rank);
  const b = normalizeDim('transpose', dim1, rank);
  const order = view.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  return reorder(view, order);
}

/** Dims in another order. */
export function permuteView(view: View, dims: readonly number[]): View {
  const rank = view.shape.length;
  const order = dims.map((dim) => normalizeDim('permute', dim, rank));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `permute: dims ${showShape(dims)} must name each of the ${rank} dims of ${showShape(view.shape)} once`,
    );
  }
  return reorder(view, order);
}

/** Dims of size 1 repeated, and new leading dims; −1 keeps a size. */
export function expandTo(view: View, sizes: readonly number[]): View {
  const lead = sizes.length - view.shape.length;
  const shape = sizes.map((size, axis) =>
    size === -1 && axis >= lead ? view.shape[axis - lead] : size,
  );
  const fits =
    lead >= 0 &&
    shape.every((size, axis) => {
      const from = view.shape[axis - lead];
      return isSize(size) && (axis < lead || from === size || from === 1);
    });
  if (!fits) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `expand: ${showShape(view.shape)} does not expand to ${showShape(sizes)}; only dims of size 1 grow, and -1 keeps a size`,
    );
  }
  const strides = shape.map((size, axis) =>
    axis < lead || view.shape[axis - lead] !== size ? 0 : view.strides[axis - lead],
  );
  return { shape, strides, offset: view.offset };
}

/** Dims read backwards. */
export function flipView(view: View, dims: number | readonly number[]): View {
  const axes = normalizeDims('flip', dims, view.shape.length);
  let { offset } = view;
  const strides = view.strides.map((stride, axis) => {
    if (!axes.includes(axis)) return stride;
    offset += stride * Math.max(view.shape[axis] - 1, 0);
    return -stride;
  });
  return { shape: view.shape, strides, offset };
}

/** `length` positions of a dim from `start`. */
export function narrowView(view: View, dim: number, start: number, length: number): View {
  const axis = normalizeDim('narrow', dim, view.shape.length);
  const size = view.shape[axis] ?? 0;
  const from = start < 0 ? start + size : start;
  if (!isSize(from) || !isSize(length) || from + length > size) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `narrow: start ${start} and length ${length} leave dim ${dim} of ${showShape(view.shape)}, which has size ${size}`,
    );
  }
  return {
    shape: view.shape.map((old, i) => (i === axis ? length : old)),
    strides: view.strides,
    offset: view.offset + from * (view.strides[axis] ?? 0),
  };
}

/** Windows of `size` positions along a dim, `step` apart, as a new last dim; windows may overlap. */
export function unfoldView(view: View, dim: number, size: number, step: number): View {
  const axis = normalizeDim('unfold', dim, view.shape.length);
  const [length, stride] = [view.shape[axis] ?? 1, view.strides[axis] ?? 1];
  if (!isSize(size) || size > length || !isSize(step) || step === 0) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `unfold: windows of ${size} every ${step} do not fit dim ${dim} of ${showShape(view.shape)}, which has size ${length}; ` +
        'the step must be at least 1',
    );
  }
  const count = Math.floor((length - size) / step) + 1;
  const along = <T>(list: readonly T[], entry: T, last: T): T[] =>
    view.shape.length === 0 ? [last] : [...list.map((old, i) => (i === axis ? entry : old)), last];
  return {
    shape: along(view.shape, count, size),
    strides: along(view.strides, stride * step, stride),
    offset: view.offset,
  };
}

/** The view that index entries pick; missing entries keep the rest whole. */
export function indexView(view: View, entries: readonly IndexEntry[]): View {
  const shape: number[] = [];
  const strides: number[] = [];
  let { offset } = view;
  let axis = 0;
  for (const entry of wholeEntries(view.shape, entries)) {
    if (entry === null) {
      shape.push(1);
      strides.push(0);
      continue;
    }
    const [size, stride] = [view.shape[axis], view.strides[axis++]];
    if (typeof entry === 'number') {
      offset += position(entry, size, axis - 1, view.shape) * stride;
      continue;
    }
    const { start, length, step } = slice(entry, size);
    shape.push(length);
    strides.push(stride * step);
    if (length > 0) offset += start * stride;
  }
  return { shape, strides, offset };
}

/**
 * Entries with one for every dim: those that `'...'` stands for, or that are missing, keep theirs whole.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for more entries than dims, or `'...'` twice.
 */
export function wholeEntries<T>(
  shape: Shape,
  entries: readonly (T | null | '...')[],
): (T | null | readonly number[])[] {
  const used = entries.filter((entry) => entry !== null && entry !== '...').length;
  const at = entries.indexOf('...');
  if (used > shape.length || at !== entries.lastIndexOf('...')) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `index: ${used} indices${at < 0 ? '' : " and '...'"} for ${showShape(shape)}, which has ${shape.length} dims`,
    );
  }
  const rest = shape.slice(used).map((): readonly number[] => []);
  const known = entries.filter((entry): entry is T | null => entry !== '...');
  return at < 0 ? [...known, ...rest] : [...known.slice(0, at), ...rest, ...known.slice(at)];
}

/** Dims of size 1 dropped: those named, or all. */
export function squeezeView(view: View, dims?: number | readonly number[]): View {
  const axes = view.shape.length === 0 ? [] : normalizeDims('squeeze', dims, view.shape.length);
  const keep = [...view.shape.keys()].filter(
    (axis) => view.shape[axis] !== 1 || !axes.includes(axis),
  );
  return reorder(view, keep);
}

/** A dim of size 1 put in before `dim`; negative dims count from the end of the result. */
export function unsqueezeView(view: View, dim: number): View {
  const axis = normalizeDim('unsqueeze', dim, view.shape.length + 1);
  const shape = [...view.shape];
  const strides = [...view.strides];
  shape.splice(axis, 0, 1);
  strides.splice(axis, 0, 0);
  return { shape, strides, offset: view.offset };
}

/** The sizes of a reshape, with at most one −1 worked out. */
export function reshapeSizes(op: string, from: Shape, sizes: readonly number[]): number[] {
  const total = sizeOf(from);
  const open = sizes.indexOf(-1);
  const known = sizes.reduce(
    (product, size, axis) => (axis === open ? product : product * size),
    1,
  );
  const inferred = open < 0 ? 1 : total / known;
  const shape = sizes.map((size, axis) => (axis === open ? inferred : size));
  if (!shape.every(isSize) || sizeOf(shape) !== total) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: ${showShape(from)} holds ${total} elements and does not reshape to ${showShape(sizes)}`,
    );
  }
  return shape;
}

/** Sizes after merging dims `start` to `end`, both included. */
export function flattenSizes(shape: Shape, start: number, end: number): number[] {
  if (shape.length === 0) return [1];
  const first = normalizeDim('flatten', start, shape.length);
  const last = normalizeDim('flatten', end, shape.length);
  if (first > last) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `flatten: dim ${start} comes after dim ${end} in ${showShape(shape)}`,
    );
  }
  const merged = sizeOf(shape.slice(first, last + 1));
  return [...shape.slice(0, first), merged, ...shape.slice(last + 1)];
}

function reorder(view: View, order: readonly number[]): View {
  return {
    shape: order.map((axis) => view.shape[axis]),
    strides: order.map((axis) => view.strides[axis]),
    offset: view.offset,
  };
}

function position(entry: number, size: number, axis: number, shape: Shape): number {
  const at = entry < 0 ? entry + size : entry;
  if (!Number.isInteger(at) || at < 0 || at >= size) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `index: ${entry} is outside dim ${axis} of ${showShape(shape)}; use ${-size} to ${size - 1}`,
    );
  }
  return at;
}

function slice(
  entry: readonly number[],
  size: number,
): { start: number; length: number; step: number } {
  const [first = 0, end = size, step = 1] = entry;
  if (entry.length > 3 || !entry.every(Number.isInteger) || step < 1) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `index: ${showShape(entry)} is no slice; use [], [start], [start, end] or [start, end, step] with a positive step`,
    );
  }
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  const start = clamp(first);
  return { start, length: Math.max(0, Math.ceil((clamp(end) - start) / step)), step };
}

function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 0;
}
