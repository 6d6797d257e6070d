/**
 * Matching of one peer's messages with what the program waits for, in either order of arrival.
 *
 * Holds state only; what a mismatch or an overflow means for the session is decided in `mux.ts`.
 * @module
 */

import { concat } from '../core/bytes.ts';
import type { InMessage, MessageId } from './frame.ts';
import { idKey } from './frame.ts';

/** A program point that waits for a message. */
export interface Expectation {
  readonly id: MessageId;
  readonly digest: bigint;
  readonly byteLength: number;
  readonly describe: () => string;
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  /** When it began to wait; ms of performance.now(). */
  readonly sinceMs: number;
}

/** A message that came before anybody asked for it, perhaps still in pieces. */
export interface Arrival {
  readonly id: MessageId;
  readonly digest: bigint;
  readonly pieces: Uint8Array[];
  bytes: number;
  complete: boolean;
}

/** Program points of recent posts, kept to say where we were when a peer disagrees. */
const RECENT_POINTS = 256;
/** A small payload does not keep a large frame alive. */
const COPY_IF_FRAME_BYTES = 64 * 1024;

/** Expectations and early arrivals of one peer. */
export class Inbox {
  readonly expected: Map<string, Expectation> = new Map();
  readonly #arrived = new Map<string, Arrival>();
  readonly #points = new Map<string, () => string>();
  #bytes = 0;

  /** Payload bytes held for nobody yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages held for nobody yet. */
  get count(): number {
    return this.#arrived.size;
  }

  /** Adds a message or piece. Returns its arrival, or undefined if that id was complete already. */
  add(message: InMessage): Arrival | undefined {
    const key = idKey(message.id);
    let arrival = this.#arrived.get(key);
    if (arrival === undefined) {
      const { id, digest } = message;
      this.#arrived.set(key, (arrival = { id, digest, pieces: [], bytes: 0, complete: false }));
    } else if (arrival.complete || arrival.digest !== message.digest) {
      return undefined;
    }
    const { payload } = message;
    const frameBytes = payload.buffer.byteLength;
    const wasteful =
      frameBytes > COPY_IF_FRAME_BYTES &&
      payload.length * 8 < frameBytes &&
      !this.expected.has(key);
    arrival.pieces.push(wasteful ? payload.slice() : payload);
    arrival.bytes += payload.length;
    arrival.complete = !message.more;
    this.#bytes += payload.length;
    return arrival;
  }

  /** What has arrived for an id, if anything. */
  arrival(id: MessageId): Arrival | undefined {
    return this.#arrived.get(idKey(id));
  }

  /** Removes an arrival and gives its payload. */
  take(arrival: Arrival): Uint8Array {
    this.#arrived.delete(idKey(arrival.id));
    this.#bytes -= arrival.bytes;
    return arrival.pieces.length === 1 ? arrival.pieces[0] : concat(arrival.pieces);
  }

  /** Complete arrivals of a kind, oldest first. */
  ofKind(kind: number): Arrival[] {
    return [...this.#arrived.values()].filter(({ id, complete }) => id.kind === kind && complete);
  }

  /** The expectation that has waited longest. */
  oldest(): Expectation | undefined {
    for (const expectation of this.expected.values()) return expectation;
    return undefined;
  }

  /** Remembers the program point of something we posted. */
  notePoint(id: MessageId, describe: () => string): void {
    this.#points.set(idKey(id), describe);
    if (this.#points.size <= RECENT_POINTS) return;
    for (const oldest of this.#points.keys()) {
      this.#points.delete(oldest);
      break;
    }
  }

  /** Where we are, or lately were, at that id. */
  point(id: MessageId): string | undefined {
    const key = idKey(id);
    return (this.expected.get(key)?.describe ?? this.#points.get(key))?.();
  }

  /** Forgets everything; pending expectations reject. */
  clear(error: Error): void {
    const pending = [...this.expected.values()];
    this.expected.clear();
    this.#arrived.clear();
    this.#points.clear();
    this.#bytes = 0;
    for (const expectation of pending) expectation.reject(error);
  }
}
