/**
 * What separates the phases of a measurement: a gate that inputs wait behind, and a barrier of the parties.
 * @module
 */

import { MESSAGE_KINDS } from '../../src/net/kinds.ts';
import type { Seat } from '../../src/seats.ts';

/** A promise that is kept when `open` is called. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

let barriers = 2;

/** Returns when every party has called it. */
export async function barrier(seat: Seat): Promise<void> {
  await exchanged(seat, 0);
}

/**
 * Returns at every party at the same instant of the machine's clock: a barrier alone lets one party go while the other's process is
 * still being woken, and the first would be charged for that.
 */
export async function together(seat: Seat): Promise<void> {
  await barrier(seat);
  const startMs = Math.max(...(await exchanged(seat, nowMs() + LEAD_MS)));
  while (nowMs() < startMs);
}

const LEAD_MS = 3;
const nowMs = (): number => performance.timeOrigin + performance.now();

/** What every party says. */
async function exchanged({ mux, context }: Seat, own: number): Promise<number[]> {
  const id = { space: [], seq: barriers++, kind: MESSAGE_KINDS.control };
  const peers = context.peers();
  for (const peer of peers) mux.post(peer, id, 0n, [new Uint8Array(Float64Array.of(own).buffer)]);
  const replies = await Promise.all(
    peers.map((peer) => mux.expect(peer, id, 0n, 8, () => 'barrier')),
  );
  return [own, ...replies.map((bytes) => new Float64Array(bytes.slice().buffer)[0])];
}
