/**
 * Two parties at different points of the program: each is told the other's view.
 *
 * Whoever finds it says where it is and waits a moment for the answer. A notice is an abort whose id is
 * the point in dispute; the point's kind travels as the digest.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { encodeDesync } from './abort.ts';
import type { Conversation } from './conversation.ts';
import type { InMessage, MessageId } from './frame.ts';
import { MESSAGE_KINDS } from './kinds.ts';
import { keepAlive } from './watchdog.ts';

/** How long we wait for a peer's view; ms. */
const WAIT_MS = 500;

/** A disagreement that we found, while we wait for the peer's view of it. */
export class Disagreement {
  readonly peer: Conversation;
  readonly #ours: string;
  readonly #settled: (error: MpcError) => void;
  readonly #timer: ReturnType<typeof setTimeout>;

  /** @param settled called once with the error, when the peer has answered or does not. */
  constructor(peer: Conversation, id: MessageId, ours: string, settled: (error: MpcError) => void) {
    this.peer = peer;
    this.#ours = ours;
    this.#settled = settled;
    tell(peer, id, ours);
    this.#timer = setTimeout(() => this.heard(peer, undefined), WAIT_MS);
    keepAlive(this.#timer, true);
  }

  /** The error for a disagreement that a peer has found, once the peer has been told our view. */
  static answer(peer: Conversation, { id, digest }: InMessage, theirs: string): MpcError {
    const point = { ...id, kind: Number(digest & 0xffn) };
    const ours = peer.inbox.point(point);
    tell(peer, point, ours ?? '');
    return errorOf(peer, theirs, ours ?? 'another point of the program');
  }

  /** A view of a peer, or its end: it counts if it is the one we wait for. */
  heard(peer: Conversation, theirs: string | undefined): void {
    if (peer === this.peer) this.#settled(errorOf(peer, theirs, this.#ours));
  }

  /** Stops waiting. */
  over(): void {
    clearTimeout(this.#timer);
  }
}

function tell(peer: Conversation, { space, seq, kind }: MessageId, ours: string): void {
  const id = { space, seq, kind: MESSAGE_KINDS.abort };
  peer.outbox.post(id, BigInt(kind), [encodeDesync(ours)]);
}

function errorOf(peer: Conversation, theirs: string | undefined, ours: string): MpcError {
  const where = theirs ? `at ${theirs}` : 'at another point of the program';
  return new MpcError('ERR_MPC_DESYNC', `${peer.label} is ${where}, we are at ${ours}`);
}
