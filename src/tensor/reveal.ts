/**
 * Opening a tensor: the door out, in program order.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { then, type Later } from '../core/later.ts';
import { sizeOf } from '../core/shape.ts';
import { BinaryShare } from '../protocol/binary/share.ts';
import type { Context } from '../protocol/context.ts';
import type { PublicWords } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { decode } from '../ring/encoder.ts';
import { Tensor } from './plain.ts';

/** Who gets to see. */
export interface OpenOptions {
  /** A rank, or several; all parties unless said. */
  readonly dst?: number | readonly number[] | undefined;
}

type Words = PublicWords['words'];

/** Opened ring words with their shape and scale. */
export type RawTensor = PublicWords;

/**
 * Opens a share as values; null where the party is not in `dst`.
 *
 * What truncation is owed is made first: the low bits of an exact product would leak (H4).
 *
 * @throws {MpcError} ERR_MPC_RANK for a `dst` that is no party.
 */
export function openTo(
  ctx: Context,
  op: string,
  share: Share | BinaryShare,
  options: OpenOptions,
): Promise<Tensor | null> {
  return open(ctx, op, share, options, (words, { shape, fracBits }) => {
    return new Tensor(shape, decode(ctx.arena, words, fracBits));
  });
}

/** Opens a share as raw ring words; as `openTo`. */
export function openWords(
  ctx: Context,
  op: string,
  share: Share | BinaryShare,
  options: OpenOptions,
): Promise<RawTensor | null> {
  return open(ctx, op, share, options, (words, { shape, fracBits }) => ({
    shape,
    words: words.slice(),
    fracBits,
  }));
}

/**
 * A rank of the session.
 *
 * @throws {MpcError} ERR_MPC_RANK for anything else.
 */
export function checkRank(ctx: Context, op: string, name: string, rank: number): number {
  if (Number.isInteger(rank) && rank >= 0 && rank < ctx.world) return rank;
  throw new MpcError(
    'ERR_MPC_RANK',
    `${op}: ${name} ${rank} is no party; use 0 to ${ctx.world - 1}`,
  );
}

function open<T>(
  ctx: Context,
  op: string,
  share: Share | BinaryShare,
  { dst }: OpenOptions,
  body: (words: Words, settled: Share | BinaryShare) => T,
): Promise<T | null> {
  const all = Array.from({ length: ctx.world }, (_, rank) => rank);
  const list = dst === undefined ? all : typeof dst === 'number' ? [dst] : dst;
  const to = [...new Set(list.map((rank) => checkRank(ctx, op, 'dst', rank)))].sort(
    (a, b) => a - b,
  );
  const settled = share instanceof BinaryShare ? share : settle(ctx, share);
  const talks = ctx.world > 1 && sizeOf(share.shape) > 0;
  const depth = Math.max(settled.depth, ctx.floor) + (talks ? 1 : 0);
  const opened: Later<Words | null> =
    settled instanceof BinaryShare
      ? ctx.gates.binary.reveal(ctx, settled, to)
      : ctx.gates.reveal(ctx, settled, to);
  const value = then(opened, (words): Later<T | null> =>
    words === null || !to.includes(ctx.rank) ? null : body(words, settled),
  );
  return ctx.deliver(value, depth);
}
