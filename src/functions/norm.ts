/**
 * Norms of all elements or along dims.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, sub } from './arithmetic.ts';
import { magnitude } from './compare.ts';
import { exp, expBelowOne } from './exponential.ts';
import { logWithin } from './logarithm.ts';
import { maxOp } from './maximum.ts';
import { permute, reshape } from './movement.ts';
import type { Forward, OpRecord } from './op.ts';
import { constant, plainScalar, scale } from './public.ts';
import { POSITIVE } from './range.ts';
import { axesOf, expandReduced, sum, type ReduceOptions } from './reduce.ts';
import { sqrtWithInverse } from './roots.ts';
import { exponentials } from './softmax.ts';
import { sumOfSquares } from './squares.ts';

/** Which norm, and along what. */
export interface NormOptions extends ReduceOptions {
  /** 2 unless said; `fro` is 2, `inf` the largest magnitude. */
  readonly p?: number | 'fro' | 'inf' | undefined;
}

/** The gradient of the input from that of the norm. */
type Backward = (ctx: Context, dy: Share) => Share;

/** Fractional bits beyond the session's that logarithms keep. */
const LOG_BITS = 8;

/** Exponentials below 2^−FAINT count as 0. */
const FAINT = 30;

/**
 * (Σ |x|^p)^(1/p) over dims.
 *
 * Shape   as `sum`.
 * Scale   the session's precision.
 * Cost    p = 1: `abs`. p = 2: a square and, for each result, a root. p = inf: `abs` and `max`. Other p: `abs`, a logarithm and an
 *         exponential an element, `max` and a logarithm for each result.
 * Error   p = 1, inf: exact. p = 2: 1.1 ulp, while Σ x² < 2^(62 − 2·fractional bits). Other p: 1e-4 of the result.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, ERR_MPC_UNSUPPORTED for p < 1 and other names, ERR_MPC_RANGE for the largest of nothing.
 */
export function norm(ctx: Context, x: Share, opts: NormOptions = {}): Share {
  return normOp.forward(ctx, [x], opts).output;
}

/** The record of `norm`; at 0 the gradient of the 2-norm is 0, as PyTorch's. */
export const normOp: OpRecord<Share, NormOptions, Backward> = {
  name: 'norm',
  forward: (ctx, [x], { p = 2, dim, keepdim = false }) => {
    const axes = axesOf('norm', x.shape, dim);
    if (p === 1) return sumOfMagnitudes(ctx, x, axes, keepdim);
    if (p === 'fro') return euclidean(ctx, x, axes, keepdim);
    if (p === 'inf' || p === Infinity) return largest(ctx, x, axes, keepdim);
    if (typeof p === 'number' && p > 1) {
      // Nothing has the same norm in every order.
      const by = sizeOf(x.shape) === 0 ? 2 : p;
      return by === 2 ? euclidean(ctx, x, axes, keepdim) : general(ctx, x, p, axes, keepdim);
    }
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `norm: there is no norm of order ${String(p)}; use a number from 1 up, 'fro' or 'inf'`,
    );
  },
  backward: (ctx, saved, dy) => [saved(ctx, dy)],
};

function sumOfMagnitudes(
  ctx: Context,
  x: Share,
  axes: readonly number[],
  keepdim: boolean,
): Forward<Backward> {
  const { value, positive } = magnitude(ctx, x);
  return {
    output: summed(ctx, value, axes, keepdim),
    saved: (later, dy) => mul(later, expandReduced(dy, x.shape, axes), signOf(later, positive)),
  };
}

function euclidean(
  ctx: Context,
  x: Share,
  axes: readonly number[],
  keepdim: boolean,
): Forward<Backward> {
  const { root, fineInverse } = sqrtWithInverse(ctx, sumOfSquares(ctx, x, axes, keepdim));
  return {
    output: root,
    saved: (later, dy) => {
      const factor = expandReduced(fineInverse(later), x.shape, axes);
      const unit = mul(later, x, factor);
      const slope = rescaleA(later, unit, unit.fracBits, later.session.precision);
      return mul(later, slope, expandReduced(dy, x.shape, axes));
    },
  };
}

function largest(
  ctx: Context,
  x: Share,
  axes: readonly number[],
  keepdim: boolean,
): Forward<Backward> {
  const { value, positive } = magnitude(ctx, x);
  const rows = gathered(ctx, value, axes);
  const found = maxOp.forward(ctx, [rows.flat], { dim: -1 });
  return {
    output: rows.reduced(ctx, found.output, keepdim),
    saved: (later, dy) => {
      const flat = reshape(later, dy, rows.flat.shape.slice(0, -1));
      const [placed] = maxOp.backward?.(later, found.saved, flat, [true]) ?? [];
      const back = rows.restored(later, placed as Share);
      return mul(later, back, signOf(later, positive));
    },
  };
}

/** By logarithms: log ‖x‖ = (m + log Σ e^(p·log|x| − m))/p with m = max p·log|x|, so that no power overflows. */
function general(
  ctx: Context,
  x: Share,
  p: number,
  axes: readonly number[],
  keepdim: boolean,
): Forward<Backward> {
  const { value, positive } = magnitude(ctx, x);
  const fine = ctx.session.precision + LOG_BITS;
  const rows = gathered(ctx, logWithin(ctx, settle(ctx, value), POSITIVE, fine), axes);
  const scaled = mul(ctx, rows.flat, plainScalar(p));
  const { parts, shape } = exponentials(ctx, 'norm', scaled, -1);
  const logs =
    parts === null
      ? rows.flat
      : scale(
          ctx,
          'norm',
          add(ctx, parts.max, logWithin(ctx, parts.total, parts.range, fine)),
          1 / p,
        );
  const flat = exp(ctx, reshape(ctx, logs, shape.slice(0, -1)));
  return {
    output: rows.reduced(ctx, flat, keepdim),
    saved: (later, dy) => {
      // (|x|/‖x‖)^(p − 1), at most 1.
      const ratio = sub(later, rows.flat, settle(later, logs));
      const { precision } = later.session;
      const slopes = expBelowOne(later, mul(later, ratio, plainScalar(p - 1)), FAINT, precision);
      const wide = expandReduced(dy, x.shape, axes);
      return mul(later, mul(later, rows.restored(later, slopes), signOf(later, positive)), wide);
    },
  };
}

/** The reduced dims as one last dim, and the ways back. */
interface Rows {
  readonly flat: Share;
  /** A result for each row in the reduced shape. */
  readonly reduced: (ctx: Context, y: Share, keepdim: boolean) => Share;
  /** Something of the shape of `flat` in the input's. */
  readonly restored: (ctx: Context, y: Share) => Share;
}

function gathered(ctx: Context, x: Share, axes: readonly number[]): Rows {
  const { shape } = x;
  const rest = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const order = [...rest, ...axes];
  const sizes = (dims: readonly number[]): Shape => dims.map((axis) => shape[axis]);
  const flat = reshape(ctx, permute(x, order), [...sizes(rest), sizeOf(sizes(axes))]);
  return {
    flat,
    reduced: (later, y, keepdim) =>
      reshape(
        later,
        y,
        keepdim ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : sizes(rest),
      ),
    restored: (later, y) =>
      permute(
        reshape(later, y, sizes(order)),
        shape.map((_, axis) => order.indexOf(axis)),
      ),
  };
}

/** Σ over exactly these axes; none for a 0-d tensor. */
function summed(ctx: Context, x: Share, axes: readonly number[], keepdim: boolean): Share {
  return axes.length === 0 ? x : sum(ctx, x, { dim: axes, keepdim });
}

/** ±1 from the bit [x > 0]. */
function signOf(ctx: Context, positive: Share): Share {
  return add(ctx, scale(ctx, 'norm', positive, 2), constant(ctx, 'norm', positive.shape, -1));
}
