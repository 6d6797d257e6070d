/**
 * Losses of the distance between a prediction and a target: absolute, and quadratic near 0 but linear beyond. Gradients in closed form, as
 * in `loss.ts`.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, neg, sub } from './arithmetic.ts';
import { clamp } from './clamp.ts';
import { secret, type Operand, type OpRecord } from './op.ts';
import { scale } from './public.ts';
import { checkTarget, factorOf, reduced, scaled, skipped, type LossOptions } from './reduction.ts';

/** Options of `smoothL1Loss`. */
export interface SmoothL1Options extends LossOptions {
  /** Where the quadratic part ends, above 0; 1 unless said. */
  readonly beta?: number | undefined;
}

/** Options of `huberLoss`. */
export interface HuberOptions extends LossOptions {
  /** Where the quadratic part ends, above 0; 1 unless said. */
  readonly delta?: number | undefined;
}

interface DistanceSaved {
  /** The derivative by x − y, up to the factor. */
  readonly slope: (ctx: Context) => Share;
  readonly factor: number;
}

/**
 * |x − y|.
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value and gradient: one gate with two thresholds, as `clamp`.
 * Error   exact but for the reduction.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for the mean of no elements.
 */
export function l1Loss(ctx: Context, x: Share, y: Operand, opts: LossOptions = {}): Share {
  return l1LossOp.forward(ctx, [x, y], opts).output;
}

/** The record of `l1Loss`: gradients ±sign(x − y)·scale; 0 where both are equal, as PyTorch's. */
export const l1LossOp: OpRecord<Operand, LossOptions, DistanceSaved> = {
  name: 'l1Loss',
  forward: (ctx, [input, y], opts) => {
    const x = secret('l1Loss', input);
    checkTarget('l1Loss', x, y);
    const d = settle(ctx, sub(ctx, x, y));
    const factor = factorOf(x.shape, opts);
    if (opts.skipForward === true) {
      const slope = (later: Context): Share => magnitudeAndSign(later, d)[1];
      return { output: skipped(ctx, x.shape, opts), saved: { slope, factor } };
    }
    const [magnitude, sign] = magnitudeAndSign(ctx, d);
    return { output: reduced(ctx, magnitude, opts), saved: { slope: () => sign, factor } };
  },
  backward: distanceBackward,
};

/**
 * (x − y)²/(2·beta) where |x − y| < beta, |x − y| − beta/2 beyond.
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value: `clamp` and a product; gradient: nothing more.
 * Error   2 ulp, over beta.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for the mean of no elements or unless beta > 0.
 */
export function smoothL1Loss(
  ctx: Context,
  x: Share,
  y: Operand,
  opts: SmoothL1Options = {},
): Share {
  return smoothL1LossOp.forward(ctx, [x, y], opts).output;
}

/** The record of `smoothL1Loss`: gradients ±clamp(x − y, −beta, beta)/beta·scale. */
export const smoothL1LossOp: OpRecord<Operand, SmoothL1Options, DistanceSaved> = {
  name: 'smoothL1Loss',
  forward: (ctx, [x, y], { beta = 1, ...opts }) =>
    quadraticNear(ctx, 'smoothL1Loss', [x, y], beta, 1 / beta, opts),
  backward: distanceBackward,
};

/**
 * (x − y)²/2 where |x − y| < delta, delta·(|x − y| − delta/2) beyond.
 *
 * Shape, Scale, Cost   as `smoothL1Loss`.
 * Error   2 ulp.
 * Leaks   nothing.
 *
 * @throws {MpcError} as `smoothL1Loss`.
 */
export function huberLoss(ctx: Context, x: Share, y: Operand, opts: HuberOptions = {}): Share {
  return huberLossOp.forward(ctx, [x, y], opts).output;
}

/** The record of `huberLoss`: gradients ±clamp(x − y, −delta, delta)·scale. */
export const huberLossOp: OpRecord<Operand, HuberOptions, DistanceSaved> = {
  name: 'huberLoss',
  forward: (ctx, [x, y], { delta = 1, ...opts }) =>
    quadraticNear(ctx, 'huberLoss', [x, y], delta, 1, opts),
  backward: distanceBackward,
};

function distanceBackward(
  ctx: Context,
  { slope, factor }: DistanceSaved,
  dy: Share,
  needs: readonly boolean[],
): readonly (Share | null)[] {
  const gradient = scaled(ctx, slope(ctx), dy, factor);
  return [needs[0] ? gradient : null, needs[1] ? neg(ctx, gradient) : null];
}

/** c·(d − c/2)·times with d = x − y and c = d clipped to ±edge: the slope is c·times. */
function quadraticNear(
  ctx: Context,
  op: string,
  [input, y]: readonly [Operand, Operand],
  edge: number,
  times: number,
  opts: LossOptions,
): { readonly output: Share; readonly saved: DistanceSaved } {
  const x = secret(op, input);
  checkTarget(op, x, y);
  if (!(edge > 0 && Number.isFinite(edge))) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `${op}: the quadratic part must end above 0, got ${edge}; use l1Loss without one`,
    );
  }
  const factor = factorOf(x.shape, opts) * times;
  const d = settle(ctx, sub(ctx, x, y));
  const clip = (later: Context): Share => clamp(later, d, { min: -edge, max: edge });
  if (opts.skipForward === true) {
    return { output: skipped(ctx, x.shape, opts), saved: { slope: clip, factor } };
  }
  const near = clip(ctx);
  const value = mul(ctx, near, sub(ctx, d, scale(ctx, op, near, 0.5)));
  const output = reduced(ctx, scale(ctx, op, value, times), opts);
  return { output, saved: { slope: () => near, factor } };
}

/** |d| and its sign, 0 at 0, by one gate. */
function magnitudeAndSign(ctx: Context, d: Share): readonly [Share, Share] {
  const { fracBits, bound } = d;
  const linear = (slope: bigint) => ({ slope, offset: 0n });
  const constant = (offset: bigint) => ({ slope: 0n, offset });
  const magnitude = { fracBits, pieces: [linear(-1n), constant(0n), linear(1n)] };
  const sign = { fracBits: 0, bound: 0, pieces: [constant(-1n), constant(0n), constant(1n)] };
  const outputs = [bound === undefined ? magnitude : { ...magnitude, bound }, sign];
  const [value, direction] = ctx.gates.steps(ctx, d, {
    name: 'l1Loss',
    thresholds: [0n, 1n],
    outputs,
  });
  return [value, direction];
}
