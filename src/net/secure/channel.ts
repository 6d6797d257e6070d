/**
 * Frames over a transport, encrypted and authenticated by the keys of a finished Noise handshake.
 *
 * Format in `record.ts`, the two directions in `record-writer.ts` and `record-reader.ts`; here is what
 * they share: frames, back-pressure and the end. The first failure ends both directions. An end without
 * an authenticated close record is a truncation.
 * @module
 */

import { byteLengthOf, wipe } from '../../core/bytes.ts';
import { assert, MpcError, ProtocolAbort } from '../../core/errors.ts';
import { quiet } from '../../core/later.ts';
import { DEFAULT_MAX_FRAME_BYTES } from '../frame.ts';
import type { Link, LinkHandler, Transport, TransportHandler } from '../link.ts';
import { hkdf } from './crypto.ts';
import type { HandshakeResult } from './noise.ts';
import { RecordCipher, type RekeyOptions } from './record-cipher.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';
import { CLOSE_REASONS, RECORD_TYPES, type RecordHeader } from './record.ts';

/** Undelivered or undecrypted bytes above which the transport is asked to wait. */
const PAUSE_BYTES = 8 * 2 ** 20;

/** Whose channel it is, and its limits. */
export interface ChannelOptions extends RekeyOptions {
  /** Rank and label of the peer, for errors. */
  readonly peer: number;
  readonly label: string;
  /** Largest frame either way; bytes. */
  readonly maxFrameBytes?: number;
}

/** Bytes on the wire, record headers and tags included. */
export interface WireBytes {
  readonly sent: number;
  readonly received: number;
}

/** An authenticated, encrypted link to one peer. */
export class SecureLink implements Link, TransportHandler {
  readonly remote: string;
  /** Resolves when the link has ended: undefined for on purpose. Never rejects. */
  readonly ended: Promise<MpcError | undefined>;
  /** Resolves with the peer's key confirmation; rejects if the link ends before it. */
  readonly ready: Promise<void>;
  readonly #transport: Transport;
  readonly #options: ChannelOptions;
  readonly #maxFrameBytes: number;
  readonly #writer: RecordWriter;
  readonly #reader: RecordReader;
  readonly #salt: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #undelivered: (readonly Uint8Array[])[] = [];
  #undeliveredBytes = 0;
  #handler: LinkHandler | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #end: { readonly error: MpcError | undefined } | undefined;
  #endTold = false;
  /** The frame under way, and how much of it is missing. */
  #parts: Uint8Array[] = [];
  #missing = 0;
  #paused = false;
  #receivedBytes = 0;
  #resolveEnded: (error: MpcError | undefined) => void = () => undefined;
  #settleReady: { resolve: () => void; reject: (error: MpcError) => void } = {
    resolve: () => undefined,
    reject: () => undefined,
  };

  constructor(transport: Transport, result: HandshakeResult, options: ChannelOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
    this.remote = transport.remote;
    const unsealed = (cause: unknown): void => this.#unsealed(cause);
    this.#writer = new RecordWriter(new RecordCipher(result.send, options), transport, unsealed);
    const incoming = new RecordCipher(result.receive, options);
    this.#reader = new RecordReader(incoming, this.#maxFrameBytes, {
      record: (header, plain) => this.#accept(header, plain),
      refused: (why) => this.#refuse(why),
      balance: () => this.#balance(),
    });
    this.#salt = result.handshakeHash;
    this.#secret = result.chainingKey;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.ready = quiet(
      new Promise<void>((resolve, reject) => (this.#settleReady = { resolve, reject })),
    );
  }

  get backlogBytes(): number {
    return this.#transport.backlogBytes + this.#writer.backlogBytes;
  }

  /** Bytes on the wire since the handshake. */
  get wireBytes(): WireBytes {
    return { sent: this.#writer.sentBytes, received: this.#receivedBytes };
  }

  /**
   * 32 secret bytes both ends agree on: HKDF(salt = h, ikm = ck, info) of the handshake (C4). `info`
   * must be an injective encoding of the whole purpose.
   *
   * @throws {MpcError} ERR_MPC_CLOSED when the link has ended: its secrets are wiped.
   */
  exporter(info: Uint8Array): Uint8Array {
    if (this.#state === 'ended') {
      throw new MpcError('ERR_MPC_CLOSED', `the channel to ${this.#options.label} has ended`);
    }
    return hkdf(this.#secret, this.#salt, info);
  }

  start(handler: LinkHandler): void {
    assert(this.#handler === undefined, 'a link is started once');
    this.#handler = handler;
    queueMicrotask(() => {
      for (const frame of this.#undelivered.splice(0)) {
        if (this.#state === 'open' || this.#end !== undefined) handler.frame(frame);
      }
      this.#undeliveredBytes = 0;
      this.#balance();
      this.#tellEnd();
    });
  }

  /** Tells the peer that the handshake is complete and accepted. */
  sendReady(): void {
    if (this.#state === 'open') this.#writer.record(RECORD_TYPES.ready, new Uint8Array(0));
  }

  send(parts: readonly Uint8Array[]): void {
    if (this.#state !== 'open') return;
    const fits = byteLengthOf(parts) <= this.#maxFrameBytes;
    assert(fits, 'a frame is larger than maxFrameBytes');
    this.#writer.frame(parts);
  }

  close(): void {
    this.closeFor(CLOSE_REASONS.orderly);
  }

  /** Authenticated close with a reason of CLOSE_REASONS. */
  closeFor(reason: number): void {
    if (this.#state !== 'open') return;
    this.#writer.record(RECORD_TYPES.close, Uint8Array.of(reason));
    this.#state = 'closing';
    this.#reader.stop();
    this.#writer.after(() => this.#transport.close());
  }

  destroy(): void {
    this.#writer.drop();
    this.#transport.destroy();
    this.#finish(new MpcError('ERR_MPC_TRANSPORT', `connection to ${this.#options.label} dropped`));
  }

  /** Bytes of the transport. */
  data(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    this.#reader.data(bytes);
  }

  /** The transport has room. */
  drained(): void {
    this.#writer.pump();
  }

  /** End of the transport. */
  closed(error?: MpcError): void {
    this.#writer.drop();
    this.#reader.after(() => {
      const why = error?.message ?? 'the stream was truncated: it ended without a close record';
      const truncated = new MpcError('ERR_MPC_TRANSPORT', `${this.#options.label}: ${why}`, {
        cause: error,
      });
      this.#finish(this.#state === 'open' ? truncated : undefined);
    });
  }

  /** An authenticated record. */
  #accept({ type, frameBytes }: RecordHeader, plain: readonly Uint8Array[]): void {
    if (type === RECORD_TYPES.ready) {
      this.#settleReady.resolve();
    } else if (type === RECORD_TYPES.close) {
      this.#peerCloses(plain.find((part) => part.length > 0)?.[0] ?? CLOSE_REASONS.orderly);
    } else {
      this.#piece(type === RECORD_TYPES.first ? frameBytes : undefined, plain);
    }
  }

  /** @param frameBytes of the whole frame, if this is its first piece. */
  #piece(frameBytes: number | undefined, plain: readonly Uint8Array[]): void {
    if (frameBytes !== undefined) this.#missing = frameBytes;
    const parts = this.#parts;
    for (const part of plain) if (part.length > 0) parts.push(part);
    this.#missing -= byteLengthOf(plain);
    if (this.#missing > 0) return;
    this.#parts = [];
    this.#deliver(parts);
  }

  #deliver(frame: readonly Uint8Array[]): void {
    if (this.#handler !== undefined && this.#undelivered.length === 0) {
      this.#handler.frame(frame);
      return;
    }
    this.#undelivered.push(frame);
    this.#undeliveredBytes += byteLengthOf(frame);
    this.#balance();
  }

  #peerCloses(reason: number): void {
    const { peer, label } = this.#options;
    this.#writer.drop();
    this.close();
    if (reason === CLOSE_REASONS.badRecord) {
      this.#finish(new ProtocolAbort(peer, `${label} could not verify a record of ours`));
    } else if (reason === CLOSE_REASONS.rankTaken) {
      const why = `${label} refuses us: another process holds our rank in this session already`;
      this.#finish(new MpcError('ERR_MPC_RANK', why));
    } else {
      this.#finish(undefined);
    }
  }

  /** Our receiving direction is poisoned: the peer is told. */
  #refuse(why: string): void {
    if (this.#state !== 'open') return;
    this.#writer.drop();
    this.closeFor(CLOSE_REASONS.badRecord);
    this.#finish(new ProtocolAbort(this.#options.peer, `${this.#options.label}: ${why}`));
  }

  #unsealed(cause: unknown): void {
    this.#finish(new MpcError('ERR_MPC_TRANSPORT', 'a record cannot be encrypted', { cause }));
    this.#transport.destroy();
  }

  #finish(error: MpcError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    if (this.#state === 'open') this.#state = 'closing';
    this.#reader.stop();
    // Records under way keep their key until they are written; what runs now still sees its secrets.
    queueMicrotask(() => this.#writer.after(() => this.#forget()));
    this.#parts = [];
    this.#settleReady.reject(
      error ?? new MpcError('ERR_MPC_CLOSED', `${this.#options.label} closed the connection`),
    );
    this.#resolveEnded(error);
    this.#tellEnd();
  }

  #forget(): void {
    this.#state = 'ended';
    this.#writer.stop();
    this.#reader.wipe();
    wipe(this.#secret);
  }

  #tellEnd(): void {
    if (this.#end === undefined || this.#endTold || this.#handler === undefined) return;
    if (this.#undelivered.length > 0) return;
    this.#endTold = true;
    this.#handler.closed(this.#end.error);
  }

  #balance(): void {
    const crowded = this.#undeliveredBytes + this.#reader.backlogBytes > PAUSE_BYTES;
    if (crowded === this.#paused) return;
    this.#paused = crowded;
    if (crowded) this.#transport.pause();
    else this.#transport.resume();
  }
}
