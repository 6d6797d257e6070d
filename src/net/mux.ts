/**
 * Named messages between the parties of a session, over one link per peer.
 *
 * A message is found by (peer, kind, tag space, position), never by its order of arrival. Its digest
 * must be the one expected: parties at different program points are told so, both of them, instead
 * of decoding each other's words. The first failure poisons the session for good (C5): nothing is
 * retried, everything pending rejects, peers learn the code and a public text (M8).
 *
 * Payloads are not looked at here, except those of aborts. Longer than most files because failure,
 * dispute and end share one state; buffering, matching and deadlines are outside.
 * @module
 */

import { assert, MpcError, ProtocolAbort } from '../core/errors.ts';
import { quiet } from '../core/later.ts';
import { decodeAbort, encodeAbort, encodeDesync } from './abort.ts';
import {
  decodeFrame,
  DEFAULT_MAX_FRAME_BYTES,
  idKey,
  type InMessage,
  MAX_FORK_DEPTH,
  type MessageId,
} from './frame.ts';
import { type Arrival, type Expectation, Inbox } from './inbox.ts';
import { MESSAGE_KINDS } from './kinds.ts';
import { linger } from './linger.ts';
import type { Link } from './link.ts';
import type { Meter } from './meter.ts';
import { Outbox } from './outbox.ts';
import { peerLabel } from './peer-label.ts';
import { keepAlive, Watchdog } from './watchdog.ts';

export type { ForkId, MessageId } from './frame.ts';

/** How long we wait for a peer's view of a disagreement; ms. */
const DESYNC_WAIT_MS = 500;
const ABORT_ID: MessageId = { space: [], seq: 0, kind: MESSAGE_KINDS.abort };

/** Takes messages that nobody asked for by name. */
export type MessageHandler = (
  peer: number,
  id: MessageId,
  digest: bigint,
  payload: Uint8Array,
) => void;

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

interface Peer {
  readonly rank: number;
  readonly label: string;
  readonly link: Link;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly watchdog: Watchdog;
  lastConsumedMs: number;
  /** Set when the link has ended: undefined inside means on purpose. */
  ended?: { readonly error: MpcError | undefined };
}

/** A disagreement about a program point while we wait for the peer's view of it. */
interface Dispute {
  readonly peer: Peer;
  readonly id: MessageId;
  readonly ours: string;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** One party's end of all its conversations. */
export class Mux {
  /**
   * Resolves when every link has ended: with the failure of the session, or the first lost
   * connection, or undefined if everybody left on purpose. Never rejects.
   */
  readonly ended: Promise<MpcError | undefined>;
  readonly #options: MuxOptions;
  readonly #maxInboxBytes: number;
  readonly #maxInboxMessages: number;
  readonly #peers = new Map<number, Peer>();
  readonly #handlers = new Map<number, MessageHandler>();
  readonly #failureHandlers: ((error: MpcError) => void)[] = [];
  #failure: MpcError | undefined;
  #dispute: Dispute | undefined;
  #closing: Promise<void> | undefined;
  #resolveEnded: (error: MpcError | undefined) => void = () => undefined;

  constructor(options: MuxOptions) {
    this.#options = options;
    this.#maxInboxBytes = options.maxInboxBytes ?? 2 ** 30;
    this.#maxInboxMessages = options.maxInboxMessages ?? 2 ** 20;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    const maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
    for (const [rank, link] of options.links) {
      const peer: Peer = {
        rank,
        label: peerLabel(rank, options.names),
        link,
        inbox: new Inbox(),
        outbox: new Outbox(rank, link, maxFrameBytes, options.meter),
        watchdog: new Watchdog(
          () => this.#deadlineMs(peer),
          () => this.#timedOut(peer),
        ),
        lastConsumedMs: -Infinity,
      };
      this.#peers.set(rank, peer);
    }
    for (const peer of this.#peers.values()) {
      peer.link.start({
        frame: (bytes) => this.#frame(peer, bytes),
        closed: (error) => this.#ended(peer, error),
      });
    }
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
    assert(id.space.length <= MAX_FORK_DEPTH, `forks nest at most ${MAX_FORK_DEPTH} deep`);
    if (this.#failure !== undefined || this.#dispute !== undefined) return;
    if (this.#closing !== undefined) throw closedHere();
    const to = this.#peer(peer);
    if (to.ended !== undefined) return;
    if (describe !== undefined) to.inbox.notePoint(id, describe);
    to.outbox.post(id, digest, payload);
  }

  /**
   * The payload of that message, viewing the received frame at a multiple of 8. Never an unhandled
   * rejection.
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
    if (this.#failure !== undefined) return quiet(Promise.reject(this.#failure));
    if (this.#closing !== undefined) return quiet(Promise.reject(closedHere()));
    const from = this.#peer(peer);
    const key = idKey(id);
    assert(!from.inbox.expected.has(key), `message ${key} is expected twice`);
    return quiet(
      new Promise((resolve, reject) => {
        const sinceMs = performance.now();
        const expectation = { id, digest, byteLength, describe, resolve, reject, sinceMs };
        from.inbox.expected.set(key, expectation);
        const arrival = from.inbox.arrival(id);
        if (arrival !== undefined) this.#match(from, expectation, arrival);
        if (!from.inbox.expected.has(key)) return;
        from.watchdog.awaiting(true);
        if (from.ended !== undefined) this.#abandoned(from);
      }),
    );
  }

  /** Sets the taker of a kind's messages; earlier arrivals are handed over at once. */
  handle(kind: number, handler: MessageHandler): void {
    assert(!this.#handlers.has(kind), `kind ${kind} has a handler already`);
    this.#handlers.set(kind, handler);
    for (const peer of this.#peers.values()) {
      for (const arrival of peer.inbox.ofKind(kind)) this.#handOver(peer, handler, arrival);
    }
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
    if (this.#failure === undefined) {
      for (const peer of this.#peers.values()) {
        peer.outbox.flush();
        peer.watchdog.stop();
        for (const { reject } of peer.inbox.expected.values()) reject(closedHere());
        peer.inbox.expected.clear();
      }
    }
    return this.#closeLinks();
  }

  #peer(rank: number): Peer {
    const peer = this.#peers.get(rank);
    assert(peer !== undefined, `no link to party ${rank}`);
    return peer;
  }

  #frame(peer: Peer, bytes: Uint8Array): void {
    if (this.#failure !== undefined || this.#closing !== undefined) return;
    const { meter } = this.#options;
    meter.frame('received', peer.rank, bytes.length);
    let messages: InMessage[];
    try {
      messages = decodeFrame(peer.rank, bytes);
    } catch (error) {
      this.#fail(asMpcError(error), undefined);
      return;
    }
    for (const i of this.#order(messages)) {
      const { id, payload, more } = messages[i];
      meter.message('received', peer.rank, id.kind, payload.length, !more);
      this.#message(peer, messages[i]);
      if (this.#failure !== undefined) return;
    }
  }

  /** Delivery order: as sent, or shuffled; what a handler takes in sequence stays in sequence. */
  #order(messages: readonly InMessage[]): Iterable<number> {
    const { shuffle } = this.#options;
    if (shuffle === undefined) return messages.keys();
    const handled = (i: number): boolean => this.#handlers.has(messages[i].id.kind);
    const mixed = shuffle(messages.length).filter((i) => !handled(i));
    return [...mixed, ...[...messages.keys()].filter(handled)];
  }

  #message(peer: Peer, message: InMessage): void {
    const { id } = message;
    if (id.kind === MESSAGE_KINDS.abort) {
      this.#aborted(peer, message);
      return;
    }
    const arrival = peer.inbox.add(message);
    if (arrival === undefined) {
      this.#fail(new ProtocolAbort(peer.rank, `${peer.label} sent one message twice`), undefined);
      return;
    }
    const handler = this.#handlers.get(id.kind);
    if (handler !== undefined) {
      if (arrival.complete) this.#handOver(peer, handler, arrival);
      else this.#checkInbox(peer);
      return;
    }
    const expectation = peer.inbox.expected.get(idKey(id));
    if (expectation !== undefined) this.#match(peer, expectation, arrival);
    else this.#checkInbox(peer);
  }

  /** An arrival, perhaps incomplete, meets its expectation. */
  #match(peer: Peer, expectation: Expectation, arrival: Arrival): void {
    const { byteLength, digest } = expectation;
    const fits = arrival.complete ? arrival.bytes === byteLength : arrival.bytes <= byteLength;
    if (arrival.digest !== digest || !fits) {
      this.#disagree(peer, expectation);
      return;
    }
    peer.lastConsumedMs = performance.now();
    if (!arrival.complete) return;
    const payload = peer.inbox.take(arrival);
    peer.inbox.expected.delete(idKey(expectation.id));
    if (peer.inbox.expected.size === 0) peer.watchdog.awaiting(false);
    expectation.resolve(payload);
  }

  #handOver(peer: Peer, handler: MessageHandler, arrival: Arrival): void {
    const payload = peer.inbox.take(arrival);
    try {
      handler(peer.rank, arrival.id, arrival.digest, payload);
    } catch (error) {
      this.#fail(asMpcError(error), undefined);
    }
  }

  #checkInbox(peer: Peer): void {
    const { bytes, count } = peer.inbox;
    if (bytes <= this.#maxInboxBytes && count <= this.#maxInboxMessages) return;
    const limit =
      bytes > this.#maxInboxBytes
        ? `maxInboxBytes ${this.#maxInboxBytes}`
        : `maxInboxMessages ${this.#maxInboxMessages}`;
    const why = `${peer.label} sent more messages ahead of time than ${limit} allows`;
    this.#fail(new ProtocolAbort(peer.rank, why), undefined);
  }

  #deadlineMs(peer: Peer): number | undefined {
    const oldest = peer.inbox.oldest();
    if (oldest === undefined) return undefined;
    return Math.max(oldest.sinceMs, peer.lastConsumedMs) + this.#options.timeoutMs;
  }

  #timedOut(peer: Peer): void {
    const waitsFor = peer.inbox.oldest()?.describe() ?? 'a message';
    const why = `no answer from ${peer.label} for ${this.#options.timeoutMs} ms, waiting for its ${waitsFor}`;
    this.#fail(new MpcError('ERR_MPC_TIMEOUT', why), undefined);
  }

  /** We found that a peer is elsewhere: tell it where we are, wait a moment for its view. */
  #disagree(peer: Peer, expectation: Expectation): void {
    if (this.#dispute !== undefined) return;
    const { id } = expectation;
    const ours = expectation.describe();
    this.#tellPoint(peer, id, ours);
    const timer = setTimeout(() => this.#settle(undefined), DESYNC_WAIT_MS);
    keepAlive(timer, true);
    this.#dispute = { peer, id, ours, timer };
  }

  #tellPoint(peer: Peer, id: MessageId, ours: string): void {
    // The id names the point in dispute; its kind travels as the digest.
    const abortId = { space: id.space, seq: id.seq, kind: MESSAGE_KINDS.abort };
    peer.outbox.post(abortId, BigInt(id.kind), [encodeDesync(ours)]);
  }

  #settle(theirs: string | undefined): void {
    const dispute = this.#dispute;
    if (dispute === undefined) return;
    this.#failDesync(dispute.peer, theirs, dispute.ours);
  }

  #failDesync(peer: Peer, theirs: string | undefined, ours: string): void {
    const where = theirs ? `at ${theirs}` : 'at another point of the program';
    const why = `${peer.label} is ${where}, we are at ${ours}`;
    this.#fail(new MpcError('ERR_MPC_DESYNC', why), peer);
  }

  #aborted(peer: Peer, message: InMessage): void {
    const { code, text } = decodeAbort(message.payload);
    if (message.digest !== 0n && code === 'ERR_MPC_DESYNC') {
      const point = { ...message.id, kind: Number(message.digest & 0xffn) };
      if (this.#dispute !== undefined) {
        if (this.#dispute.peer === peer) this.#settle(text);
        return;
      }
      const ours = peer.inbox.point(point);
      this.#tellPoint(peer, point, ours ?? '');
      this.#failDesync(peer, text, ours ?? 'another point of the program');
      return;
    }
    const why = `${peer.label} stopped: ${code}${text === '' ? '' : `: ${text}`}`;
    const error =
      code === 'ERR_MPC_DESYNC' ? new MpcError(code, why) : new ProtocolAbort(peer.rank, why);
    this.#fail(error, peer);
  }

  #ended(peer: Peer, error: MpcError | undefined): void {
    if (peer.ended !== undefined) return;
    peer.ended = { error };
    if (this.#failure === undefined && this.#closing === undefined) {
      if (this.#dispute?.peer === peer) this.#settle(undefined);
      else if (error !== undefined && error.code !== 'ERR_MPC_TRANSPORT') this.#fail(error, peer);
      else if (peer.inbox.expected.size > 0) this.#abandoned(peer);
    }
    this.#checkEnded();
  }

  #checkEnded(): void {
    const peers = [...this.#peers.values()];
    if (peers.some(({ ended }) => ended === undefined)) return;
    const lost = peers.find(({ ended }) => ended?.error !== undefined)?.ended?.error;
    this.#resolveEnded(this.#failure ?? lost);
  }

  /** A link has ended while something is expected from it. */
  #abandoned(peer: Peer): void {
    const error = peer.ended?.error;
    const waitsFor = peer.inbox.oldest()?.describe() ?? 'a message';
    const why =
      error === undefined
        ? `${peer.label} closed the session while we wait for its ${waitsFor}`
        : `connection to ${peer.label} lost while we wait for its ${waitsFor}: ${error.message}`;
    const code = error === undefined ? 'ERR_MPC_CLOSED' : 'ERR_MPC_TRANSPORT';
    this.#fail(new MpcError(code, why, { cause: error }), undefined);
  }

  /** @param informed a peer that needs no abort message: it knows, or told us. */
  #fail(error: MpcError, informed: Peer | undefined): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearTimeout(this.#dispute?.timer);
    for (const peer of this.#peers.values()) {
      peer.watchdog.stop();
      if (peer !== informed && peer !== this.#dispute?.peer && peer.ended === undefined) {
        peer.outbox.post(ABORT_ID, 0n, [encodeAbort(error)]);
      }
      peer.outbox.flush();
      peer.inbox.clear(error);
    }
    void this.#closeLinks();
    for (const handler of this.#failureHandlers.splice(0)) handler(error);
  }

  #closeLinks(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const open = [...this.#peers.values()].filter(({ ended }) => ended === undefined);
      const backlog = (): number => open.reduce((sum, { link }) => sum + link.backlogBytes, 0);
      const stop = linger(backlog, () => {
        for (const peer of open) if (peer.ended === undefined) peer.link.destroy();
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

function asMpcError(error: unknown): MpcError {
  if (error instanceof MpcError) return error;
  return new MpcError('ERR_MPC_ABORT', 'internal error while reading a message', { cause: error });
}
