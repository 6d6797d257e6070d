/**
 * The sending direction of a channel: frames in, records out, strictly in order.
 *
 * A record is sealed, and takes its nonce, when the transport has room for it: a large message is
 * encrypted while its beginning is on its way, and never lies here as ciphertext as a whole. Sealing
 * may be asynchronous; records still leave in the order of their nonces.
 * @module
 */

import { ByteQueue } from '../../core/byte-queue.ts';
import { byteLengthOf } from '../../core/bytes.ts';
import { wasRead } from '../../core/spare.ts';
import type { Transport } from '../link.ts';
import { TAG_BYTES } from './crypto.ts';
import type { RecordCipher } from './record-cipher.ts';
import {
  encodeRecordHeader,
  MAX_BODY_BYTES,
  MAX_PIECE_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_TYPES,
} from './record.ts';

/** What is left of a frame, or of a record of another type. */
interface Waiting {
  type: number;
  frameBytes: number;
  readonly plain: ByteQueue;
}

/** Writes records. */
export class RecordWriter {
  readonly #cipher: RecordCipher;
  readonly #transport: Transport;
  readonly #failed: (cause: unknown) => void;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #tail: Promise<void> = Promise.resolve();
  #sealing = 0;
  #sealingBytes = 0;
  #sentBytes = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  /** @param failed called when a record cannot be encrypted: nothing may follow it. */
  constructor(cipher: RecordCipher, transport: Transport, failed: (cause: unknown) => void) {
    this.#cipher = cipher;
    this.#transport = transport;
    this.#failed = failed;
  }

  /** Bytes that are not with the transport yet. */
  get backlogBytes(): number {
    return this.#waitingBytes + this.#sealingBytes;
  }

  /** Bytes of records so far, headers included. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Writes a frame, in as many records as it needs. */
  frame(parts: readonly Uint8Array[]): void {
    this.#write(RECORD_TYPES.first, byteLengthOf(parts), parts);
  }

  /** Writes a record that is no part of a frame. */
  record(type: number, plain: Uint8Array): void {
    this.#write(type, 0, [plain]);
  }

  /** The transport has room again. */
  pump(): void {
    while (this.#waiting.length > 0 && !this.#crowded()) {
      const next = this.#waiting[0];
      const bytes = Math.min(next.plain.length, MAX_PIECE_BYTES);
      this.#seal(next.type, next.frameBytes, next.plain.take(bytes), bytes);
      this.#waitingBytes -= bytes;
      next.type = RECORD_TYPES.more;
      next.frameBytes = 0;
      if (next.plain.length === 0) this.#waiting.shift();
    }
    this.#checkIdle();
  }

  /** Runs `body` when all records so far are with the transport: now, if they are. */
  after(body: () => void): void {
    this.#idle.push(body);
    this.#checkIdle();
  }

  /** Forgets what waits: nobody will read it. Records that are being sealed still leave. */
  drop(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#checkIdle();
  }

  /** Nothing more is written; the key is forgotten. */
  stop(): void {
    this.#stopped = true;
    this.#cipher.wipe();
  }

  #write(type: number, frameBytes: number, parts: readonly Uint8Array[]): void {
    const bytes = byteLengthOf(parts);
    if (bytes <= MAX_PIECE_BYTES && this.#waiting.length === 0 && !this.#crowded()) {
      this.#seal(type, frameBytes, parts, bytes);
      return;
    }
    this.#waiting.push({ type, frameBytes, plain: new ByteQueue(parts) });
    this.#waitingBytes += bytes;
    this.pump();
  }

  /** Whether the next record had better wait. */
  #crowded(): boolean {
    if (this.#sealingBytes >= MAX_BODY_BYTES) return true;
    return this.#transport.tellsDrained && this.#transport.backlogBytes >= MAX_BODY_BYTES;
  }

  #seal(type: number, frameBytes: number, parts: readonly Uint8Array[], bytes: number): void {
    const bodyBytes = bytes + TAG_BYTES;
    const header = encodeRecordHeader({ bodyBytes, type, frameBytes });
    const sealed = this.#cipher.seal(header, parts, bodyBytes);
    this.#sentBytes += RECORD_HEADER_BYTES + bodyBytes;
    if (this.#sealing === 0 && !(sealed instanceof Promise)) {
      parts.forEach(wasRead);
      this.#transport.send([header, ...sealed]);
      return;
    }
    this.#sealing += 1;
    this.#sealingBytes += bodyBytes;
    this.#tail = this.#tail.then(async () => {
      try {
        const body = await sealed;
        parts.forEach(wasRead);
        if (!this.#stopped) this.#transport.send([header, ...body]);
      } catch (cause) {
        this.#failed(cause);
      }
      this.#sealing -= 1;
      this.#sealingBytes -= bodyBytes;
      this.pump();
    });
  }

  #checkIdle(): void {
    if (this.#idle.length === 0 || this.#waiting.length > 0 || this.#sealing > 0) return;
    for (const body of this.#idle.splice(0)) body();
  }
}
