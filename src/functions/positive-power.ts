/**
 * Powers of positive numbers with any exponent: e^(p·log x), or a whole power where the exponent is one.
 * @module
 */

import { broadcastShapes } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul, sub } from './arithmetic.ts';
import { exp } from './exponential.ts';
import { logWithin } from './logarithm.ts';
import { isShare, secret, type Gradients, type Operand, type OpRecord } from './op.ts';
import { powOp } from './powers.ts';
import { POSITIVE } from './range.ts';
import { sumTo } from './reduce.ts';

/** Fractional bits of the logarithm beyond the session's: the exponential multiplies its error by the result. */
const LOG_BITS = 8;

/** What a power was made of, and how its gradients follow. */
type Backward = (ctx: Context, dy: Share, needs: readonly boolean[]) => Gradients;

interface Made {
  readonly output: Share;
  readonly saved: Backward;
}

/**
 * x^p for x > 0; x ≤ 0 counts as the smallest number of its scale unless p is a public whole number.
 *
 * Shape   PyTorch's broadcasting of x and p.
 * Scale   the session's precision; a public whole p: as `pow`.
 * Cost    a logarithm, a product and an exponential: 15 rounds; a public whole p: as `pow`.
 * Error   2 ulp and 1e-4 of the result, up to 2^26.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public p that does not fit.
 */
export function posPow(ctx: Context, x: Share, p: Operand): Share {
  return power(ctx, x, p).output;
}

/** The record of `posPow`: gradients p·x^(p−1)·dy and x^p·log(x)·dy. */
export const posPowOp: OpRecord<Operand, void, Backward> = {
  name: 'posPow',
  forward: (ctx, [x, p]) => power(ctx, secret('posPow', x), p),
  backward: (ctx, saved, dy, needs) => saved(ctx, dy, needs),
};

function power(ctx: Context, x: Share, p: Operand): Made {
  broadcastShapes('posPow', x.shape, p.shape);
  if (!isShare(p) && p.shape.length === 0 && Number.isSafeInteger(p.data[0])) {
    const { output, saved } = powOp.forward(ctx, [x], p.data[0]);
    const pull: Backward = (later, dy, needs) => [
      ...(powOp.backward?.(later, saved, dy, needs) ?? []),
      null,
    ];
    return { output, saved: pull };
  }
  const logs = logWithin(ctx, settle(ctx, x), POSITIVE, ctx.session.precision + LOG_BITS);
  const exponent = mul(ctx, logs, p);
  const output = exp(ctx, exponent);
  const saved: Backward = (later, dy, needs) => [
    needs[0]
      ? sumTo(later, mul(later, mul(later, dy, p), exp(later, sub(later, exponent, logs))), x.shape)
      : null,
    needs[1] ? sumTo(later, mul(later, mul(later, dy, output), logs), p.shape) : null,
  ];
  return { output, saved };
}
