/**
 * Softmax and its logarithm along a dim: exponentials of what lies below the maximum, over their sum, which is at least 1.
 *
 * Exponentials and sums keep 26 fractional bits, so that a thousand small terms are not lost beside a large one.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import { rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, sub } from './arithmetic.ts';
import { expBelowOne } from './exponential.ts';
import { logWithin } from './logarithm.ts';
import { max } from './maximum.ts';
import type { OpRecord } from './op.ts';
import { constant } from './public.ts';
import type { Range } from './range.ts';
import { reciprocalWithin } from './reciprocal.ts';
import { sum } from './reduce.ts';

/** Fractional bits of exponentials, and of what they are multiplied by. */
const FINE = 26;
const FINEST = 32;

/** Most elements of a row, as a power of two: what the range of a reciprocal leaves. */
const MOST_OCTAVES = 16;

/** Exponentials below 2^−FAINT count as 0. */
const FAINT = 28;

/**
 * e^x_i / Σ_j e^x_j along a dim; 1 along a dim of size 1 and for a 0-d tensor.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is settled first.
 * Cost    for 64 rows of 10, 18 rounds, 93.8 B an element of two parties; dealer 1357 B. Of these, `max` takes 6 rounds; for more pairs more.
 * Error   3.5e-5 for up to 2^16 elements a row, while differences in a row are below 2^(45 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, ERR_MPC_UNSUPPORTED for longer rows.
 */
export function softmax(ctx: Context, x: Share, dim: number): Share {
  return softmaxOf(ctx, exponentials(ctx, 'softmax', x, dim));
}

/**
 * log softmax(x) = x − max − log Σ e^(x − max) along a dim; 0 along a dim of size 1 and for a 0-d tensor.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is settled first.
 * Cost    for 64 rows of 10, 15 rounds, 83.2 B an element of two parties; dealer 1342 B. Of these, `max` takes 6 rounds; for more pairs more.
 * Error   2.2 ulp for up to 2^16 elements a row, while differences in a row are below 2^(45 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, ERR_MPC_UNSUPPORTED for longer rows.
 */
export function logSoftmax(ctx: Context, x: Share, dim: number): Share {
  return logSoftmaxOf(ctx, exponentials(ctx, 'logSoftmax', x, dim));
}

/** What softmax and its logarithm are made of. */
export interface Exponentials {
  readonly shape: Shape;
  readonly axis: number;
  /** null where every row has one element: nothing is secret about the result. */
  readonly parts: {
    readonly max: Share;
    /** x − max, its exponential, and their sum. */
    readonly below: Share;
    readonly each: Share;
    readonly total: Share;
    /** Where the sum lies. */
    readonly range: Range;
  } | null;
}

/**
 * e^(x − max) along a dim, and its sum.
 *
 * @throws {MpcError} as `softmax`.
 */
export function exponentials(ctx: Context, op: string, x: Share, dim: number): Exponentials {
  const { shape } = x;
  const axis = normalizeDim(op, dim, shape.length);
  if (shape.length === 0 || shape[axis] === 1 || sizeOf(shape) === 0) {
    return { shape, axis, parts: null };
  }
  const octaves = boundOf(shape[axis]);
  if (octaves > MOST_OCTAVES) {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `${op}: rows of ${shape[axis]} elements are too long; at most ${2 ** MOST_OCTAVES}`,
    );
  }
  const settled = settle(ctx, x);
  const most = max(ctx, settled, { dim: axis, keepdim: true });
  const below = sub(ctx, settled, most);
  const each = expBelowOne(ctx, below, FAINT, FINE);
  const total = boundedA(sum(ctx, each, { dim: axis, keepdim: true }), octaves + 1);
  const range = { low: FINE, high: FINE + octaves, signed: false };
  return { shape, axis, parts: { max: most, below, each, total, range } };
}

/**
 * The softmax of exponentials.
 *
 * Cost    a reciprocal of narrow range for each row, then 1 round and 8 B an element. Leaks   nothing.
 */
export function softmaxOf(ctx: Context, { shape, parts }: Exponentials): Share {
  if (parts === null) return constant(ctx, 'softmax', shape, 1);
  const { each, total, range } = parts;
  const y = mul(ctx, each, reciprocalWithin(ctx, total, range, FINEST));
  return rescaleA(ctx, y, y.fracBits, ctx.session.precision);
}

/**
 * The logarithm of the softmax of exponentials.
 *
 * Cost    a logarithm of narrow range for each row. Leaks   nothing.
 */
export function logSoftmaxOf(ctx: Context, { shape, parts }: Exponentials): Share {
  if (parts === null) return constant(ctx, 'logSoftmax', shape, 0);
  return sub(ctx, parts.below, logWithin(ctx, parts.total, parts.range, ctx.session.precision));
}

interface SoftmaxSaved {
  readonly y: Share;
  readonly from: Exponentials;
}

/** The record of `softmax`: the gradient is (dy − Σ y·dy)·y. */
export const softmaxOp: OpRecord<Share, number, SoftmaxSaved> = {
  name: 'softmax',
  forward: (ctx, [x], dim) => {
    const from = exponentials(ctx, 'softmax', x, dim);
    const y = softmaxOf(ctx, from);
    return { output: y, saved: { y, from } };
  },
  backward: (ctx, { y, from: { shape, axis, parts } }, dy) => {
    if (parts === null) return [constant(ctx, 'softmax', shape, 0)];
    const total = sum(ctx, mul(ctx, y, dy), { dim: axis, keepdim: true });
    return [mul(ctx, sub(ctx, dy, total), y)];
  },
};

/** The record of `logSoftmax`: the gradient is dy − softmax(x)·Σ dy, from the exponentials of the forward pass. */
export const logSoftmaxOp: OpRecord<Share, number, Exponentials> = {
  name: 'logSoftmax',
  forward: (ctx, [x], dim) => {
    const saved = exponentials(ctx, 'logSoftmax', x, dim);
    return { output: logSoftmaxOf(ctx, saved), saved };
  },
  backward: (ctx, from, dy) => {
    if (from.parts === null) return [constant(ctx, 'logSoftmax', from.shape, 0)];
    const total = sum(ctx, dy, { dim: from.axis, keepdim: true });
    return [sub(ctx, dy, mul(ctx, softmaxOf(ctx, from), total))];
  },
};
