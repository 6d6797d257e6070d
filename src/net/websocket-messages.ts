/**
 * A byte stream as WebSocket messages: how it is cut, and how addresses are written.
 *
 * Boundaries of messages mean nothing. Both ends cut below the same bound, so that a receiver can
 * refuse larger ones before it holds them.
 * @module
 */

import { byteLengthOf, concat } from '../core/bytes.ts';

/** Largest message either way: room for a whole record of the secure channel. */
export const MAX_MESSAGE_BYTES: number = 512 * 1024;

const ADDRESS =
  /^wss?:\/\/(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,64}\])(?::([0-9]{1,5}))?(?:\/[A-Za-z0-9._~/-]{0,200})?$/;

/** Whether an address is one for WebSockets; anything else is `host:port` of TCP. */
export function isWebSocketAddress(address: string): boolean {
  return /^wss?:/.test(address);
}

/**
 * Whether an address is well formed: `ws://host:port/path`, or `wss://` where something in front of
 * the party ends TLS. No user, query or fragment.
 */
export function isWebSocketUrl(address: string): boolean {
  const match = ADDRESS.exec(address);
  return match !== null && (match[1] === undefined || Number(match[1]) <= 65535);
}

/** The parts as messages: small ones joined, large ones cut, a single one as it is. */
export function messagesOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] {
  if (byteLengthOf(parts) <= MAX_MESSAGE_BYTES) return join(parts);
  const messages: Uint8Array<ArrayBuffer>[] = [];
  let group: Uint8Array[] = [];
  let room = MAX_MESSAGE_BYTES;
  for (let part of parts) {
    while (part.length > 0) {
      const taken = part.subarray(0, room);
      group.push(taken);
      room -= taken.length;
      part = part.subarray(taken.length);
      if (room > 0) continue;
      messages.push(...join(group));
      group = [];
      room = MAX_MESSAGE_BYTES;
    }
  }
  messages.push(...join(group));
  return messages;
}

/** At most one message. */
function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length === 0) return [];
  const [first] = filled;
  return [filled.length === 1 && isPlain(first) ? first : concat(filled)];
}

/** Browsers refuse to send from shared memory. */
function isPlain(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}
