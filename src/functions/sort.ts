/**
 * Sorting along a dim, and the largest or smallest k.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, showShape, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import { addAP, refine, rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, neg, sub } from './arithmetic.ts';
import { dimFirst, firstTo } from './axes.ts';
import { reshape } from './movement.ts';
import type { Forward, Gradients, OpRecord } from './op.ts';
import { byNetwork, keepsOrder, sorting, type Permutation } from './permutation.ts';
import { plainScalar } from './public.ts';

/** Along what, and which way. */
export interface SortOptions {
  /** The last dim unless said. */
  readonly dim?: number | undefined;
  /** Largest first. */
  readonly descending?: boolean | undefined;
  /** Equal elements keep their order. */
  readonly stable?: boolean | undefined;
}

/** How many, along what, and which. */
export interface TopkOptions {
  readonly k: number;
  /** The last dim unless said. */
  readonly dim?: number | undefined;
  /** false: the smallest. */
  readonly largest?: boolean | undefined;
}

/** A tensor that was sorted. */
export interface Sorted {
  readonly permutation: Permutation;
  readonly shape: Shape;
  readonly axis: number;
}

/**
 * The elements along a dim in order, smallest first unless `descending`.
 *
 * Shape   x: any; result: same.
 * Scale   x's nominal scale; one truncation is owed by a stable sort of many.
 * Cost    up to 4096 pairs in all rows: 7 rounds, 10.25 B a pair, then 9.25 B (up to 16 elements) for each element and place.
 *         Beyond: ⌈log2 n⌉·(⌈log2 n⌉ + 1)/2 layers of 3 rounds, 10.25 B for each of about n·log2²(n)/4 comparators. A pending x is
 *         settled first.
 * Error   exact for |x| < 2^(62 − fractional bits); a stable sort of many takes ⌈log2 n⌉ bits of that.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim.
 */
export function sort(ctx: Context, x: Share, opts: SortOptions = {}): Share {
  return sorted(ctx, x, opts).output;
}

/**
 * The k largest elements along a dim, largest first; or the k smallest, smallest first.
 *
 * Shape   x: any; the dim has size k in the result.
 * Scale   x's nominal scale.
 * Cost    as `sort`, without the comparators that do not matter, and with k places.
 * Error   exact for |x| < 2^(62 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, ERR_MPC_RANGE unless the dim has k elements.
 */
export function topk(ctx: Context, x: Share, opts: TopkOptions): Share {
  return most(ctx, x, opts).output;
}

/**
 * Where the elements of a sorted tensor came from, as positions along the dim.
 *
 * Shape   the sorted tensor's. Scale   0.
 * Cost    nothing up to 4096 pairs; beyond 1 round a layer and 16 B a comparator. Leaks   nothing.
 */
export function sortedOrder(ctx: Context, { permutation, shape, axis }: Sorted): Share {
  return restored(ctx, permutation.order(ctx), shape, axis);
}

/** The record of `sort`: the gradient goes back where the elements came from. */
export const sortOp: OpRecord<Share, SortOptions, Sorted> = {
  name: 'sort',
  forward: (ctx, [x], opts) => sorted(ctx, x, opts),
  backward: sortBackward,
};

/** The record of `topk`; see `sortOp`. */
export const topkOp: OpRecord<Share, TopkOptions, Sorted> = {
  name: 'topk',
  forward: (ctx, [x], opts) => most(ctx, x, opts),
  backward: sortBackward,
};

function sorted(ctx: Context, x: Share, opts: SortOptions): Forward<Sorted> {
  const { dim = -1, descending = false, stable = false } = opts;
  const axis = normalizeDim('sort', dim, x.shape.length);
  const n = x.shape[axis] ?? 1;
  return arranged(ctx, x, axis, n, descending, stable ? stably : sorting);
}

function most(
  ctx: Context,
  x: Share,
  { k, dim = -1, largest = true }: TopkOptions,
): Forward<Sorted> {
  const axis = normalizeDim('topk', dim, x.shape.length);
  const n = x.shape[axis] ?? 1;
  if (!Number.isInteger(k) || k < 0 || k > n) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `topk: k = ${k} must be a whole number from 0 to the ${n} elements along dim ${dim} of ${showShape(x.shape)}`,
    );
  }
  return arranged(ctx, x, axis, k, largest, sorting);
}

function arranged(
  ctx: Context,
  x: Share,
  axis: number,
  k: number,
  descending: boolean,
  by: typeof sorting,
): Forward<Sorted> {
  const { shape } = x;
  const settled = settle(ctx, x);
  const upright = descending ? settled : boundedA(neg(ctx, settled), x.bound);
  const permutation = by(ctx, along(ctx, upright, axis), k);
  const best = restored(ctx, permutation.sorted, shape, axis);
  const output = descending ? best : boundedA(neg(ctx, best), x.bound);
  return { output, saved: { permutation, shape, axis } };
}

function sortBackward(ctx: Context, { permutation, shape, axis }: Sorted, dy: Share): Gradients {
  const back = permutation.back(ctx, along(ctx, settle(ctx, dy), axis));
  return [restored(ctx, back, shape, axis)];
}

/**
 * A stable sort: by ranks, or by a network on words that have the position in their low bits, so that no two are equal. What the
 * position added is taken off the sorted words again; the truncation that is left to do is exact.
 */
function stably(ctx: Context, x: Share, k: number): Permutation {
  if (keepsOrder(x.shape)) return sorting(ctx, x, k);
  const [n, ...rows] = x.shape;
  const fracBits = x.fracBits + boundOf(n);
  const words = BigUint64Array.from({ length: n }, (_, i) => BigInt(n - 1 - i));
  const tie = { shape: [n, ...rows.map(() => 1)], words, fracBits };
  const keys = addAP(ctx, refine(ctx, x, fracBits), tie);
  const bound = x.bound === undefined ? undefined : x.bound + 1;
  const network = byNetwork(ctx, boundedA(rescaleA(ctx, keys, fracBits, fracBits), bound), k);
  const order = network.order(ctx);
  const added = add(ctx, neg(ctx, order), plainScalar(n - 1));
  const values = sub(ctx, network.sorted, rescaleA(ctx, added, fracBits, fracBits));
  const sorted = boundedA(rescaleA(ctx, values, fracBits, x.nominal), x.bound);
  return { ...network, sorted, order: () => order };
}

/** [n, …rows] of a tensor. */
function along(ctx: Context, x: Share, axis: number): Share {
  return x.shape.length === 0 ? reshape(ctx, x, [1]) : dimFirst(x, axis);
}

/** [k, …rows] with the dims of the tensor. */
function restored(ctx: Context, rows: Share, shape: Shape, axis: number): Share {
  return shape.length === 0 ? reshape(ctx, rows, []) : firstTo(rows, axis);
}
