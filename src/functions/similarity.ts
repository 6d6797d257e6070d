/**
 * Cosine similarity along a dim.
 * @module
 */

import { normalizeDim, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, sub } from './arithmetic.ts';
import { sign } from './compare.ts';
import { squeeze, unsqueeze } from './movement.ts';
import { isShare, secret, type Operand, type OpRecord } from './op.ts';
import { constant } from './public.ts';
import { sum } from './reduce.ts';
import { checkTarget } from './reduction.ts';
import { coarser, rsqrtTimes } from './roots.ts';
import { shareBeside } from './scales.ts';
import { sumOfSquares } from './squares.ts';

/** A vector of length 1 along the dim, and what it was multiplied by. */
interface Direction {
  readonly unit: Share;
  readonly factor: Share;
}

interface SimilaritySaved {
  readonly shape: Shape;
  readonly axis: number;
  /** null along a dim of size 1: then the similarity is a sign, and its slope 0. */
  readonly sides: readonly [Direction, Direction] | null;
  readonly similarity: Share;
}

/**
 * Σ x·y / (‖x‖·‖y‖) along a dim; 0 where a vector is 0, the sign of x·y along a dim of size 1 and for 0-d tensors.
 *
 * Shape   x, y: equal; the dim vanishes.
 * Scale   the session's precision.
 * Cost    a square for each side, a root of each row of each side, then 2 rounds, 32 B an element and their truncations.
 * Error   4 ulp and an ulp of x and of y over its length, while Σ x², Σ y² < 2^(62 − 2·precision).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes differ or for a bad dim.
 */
export function cosineSimilarity(ctx: Context, x: Share, y: Operand, dim = 1): Share {
  return cosineSimilarityOp.forward(ctx, [x, y], dim).output;
}

/** The record of `cosineSimilarity`; the gradient of x is (y/‖y‖ − s·x/‖x‖)/‖x‖·dy. */
export const cosineSimilarityOp: OpRecord<Operand, number, SimilaritySaved> = {
  name: 'cosineSimilarity',
  forward: (ctx, [left, right], dim) => {
    const x = secret('cosineSimilarity', left);
    checkTarget('cosineSimilarity', x, right);
    const axis = normalizeDim('cosineSimilarity', dim, x.shape.length);
    if (x.shape.length === 0 || x.shape[axis] === 1) {
      const product = sign(ctx, mul(ctx, x, right));
      const output = x.shape.length === 0 ? product : squeeze(product, axis);
      return { output, saved: { shape: x.shape, axis, sides: null, similarity: output } };
    }
    const y = isShare(right) ? right : shareBeside(ctx, 'cosineSimilarity', x, right);
    const sides = [direction(ctx, x, axis), direction(ctx, y, axis)] as const;
    const output = sum(ctx, mul(ctx, sides[0].unit, sides[1].unit), { dim: axis });
    return { output, saved: { shape: x.shape, axis, sides, similarity: output } };
  },
  backward: (ctx, { shape, axis, sides, similarity }, dy, needs) => {
    if (sides === null) {
      return needs.map((need) => (need ? constant(ctx, 'cosineSimilarity', shape, 0) : null));
    }
    const wide = unsqueeze(dy, axis);
    const cosine = unsqueeze(similarity, axis);
    return sides.map(({ unit, factor }, i) => {
      if (!needs[i]) return null;
      const across = sub(ctx, sides[1 - i].unit, mul(ctx, unit, cosine));
      return mul(ctx, across, mul(ctx, wide, coarser(ctx, factor)));
    });
  },
};

function direction(ctx: Context, x: Share, axis: number): Direction {
  const settled = settle(ctx, x);
  const factor = rsqrtTimes(ctx, sumOfSquares(ctx, settled, [axis], true), 1);
  const unit = mul(ctx, settled, factor);
  return { unit: rescaleA(ctx, unit, unit.fracBits, ctx.session.precision), factor };
}
