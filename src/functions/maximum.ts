/**
 * Maxima and minima along a dim or of everything, and where they are.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { neg } from './arithmetic.ts';
import { dimFirst, firstTo } from './axes.ts';
import { matmul } from './linear.ts';
import { reshape, unsqueeze } from './movement.ts';
import type { Forward, Gradients, OpRecord } from './op.ts';
import { constant } from './public.ts';
import { play, type MaxMethod, type Tournament } from './tournament.ts';

/** Along what, and how. */
export interface MaxOptions {
  /** The dim that is searched; all of them unless said. */
  readonly dim?: number | undefined;
  /** The dim stays, with size 1. */
  readonly keepdim?: boolean | undefined;
  /** One of CrypTen's methods; values are the same. */
  readonly method?: MaxMethod | undefined;
}

/** What is returned for a place. */
export interface ArgmaxOptions extends MaxOptions {
  /** false: positions along the dim instead of a 0/1 tensor of the input's shape. */
  readonly oneHot?: boolean | undefined;
}

/** A search that was done, and how to lay out what it finds. */
export interface Extreme {
  readonly tournament: Tournament;
  readonly shape: Shape;
  /** undefined: of everything. */
  readonly axis: number | undefined;
  readonly keepdim: boolean;
}

/**
 * Largest element along a dim, or of all.
 *
 * Shape   x: any with elements along the dim; the dim vanishes, or stays with size 1 under `keepdim`.
 * Scale   x's nominal scale.
 * Cost    up to 4 elements and beyond 4096 pairs in all rows by halving: 3 rounds each, 10.25 B a match. What is left: 7 rounds, 10.25 B a
 *         pair and 17.25 B an element. A pending x is settled first.
 * Error   exact for |x| < 2^(62 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, ERR_MPC_RANGE without elements, ERR_MPC_UNSUPPORTED for an unknown method.
 */
export function max(ctx: Context, x: Share, opts: MaxOptions = {}): Share {
  return searched(ctx, 'max', x, opts).output;
}

/**
 * Smallest element along a dim, or of all: −max(−x).
 *
 * Shape, Scale, Cost, Error   as `max`. Leaks   nothing.
 *
 * @throws {MpcError} as `max`.
 */
export function min(ctx: Context, x: Share, opts: MaxOptions = {}): Share {
  return searched(ctx, 'min', x, opts).output;
}

/**
 * Where the largest element is: exactly one 1 in every row, at the first of equal ones; or its position.
 *
 * Shape   one-hot: x's; positions: as `max`, counted over the whole tensor where no dim is named.
 * Scale   0.
 * Cost    as `max`, 1 round less where pairs are compared; for each halving 1 round and 16 B a match.
 * Error   exact for |x| < 2^(62 − fractional bits); of elements that a truncation made, ties are up to 1 ulp.
 * Leaks   nothing.
 *
 * @throws {MpcError} as `max`.
 */
export function argmax(ctx: Context, x: Share, opts: ArgmaxOptions = {}): Share {
  return placesOf(ctx, search(ctx, 'argmax', x, opts), opts.oneHot);
}

/**
 * Where the smallest element is: `argmax` of −x.
 *
 * Shape, Scale, Cost, Error   as `argmax`. Leaks   nothing.
 *
 * @throws {MpcError} as `max`.
 */
export function argmin(ctx: Context, x: Share, opts: ArgmaxOptions = {}): Share {
  return placesOf(ctx, search(ctx, 'argmin', x, opts), opts.oneHot);
}

/**
 * What a search found, as one-hot or position; see `argmax`.
 *
 * Scale   0. Cost    for each halving 1 round and 16 B a match. Leaks   nothing.
 */
export function placesOf(ctx: Context, found: Extreme, oneHot = true): Share {
  const { shape, axis } = found;
  const rows = axis === undefined ? [] : shape.filter((_, i) => i !== axis);
  const ones = constant(ctx, 'argmax', rows, 1);
  const places = found.tournament.award(ctx, ones);
  if (oneHot) return boundedA(restored(ctx, places, found), 0);
  const [n] = places.shape;
  const numbers = Float64Array.from({ length: n }, (_, i) => i);
  const flat = reshape(ctx, places, [n, sizeOf(rows)]);
  const position = matmul(ctx, { shape: [n], data: numbers }, flat);
  return boundedA(reduced(reshape(ctx, position, rows), found), boundOf(n - 1));
}

/** The record of `max`: the gradient goes to the first of equal elements, also without a dim (where PyTorch divides it). */
export const maxOp: OpRecord<Share, MaxOptions, Extreme> = {
  name: 'max',
  forward: (ctx, [x], opts) => searched(ctx, 'max', x, opts),
  backward: searchBackward,
};

/** The record of `min`; see `maxOp`. */
export const minOp: OpRecord<Share, MaxOptions, Extreme> = {
  name: 'min',
  forward: (ctx, [x], opts) => searched(ctx, 'min', x, opts),
  backward: searchBackward,
};

/** The record of `argmax`: no gradient flows through a place. */
export const argmaxOp: OpRecord<Share, ArgmaxOptions, null> = {
  name: 'argmax',
  differentiable: false,
  forward: (ctx, [x], opts) => ({ output: argmax(ctx, x, opts), saved: null }),
};

/** The record of `argmin`: no gradient flows through a place. */
export const argminOp: OpRecord<Share, ArgmaxOptions, null> = {
  name: 'argmin',
  differentiable: false,
  forward: (ctx, [x], opts) => ({ output: argmin(ctx, x, opts), saved: null }),
};

type Search = 'max' | 'min' | 'argmax' | 'argmin';

/** Searches for the largest of −x. */
const SMALLEST: ReadonlySet<Search> = new Set<Search>(['min', 'argmin']);

/** −x under x's bound. */
function opposite(ctx: Context, x: Share): Share {
  return boundedA(neg(ctx, x), x.bound);
}

function search(ctx: Context, op: Search, x: Share, opts: MaxOptions): Extreme {
  const { shape } = x;
  const along = opts.dim === undefined ? undefined : normalizeDim(op, opts.dim, shape.length);
  const axis = shape.length === 0 ? undefined : along;
  const ready = settle(ctx, x);
  const signed = SMALLEST.has(op) ? opposite(ctx, ready) : ready;
  const contestants =
    axis === undefined ? reshape(ctx, signed, [sizeOf(shape)]) : dimFirst(signed, axis);
  if (contestants.shape[0] === 0) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `${op}: ${showShape(shape)} has no elements ${axis === undefined ? '' : `along dim ${axis} `}to choose from`,
    );
  }
  const tournament = play(ctx, contestants, opts.method);
  return { tournament, shape, axis, keepdim: opts.keepdim ?? false };
}

function searched(ctx: Context, op: 'max' | 'min', x: Share, opts: MaxOptions): Forward<Extreme> {
  const saved = search(ctx, op, x, opts);
  const best = reduced(saved.tournament.best(), saved);
  return { output: op === 'max' ? best : opposite(ctx, best), saved };
}

function searchBackward(ctx: Context, found: Extreme, dy: Share): Gradients {
  const { axis, keepdim, shape } = found;
  const rows = axis === undefined ? [] : shape.filter((_, i) => i !== axis);
  const flat = keepdim ? reshape(ctx, dy, rows) : dy;
  return [restored(ctx, found.tournament.award(ctx, settle(ctx, flat)), found)];
}

/** One value for each row, in the result's shape. */
function reduced(rows: Share, { shape, axis, keepdim }: Extreme): Share {
  if (!keepdim) return rows;
  if (axis !== undefined) return unsqueeze(rows, axis);
  return rows.view({ shape: shape.map(() => 1), strides: shape.map(() => 0), offset: rows.offset });
}

/** [n, …rows] in the input's shape. */
function restored(ctx: Context, placed: Share, { shape, axis }: Extreme): Share {
  return axis === undefined ? reshape(ctx, placed, shape) : firstTo(placed, axis);
}
