/**
 * One direction's cipher: its REKEY comes after every 2^20 records or 1 GiB of bodies, counted
 * equally at both ends (M1).
 * @module
 */

import type { Later } from '../../core/later.ts';
import type { CipherState } from './cipher-state.ts';

/** For tests: other distances, equal at both ends. */
export interface RekeyOptions {
  readonly rekeyRecords?: number;
  readonly rekeyBytes?: number;
}

/** Seals or opens records, in the order of the calls. */
export class RecordCipher {
  readonly #cipher: CipherState;
  readonly #mostRecords: number;
  readonly #mostBytes: number;
  #records = 0;
  #bytes = 0;

  constructor(cipher: CipherState, { rekeyRecords, rekeyBytes }: RekeyOptions) {
    this.#cipher = cipher;
    this.#mostRecords = rekeyRecords ?? 2 ** 20;
    this.#mostBytes = rekeyBytes ?? 2 ** 30;
  }

  /** The body of a record, in parts. */
  seal(header: Uint8Array, parts: readonly Uint8Array[], bodyBytes: number): Later<Uint8Array[]> {
    const body = this.#cipher.seal(header, parts);
    this.#count(bodyBytes);
    return body;
  }

  /** The plaintext of a record. Both arguments are lent. Throws or rejects if it does not verify. */
  open(header: Uint8Array, body: Uint8Array): Later<Uint8Array[]> {
    const plain = this.#cipher.open(header, [body]);
    this.#count(body.length);
    return plain;
  }

  /** Forgets the key. */
  wipe(): void {
    this.#cipher.wipe();
  }

  #count(bodyBytes: number): void {
    this.#records += 1;
    this.#bytes += bodyBytes;
    if (this.#records < this.#mostRecords && this.#bytes < this.#mostBytes) return;
    this.#cipher.rekey();
    this.#records = 0;
    this.#bytes = 0;
  }
}
