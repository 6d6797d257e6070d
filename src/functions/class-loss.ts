/**
 * Losses of classes: from log probabilities, and hinges. Gradients in closed form, as in `loss.ts`.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { unsqueeze } from './movement.ts';
import { reluOp } from './activations.ts';
import { isShare, secret, type Operand, type OpRecord } from './op.ts';
import { plainScalar, scale } from './public.ts';
import { sum } from './reduce.ts';
import { checkTarget, factorOf, reduced, scaled, skipped, type LossOptions } from './reduction.ts';
import { shareBeside } from './scales.ts';

/** Options of the hinges. */
export interface HingeOptions extends LossOptions {
  /** 1 unless said. */
  readonly margin?: number | undefined;
}

interface NllSaved {
  readonly x: Share;
  readonly y: Operand;
  readonly axis: number;
  readonly factor: number;
}

/**
 * −Σ x·y over the classes, for log probabilities x and target distributions y, such as one-hot rows.
 *
 * Shape   x, y: equal, [C], [N,C] or [N,C,…]; result: [] or, without reduction, without the classes. A mean is over all but the classes.
 * Scale   the session's precision.
 * Cost    value: a product with a secret y; gradient: nothing.
 * Error   1 ulp a class.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ or for a 0-d input, ERR_MPC_RANGE for the mean of no elements.
 */
export function nllLoss(ctx: Context, x: Share, y: Operand, opts: LossOptions = {}): Share {
  return nllLossOp.forward(ctx, [x, y], opts).output;
}

/** The record of `nllLoss`: gradients −y·scale and −x·scale. */
export const nllLossOp: OpRecord<Operand, LossOptions, NllSaved> = {
  name: 'nllLoss',
  forward: (ctx, [input, y], opts) => {
    const x = secret('nllLoss', input);
    checkTarget('nllLoss', x, y);
    const { shape } = x;
    if (shape.length === 0) {
      throw new MpcError('ERR_MPC_SHAPE', 'nllLoss: a 0-d input has no classes');
    }
    const axis = Math.min(1, shape.length - 1);
    const rows = shape.filter((_, i) => i !== axis);
    const saved = { x, y, axis, factor: factorOf(rows, opts) };
    if (opts.skipForward === true) return { output: skipped(ctx, rows, opts), saved };
    const losses = neg(ctx, sum(ctx, mul(ctx, x, y), { dim: axis }));
    return { output: reduced(ctx, losses, opts), saved };
  },
  backward: (ctx, { x, y, axis, factor }, dy, needs) => {
    const wide = dy.shape.length === 0 ? dy : unsqueeze(dy, axis);
    return [
      needs[0] ? scaled(ctx, neg(ctx, shareBeside(ctx, 'nllLoss', x, y)), wide, factor) : null,
      needs[1] ? scaled(ctx, neg(ctx, x), wide, factor) : null,
    ];
  },
};

interface HingeSaved {
  readonly x: Share;
  readonly y: Operand;
  readonly positive: (ctx: Context) => Share;
  readonly factor: number;
}

/**
 * max(margin − x·y, 0) for targets y of ±1.
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value: a product with a secret y and a ReLU; gradient: a product with a secret y.
 * Error   2 ulp.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for the mean of no elements.
 */
export function hingeLoss(ctx: Context, x: Share, y: Operand, opts: HingeOptions = {}): Share {
  return hingeLossOp.forward(ctx, [x, y], opts).output;
}

/** The record of `hingeLoss`: gradients −y·[margin > x·y]·scale and −x·[…]·scale. */
export const hingeLossOp: OpRecord<Operand, HingeOptions, HingeSaved> = {
  name: 'hingeLoss',
  forward: (ctx, [input, y], { margin = 1, ...opts }) => {
    const x = secret('hingeLoss', input);
    checkTarget('hingeLoss', x, y);
    const factor = factorOf(x.shape, opts);
    const room = (later: Context): Share =>
      add(later, neg(later, mul(later, x, y)), plainScalar(margin));
    if (opts.skipForward === true) {
      const positive = (later: Context): Share => reluOp.forward(later, [room(later)]).saved;
      return { output: skipped(ctx, x.shape, opts), saved: { x, y, positive, factor } };
    }
    const { output, saved } = reluOp.forward(ctx, [room(ctx)]);
    return {
      output: reduced(ctx, output, opts),
      saved: { x, y, positive: () => saved, factor },
    };
  },
  backward: (ctx, { x, y, positive, factor }, dy, needs) => {
    const inside = positive(ctx);
    return [
      needs[0] ? scaled(ctx, neg(ctx, mul(ctx, inside, y)), dy, factor) : null,
      needs[1] ? scaled(ctx, neg(ctx, mul(ctx, inside, x)), dy, factor) : null,
    ];
  },
};

interface EmbeddingSaved {
  readonly yes: Operand;
  readonly positive: (ctx: Context) => Share;
  readonly factor: number;
}

/**
 * x where the target is 1, max(margin − x, 0) where it is −1.
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value: a ReLU and a product with a secret y; gradient: a product with a secret y.
 * Error   2 ulp.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for the mean of no elements.
 */
export function hingeEmbeddingLoss(
  ctx: Context,
  x: Share,
  y: Operand,
  opts: HingeOptions = {},
): Share {
  return hingeEmbeddingLossOp.forward(ctx, [x, y], opts).output;
}

/** The record of `hingeEmbeddingLoss`; the target gets no gradient. */
export const hingeEmbeddingLossOp: OpRecord<Operand, HingeOptions, EmbeddingSaved> = {
  name: 'hingeEmbeddingLoss',
  forward: (ctx, [input, y], { margin = 1, ...opts }) => {
    const x = secret('hingeEmbeddingLoss', input);
    checkTarget('hingeEmbeddingLoss', x, y);
    const yes = half(ctx, y);
    const factor = factorOf(x.shape, opts);
    const room = (later: Context): Share => add(later, neg(later, x), plainScalar(margin));
    if (opts.skipForward === true) {
      const positive = (later: Context): Share => reluOp.forward(later, [room(later)]).saved;
      return { output: skipped(ctx, x.shape, opts), saved: { yes, positive, factor } };
    }
    const { output: rest, saved } = reluOp.forward(ctx, [room(ctx)]);
    const losses = add(ctx, rest, mul(ctx, sub(ctx, x, rest), yes));
    return {
      output: reduced(ctx, losses, opts),
      saved: { yes, positive: () => saved, factor },
    };
  },
  backward: (ctx, { yes, positive, factor }, dy, needs) => {
    if (!needs[0]) return [null, null];
    const inside = positive(ctx);
    const slope = sub(ctx, mul(ctx, add(ctx, inside, plainScalar(1)), yes), inside);
    return [scaled(ctx, slope, dy, factor), null];
  },
};

/** (1 + y)/2. */
function half(ctx: Context, y: Operand): Operand {
  if (!isShare(y)) return { shape: y.shape, data: y.data.map((value) => (1 + value) / 2) };
  return scale(ctx, 'hingeEmbeddingLoss', add(ctx, y, plainScalar(1)), 0.5);
}
