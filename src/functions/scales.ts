/**
 * Tensors brought to one scale before their words are mixed.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { prompt, publicShare, refine } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { encode } from '../ring/encoder.ts';
import { isShare, type Operand } from './op.ts';

/**
 * The shares with equal fractional bits, those that owe more than a product's worth settled first, as before a sum.
 *
 * Scale   the finest of the parts; pending truncations stay pending. Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function toSameScale(ctx: Context, parts: readonly Share[]): readonly Share[] {
  const ready = parts.map((part) => prompt(ctx, part));
  const fracBits = Math.max(...ready.map((part) => part.fracBits));
  return ready.map((part) => refine(ctx, part, fracBits));
}

/**
 * A public operand as a share, at the scale of the secret that it will stand beside.
 *
 * Scale   as for a public addend. Cost    0 rounds, 0 bytes. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE when a value is NaN or does not fit.
 */
export function shareBeside(ctx: Context, op: string, x: Share, p: Operand): Share {
  if (isShare(p)) return p;
  const unscaled = x.nominal === 0 && !p.data.every((value) => Number.isInteger(value));
  const fracBits = unscaled ? ctx.session.precision : x.nominal;
  const words = encode(ctx.arena, p.data, fracBits, op);
  return publicShare(ctx, { shape: p.shape, words, fracBits }, fracBits);
}
