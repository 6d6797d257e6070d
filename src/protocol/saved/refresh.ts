/**
 * A sharing made anew: the same secret, new shares.
 * @module
 */

import { sizeOf } from '../../core/shape.ts';
import { andBP, xorBB } from '../binary/local.ts';
import { BinaryShare } from '../binary/share.ts';
import type { Context } from '../context.ts';
import { addAA } from '../local/index.ts';
import type { Share } from '../share.ts';

/**
 * x with a fresh share of zero added: old shares say nothing about the new ones.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function refreshed<T extends Share | BinaryShare>(ctx: Context, x: T): T;
export function refreshed(ctx: Context, x: Share | BinaryShare): Share | BinaryShare {
  const { gates, rank } = ctx;
  const zeros = rank === 0 ? new BigUint64Array(sizeOf(x.shape)) : null;
  if (!(x instanceof BinaryShare)) {
    return addAA(ctx, x, gates.input(ctx, 0, x.shape, x.fracBits, zeros));
  }
  // Every party's words stay below 2^bits.
  const low = {
    shape: [],
    words: BigUint64Array.of((1n << BigInt(x.bits)) - 1n),
    fracBits: x.fracBits,
  };
  const zero = gates.binary.input(ctx, 0, x.shape, x.fracBits, zeros);
  return xorBB(ctx, x, andBP(ctx, zero, low));
}
