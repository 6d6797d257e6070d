/**
 * Matching of one peer's messages with what the program waits for, in either order of arrival.
 *
 * Holds state only; what a mismatch, an overflow or a message that comes twice means for the session is
 * decided in `conversation.ts`.
 * @module
 */

import { byteLengthOf } from '../core/bytes.ts';
import { idKey, type InMessage, type MessageId } from './frame.ts';
import { RecentPoints } from './recent-points.ts';
import { UsedIds } from './used-ids.ts';

/** A program point that waits for a message. */
export interface Expectation {
  readonly id: MessageId;
  readonly digest: bigint;
  readonly byteLength: number;
  readonly describe: () => string;
  /** Takes pieces as they come; without, `resolve` gets them all. */
  readonly each: ((pieces: readonly Uint8Array[]) => void) | undefined;
  readonly resolve: (payload: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
  /** When it began to wait; ms of performance.now(). */
  readonly sinceMs: number;
}

/** A message that has come, perhaps still in pieces. */
export interface Arrival {
  readonly id: MessageId;
  readonly key: string;
  readonly digest: bigint;
  /** What nobody has taken yet. */
  readonly pieces: Uint8Array[];
  /** That have come. */
  bytes: number;
  complete: boolean;
}

/** Expectations and early arrivals of one peer. */
export class Inbox {
  readonly expected: Map<string, Expectation> = new Map();
  /** Program points of our latest posts. */
  readonly points: RecentPoints = new RecentPoints();
  readonly #arrived = new Map<string, Arrival>();
  readonly #used = new UsedIds();
  #bytes = 0;

  /** Payload bytes held for nobody yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages held for nobody yet. */
  get count(): number {
    return this.#arrived.size;
  }

  /**
   * What has come under a message's id, with it; undefined if that id was complete or used already.
   * It must be held or taken.
   */
  add(message: InMessage): Arrival | undefined {
    const { id, digest, payload, more } = message;
    const key = idKey(id);
    const held = this.#arrived.get(key);
    const twice = held === undefined ? this.#used.has(id) : held.complete || held.digest !== digest;
    if (twice) return undefined;
    const arrival = held ?? { id, key, digest, pieces: [], bytes: 0, complete: false };
    const bytes = byteLengthOf(payload);
    arrival.pieces.push(...payload);
    arrival.bytes += bytes;
    arrival.complete = !more;
    if (held !== undefined) this.#bytes += bytes;
    return arrival;
  }

  /** Keeps an arrival until it is taken. */
  hold(arrival: Arrival): void {
    if (this.#arrived.has(arrival.key)) return;
    this.#arrived.set(arrival.key, arrival);
    this.#bytes += byteLengthOf(arrival.pieces);
    arrival.pieces.splice(0, Infinity, ...arrival.pieces.map(thrifty));
  }

  /** What is held under a key. */
  arrival(key: string): Arrival | undefined {
    return this.#arrived.get(key);
  }

  /** Gives what has come of an arrival. */
  drain(arrival: Arrival): readonly Uint8Array[] {
    const pieces = arrival.pieces.splice(0);
    if (this.#arrived.has(arrival.key)) this.#bytes -= byteLengthOf(pieces);
    return pieces;
  }

  /** Uses an arrival up and gives what is left of its payload, in parts. */
  take(arrival: Arrival): readonly Uint8Array[] {
    const pieces = this.drain(arrival);
    this.#arrived.delete(arrival.key);
    this.#used.add(arrival.id);
    return pieces;
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

  /** Where we are, or lately were, at that id. */
  point(id: MessageId): string | undefined {
    return (this.expected.get(idKey(id))?.describe ?? this.points.at(id))?.();
  }

  /** Forgets everything; pending expectations reject. */
  clear(error: Error): void {
    const pending = [...this.expected.values()];
    this.expected.clear();
    this.#arrived.clear();
    this.points.clear();
    this.#bytes = 0;
    for (const expectation of pending) expectation.reject(error);
  }
}

/** A small payload does not keep a large buffer alive. */
const LARGE_BYTES = 4 * 1024;

function thrifty(piece: Uint8Array): Uint8Array {
  const { byteLength } = piece.buffer;
  return byteLength > LARGE_BYTES && piece.length * 8 < byteLength ? piece.slice() : piece;
}
