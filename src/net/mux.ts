/**
 * Named messages between the parties of a session, over one link per peer.
 *
 * A message is found by (peer, kind, tag space, position), never by its order of arrival. Its digest
 * must be the one expected: parties at different program points are told so, both of them, instead
 * of decoding each other's words. The first failure poisons the session for good (C5): nothing is
 * retried, everything pending rejects, peers learn the code and a public text (M8).
 *
 * What is common to all peers is here; each one's messages are in `conversation.ts`.
 * @module
 */

import { joined } from '../core/bytes.ts';
import { assert, MpcError, ProtocolAbort } from '../core/errors.ts';
import { quiet } from '../core/later.ts';
import { decodeAbort, encodeAbort } from './abort.ts';
import { Conversation, type MessageHandler } from './conversation.ts';
import { Disagreement } from './disagreement.ts';
import {
  DEFAULT_MAX_FRAME_BYTES,
  MAX_FORK_DEPTH,
  type InMessage,
  type MessageId,
} from './frame.ts';
import { MESSAGE_KINDS } from './kinds.ts';
import { linger } from './linger.ts';
import type { Link } from './link.ts';
import type { Meter } from './meter.ts';
import { peerLabel } from './peer-label.ts';

export type { MessageHandler } from './conversation.ts';
export type { ForkId, MessageId } from './frame.ts';

const ABORT_ID: MessageId = { space: [], seq: 0, kind: MESSAGE_KINDS.abort };

/** What a mux is made of. */
export interface MuxOptions {
  readonly rank: number;
  /** Name of each peer for messages, by rank (a dealer has rank = world and the name 'dealer'). */
  readonly names: readonly string[];
  /** A started mux is the single user of its links. */
  readonly links: ReadonlyMap<number, Link>;
  /** How long an expectation may wait while nothing expected comes from its peer; ms. */
  readonly timeoutMs: number;
  /** Largest frame, bytes; equal at all parties. Larger messages travel in pieces. */
  readonly maxFrameBytes?: number;
  /** Most payload bytes per peer that may wait for an expectation. Default 1 GiB. */
  readonly maxInboxBytes?: number;
  /** Most messages per peer that may wait for an expectation. Default 2^20. */
  readonly maxInboxMessages?: number;
  readonly meter: Meter;
  /** Test hook: permutes the messages of a frame before they are delivered. */
  readonly shuffle?: (count: number) => readonly number[];
}

/** One party's end of all its conversations. */
export class Mux {
  /**
   * Resolves when every link has ended: with the failure of the session, or the first lost
   * connection, or undefined if everybody left on purpose. Never rejects.
   */
  readonly ended: Promise<MpcError | undefined>;
  readonly #peers = new Map<number, Conversation>();
  readonly #handlers = new Map<number, MessageHandler>();
  readonly #failureHandlers: ((error: MpcError) => void)[] = [];
  #failure: MpcError | undefined;
  #disagreement: Disagreement | undefined;
  #closing: Promise<void> | undefined;
  #resolveEnded: (error: MpcError | undefined) => void = () => undefined;

  constructor(options: MuxOptions) {
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    const shared = {
      timeoutMs: options.timeoutMs,
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      maxInboxBytes: options.maxInboxBytes ?? 2 ** 30,
      maxInboxMessages: options.maxInboxMessages ?? 2 ** 20,
      meter: options.meter,
      shuffle: options.shuffle,
      handlers: this.#handlers,
      failed: (error: MpcError) => this.#fail(error, undefined),
      disagreed: (
        peer: Conversation,
        { id, describe }: { id: MessageId; describe: () => string },
      ) => {
        this.#disagreement ??= new Disagreement(peer, id, describe(), (error) =>
          this.#fail(error, peer),
        );
      },
      aborted: (peer: Conversation, notice: InMessage) => this.#aborted(peer, notice),
      ended: (peer: Conversation, error: MpcError | undefined) => this.#ended(peer, error),
    };
    for (const [rank, link] of options.links) {
      const label = peerLabel(rank, options.names);
      this.#peers.set(rank, new Conversation(rank, label, link, shared));
    }
    for (const peer of this.#peers.values()) peer.start();
  }

  /** Why the session is poisoned, if it is. */
  get failure(): MpcError | undefined {
    return this.#failure;
  }

  /**
   * Queues a message; everything posted to a peer before the end of the tick leaves as one frame.
   * Payload ownership passes. After a failure it does nothing: whoever waits is told.
   *
   * @param describe op and public shapes of this program point, for a peer that disagrees.
   * @throws {MpcError} ERR_MPC_CLOSED after `close`.
   */
  post(
    peer: number,
    id: MessageId,
    digest: bigint,
    payload: readonly Uint8Array[],
    describe?: () => string,
  ): void {
    assert(id.space.length <= MAX_FORK_DEPTH, 'forks nest too deep');
    if (this.#failure !== undefined || this.#disagreement !== undefined) return;
    if (this.#closing !== undefined) throw closedHere();
    const to = this.#peer(peer);
    if (to.end !== undefined) return;
    if (describe !== undefined) to.inbox.points.add(id, describe);
    to.outbox.post(id, digest, payload);
  }

  /**
   * The payload of that message, at a multiple of 8 of its buffer. Never an unhandled rejection.
   *
   * Rejects with ERR_MPC_DESYNC (other digest or length), ERR_MPC_TIMEOUT, ERR_MPC_ABORT (a peer
   * stopped or broke the format), ERR_MPC_CLOSED, ERR_MPC_TRANSPORT.
   *
   * @param describe op and public shapes of this program point; called only for messages.
   */
  expect(
    peer: number,
    id: MessageId,
    digest: bigint,
    byteLength: number,
    describe: () => string,
  ): Promise<Uint8Array> {
    return quiet(this.expectParts(peer, id, digest, byteLength, describe).then(joined));
  }

  /**
   * As `expect`, in parts as it came, each a multiple of 8 bytes long but for the last: for large payloads. They are the caller's.
   *
   * @param each takes the parts in order as they come; then there are none in the end.
   */
  expectParts(
    peer: number,
    id: MessageId,
    digest: bigint,
    byteLength: number,
    describe: () => string,
    each?: (parts: readonly Uint8Array[]) => void,
  ): Promise<readonly Uint8Array[]> {
    const over = this.#failure ?? (this.#closing === undefined ? undefined : closedHere());
    if (over !== undefined) return quiet(Promise.reject(over));
    return quiet(this.#peer(peer).expectParts(id, digest, byteLength, describe, each));
  }

  /** Sets the taker of a kind's messages; earlier arrivals are handed over at once. */
  handle(kind: number, handler: MessageHandler): void {
    assert(!this.#handlers.has(kind), `kind ${kind} has a handler already`);
    this.#handlers.set(kind, handler);
    for (const peer of this.#peers.values()) peer.handOverEarly(kind, handler);
  }

  /** First failure; every pending and later expectation rejects with it; peers are told why. */
  fail(error: MpcError): void {
    this.#fail(error, undefined);
  }

  /** Calls `handler` once with the first failure, at once if it has happened. */
  onFailure(handler: (error: MpcError) => void): void {
    if (this.#failure !== undefined) handler(this.#failure);
    else this.#failureHandlers.push(handler);
  }

  /** Messages received that nobody asked for; zero after a correct program. */
  leftovers(): number {
    let count = 0;
    for (const { inbox } of this.#peers.values()) count += inbox.count;
    return count;
  }

  /** Bytes queued for a peer and not yet handed to the system. */
  backlogBytes(peer: number): number {
    return this.#peer(peer).link.backlogBytes;
  }

  /**
   * Orderly end: flushes, closes links. Peers that still expect something get ERR_MPC_CLOSED, as
   * does what is pending here. Resolves when every link has ended; one that moves no byte for 5
   * seconds is dropped.
   */
  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    for (const peer of this.#peers.values()) {
      peer.outbox.flush();
      peer.stop(closedHere());
    }
    return this.#closeLinks();
  }

  #peer(rank: number): Conversation {
    const peer = this.#peers.get(rank);
    assert(peer !== undefined, `no link to party ${rank}`);
    return peer;
  }

  #aborted(peer: Conversation, notice: InMessage): void {
    const { code, text } = decodeAbort(joined(notice.payload));
    if (notice.digest !== 0n && code === 'ERR_MPC_DESYNC') {
      if (this.#disagreement === undefined) {
        this.#fail(Disagreement.answer(peer, notice, text), peer);
      } else {
        this.#disagreement.heard(peer, text);
      }
      return;
    }
    const why = `${peer.label} stopped: ${code}${text === '' ? '' : `: ${text}`}`;
    const error =
      code === 'ERR_MPC_DESYNC' ? new MpcError(code, why) : new ProtocolAbort(peer.rank, why);
    this.#fail(error, peer);
  }

  #ended(peer: Conversation, error: MpcError | undefined): void {
    if (this.#failure === undefined && this.#closing === undefined) {
      if (this.#disagreement?.peer === peer) this.#disagreement.heard(peer, undefined);
      else if (error !== undefined && error.code !== 'ERR_MPC_TRANSPORT') this.#fail(error, peer);
      else if (peer.inbox.expected.size > 0) peer.abandoned();
    }
    this.#checkEnded();
  }

  #checkEnded(): void {
    const peers = [...this.#peers.values()];
    if (peers.some(({ end }) => end === undefined)) return;
    const lost = peers.find(({ end }) => end?.error !== undefined)?.end?.error;
    this.#resolveEnded(this.#failure ?? lost);
  }

  /** @param informed a peer that needs no abort message: it knows, or told us. */
  #fail(error: MpcError, informed: Conversation | undefined): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#disagreement?.over();
    for (const peer of this.#peers.values()) {
      if (peer !== informed && peer !== this.#disagreement?.peer && peer.end === undefined) {
        peer.outbox.post(ABORT_ID, 0n, [encodeAbort(error)]);
      }
      peer.outbox.flush();
      peer.stop(error);
    }
    void this.#closeLinks();
    for (const handler of this.#failureHandlers.splice(0)) handler(error);
  }

  #closeLinks(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const open = [...this.#peers.values()].filter(({ end }) => end === undefined);
      const backlog = (): number => open.reduce((sum, { link }) => sum + link.backlogBytes, 0);
      const stop = linger(backlog, () => {
        for (const peer of open) if (peer.end === undefined) peer.link.destroy();
        this.#resolveEnded(this.#failure);
      });
      void this.ended.then(() => {
        stop();
        resolve();
      });
      for (const peer of open) peer.link.close();
      this.#checkEnded();
    });
    return this.#closing;
  }
}

function closedHere(): MpcError {
  return new MpcError('ERR_MPC_CLOSED', 'this session is closed');
}
