/**
 * Batch normalisation: each channel, dim 1, to mean 0 and variance 1, by the batch's statistics or by known ones.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { refine, rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul } from './arithmetic.ts';
import { reshape } from './movement.ts';
import { isShare, secret, type Operand, type OpRecord } from './op.ts';
import { plainScalar, scale } from './public.ts';
import { sumTo } from './reduce.ts';
import { coarser, rsqrtTimes } from './roots.ts';
import { standardize, standardizeBackward, type Standardized } from './standardize.ts';

/** Fractional bits that a variance gets for the sum with eps. */
const FINER = 8;

/** What keeps the variance away from 0. */
export interface EpsOptions {
  /** 1e-5 unless said. */
  readonly eps?: number | undefined;
}

/** What a batch normalisation leaves: its backward needs it, running statistics are made of it. */
export interface BatchNormSaved {
  readonly made: Standardized;
  readonly weight: Operand | undefined;
  readonly bias: Operand | undefined;
}

/**
 * (x − mean)/√(variance + eps)·weight + bias for each channel, by the mean and the biased variance of the batch.
 *
 * Shape   x: [N,C] or [N,C,…]; weight, bias: [C]; result: x's.
 * Scale   the session's precision, once settled.
 * Cost    as `layerNorm`, whose rows the channels are. A weight adds a product.
 * Error   as `layerNorm`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when the shapes do not fit, ERR_MPC_RANGE for less than two elements of a channel or eps < 0.
 */
export function batchNorm(
  ctx: Context,
  x: Share,
  opts: EpsOptions = {},
  weight?: Operand,
  bias?: Operand,
): Share {
  const inputs = [x, weight, bias].filter((operand) => operand !== undefined);
  return batchNormOp.forward(ctx, inputs, opts).output;
}

/** The record of `batchNorm`; inputs x, weight and bias, the last two where there are any. */
export const batchNormOp: OpRecord<Operand, EpsOptions, BatchNormSaved> = {
  name: 'batchNorm',
  forward: (ctx, [input, weight, bias], { eps = 1e-5 }) => {
    const x = secret('batchNorm', input);
    const { shape } = x;
    for (const operand of [weight, bias]) checkChannels('batchNorm', shape, 1, operand);
    const axes = [...shape.keys()].filter((axis) => axis !== 1);
    if (sizeOf(axes.map((axis) => shape[axis])) < 2) {
      throw new MpcError(
        'ERR_MPC_RANGE',
        `batchNorm: ${showShape(shape)} has one element of each channel or none; statistics of a batch need two`,
      );
    }
    const made = standardize(ctx, 'batchNorm', x, axes, eps);
    const weighted = times(ctx, made.normalized, weight);
    const output = bias === undefined ? weighted : add(ctx, weighted, along(ctx, bias, shape, 1));
    return { output, saved: { made, weight, bias } };
  },
  backward: (ctx, { made, weight, bias }, dy, needs) => [
    needs[0] ? standardizeBackward(ctx, 'batchNorm', made, times(ctx, dy, weight)) : null,
    needs[1] && weight ? channelSums(ctx, mul(ctx, dy, made.normalized), 1) : null,
    needs[2] && bias ? channelSums(ctx, dy, 1) : null,
  ],
};

/**
 * The mean and the unbiased variance of each channel, for running statistics.
 *
 * Shape   [C] each. Scale   the session's precision, once settled.
 * Cost    0 rounds, 0 bytes; each owes one truncation. Leaks   nothing.
 */
export function batchStatistics(
  ctx: Context,
  { made: { total, squares, normalized, axes } }: BatchNormSaved,
): readonly [mean: Share, variance: Share] {
  const count = sizeOf(axes.map((axis) => normalized.shape[axis]));
  const { precision } = ctx.session;
  const channels = [normalized.shape[1]];
  const variance = scale(ctx, 'batchNorm', squares, 1 / (count - 1));
  return [
    reshape(ctx, scale(ctx, 'batchNorm', total, 1 / count), channels),
    reshape(ctx, rescaleA(ctx, variance, variance.fracBits, precision), channels),
  ];
}

/**
 * 1/√(x + eps) for variances x ≥ 0.
 *
 * Shape   x: any; result: same.
 * Scale   8 bits finer than the session's precision, once settled.
 * Cost    as `rsqrt`; owes one truncation.
 * Error   an ulp of that scale and 1e-6 of the result.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE for eps < 0.
 */
export function inverseDeviation(ctx: Context, x: Share, { eps = 1e-5 }: EpsOptions = {}): Share {
  if (!(eps >= 0)) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `inverseDeviation: eps must be a number from 0 up, got ${eps}`,
    );
  }
  const settled = settle(ctx, x);
  // Finer: eps may be less than half an ulp of x.
  const bits = settled.fracBits + FINER;
  const fine = rescaleA(ctx, refine(ctx, settled, bits), bits, bits);
  return coarser(ctx, rsqrtTimes(ctx, add(ctx, fine, plainScalar(eps)), 1));
}

/** The record of `inverseDeviation`. Variances are statistics: no gradient flows through it. */
export const inverseDeviationOp: OpRecord<Share, EpsOptions, null> = {
  name: 'inverseDeviation',
  differentiable: false,
  forward: (ctx, [x], opts) => ({ output: inverseDeviation(ctx, x, opts), saved: null }),
};

interface AffineSaved {
  readonly x: Share;
  readonly factor: Operand;
  readonly dim: number;
}

/**
 * x·factor + shift, with a factor and a shift for each position of one dim.
 *
 * Shape   x: any with that dim; factor, shift: [its size]; result: x's.
 * Scale   the session's precision, once settled, however fine the factor is.
 * Cost    1 round, 8 B for each word that has no mask yet.
 * Error   {0, +1} ulp once settled.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when the shapes do not fit.
 */
export function channelAffine(
  ctx: Context,
  x: Share,
  factor: Operand,
  dim = 1,
  shift?: Operand,
): Share {
  const inputs = shift === undefined ? [x, factor] : [x, factor, shift];
  return channelAffineOp.forward(ctx, inputs, dim).output;
}

/** The record of `channelAffine`; inputs x, the factor and, where there is one, the shift. */
export const channelAffineOp: OpRecord<Operand, number, AffineSaved> = {
  name: 'channelAffine',
  forward: (ctx, [input, factor, shift], named) => {
    const x = secret('channelAffine', input);
    const dim = normalizeDim('channelAffine', named, x.shape.length);
    for (const operand of [factor, shift]) checkChannels('channelAffine', x.shape, dim, operand);
    const product = mul(ctx, x, along(ctx, factor, x.shape, dim));
    const sum = shift === undefined ? product : add(ctx, product, along(ctx, shift, x.shape, dim));
    const kept = Math.min(sum.fracBits, ctx.session.precision);
    return { output: rescaleA(ctx, sum, sum.fracBits, kept), saved: { x, factor, dim } };
  },
  backward: (ctx, { x, factor, dim }, dy, needs) => [
    needs[0] ? mul(ctx, dy, along(ctx, factor, dy.shape, dim)) : null,
    needs[1] ? channelSums(ctx, mul(ctx, dy, x), dim) : null,
    needs[2] ? channelSums(ctx, dy, dim) : null,
  ],
};

function times(ctx: Context, x: Share, weight: Operand | undefined): Share {
  return weight === undefined ? x : mul(ctx, x, along(ctx, weight, x.shape, 1));
}

/** A vector beside a shape: its elements along one dim. */
function along(ctx: Context, vector: Operand, shape: Shape, dim: number): Operand {
  const wide = shape.map((size, axis) => (axis === dim ? size : 1));
  return isShare(vector) ? reshape(ctx, vector, wide) : { shape: wide, data: vector.data };
}

function channelSums(ctx: Context, x: Share, dim: number): Share {
  const wide = x.shape.map((size, axis) => (axis === dim ? size : 1));
  return reshape(ctx, sumTo(ctx, x, wide), [x.shape[dim]]);
}

function checkChannels(op: string, shape: Shape, dim: number, vector: Operand | undefined): void {
  if (shape.length <= dim) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: expected at least ${dim + 1} dims, got ${showShape(shape)}`,
    );
  }
  if (vector === undefined || sameShape(vector.shape, [shape[dim]])) return;
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: expected ${shape[dim]} numbers for dim ${dim} of ${showShape(shape)}, got a tensor of shape ${showShape(vector.shape)}`,
  );
}
