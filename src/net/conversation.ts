/**
 * One peer's side of a session: its link, what is queued for it, what is expected from it.
 *
 * Finds the messages of its frames their expectations or handlers. What goes wrong is reported to the
 * session (`mux.ts`), which ends all conversations together.
 * @module
 */

import { byteLengthOf, joined } from '../core/bytes.ts';
import { assert, MpcError, ProtocolAbort } from '../core/errors.ts';
import { afterTick } from '../core/tick.ts';
import { decodeFrame, idKey, type InMessage, type MessageId } from './frame.ts';
import { type Arrival, type Expectation, Inbox } from './inbox.ts';
import { MESSAGE_KINDS } from './kinds.ts';
import type { Link } from './link.ts';
import type { Meter } from './meter.ts';
import { Outbox } from './outbox.ts';
import { Watchdog } from './watchdog.ts';

/** Takes messages that nobody asked for by name. */
export type MessageHandler = (
  peer: number,
  id: MessageId,
  digest: bigint,
  payload: Uint8Array,
) => void;

/** What a conversation tells its session. */
export interface ConversationEvents {
  /** Something that ends the session. */
  failed(error: MpcError): void;
  /** The peer is at another point of the program than we are. */
  disagreed(peer: Conversation, expectation: Expectation): void;
  /** The peer says that it stops. */
  aborted(peer: Conversation, notice: InMessage): void;
  /** The link has ended: undefined for on purpose. */
  ended(peer: Conversation, error: MpcError | undefined): void;
}

/** What all conversations of a session have in common. */
export interface ConversationOptions extends ConversationEvents {
  readonly timeoutMs: number;
  readonly maxFrameBytes: number;
  readonly maxInboxBytes: number;
  readonly maxInboxMessages: number;
  readonly meter: Meter;
  readonly shuffle: ((count: number) => readonly number[]) | undefined;
  readonly handlers: ReadonlyMap<number, MessageHandler>;
}

/** Largest frame that we send: what has come of a message is worked on while the rest is on its way. */
const FRAME_BYTES = 2 ** 20;

/** One peer. */
export class Conversation {
  readonly rank: number;
  readonly label: string;
  readonly link: Link;
  readonly inbox: Inbox = new Inbox();
  readonly outbox: Outbox;
  readonly #options: ConversationOptions;
  readonly #watchdog: Watchdog;
  #lastUsedMs = -Infinity;
  /** Expectations of what is there already, to be handed over at the end of the tick. */
  readonly #due = new Set<Expectation>();
  #deaf = false;
  #end: { readonly error: MpcError | undefined } | undefined;

  constructor(rank: number, label: string, link: Link, options: ConversationOptions) {
    this.rank = rank;
    this.label = label;
    this.link = link;
    this.#options = options;
    const frameBytes = Math.min(options.maxFrameBytes, FRAME_BYTES);
    this.outbox = new Outbox(rank, link, frameBytes, options.meter);
    this.#watchdog = new Watchdog(
      () => this.#deadlineMs(),
      () => this.#timedOut(),
    );
  }

  /** Set when the link has ended: undefined inside means on purpose. */
  get end(): { readonly error: MpcError | undefined } | undefined {
    return this.#end;
  }

  /** Begins to listen. */
  start(): void {
    this.link.start({
      frame: (parts) => this.#frame(parts),
      closed: (error) => {
        if (this.#end !== undefined) return;
        this.#end = { error };
        this.#options.ended(this, error);
      },
    });
  }

  /** The payload of that message, in parts, or none where `each` takes them; not marked as handled. */
  expectParts(
    id: MessageId,
    digest: bigint,
    byteLength: number,
    describe: () => string,
    each?: (pieces: readonly Uint8Array[]) => void,
  ): Promise<readonly Uint8Array[]> {
    const { inbox } = this;
    const key = idKey(id);
    assert(!inbox.expected.has(key), `message ${key} is expected twice`);
    return new Promise((resolve, reject) => {
      const sinceMs = performance.now();
      const expectation = { id, digest, byteLength, describe, each, resolve, reject, sinceMs };
      inbox.expected.set(key, expectation);
      const arrival = inbox.arrival(key);
      if (arrival !== undefined && this.outbox.busy) {
        // What we owe leaves first: others wait for it while the program computes with what it gets here.
        this.#due.add(expectation);
        afterTick(() => this.#matchHeld(expectation));
      } else if (arrival !== undefined) {
        this.#match(expectation, arrival);
      }
      if (!inbox.expected.has(key)) return;
      this.#watchdog.awaiting(true);
      if (this.#end !== undefined) this.abandoned();
    });
  }

  /** Hands what has come already to the new handler of a kind. */
  handOverEarly(kind: number, handler: MessageHandler): void {
    for (const arrival of this.inbox.ofKind(kind)) this.#handOver(handler, arrival);
  }

  /** The link has ended while something is expected from it. */
  abandoned(): void {
    const error = this.#end?.error;
    const waitsFor = this.inbox.oldest()?.describe() ?? 'a message';
    const why =
      error === undefined
        ? `${this.label} closed the session while we wait for its ${waitsFor}`
        : `connection to ${this.label} lost while we wait for its ${waitsFor}: ${error.message}`;
    const code = error === undefined ? 'ERR_MPC_CLOSED' : 'ERR_MPC_TRANSPORT';
    this.#options.failed(new MpcError(code, why, { cause: error }));
  }

  /** The session is over: nothing is taken any more, pending expectations reject. */
  stop(error: MpcError): void {
    // What came before the end is not lost to it.
    for (const expectation of this.#due) {
      const arrival = this.inbox.arrival(idKey(expectation.id));
      if (arrival?.complete === true && fits(expectation, arrival)) this.#matchHeld(expectation);
    }
    this.#due.clear();
    this.#deaf = true;
    this.#watchdog.stop();
    this.inbox.clear(error);
  }

  #frame(parts: readonly Uint8Array[]): void {
    if (this.#deaf) return;
    const { meter, shuffle } = this.#options;
    meter.frame('received', this.rank, byteLengthOf(parts));
    let messages: InMessage[];
    try {
      messages = decodeFrame(this.rank, parts);
    } catch (error) {
      this.#options.failed(odd(error));
      return;
    }
    if (shuffle !== undefined) messages = this.#shuffled(messages, shuffle);
    for (const message of messages) {
      const { id, payload, more } = message;
      meter.message('received', this.rank, id.kind, byteLengthOf(payload), !more);
      this.#message(message);
      if (this.#deaf) return;
    }
  }

  /** What a handler takes in sequence stays in sequence. */
  #shuffled(messages: InMessage[], shuffle: (count: number) => readonly number[]): InMessage[] {
    const handled = ({ id }: InMessage): boolean => this.#options.handlers.has(id.kind);
    const mixed = shuffle(messages.length).map((i) => messages[i]);
    return [...mixed.filter((message) => !handled(message)), ...messages.filter(handled)];
  }

  #message(message: InMessage): void {
    const { kind } = message.id;
    if (kind === MESSAGE_KINDS.abort) {
      this.#options.aborted(this, message);
      return;
    }
    const arrival = this.inbox.add(message);
    if (arrival === undefined) {
      this.#options.failed(new ProtocolAbort(this.rank, `${this.label} sent one message twice`));
      return;
    }
    const handler = this.#options.handlers.get(kind);
    const expectation = this.inbox.expected.get(arrival.key);
    if (handler !== undefined && arrival.complete) {
      this.#handOver(handler, arrival);
    } else if (handler === undefined && expectation !== undefined) {
      this.#match(expectation, arrival);
    } else {
      this.inbox.hold(arrival);
      this.#checkInbox();
    }
  }

  /** As `#match` of what came before it was expected; once. */
  #matchHeld(expectation: Expectation): void {
    if (!this.#due.delete(expectation)) return;
    const key = idKey(expectation.id);
    const arrival = this.inbox.arrival(key);
    if (arrival === undefined || this.inbox.expected.get(key) !== expectation) return;
    this.#match(expectation, arrival);
  }

  /** An arrival, perhaps incomplete, meets its expectation. */
  #match(expectation: Expectation, arrival: Arrival): void {
    const { inbox } = this;
    if (!fits(expectation, arrival)) {
      this.#options.disagreed(this, expectation);
      return;
    }
    this.#lastUsedMs = performance.now();
    try {
      expectation.each?.(inbox.drain(arrival));
    } catch (error) {
      this.#options.failed(odd(error));
      return;
    }
    if (!arrival.complete) {
      inbox.hold(arrival);
      return;
    }
    const payload = inbox.take(arrival);
    inbox.expected.delete(arrival.key);
    if (inbox.expected.size === 0) this.#watchdog.awaiting(false);
    expectation.resolve(payload);
  }

  #handOver(handler: MessageHandler, arrival: Arrival): void {
    const payload = joined(this.inbox.take(arrival));
    try {
      handler(this.rank, arrival.id, arrival.digest, payload);
    } catch (error) {
      this.#options.failed(odd(error));
    }
  }

  #checkInbox(): void {
    const { bytes, count } = this.inbox;
    const { maxInboxBytes, maxInboxMessages } = this.#options;
    if (bytes <= maxInboxBytes && count <= maxInboxMessages) return;
    const limit =
      bytes > maxInboxBytes
        ? `maxInboxBytes ${maxInboxBytes}`
        : `maxInboxMessages ${maxInboxMessages}`;
    const why = `${this.label} sent more messages ahead of time than ${limit} allows`;
    this.#options.failed(new ProtocolAbort(this.rank, why));
  }

  #deadlineMs(): number | undefined {
    const oldest = this.inbox.oldest();
    if (oldest === undefined) return undefined;
    return Math.max(oldest.sinceMs, this.#lastUsedMs) + this.#options.timeoutMs;
  }

  #timedOut(): void {
    const waitsFor = this.inbox.oldest()?.describe() ?? 'a message';
    const why = `no answer from ${this.label} for ${this.#options.timeoutMs} ms, waiting for its ${waitsFor}`;
    this.#options.failed(new MpcError('ERR_MPC_TIMEOUT', why));
  }
}

/** Whether what came is what is expected, as far as it is there. */
function fits({ byteLength, digest }: Expectation, arrival: Arrival): boolean {
  if (arrival.digest !== digest) return false;
  return arrival.complete ? arrival.bytes === byteLength : arrival.bytes <= byteLength;
}

function odd(error: unknown): MpcError {
  if (error instanceof MpcError) return error;
  return new MpcError('ERR_MPC_ABORT', 'internal error while reading a message', { cause: error });
}
