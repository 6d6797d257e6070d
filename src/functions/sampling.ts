/**
 * Secret randomness: uniform and normal tensors, permutations, coins, dropout, weighted choice.
 *
 * Values come from the dealer's coins (M7): no party knows them, the dealer does. Masks of dropout are secret as well.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, showShape, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, sub } from './arithmetic.ts';
import { gt, lt } from './compare.ts';
import { cumsum } from './cumulative.ts';
import { cat, narrow } from './movement.ts';
import { isShare, type Operand, type OpRecord } from './op.ts';
import { constant, scale } from './public.ts';
import { sum } from './reduce.ts';

/**
 * Uniform numbers on [0, 1), multiples of 2^−precision.
 *
 * Scale   the session's precision.
 * Cost    0 rounds, 0 bytes; dealer 8 B an element.
 * Leaks   nothing to the parties.
 */
export function rand(ctx: Context, shape: Shape): Share {
  return ctx.gates.random(ctx, shape, { kind: 'uniform', fracBits: ctx.session.precision });
}

/**
 * Normal numbers of mean 0 and variance 1.
 *
 * Scale, Cost, Leaks   as `rand`.
 */
export function randn(ctx: Context, shape: Shape): Share {
  return ctx.gates.random(ctx, shape, { kind: 'normal', fracBits: ctx.session.precision });
}

/**
 * The numbers 0 to n − 1 in random order.
 *
 * Shape   [n].
 * Scale   0.
 * Cost, Leaks   as `rand`.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless n is a whole number from 0 up.
 */
export function randperm(ctx: Context, n: number): Share {
  if (!Number.isInteger(n) || n < 0) {
    throw new MpcError('ERR_MPC_SHAPE', `randperm: expected a whole number from 0 up, got ${n}`);
  }
  return ctx.gates.random(ctx, [n], { kind: 'permutation' });
}

/**
 * 1 with probability p, else 0, independently for every element of p.
 *
 * Shape   p: any; result: same.
 * Scale   result 0.
 * Cost    one public probability: 0 rounds, dealer 8 B an element; else as `lt`. p counts in steps of 2^−precision.
 * Leaks   nothing to the parties.
 *
 * @throws {MpcError} ERR_MPC_RANGE when a public p is not on [0, 1].
 */
export function bernoulli(ctx: Context, p: Operand): Share {
  if (isShare(p)) return lt(ctx, rand(ctx, p.shape), p);
  const bad = p.data.find((value) => !(value >= 0 && value <= 1));
  if (bad !== undefined) {
    throw new MpcError('ERR_MPC_RANGE', `bernoulli: a probability lies on [0, 1], got ${bad}`);
  }
  if (p.data.every((value) => value === p.data[0])) return coins(ctx, p.shape, p.data[0] ?? 0);
  return lt(ctx, rand(ctx, p.shape), p);
}

/** Options of dropout. */
export interface DropoutOptions {
  /** Probability of a zero; 0.5 unless said. */
  readonly p?: number | undefined;
  /** false: the input as it is. */
  readonly training?: boolean | undefined;
}

/**
 * x with elements set to 0 with probability p and the others times 1/(1 − p); the mask is secret.
 *
 * Shape   x: any; result: same.
 * Scale   as x; owes one truncation unless 1/(1 − p) is an integer.
 * Cost    1 round, 16 B an element; dealer 16 B.
 * Leaks   nothing: neither the mask nor how many were dropped.
 *
 * @throws {MpcError} ERR_MPC_RANGE when p is not on [0, 1].
 */
export function dropout(ctx: Context, x: Share, options: DropoutOptions = {}): Share {
  return dropped(ctx, 'dropout', x, x.shape, options).output;
}

/**
 * Dropout of whole channels: the first two dims decide together.
 *
 * Shape   x: [N,C,…]; result: same.
 * Scale, Leaks   as `dropout`.
 * Cost    1 round, 8 B an element and 8 B a channel.
 *
 * @throws {MpcError} ERR_MPC_SHAPE below two dims, ERR_MPC_RANGE when p is not on [0, 1].
 */
export function featureDropout(ctx: Context, x: Share, options: DropoutOptions = {}): Share {
  return dropped(ctx, 'featureDropout', x, channels(x.shape), options).output;
}

/**
 * A one-hot along `dim`: position i with probability w_i / Σ w, for weights w ≥ 0.
 *
 * Shape   w: any but 0-d; result: same. Without `dim` over all elements.
 * Scale   result 0.
 * Cost    1 round for the threshold and one `gt` of all but the last position.
 * Error   probabilities are multiples of 2^−precision; exactly one 1 in any case.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a dim that is not there or is empty.
 */
export function weightedIndex(ctx: Context, w: Share, dim: number): Share {
  const axis = normalizeDim('weightedIndex', dim, w.shape.length);
  const length = w.shape[axis];
  if (length === 0) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `weightedIndex: dim ${dim} of ${showShape(w.shape)} is empty`,
    );
  }
  const settled = settle(ctx, w);
  const total = sum(ctx, settled, { dim: axis, keepdim: true });
  // Compared before it is truncated: a threshold rounded up to the total would choose nothing.
  const threshold = mul(ctx, rand(ctx, total.shape), total);
  const reached = narrow(cumsum(ctx, settled, axis), axis, 0, length - 1);
  const after = gt(ctx, reached, threshold);
  const edge = (value: number): Share => constant(ctx, 'weightedIndex', total.shape, value);
  return sub(ctx, cat(ctx, [after, edge(1)], axis), cat(ctx, [edge(0), after], axis));
}

interface Mask {
  /** Secret 0/1, or null where nothing is dropped. */
  readonly keep: Share | null;
  readonly factor: number;
}

/** The record of `dropout`. */
export const dropoutOp: OpRecord<Share, DropoutOptions, Mask> = {
  name: 'dropout',
  random: true,
  forward: (ctx, [x], options) => dropped(ctx, 'dropout', x, x.shape, options),
  backward: dropoutBackward,
};

/** The record of `featureDropout`. */
export const featureDropoutOp: OpRecord<Share, DropoutOptions, Mask> = {
  name: 'featureDropout',
  random: true,
  forward: (ctx, [x], options) => dropped(ctx, 'featureDropout', x, channels(x.shape), options),
  backward: dropoutBackward,
};

/** The record of `bernoulli`. */
export const bernoulliOp: OpRecord<Operand, void, null> = {
  name: 'bernoulli',
  random: true,
  differentiable: false,
  forward: (ctx, [p]) => ({ output: bernoulli(ctx, p), saved: null }),
};

/** The record of `weightedIndex`. */
export const weightedIndexOp: OpRecord<Share, number, null> = {
  name: 'weightedIndex',
  random: true,
  differentiable: false,
  forward: (ctx, [w], dim) => ({ output: weightedIndex(ctx, w, dim), saved: null }),
};

function dropoutBackward(ctx: Context, { keep, factor }: Mask, dy: Share): [Share] {
  return [scale(ctx, 'dropout', keep === null ? dy : mul(ctx, dy, keep), factor)];
}

function dropped(
  ctx: Context,
  op: string,
  x: Share,
  shape: Shape,
  { p = 0.5, training = true }: DropoutOptions,
): { readonly output: Share; readonly saved: Mask } {
  if (!(p >= 0 && p <= 1)) {
    throw new MpcError('ERR_MPC_RANGE', `${op}: a probability lies on [0, 1], got ${p}`);
  }
  if (!training || p === 0) return { output: x, saved: { keep: null, factor: 1 } };
  const saved = { keep: coins(ctx, shape, 1 - p), factor: p === 1 ? 0 : 1 / (1 - p) };
  return { output: scale(ctx, op, mul(ctx, x, saved.keep), saved.factor), saved };
}

/** A size for each of the first two dims, 1 for the rest. */
function channels(shape: Shape): Shape {
  if (shape.length >= 2) return shape.map((dim, axis) => (axis < 2 ? dim : 1));
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `featureDropout: expected at least 2 dims, got ${showShape(shape)}`,
  );
}

function coins(ctx: Context, shape: Shape, p: number): Share {
  return ctx.gates.random(ctx, shape, { kind: 'bernoulli', p });
}
