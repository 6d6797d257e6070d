/**
 * Movement: operations that change how a tensor is read, not what it holds. All but `cat`, `stack` and some reshapes are views.
 *
 * A view shares its storage's mask, so that x and x.t() are opened once between them.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, showShape, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { catA, placeA, reshapeA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { wholeView, type View } from '../ring/view.ts';
import type { OpRecord } from './op.ts';
import { sumTo } from './reduce.ts';
import {
  expandTo,
  flattenSizes,
  flipView,
  indexView,
  narrowView,
  permuteView,
  reshapeSizes,
  squeezeView,
  transposeView,
  unsqueezeView,
  type IndexEntry,
} from './views.ts';

/**
 * Dims `dim0` and `dim1` swapped.
 *
 * Shape   x: any; Scale unchanged; Cost 0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function transpose(x: Share, dim0: number, dim1: number): Share {
  return x.view(transposeView(x, dim0, dim1));
}

/**
 * The transpose of a matrix; a vector or a 0-d tensor as it is.
 *
 * Shape   x: [n,m]; result: [m,n]. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for more than 2 dims.
 */
export function t(x: Share): Share {
  if (x.shape.length > 2) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `t: expected at most 2 dims, got ${showShape(x.shape)}; use transpose(dim0, dim1)`,
    );
  }
  return x.shape.length < 2 ? x : transpose(x, 0, 1);
}

/**
 * Dims in another order.
 *
 * Shape   x: any; Cost 0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function permute(x: Share, dims: readonly number[]): Share {
  return x.view(permuteView(x, dims));
}

/**
 * The same elements in row-major order under another shape; one size may be −1.
 *
 * Shape   sizes of equal product.
 * Cost    0 rounds, 0 bytes; a copy only when the view is not contiguous.
 * Leaks   nothing.
 */
export function reshape(ctx: Context, x: Share, sizes: readonly number[], op = 'reshape'): Share {
  const shape = reshapeSizes(op, x.shape, sizes);
  if (x.storage.constant !== undefined) {
    return x.view({ shape, strides: shape.map(() => 0), offset: x.offset });
  }
  return reshapeA(ctx, x, shape);
}

/**
 * Dims `start` to `end` merged into one.
 *
 * Shape   x: any; a 0-d tensor becomes [1]. Cost    as `reshape`. Leaks   nothing.
 */
export function flatten(ctx: Context, x: Share, start = 0, end = -1): Share {
  return reshape(ctx, x, flattenSizes(x.shape, start, end), 'flatten');
}

/**
 * Dims of size 1 dropped: those named, or all.
 *
 * Shape   a named dim of another size stays. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function squeeze(x: Share, dim?: number | readonly number[]): Share {
  return x.view(squeezeView(x, dim));
}

/**
 * A dim of size 1 put in before `dim`.
 *
 * Shape   x: k dims; result: k + 1. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function unsqueeze(x: Share, dim: number): Share {
  return x.view(unsqueezeView(x, dim));
}

/**
 * Dims of size 1 repeated, without copying; −1 keeps a size.
 *
 * Shape   by PyTorch's `expand`. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function expand(x: Share, sizes: readonly number[]): Share {
  return x.view(expandTo(x, sizes));
}

/**
 * Picks elements, slices and new dims (see `IndexEntry`); positions are public.
 *
 * Shape   numbers drop a dim, slices keep it, null adds one. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function index(x: Share, entries: readonly IndexEntry[]): Share {
  return x.view(indexView(x, entries));
}

/**
 * `length` positions of dim `dim` from `start`.
 *
 * Shape   one size changes. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function narrow(x: Share, dim: number, start: number, length: number): Share {
  return x.view(narrowView(x, dim, start, length));
}

/**
 * Dims read backwards.
 *
 * Shape   unchanged. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function flip(x: Share, dims: number | readonly number[]): Share {
  return x.view(flipView(x, dims));
}

/**
 * Tensors joined along a dim.
 *
 * Shape   equal sizes but along `dim`.
 * Scale   the finest of the parts; parts that owe different truncations are settled first.
 * Cost    0 rounds, 0 bytes beyond those truncations.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when there is nothing to join or sizes differ.
 */
export function cat(ctx: Context, parts: readonly Share[], dim = 0): Share {
  const axis = catAxis('cat', parts, dim);
  const equal = parts.every((part) => part.fracBits === parts[0].fracBits);
  return catA(ctx, equal ? parts : parts.map((part) => settle(ctx, part)), axis);
}

/**
 * Tensors of one shape joined along a new dim.
 *
 * Shape   k equal shapes; result: one dim of size k more. Cost    as `cat`. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when there is nothing to join or shapes differ.
 */
export function stack(ctx: Context, parts: readonly Share[], dim = 0): Share {
  const shapes = parts.map((part) => showShape(part.shape));
  if (parts.length === 0 || new Set(shapes).size !== 1) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `stack: expected tensors of one shape, got ${shapes.join(' and ') || 'none'}`,
    );
  }
  const axis = normalizeDim('stack', dim, parts[0].shape.length + 1);
  return cat(
    ctx,
    parts.map((part) => unsqueeze(part, axis)),
    axis,
  );
}

/** The record of `transpose`. */
export const transposeOp: OpRecord<Share, readonly [number, number], readonly [number, number]> = {
  name: 'transpose',
  forward: (_, [x], dims) => ({ output: transpose(x, ...dims), saved: dims }),
  backward: (_, dims, dy) => [transpose(dy, ...dims)],
};

/** The record of `t`. */
export const tOp: OpRecord<Share, void, null> = {
  name: 't',
  forward: (_, [x]) => ({ output: t(x), saved: null }),
  backward: (_, __, dy) => [t(dy)],
};

/** The record of `permute`. */
export const permuteOp: OpRecord<Share, readonly number[], readonly number[]> = {
  name: 'permute',
  forward: (_, [x], dims) => ({
    output: permute(x, dims),
    saved: dims.map((dim) => normalizeDim('permute', dim, x.shape.length)),
  }),
  backward: (_, order, dy) => [
    permute(
      dy,
      order.map((_axis, i) => order.indexOf(i)),
    ),
  ],
};

/** The record of `reshape`. */
export const reshapeOp: OpRecord<Share, readonly number[], Shape> = {
  name: 'reshape',
  forward: (ctx, [x], sizes) => ({ output: reshape(ctx, x, sizes), saved: x.shape }),
  backward: (ctx, shape, dy) => [reshape(ctx, dy, shape)],
};

/** The record of `flatten`. */
export const flattenOp: OpRecord<Share, readonly [number, number], Shape> = {
  name: 'flatten',
  forward: (ctx, [x], dims) => ({ output: flatten(ctx, x, ...dims), saved: x.shape }),
  backward: (ctx, shape, dy) => [reshape(ctx, dy, shape)],
};

/** The record of `squeeze`. */
export const squeezeOp: OpRecord<Share, number | readonly number[] | undefined, Shape> = {
  name: 'squeeze',
  forward: (_, [x], dim) => ({ output: squeeze(x, dim), saved: x.shape }),
  backward: (ctx, shape, dy) => [reshape(ctx, dy, shape)],
};

/** The record of `unsqueeze`. */
export const unsqueezeOp: OpRecord<Share, number, Shape> = {
  name: 'unsqueeze',
  forward: (_, [x], dim) => ({ output: unsqueeze(x, dim), saved: x.shape }),
  backward: (ctx, shape, dy) => [reshape(ctx, dy, shape)],
};

/** The record of `expand`. */
export const expandOp: OpRecord<Share, readonly number[], Shape> = {
  name: 'expand',
  forward: (_, [x], sizes) => ({ output: expand(x, sizes), saved: x.shape }),
  backward: (ctx, shape, dy) => [sumTo(ctx, dy, shape)],
};

/** A view of a contiguous tensor, to write a gradient back through. */
interface Place {
  readonly shape: Shape;
  readonly view: View;
}

/** The record of `narrow`. */
export const narrowOp: OpRecord<Share, readonly [number, number, number], Place> = {
  name: 'narrow',
  forward: (_, [x], opts) => ({
    output: narrow(x, ...opts),
    saved: { shape: x.shape, view: narrowView(wholeView(x.shape), ...opts) },
  }),
  backward: (ctx, { shape, view }, dy) => [placeA(ctx, dy, shape, view)],
};

/** The record of `flip`. */
export const flipOp: OpRecord<Share, number | readonly number[], number | readonly number[]> = {
  name: 'flip',
  forward: (_, [x], dims) => ({ output: flip(x, dims), saved: dims }),
  backward: (_, dims, dy) => [flip(dy, dims)],
};

/** The record of `cat`. */
export const catOp: OpRecord<
  Share,
  number,
  { readonly axis: number; readonly sizes: readonly number[] }
> = {
  name: 'cat',
  forward: (ctx, parts, dim) => {
    const axis = catAxis('cat', parts, dim);
    const sizes = parts.map((part) => part.shape[axis]);
    return { output: cat(ctx, parts, dim), saved: { axis, sizes } };
  },
  backward: (_, { axis, sizes }, dy, needs) => {
    let start = 0;
    return sizes.map((size, i) => {
      const from = start;
      start += size;
      return needs[i] ? narrow(dy, axis, from, size) : null;
    });
  },
};

/** The record of `stack`. */
export const stackOp: OpRecord<Share, number, number> = {
  name: 'stack',
  forward: (ctx, parts, dim) => {
    const output = stack(ctx, parts, dim);
    return { output, saved: normalizeDim('stack', dim, output.shape.length) };
  },
  backward: (_, axis, dy, needs) =>
    needs.map((need, i) => (need ? squeeze(narrow(dy, axis, i, 1), axis) : null)),
};

/** The record of `clone`: a new tensor of the same share, which nobody can change. */
export const cloneOp: OpRecord<Share, void, null> = {
  name: 'clone',
  forward: (_, [x]) => ({ output: x, saved: null }),
  backward: (_, __, dy) => [dy],
};

function catAxis(op: string, parts: readonly Share[], dim: number): number {
  if (parts.length === 0) {
    throw new MpcError('ERR_MPC_SHAPE', `${op}: expected at least one tensor, got none`);
  }
  const [{ shape: first }] = parts;
  if (first.length === 0) {
    throw new MpcError('ERR_MPC_SHAPE', `${op}: 0-d tensors have no dim to join along; use stack`);
  }
  const axis = normalizeDim(op, dim, first.length);
  for (const { shape } of parts) {
    const fits =
      shape.length === first.length && shape.every((size, i) => i === axis || size === first[i]);
    if (!fits) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: shapes ${showShape(first)} and ${showShape(shape)} must agree in every dim but ${axis}`,
      );
    }
  }
  return axis;
}
