/**
 * Work that every party does by itself and at its own speed: tracing a program, checking and syncing files.
 *
 * Each party says every second that it is still at it, so that a slow one is not taken for a dead one, and in the end what it
 * came to. Nobody goes on before all have come so far.
 * @module
 */

import { concat } from '../../core/bytes.ts';
import { quiet } from '../../core/later.ts';
import { MESSAGE_KINDS, type MessageKind } from '../../net/kinds.ts';
import type { MessageId, Mux } from '../../net/mux.ts';

/** One party among the others. */
export interface Among {
  readonly mux: Mux;
  readonly rank: number;
  readonly world: number;
}

/** What messages about stored material are for; each has a tag space of its own. */
export const CHANNELS = { lots: 0, traced: 1, stored: 2, views: 3, claimed: 4 } as const;

/** One of the purposes. */
export type Channel = (typeof CHANNELS)[keyof typeof CHANNELS];

/** Bytes that a party says in the end. */
export const VIEW_BYTES = 32;
const STILL_MS = 1000;

/** Name of a message about stored material: its space has the dealer's rank, which no fork of a program has. */
export function lotMessage(
  world: number,
  channel: Channel,
  seq: number,
  kind: MessageKind = MESSAGE_KINDS.control,
): MessageId {
  return { space: [{ rank: world, counter: channel }], seq, kind };
}

/** What it came to, here and at every party. */
export interface Outcome<T> {
  readonly result: T;
  /** By rank. */
  readonly views: readonly Uint8Array[];
}

const NOTHING = new Uint8Array(VIEW_BYTES);

/**
 * Does our part of the work; returns when all have done theirs. Each says `viewOf` its result, of `VIEW_BYTES` bytes.
 *
 * @throws whatever `work` throws; whatever ends the session.
 */
export async function together<T>(
  { mux, rank, world }: Among,
  channel: Channel,
  work: () => Promise<T>,
  viewOf: (result: T) => Uint8Array = () => NOTHING,
): Promise<Outcome<T>> {
  const ranks = Array.from({ length: world }, (_, peer) => peer);
  let seq = 0;
  const say = (done: boolean, view: Uint8Array): void => {
    const id = lotMessage(world, channel, seq++);
    const payload = concat([Uint8Array.of(done ? 1 : 0), view]);
    for (const peer of ranks) if (peer !== rank) mux.post(peer, id, 0n, [payload.slice()]);
  };
  const hear = async (peer: number): Promise<Uint8Array> => {
    for (let at = 0; ; at++) {
      const id = lotMessage(world, channel, at);
      const what = (): string => 'word that it is at work';
      const said = await mux.expect(peer, id, 0n, 1 + VIEW_BYTES, what);
      if (said[0] === 1) return said.slice(1);
    }
  };
  const others = ranks.map((peer) => (peer === rank ? undefined : quiet(hear(peer))));
  const still = setInterval(() => say(false, NOTHING), STILL_MS);
  let result: T;
  try {
    result = await work();
  } finally {
    clearInterval(still);
  }
  const ours = viewOf(result);
  say(true, ours);
  return { result, views: await Promise.all(others.map((view) => view ?? ours)) };
}
