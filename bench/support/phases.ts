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
export async function barrier({ mux, context }: Seat): Promise<void> {
  const id = { space: [], seq: barriers++, kind: MESSAGE_KINDS.control };
  for (const peer of context.peers()) mux.post(peer, id, 0n, [new Uint8Array(8)]);
  await Promise.all(context.peers().map((peer) => mux.expect(peer, id, 0n, 8, () => 'barrier')));
}
