/**
 * The two contracts of the network: bytes to one peer, and whole frames to one peer.
 * @module
 */

import type { MpcError } from '../core/errors.ts';

/** What a transport reports to its single user. */
export interface TransportHandler {
  /** Bytes in order; boundaries mean nothing. They are lent: the callee copies what it keeps. */
  data(bytes: Uint8Array): void;
  /** `backlogBytes` was above 256 KiB and is zero again; only from a transport that tells. */
  drained?(): void;
  /** Called once, after the last data: undefined for an orderly end of the stream. */
  closed(error?: MpcError): void;
}

/** Ordered, reliable bytes to one peer. Not authenticated. */
export interface Transport {
  /** For messages: `tcp 10.0.0.2:7000`. */
  readonly remote: string;
  /** Sets the receiver, once; nothing is delivered before. */
  start(handler: TransportHandler): void;
  /** Queues bytes; ownership passes. After `close` or an error it does nothing. */
  send(parts: readonly Uint8Array[]): void;
  /** Bytes queued and not yet handed to the system. */
  readonly backlogBytes: number;
  /** Whether the handler hears when the backlog is gone; without, senders hold nothing back. */
  readonly tellsDrained: boolean;
  /** Stops delivery to the handler until `resume` (back-pressure). */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then ends the stream. */
  close(): void;
  /** Drops everything at once. */
  destroy(): void;
}

/** What a link reports to its single user. */
export interface LinkHandler {
  /** One whole frame in parts, authenticated and in order. The parts are the callee's, and nobody else's. */
  frame(parts: readonly Uint8Array[]): void;
  /** Called once. undefined: the peer closed on purpose; else why it ended. */
  closed(error?: MpcError): void;
}

/** Whole frames to one peer: a secure channel, or a direct hand-over inside one process. */
export interface Link {
  readonly remote: string;
  /** Set by links that simulate latency: frames should then hold one latency class only. */
  readonly simulatesLatency?: boolean;
  /** Sets the receiver, once; nothing is delivered before. */
  start(handler: LinkHandler): void;
  /**
   * Queues one frame made of these parts; ownership passes. After `close` or an error it does
   * nothing. `latencyFree` tells a simulated network that the frame takes no virtual time; real
   * links ignore it.
   */
  send(parts: readonly Uint8Array[], latencyFree?: boolean): void;
  /** Bytes queued and not yet handed to the system. */
  readonly backlogBytes: number;
  /**
   * Authenticated orderly close after everything queued. Nothing is delivered any more; `closed`
   * follows when the peer has answered or the connection is gone.
   */
  close(): void;
  /** Drops the connection at once. */
  destroy(): void;
}
