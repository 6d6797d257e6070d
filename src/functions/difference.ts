/**
 * Differences to be compared: x − y with the bound that follows from both, and what of it is positive.
 * @module
 */

import { broadcastShapes } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { sub } from './arithmetic.ts';
import { isShare, type Operand } from './op.ts';

/**
 * x − y; |x − y| ≤ 2^(b + 1) is stated where both are bounded by 2^b.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the finer of the two; pending truncations stay pending.
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit.
 */
export function difference(ctx: Context, op: string, x: Operand, y: Operand): Share {
  broadcastShapes(op, x.shape, y.shape);
  const [a, b] = [magnitudeOf(x), magnitudeOf(y)];
  const bound = a === undefined || b === undefined ? undefined : Math.max(a, b) + 1;
  return boundedA(sub(ctx, x, y), bound);
}

/** max(d, 0) and [d > 0]. */
export interface Excess {
  readonly value: Share;
  readonly positive: Share;
}

/**
 * max(d, 0) and [d > 0].
 *
 * Shape   d: any; results: same.
 * Scale   d's nominal scale; the bit's is 0.
 * Cost    one gate with one threshold: 3 rounds, 8 B + 18 bits an element; dealer 256 B. Fewer under a bound. A pending d is
 *         settled first.
 * Error   exact for |d| < 2^(63 − fractional bits).
 * Leaks   nothing.
 */
export function excess(ctx: Context, d: Share): Excess {
  const settled = settle(ctx, d);
  const { fracBits, bound } = settled;
  const none = { slope: 0n, offset: 0n };
  const value = { fracBits, pieces: [none, { slope: 1n, offset: 0n }] };
  const positive = { fracBits: 0, bound: 0, pieces: [none, { slope: 0n, offset: 1n }] };
  const outputs = [bound === undefined ? value : { ...value, bound }, positive];
  const [over, bit] = ctx.gates.steps(ctx, settled, { name: 'excess', thresholds: [1n], outputs });
  return { value: over, positive: bit };
}

/** b with |x| ≤ 2^b in units of 1, where that is known. */
export function magnitudeOf(x: Operand): number | undefined {
  if (!isShare(x)) {
    return boundOf(x.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  }
  const { constant, bound } = x.storage;
  return constant === undefined ? bound : boundOf(Math.abs(constant));
}
