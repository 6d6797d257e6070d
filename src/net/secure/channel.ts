/**
 * Frames over a transport, encrypted and authenticated by the keys of a finished Noise handshake.
 *
 * Format in `record.ts`. Nonces are counters taken when a record is queued; records may be encrypted
 * and decrypted asynchronously but are written and delivered strictly in order. The first failure
 * poisons the direction. REKEY after every 2^20 records or 1 GiB of bodies, counted equally at both
 * ends (M1). An end without an authenticated close record is a truncation. Both directions and the end
 * share one state, hence one long file.
 * @module
 */

import { byteLengthOf, wipe } from '../../core/bytes.ts';
import { assert, MpcError, ProtocolAbort } from '../../core/errors.ts';
import { type Later, quiet } from '../../core/later.ts';
import { DEFAULT_MAX_FRAME_BYTES } from '../frame.ts';
import type { Link, LinkHandler, Transport, TransportHandler } from '../link.ts';
import { ByteQueue } from './byte-queue.ts';
import type { CipherState } from './cipher-state.ts';
import { hkdf, TAG_BYTES } from './crypto.ts';
import type { HandshakeResult } from './noise.ts';
import {
  CLOSE_REASONS,
  decodeRecordHeader,
  encodeRecordHeader,
  MAX_BODY_BYTES,
  MAX_PIECE_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_TYPES,
  type RecordHeader,
} from './record.ts';

/** Undelivered or undecrypted bytes above which the transport is asked to wait. */
const PAUSE_BYTES = 8 * 2 ** 20;

/** Whose channel it is, and its limits. */
export interface ChannelOptions {
  /** Rank and label of the peer, for errors. */
  readonly peer: number;
  readonly label: string;
  /** Largest frame either way; bytes. */
  readonly maxFrameBytes?: number;
  /** For tests: REKEY intervals, equal at both ends. */
  readonly rekeyRecords?: number;
  readonly rekeyBytes?: number;
}

/** Bytes on the wire, record headers and tags included. */
export interface WireBytes {
  readonly sent: number;
  readonly received: number;
}

/** A direction's key and its distance to the next REKEY. */
interface Direction {
  readonly cipher: CipherState;
  records: number;
  bytes: number;
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
  readonly #out: Direction;
  readonly #in: Direction;
  readonly #salt: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #queue = new ByteQueue();
  readonly #undelivered: Uint8Array[] = [];
  #undeliveredBytes = 0;
  #handler: LinkHandler | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #end: { readonly error: MpcError | undefined } | undefined;
  #endTold = false;
  /** The header of the ready record has passed; it comes first and is authenticated in order. */
  #readySeen = false;
  #sealing = 0;
  #sealingBytes = 0;
  #opening = 0;
  #openingBytes = 0;
  #sendTail: Promise<void> = Promise.resolve();
  #receiveTail: Promise<void> = Promise.resolve();
  /** Bytes of the frame under way that headers have yet to announce. */
  #announced = 0;
  #frame: Uint8Array | undefined;
  #filled = 0;
  #paused = false;
  #sent = 0;
  #received = 0;
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
    this.#out = { cipher: result.send, records: 0, bytes: 0 };
    this.#in = { cipher: result.receive, records: 0, bytes: 0 };
    this.#salt = result.handshakeHash;
    this.#secret = result.chainingKey;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.ready = quiet(
      new Promise<void>((resolve, reject) => (this.#settleReady = { resolve, reject })),
    );
  }

  get backlogBytes(): number {
    return this.#transport.backlogBytes + this.#sealingBytes;
  }

  /** Bytes on the wire since the handshake. */
  get wireBytes(): WireBytes {
    return { sent: this.#sent, received: this.#received };
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
    this.#record(RECORD_TYPES.ready, 0, []);
  }

  send(parts: readonly Uint8Array[]): void {
    if (this.#state !== 'open') return;
    const frameBytes = byteLengthOf(parts);
    assert(frameBytes <= this.#maxFrameBytes, 'a frame is larger than maxFrameBytes');
    if (frameBytes <= MAX_PIECE_BYTES) {
      this.#record(RECORD_TYPES.first, frameBytes, parts);
      return;
    }
    const plain = new ByteQueue();
    for (const part of parts) plain.push(part);
    this.#record(RECORD_TYPES.first, frameBytes, plain.take(MAX_PIECE_BYTES));
    while (plain.length > 0) {
      this.#record(RECORD_TYPES.more, 0, plain.take(Math.min(MAX_PIECE_BYTES, plain.length)));
    }
  }

  close(): void {
    this.closeFor(CLOSE_REASONS.orderly);
  }

  /** Authenticated close with a reason of CLOSE_REASONS. */
  closeFor(reason: number): void {
    if (this.#state !== 'open') return;
    this.#record(RECORD_TYPES.close, 0, [Uint8Array.of(reason)]);
    this.#state = 'closing';
    if (this.#sealing === 0) this.#transport.close();
    else void this.#sendTail.then(() => this.#transport.close());
  }

  destroy(): void {
    this.#transport.destroy();
    this.#finish(new MpcError('ERR_MPC_TRANSPORT', `connection to ${this.#options.label} dropped`));
  }

  /** Bytes of the transport. */
  data(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.#state !== 'open') return;
    this.#queue.push(bytes);
    this.#pump();
  }

  /** End of the transport. */
  closed(error?: MpcError): void {
    this.#inOrder(() => {
      const why = error?.message ?? 'the stream was truncated: it ended without a close record';
      const truncated = new MpcError('ERR_MPC_TRANSPORT', `${this.#options.label}: ${why}`, {
        cause: error,
      });
      this.#finish(this.#state === 'open' ? truncated : undefined);
    });
  }

  #record(type: number, frameBytes: number, parts: readonly Uint8Array[]): void {
    if (this.#state !== 'open') return;
    const bodyBytes = byteLengthOf(parts) + TAG_BYTES;
    const header = encodeRecordHeader({ bodyBytes, type, frameBytes });
    const sealed = this.#out.cipher.seal(header, parts);
    this.#step(this.#out, bodyBytes);
    this.#sent += RECORD_HEADER_BYTES + bodyBytes;
    if (this.#sealing === 0 && !(sealed instanceof Promise)) {
      this.#transport.send([header, ...sealed]);
      return;
    }
    this.#sealing += 1;
    this.#sealingBytes += bodyBytes;
    this.#sendTail = this.#sendTail.then(async () => {
      try {
        const body = await sealed;
        if (this.#state !== 'ended') this.#transport.send([header, ...body]);
      } catch (cause) {
        this.#finish(new MpcError('ERR_MPC_TRANSPORT', 'a record cannot be encrypted', { cause }));
        this.#transport.destroy();
      }
      this.#sealing -= 1;
      this.#sealingBytes -= bodyBytes;
    });
  }

  /** Takes whole records off the queue. */
  #pump(): void {
    while (this.#state === 'open' && this.#queue.length >= RECORD_HEADER_BYTES) {
      const header = decodeRecordHeader(this.#queue.peek(RECORD_HEADER_BYTES));
      const wrong = this.#headerFault(header);
      if (wrong !== undefined) {
        this.#refuse(wrong);
        return;
      }
      const { bodyBytes } = header;
      if (this.#queue.length < RECORD_HEADER_BYTES + bodyBytes) return;
      const ad = this.#queue.peek(RECORD_HEADER_BYTES).slice();
      this.#queue.take(RECORD_HEADER_BYTES);
      this.#announce(header);
      let plain: Later<Uint8Array[]>;
      try {
        plain = this.#in.cipher.open(ad, this.#queue.take(bodyBytes));
      } catch {
        this.#refuse('a record does not verify');
        return;
      }
      this.#step(this.#in, bodyBytes);
      this.#opened(header, plain);
    }
  }

  /** Only canonical pieces are taken: nothing is allocated on the word of a header. */
  #headerFault({ bodyBytes, type, frameBytes }: RecordHeader): string | undefined {
    const pieceBytes = bodyBytes - TAG_BYTES;
    if (pieceBytes < 0 || bodyBytes > MAX_BODY_BYTES) return 'a record has an impossible length';
    if (!this.#readySeen && type !== RECORD_TYPES.ready && type !== RECORD_TYPES.close) {
      return 'data before the key confirmation';
    }
    if (type === RECORD_TYPES.first) {
      if (this.#announced > 0) return 'a frame begins inside another';
      if (frameBytes > this.#maxFrameBytes) {
        return `a frame of ${frameBytes} bytes exceeds maxFrameBytes ${this.#maxFrameBytes}`;
      }
      return pieceBytes === Math.min(frameBytes, MAX_PIECE_BYTES) ? undefined : 'an odd piece';
    }
    if (frameBytes !== 0) return 'a length where none belongs';
    if (type === RECORD_TYPES.more) {
      const due = Math.min(this.#announced, MAX_PIECE_BYTES);
      return due > 0 && pieceBytes === due ? undefined : 'an odd piece';
    }
    if (type === RECORD_TYPES.close) return pieceBytes === 1 ? undefined : 'an odd close record';
    if (type === RECORD_TYPES.ready) {
      return pieceBytes === 0 && !this.#readySeen ? undefined : 'an odd ready record';
    }
    return 'a record of unknown type';
  }

  #announce({ bodyBytes, type, frameBytes }: RecordHeader): void {
    if (type === RECORD_TYPES.first) this.#announced = frameBytes - (bodyBytes - TAG_BYTES);
    else if (type === RECORD_TYPES.more) this.#announced -= bodyBytes - TAG_BYTES;
    else if (type === RECORD_TYPES.ready) this.#readySeen = true;
  }

  #opened(header: RecordHeader, plain: Later<Uint8Array[]>): void {
    if (this.#opening === 0 && !(plain instanceof Promise)) {
      this.#accept(header, plain);
      return;
    }
    this.#opening += 1;
    this.#openingBytes += header.bodyBytes;
    this.#balance();
    this.#receiveTail = this.#receiveTail.then(async () => {
      try {
        const parts = await plain;
        if (this.#state === 'open') this.#accept(header, parts);
      } catch {
        this.#refuse('a record does not verify');
      }
      this.#opening -= 1;
      this.#openingBytes -= header.bodyBytes;
      this.#balance();
    });
  }

  /** An authenticated record. */
  #accept({ type, frameBytes }: RecordHeader, parts: readonly Uint8Array[]): void {
    if (type === RECORD_TYPES.ready) {
      this.#settleReady.resolve();
    } else if (type === RECORD_TYPES.close) {
      this.#peerCloses(parts.find((part) => part.length > 0)?.[0] ?? CLOSE_REASONS.orderly);
    } else {
      this.#piece(type === RECORD_TYPES.first ? frameBytes : undefined, parts);
    }
  }

  #piece(frameBytes: number | undefined, parts: readonly Uint8Array[]): void {
    if (frameBytes !== undefined) {
      if (parts.length === 1 && parts[0].length === frameBytes) {
        this.#deliver(parts[0]);
        return;
      }
      this.#frame = new Uint8Array(frameBytes);
      this.#filled = 0;
    }
    const frame = this.#frame;
    assert(frame !== undefined, 'a piece belongs to a frame');
    for (const part of parts) {
      frame.set(part, this.#filled);
      this.#filled += part.length;
    }
    if (this.#filled < frame.length) return;
    this.#frame = undefined;
    this.#deliver(frame);
  }

  #deliver(frame: Uint8Array): void {
    if (this.#handler !== undefined && this.#undelivered.length === 0) {
      this.#handler.frame(frame);
      return;
    }
    this.#undelivered.push(frame);
    this.#undeliveredBytes += frame.length;
    this.#balance();
  }

  #peerCloses(reason: number): void {
    const { peer, label } = this.#options;
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

  /** Our receiving direction is poisoned: the peer is told, nothing more is read. */
  #refuse(why: string): void {
    if (this.#state !== 'open') return;
    this.closeFor(CLOSE_REASONS.badRecord);
    this.#finish(new ProtocolAbort(this.#options.peer, `${this.#options.label}: ${why}`));
  }

  #finish(error: MpcError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    // Records under way keep their key until they are written.
    void this.#sendTail.then(() => {
      this.#state = 'ended';
      this.#out.cipher.wipe();
      this.#in.cipher.wipe();
      wipe(this.#secret);
    });
    if (this.#state === 'open') this.#state = 'closing';
    this.#queue.clear();
    this.#frame = undefined;
    this.#settleReady.reject(
      error ?? new MpcError('ERR_MPC_CLOSED', `${this.#options.label} closed the connection`),
    );
    this.#resolveEnded(error);
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#end === undefined || this.#endTold || this.#handler === undefined) return;
    if (this.#undelivered.length > 0) return;
    this.#endTold = true;
    this.#handler.closed(this.#end.error);
  }

  /** Counts a record; REKEY at fixed distances. */
  #step(direction: Direction, bodyBytes: number): void {
    direction.records += 1;
    direction.bytes += bodyBytes;
    const { rekeyRecords = 2 ** 20, rekeyBytes = 2 ** 30 } = this.#options;
    if (direction.records < rekeyRecords && direction.bytes < rekeyBytes) return;
    direction.cipher.rekey();
    direction.records = 0;
    direction.bytes = 0;
  }

  /** Runs `body` after the records received before it. */
  #inOrder(body: () => void): void {
    if (this.#opening === 0) body();
    else void this.#receiveTail.then(body);
  }

  #balance(): void {
    const crowded = this.#undeliveredBytes + this.#openingBytes > PAUSE_BYTES;
    if (crowded === this.#paused) return;
    this.#paused = crowded;
    if (crowded) this.#transport.pause();
    else this.#transport.resume();
  }
}
