/**
 * Reading elements by lists of public positions: gather, indexSelect, take.
 *
 * A position may come several times; its gradients add up.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { addRowsA, pickA, type Rows } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { permute } from './movement.ts';
import type { OpRecord, Plain } from './op.ts';
import { dimPositions, gridPositions, positions, type Positions } from './positions.ts';

/** A dim and public positions. */
export interface IndexOptions {
  readonly dim: number;
  readonly index: Plain;
}

/** Public positions, and the dim they are along; none: of the flattened tensor. */
export interface TakeOptions {
  readonly dim?: number | undefined;
  readonly index: Plain;
}

/** Rows of a tensor whose dim `axis` was moved to the front; undefined: single words of it as it is. */
export interface Picked {
  readonly shape: Shape;
  readonly axis: number | undefined;
  readonly index: Positions;
}

/**
 * For each entry of an index the element that has the entry as its position along `dim`, and the entry's own along the others.
 *
 * Shape   index: as many dims as x, no larger but along `dim`; result: the index's.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, index shape or position; positions are from 0 up.
 */
export function gather(ctx: Context, x: Share, { dim, index }: IndexOptions): Share {
  return pick(ctx, x, gathered(x.shape, dim, index));
}

/**
 * The positions of a dim that an index lists, in its order.
 *
 * Shape   index: [k] or 0-d; result: x's with size k at `dim`.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, an index of more dims or a bad position; positions are from 0 up.
 */
export function indexSelect(ctx: Context, x: Share, { dim, index }: IndexOptions): Share {
  return pick(ctx, x, selected('indexSelect', x.shape, dim, index));
}

/**
 * Elements of the flattened tensor; or, along a dim, its positions, in the shape of the index.
 *
 * Shape   index: any, i dims; result: the index's, or x's with dim `dim` replaced by the index's dims.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim or position; negative positions count from the end.
 */
export function take(ctx: Context, x: Share, { dim, index }: TakeOptions): Share {
  return pick(ctx, x, taken(x.shape, dim, index));
}

/** The record of `gather`. */
export const gatherOp: OpRecord<Share, IndexOptions, Picked> = {
  name: 'gather',
  forward: (ctx, [x], { dim, index }) => picking(ctx, x, gathered(x.shape, dim, index)),
  backward: unpick,
};

/** The record of `indexSelect`. */
export const indexSelectOp: OpRecord<Share, IndexOptions, Picked> = {
  name: 'indexSelect',
  forward: (ctx, [x], { dim, index }) =>
    picking(ctx, x, selected('indexSelect', x.shape, dim, index)),
  backward: unpick,
};

/** The record of `take`. */
export const takeOp: OpRecord<Share, TakeOptions, Picked> = {
  name: 'take',
  forward: (ctx, [x], { dim, index }) => picking(ctx, x, taken(x.shape, dim, index)),
  backward: unpick,
};

/** What `indexSelect` and `indexAdd` address. */
export function selected(op: string, shape: Shape, dim: number, index: Plain): Picked {
  if (index.shape.length > 1) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: expected a list of positions, got an index of shape ${showShape(index.shape)}`,
    );
  }
  const { axis, found } = dimPositions(op, shape, dim, index);
  const list = { shape: [found.at.length], at: found.at };
  if (shape.length > 0) return { shape, axis, index: list };
  if (list.at.length !== 1) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: a 0-d tensor takes one position, got ${list.at.length}`,
    );
  }
  return { shape, axis: undefined, index: { shape: [], at: found.at } };
}

/**
 * Zeros of `shape` with the elements of y added where they were picked: the adjoint of picking.
 *
 * Scale   unchanged. Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function putBack(ctx: Context, { shape, axis, index }: Picked, y: Share): Share {
  if (axis === undefined) return addRowsA(ctx, y, { rows: index.at, width: 1 }, shape);
  const rest = shape.filter((_, i) => i !== axis);
  const count = index.shape.length;
  const order = [...y.shape.keys()].filter((i) => i < axis || i >= axis + count);
  const list = [...Array(count).keys()].map((i) => axis + i);
  const front = permute(y, [...list, ...order]);
  const sums = addRowsA(ctx, front, rowsOf(index, rest), [shape[axis], ...rest]);
  return permute(
    sums,
    shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i)),
  );
}

/**
 * The elements that were picked, in the shape of the index.
 *
 * Scale   unchanged. Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function pick(ctx: Context, x: Share, { axis, index }: Picked): Share {
  const { constant } = x.storage;
  const rest = x.shape.filter((_, i) => axis !== undefined && i !== axis);
  const lead = axis ?? 0;
  const shape = [...rest.slice(0, lead), ...index.shape, ...rest.slice(lead)];
  if (constant !== undefined)
    return x.view({ shape, strides: shape.map(() => 0), offset: x.offset });
  if (axis === undefined) return pickA(ctx, x, { rows: index.at, width: 1 }, shape);
  const others = [...x.shape.keys()].filter((i) => i !== axis);
  const rows = pickA(ctx, permute(x, [axis, ...others]), rowsOf(index, rest), [
    ...index.shape,
    ...rest,
  ]);
  const count = index.shape.length;
  const order = shape.map((_, i) => (i < axis ? count + i : i < axis + count ? i - axis : i));
  return permute(rows, order);
}

function picking(ctx: Context, x: Share, saved: Picked): { output: Share; saved: Picked } {
  return { output: pick(ctx, x, saved), saved };
}

function unpick(ctx: Context, saved: Picked, dy: Share): readonly Share[] {
  return [putBack(ctx, saved, dy)];
}

function gathered(shape: Shape, dim: number, index: Plain): Picked {
  return { shape, axis: undefined, index: gridPositions('gather', shape, dim, index) };
}

function taken(shape: Shape, dim: number | undefined, index: Plain): Picked {
  if (dim === undefined || shape.length === 0) {
    const what = `the ${sizeOf(shape)} elements of ${showShape(shape)}`;
    return { shape, axis: undefined, index: positions('take', index, sizeOf(shape), what, true) };
  }
  const { axis, found } = dimPositions('take', shape, dim, index, true);
  return { shape, axis, index: found };
}

function rowsOf(index: Positions, rest: Shape): Rows {
  return { rows: index.at, width: sizeOf(rest) };
}
