/**
 * Cross-entropies of distributions: of classes from logits, of probabilities, and RAPPOR's. Gradients in closed form, as in `loss.ts`.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, neg, square, sub } from './arithmetic.ts';
import { logWithDivisor, type LogWithDivisor } from './logarithm.ts';
import { index, stack, unsqueeze } from './movement.ts';
import { secret, type Operand, type OpRecord } from './op.ts';
import { plainScalar, scale } from './public.ts';
import { quotient } from './quotient.ts';
import { sum } from './reduce.ts';
import { checkTarget, factorOf, reduced, scaled, skipped, type LossOptions } from './reduction.ts';
import { shareBeside } from './scales.ts';
import { sigmoid } from './smooth.ts';
import { exponentials, logSoftmaxOf, softmaxOf, type Exponentials } from './softmax.ts';

/**
 * Cross-entropy of softmax(x) against target distributions over the classes, which are dim 1 (dim 0 of a vector): −Σ y·log softmax(x).
 *
 * Shape   x, y: equal, [C], [N,C] or [N,C,…]; result: [] or, without reduction, without the classes. A mean is over all but the classes.
 * Scale   the session's precision.
 * Cost    value: `logSoftmax` and a product with a secret y; gradient: a reciprocal for each row, 1 round and 8 B an element.
 * Error   1e-4 an element of the result, while targets add up to 1 in a row.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ or for a 0-d input, ERR_MPC_RANGE for the mean of no elements.
 */
export function crossEntropy(ctx: Context, x: Share, y: Operand, opts: LossOptions = {}): Share {
  return crossEntropyOp.forward(ctx, [x, y], opts).output;
}

interface CrossEntropySaved {
  readonly from: (ctx: Context) => Exponentials;
  readonly y: Operand;
  readonly factor: number;
}

/** The record of `crossEntropy`: gradients (softmax(x) − y)·scale and −log softmax(x)·scale. */
export const crossEntropyOp: OpRecord<Operand, LossOptions, CrossEntropySaved> = {
  name: 'crossEntropy',
  forward: (ctx, [input, y], opts) => {
    const x = secret('crossEntropy', input);
    checkTarget('crossEntropy', x, y);
    const { shape } = x;
    if (shape.length === 0) {
      throw new MpcError('ERR_MPC_SHAPE', 'crossEntropy: a 0-d input has no classes');
    }
    const axis = Math.min(1, shape.length - 1);
    const rows = shape.filter((_, i) => i !== axis);
    const factor = factorOf(rows, opts);
    if (opts.skipForward === true) {
      const from = (later: Context): Exponentials => exponentials(later, 'crossEntropy', x, axis);
      return { output: skipped(ctx, rows, opts), saved: { from, y, factor } };
    }
    const made = exponentials(ctx, 'crossEntropy', x, axis);
    const losses = neg(ctx, sum(ctx, mul(ctx, logSoftmaxOf(ctx, made), y), { dim: axis }));
    return { output: reduced(ctx, losses, opts), saved: { from: () => made, y, factor } };
  },
  backward: (ctx, { from, y, factor }, dy, needs) => {
    const made = from(ctx);
    const wide = dy.shape.length === 0 ? dy : unsqueeze(dy, made.axis);
    return [
      needs[0] ? scaled(ctx, sub(ctx, softmaxOf(ctx, made), y), wide, factor) : null,
      needs[1] ? scaled(ctx, neg(ctx, logSoftmaxOf(ctx, made)), wide, factor) : null,
    ];
  },
};

/**
 * Binary cross-entropy of probabilities p against y: −y·log p − (1 − y)·log(1 − p).
 *
 * Shape   p, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    value: two logarithms of narrow range an element and a product with a secret y; gradient: two quotients.
 * Error   3 ulp an element; probabilities of 0 and 1 count as the smallest number and its complement.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for the mean of no elements.
 */
export function binaryCrossEntropy(
  ctx: Context,
  p: Share,
  y: Operand,
  opts: LossOptions = {},
): Share {
  return binaryCrossEntropyOp.forward(ctx, [p, y], opts).output;
}

interface BinarySaved {
  readonly p: Share;
  /** Logarithms and divisors of p and 1 − p, stacked. */
  readonly both: (ctx: Context) => LogWithDivisor;
  readonly y: Operand;
  readonly factor: number;
}

/** The record of `binaryCrossEntropy`: gradients ((1 − y)/(1 − p) − y/p)·scale and (log(1 − p) − log p)·scale. */
export const binaryCrossEntropyOp: OpRecord<Operand, LossOptions, BinarySaved> = {
  name: 'binaryCrossEntropy',
  forward: (ctx, [input, y], opts) => {
    const p = settle(ctx, secret('binaryCrossEntropy', input));
    checkTarget('binaryCrossEntropy', p, y);
    const factor = factorOf(p.shape, opts);
    if (opts.skipForward === true) {
      const both = (later: Context): LogWithDivisor => ofBoth(later, p);
      return { output: skipped(ctx, p.shape, opts), saved: { p, both, y, factor } };
    }
    const made = ofBoth(ctx, p);
    const losses = entropyOf(ctx, made, y);
    return { output: reduced(ctx, losses, opts), saved: { p, both: () => made, y, factor } };
  },
  backward: (ctx, { p, both, y, factor }, dy, needs) => {
    const made = both(ctx);
    const [yes, no] = unstacked(made.log);
    return [
      needs[0] ? scaled(ctx, slopeOf(ctx, p, made, y), dy, factor) : null,
      needs[1] ? scaled(ctx, sub(ctx, no, yes), dy, factor) : null,
    ];
  },
};

/** Options of `rapporLoss`. */
export interface RapporOptions extends LossOptions {
  /** Probability that a label is reported as it is, from 0 to 1; 0 stands for 1: labels without noise. */
  readonly alpha: number;
}

/**
 * RAPPOR's loss: binary cross-entropy of r = α·p + (1 − α)·(1 − p) against randomised labels y, for p = sigmoid(x).
 *
 * Shape   x, y: equal; result: [] or, without reduction, the same.
 * Scale   the session's precision.
 * Cost    a sigmoid and `binaryCrossEntropy`; the gradient two products more.
 * Error   1e-4 an element for α from 1/16 to 15/16.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ, ERR_MPC_RANGE for α outside 0 to 1 and for the mean of no elements.
 */
export function rapporLoss(ctx: Context, x: Share, y: Operand, opts: RapporOptions): Share {
  return rapporLossOp.forward(ctx, [x, y], opts).output;
}

interface RapporSaved {
  readonly p: Share;
  readonly slope: number;
  readonly inner: BinarySaved;
}

/** The record of `rapporLoss`: the gradient of `binaryCrossEntropy` at r, times (2α − 1)·p·(1 − p). */
export const rapporLossOp: OpRecord<Operand, RapporOptions, RapporSaved> = {
  name: 'rapporLoss',
  forward: (ctx, [x, y], opts) => {
    const { alpha } = opts;
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new MpcError('ERR_MPC_RANGE', 'rapporLoss: alpha must be from 0 to 1');
    }
    const slope = alpha === 0 ? 1 : 2 * alpha - 1;
    const p = sigmoid(ctx, secret('rapporLoss', x));
    const r = add(ctx, scale(ctx, 'rapporLoss', p, slope), plainScalar((1 - slope) / 2));
    const { output, saved } = binaryCrossEntropyOp.forward(ctx, [r, y], opts);
    return { output, saved: { p, slope, inner: saved } };
  },
  backward: (ctx, { p, slope, inner }, dy, needs) => {
    const made = inner.both(ctx);
    const [yes, no] = unstacked(made.log);
    const ofLogits = (): Share => {
      const steep = sub(ctx, p, square(ctx, p));
      const whole = mul(ctx, slopeOf(ctx, inner.p, made, inner.y), steep);
      return scaled(ctx, whole, dy, slope * inner.factor);
    };
    return [
      needs[0] ? ofLogits() : null,
      needs[1] ? scaled(ctx, sub(ctx, no, yes), dy, inner.factor) : null,
    ];
  },
};

/** Logarithms and divisors of p and 1 − p in one go. */
function ofBoth(ctx: Context, p: Share): LogWithDivisor {
  const rest = add(ctx, neg(ctx, p), plainScalar(1));
  // 2^bits is 1 as a raw word; a 0/1 tensor leaves room for more, too.
  const bits = Math.max(2, p.fracBits);
  return logWithDivisor(ctx, stack(ctx, [p, rest], 0), { low: 0, high: bits, signed: false });
}

/** −y·log p − (1 − y)·log(1 − p). */
function entropyOf(ctx: Context, { log }: LogWithDivisor, y: Operand): Share {
  const [yes, no] = unstacked(log);
  return neg(ctx, add(ctx, no, mul(ctx, sub(ctx, yes, no), y)));
}

/** (1 − y)/(1 − p) − y/p. */
function slopeOf(ctx: Context, p: Share, { divisor }: LogWithDivisor, y: Operand): Share {
  const target = shareBeside(ctx, 'binaryCrossEntropy', p, y);
  const settled = settle(ctx, target);
  const rest = add(ctx, neg(ctx, settled), plainScalar(1));
  const [yes, no] = unstacked(quotient(ctx, stack(ctx, [settled, rest], 0), divisor(ctx)));
  return sub(ctx, no, yes);
}

function unstacked(both: Share): readonly [Share, Share] {
  return [index(both, [0]), index(both, [1])];
}
