/**
 * Public bytes between the parties: what all of them say, and what one of them tells the others.
 *
 * Nothing here is secret: shapes of a file, hashes, that something worked. The receiver knows the length before it waits.
 * @module
 */

import { u32le } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import type { Context, Step } from '../context.ts';

/** Longest announcement of one party. */
const MOST_BYTES = 1 << 24;

/** What a party says that has nothing to tell. */
const NOTHING = 0xffff_ffff;

/**
 * Everybody's bytes, by rank.
 *
 * Cost    1 round, the bytes to each peer.
 */
export function exchange(
  ctx: Context,
  text: string,
  own: Uint8Array,
): Promise<readonly Uint8Array[]> {
  const step = sending(ctx, `exchange ${text}`, own.length * ctx.peers().length);
  for (const peer of ctx.peers()) ctx.post(step, peer, [own.slice()]);
  const ranks = Array.from({ length: ctx.world }, (_, rank) => rank);
  const all = ranks.map((rank) => (rank === ctx.rank ? own : ctx.expect(step, rank, own.length)));
  return ctx.deliver(Promise.all(all), step.depth + 1);
}

/**
 * The bytes of party `src` at every party; null if it has none. `own` is read at `src` alone.
 *
 * Cost    2 rounds, 4 bytes and the bytes from `src` to each peer.
 *
 * @throws {MpcError} ERR_MPC_RANGE for more than 16 MiB.
 */
export async function broadcast(
  ctx: Context,
  text: string,
  src: number,
  own: Uint8Array | null,
): Promise<Uint8Array | null> {
  if (own !== null && own.length > MOST_BYTES) throw tooLong(text, own.length);
  const mine = ctx.rank === src;
  const peers = mine ? ctx.peers() : [];
  const first = sending(ctx, `broadcast ${src} ${text}`, 4 * peers.length);
  for (const peer of peers) ctx.post(first, peer, [u32le(own?.length ?? NOTHING)]);
  const said = mine ? u32le(own?.length ?? NOTHING) : ctx.expect(first, src, 4);
  const head = await ctx.deliver(said, first.depth + 1);
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
  if (length === NOTHING) return null;
  if (length > MOST_BYTES) throw tooLong(text, length);
  const second = sending(ctx, `broadcast ${length}`, length * peers.length);
  for (const peer of peers) ctx.post(second, peer, [(own ?? new Uint8Array()).slice()]);
  const bytes = mine || length === 0 ? (own ?? new Uint8Array()) : ctx.expect(second, src, length);
  return ctx.deliver(bytes, second.depth + 1);
}

function sending(ctx: Context, text: string, bytes: number): Step {
  const step = ctx.step(text, []);
  ctx.session.rounds.reach(step.depth + 1);
  ctx.session.ledger.sent(step.account, bytes);
  return step;
}

function tooLong(text: string, bytes: number): MpcError {
  return new MpcError('ERR_MPC_RANGE', `${text}: ${bytes} bytes are too many to announce`);
}
