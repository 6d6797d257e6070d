/**
 * The receiving direction of a channel: bytes of a transport in, authenticated records out, strictly
 * in order, whether decryption is synchronous or not. The first failure is the last thing it says.
 *
 * Lengths and types are checked when a header is there, before anything is kept or allocated for the
 * record. A record that lies whole in the bytes of one call is decrypted where it lies; others are
 * gathered in one buffer of the largest size, used again and again.
 * @module
 */

import type { Later } from '../../core/later.ts';
import { TAG_BYTES } from './crypto.ts';
import type { RecordCipher } from './record-cipher.ts';
import {
  decodeRecordHeader,
  MAX_BODY_BYTES,
  MAX_PIECE_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_TYPES,
  type RecordHeader,
} from './record.ts';

/** What a reader reports. */
export interface RecordHandler {
  /** An authenticated record. */
  record(header: RecordHeader, plain: readonly Uint8Array[]): void;
  /** What came is no record of the peer's; nothing more is read. */
  refused(why: string): void;
  /** `backlogBytes` has changed. */
  balance(): void;
}

/** Reads records. */
export class RecordReader {
  readonly #cipher: RecordCipher;
  readonly #maxFrameBytes: number;
  readonly #handler: RecordHandler;
  readonly #head = new Uint8Array(RECORD_HEADER_BYTES);
  #headBytes = 0;
  /** The record under way, once its header is there. */
  #header: RecordHeader | undefined;
  #body: Uint8Array | undefined;
  #bodyBytes = 0;
  /** The header of the ready record has passed; it comes first and is authenticated in order. */
  #readySeen = false;
  /** Bytes of the frame under way that headers have yet to announce. */
  #announced = 0;
  #opening = 0;
  #openingBytes = 0;
  #tail: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(cipher: RecordCipher, maxFrameBytes: number, handler: RecordHandler) {
    this.#cipher = cipher;
    this.#maxFrameBytes = maxFrameBytes;
    this.#handler = handler;
  }

  /** Bytes of records that are being decrypted. */
  get backlogBytes(): number {
    return this.#openingBytes;
  }

  /** Bytes of the transport, lent. */
  data(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#stopped) {
      at = this.#header === undefined ? this.#readHead(bytes, at) : this.#readBody(bytes, at);
    }
  }

  /** Runs `body` after the records received before it: now, if they are through. */
  after(body: () => void): void {
    if (this.#opening === 0) body();
    else void this.#tail.then(body);
  }

  /** Nothing more is read. */
  stop(): void {
    this.#stopped = true;
    this.#body = undefined;
  }

  /** Forgets the key. */
  wipe(): void {
    this.#cipher.wipe();
  }

  #readHead(bytes: Uint8Array, at: number): number {
    const head = this.#head;
    while (at < bytes.length && this.#headBytes < head.length) {
      head[this.#headBytes++] = bytes[at++];
    }
    if (this.#headBytes < head.length) return at;
    this.#headBytes = 0;
    const header = decodeRecordHeader(head);
    const wrong = this.#fault(header);
    if (wrong === undefined) this.#header = header;
    else this.#refuse(wrong);
    return at;
  }

  #readBody(bytes: Uint8Array, at: number): number {
    const header = this.#header;
    if (header === undefined) return at;
    const { bodyBytes } = header;
    const end = Math.min(at + bodyBytes - this.#bodyBytes, bytes.length);
    const part = bytes.subarray(at, end);
    if (part.length === bodyBytes) {
      this.#open(header, part);
      return end;
    }
    this.#body ??= new Uint8Array(MAX_BODY_BYTES);
    this.#body.set(part, this.#bodyBytes);
    this.#bodyBytes += part.length;
    if (this.#bodyBytes === bodyBytes) this.#open(header, this.#body.subarray(0, bodyBytes));
    return end;
  }

  /** Only canonical pieces are taken: nothing is allocated on the word of a header. */
  #fault({ bodyBytes, type, frameBytes }: RecordHeader): string | undefined {
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

  #open(header: RecordHeader, body: Uint8Array): void {
    this.#header = undefined;
    this.#bodyBytes = 0;
    this.#announce(header);
    let plain: Later<Uint8Array[]>;
    try {
      plain = this.#cipher.open(this.#head, body);
    } catch {
      this.#refuse('a record does not verify');
      return;
    }
    if (this.#opening === 0 && !(plain instanceof Promise)) this.#handler.record(header, plain);
    else this.#queue(header, plain);
  }

  #queue(header: RecordHeader, plain: Later<Uint8Array[]>): void {
    this.#opening += 1;
    this.#openingBytes += header.bodyBytes;
    this.#handler.balance();
    this.#tail = this.#tail.then(async () => {
      try {
        const parts = await plain;
        if (!this.#stopped) this.#handler.record(header, parts);
      } catch {
        this.#refuse('a record does not verify');
      }
      this.#opening -= 1;
      this.#openingBytes -= header.bodyBytes;
      this.#handler.balance();
    });
  }

  #refuse(why: string): void {
    if (this.#stopped) return;
    this.stop();
    this.#handler.refused(why);
  }
}
