/**
 * Messages waiting to leave for one peer, gathered into frames.
 *
 * Everything posted in one tick leaves as one frame, unless it is large: then waiting costs more
 * than another frame header. Routing and waiting for answers are in `mux.ts`.
 * @module
 */

import { byteLengthOf, roundUp8 } from '../core/bytes.ts';
import { afterTick } from '../core/tick.ts';
import {
  encodeFrame,
  FRAME_HEADER_BYTES,
  headerBytes,
  MAX_MESSAGES_PER_FRAME,
  type MessageId,
  type OutMessage,
} from './frame.ts';
import { trafficClass } from './kinds.ts';
import type { Link } from './link.ts';
import type { Meter } from './meter.ts';

/** Posted bytes above which a frame leaves at the next microtask instead of the end of the tick. */
const EAGER_BYTES = 16 * 1024;

/** Gathers messages to one peer. */
export class Outbox {
  readonly #peer: number;
  readonly #link: Link;
  readonly #maxFrameBytes: number;
  readonly #meter: Meter;
  #waiting: OutMessage[] = [];
  #waitingBytes = 0;
  #scheduled: 'no' | 'tick' | 'microtask' = 'no';

  constructor(peer: number, link: Link, maxFrameBytes: number, meter: Meter) {
    this.#peer = peer;
    this.#link = link;
    this.#maxFrameBytes = maxFrameBytes;
    this.#meter = meter;
  }

  /** Whether something waits for the end of the tick. */
  get busy(): boolean {
    return this.#scheduled !== 'no';
  }

  /** Queues a message; ownership of the payload passes. */
  post(id: MessageId, digest: bigint, payload: readonly Uint8Array[]): void {
    const bytes = byteLengthOf(payload);
    const room = (this.#maxFrameBytes - FRAME_HEADER_BYTES - headerBytes(id)) & ~7;
    if (bytes <= room) {
      this.#waiting.push({ id, digest, payload, more: false });
    } else {
      for (let from = 0; from < bytes; from += room) {
        const piece = slice(payload, from, Math.min(from + room, bytes));
        this.#waiting.push({ id, digest, payload: piece, more: from + room < bytes });
      }
    }
    this.#waitingBytes += bytes;
    this.#schedule();
  }

  /** Hands everything posted so far to the link. */
  flush(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#scheduled = 'no';
    if (!this.#link.simulatesLatency) {
      this.#send(messages, false);
      return;
    }
    const isOnline = (message: OutMessage): boolean => trafficClass(message.id.kind) === 'online';
    this.#send(
      messages.filter((message) => !isOnline(message)),
      true,
    );
    this.#send(messages.filter(isOnline), false);
  }

  #schedule(): void {
    if (this.#waitingBytes > EAGER_BYTES && this.#scheduled !== 'microtask') {
      this.#scheduled = 'microtask';
      queueMicrotask(() => this.flush());
    } else if (this.#scheduled === 'no') {
      this.#scheduled = 'tick';
      afterTick(() => this.flush());
    }
  }

  #send(messages: readonly OutMessage[], latencyFree: boolean): void {
    let first = 0;
    while (first < messages.length) {
      let bytes = FRAME_HEADER_BYTES;
      let end = first;
      while (end < messages.length && end - first < MAX_MESSAGES_PER_FRAME) {
        const message = messages[end];
        const payloadBytes = byteLengthOf(message.payload);
        const size = headerBytes(message.id) + roundUp8(payloadBytes);
        if (end > first && bytes + size > this.#maxFrameBytes) break;
        bytes += size;
        end += 1;
        this.#meter.message('sent', this.#peer, message.id.kind, payloadBytes, !message.more);
      }
      this.#meter.frame('sent', this.#peer, bytes);
      this.#link.send(encodeFrame(messages.slice(first, end)), latencyFree);
      first = end;
    }
  }
}

/** Bytes from..to of a payload in parts, without copying. */
function slice(parts: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  let at = 0;
  for (const part of parts) {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, part.length);
    if (start < end) out.push(part.subarray(start, end));
    at += part.length;
  }
  return out;
}
