/**
 * The sending direction of a channel: plaintext in, records out, strictly in order.
 *
 * Nonces are taken when a record is written. A synchronous cipher hands its record to the transport at
 * once; behind an asynchronous one records queue up.
 * @module
 */

import { byteLengthOf } from '../../core/bytes.ts';
import type { Transport } from '../link.ts';
import { ByteQueue } from './byte-queue.ts';
import { TAG_BYTES } from './crypto.ts';
import type { RecordCipher } from './record-cipher.ts';
import {
  encodeRecordHeader,
  MAX_PIECE_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_TYPES,
} from './record.ts';

/** Writes records. */
export class RecordWriter {
  readonly #cipher: RecordCipher;
  readonly #transport: Transport;
  readonly #failed: (cause: unknown) => void;
  #tail: Promise<void> = Promise.resolve();
  #sealing = 0;
  #sealingBytes = 0;
  #sentBytes = 0;
  #stopped = false;

  /** @param failed called when a record cannot be encrypted: nothing may follow it. */
  constructor(cipher: RecordCipher, transport: Transport, failed: (cause: unknown) => void) {
    this.#cipher = cipher;
    this.#transport = transport;
    this.#failed = failed;
  }

  /** Bytes of records that are not with the transport yet. */
  get backlogBytes(): number {
    return this.#sealingBytes;
  }

  /** Bytes of records so far, headers included. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Writes a frame, in as many records as it needs. */
  frame(parts: readonly Uint8Array[]): void {
    const frameBytes = byteLengthOf(parts);
    if (frameBytes <= MAX_PIECE_BYTES) {
      this.record(RECORD_TYPES.first, frameBytes, parts);
      return;
    }
    const plain = new ByteQueue();
    for (const part of parts) plain.push(part);
    this.record(RECORD_TYPES.first, frameBytes, plain.take(MAX_PIECE_BYTES));
    while (plain.length > 0) {
      this.record(RECORD_TYPES.more, 0, plain.take(Math.min(MAX_PIECE_BYTES, plain.length)));
    }
  }

  /** Writes one record. */
  record(type: number, frameBytes: number, parts: readonly Uint8Array[]): void {
    const bodyBytes = byteLengthOf(parts) + TAG_BYTES;
    const header = encodeRecordHeader({ bodyBytes, type, frameBytes });
    const sealed = this.#cipher.seal(header, parts, bodyBytes);
    this.#sentBytes += RECORD_HEADER_BYTES + bodyBytes;
    if (this.#sealing === 0 && !(sealed instanceof Promise)) {
      this.#transport.send([header, ...sealed]);
      return;
    }
    this.#sealing += 1;
    this.#sealingBytes += bodyBytes;
    this.#tail = this.#tail.then(async () => {
      try {
        const body = await sealed;
        if (!this.#stopped) this.#transport.send([header, ...body]);
      } catch (cause) {
        this.#failed(cause);
      }
      this.#sealing -= 1;
      this.#sealingBytes -= bodyBytes;
    });
  }

  /** Runs `body` when all records so far are with the transport: now, if they are. */
  after(body: () => void): void {
    if (this.#sealing === 0) body();
    else void this.#tail.then(body);
  }

  /** Nothing more is written; the key is forgotten. */
  stop(): void {
    this.#stopped = true;
    this.#cipher.wipe();
  }
}
