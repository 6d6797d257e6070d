/**
 * Noise CipherState for AESGCM: a key and a counter.
 *
 * The nonce is 4 zero bytes and the counter as u64 big endian; 2^64 − 1 is reserved for REKEY (M1).
 * @module
 */

import { concat } from '../../core/bytes.ts';
import { assert } from '../../core/errors.ts';
import { type Later, quiet, then } from '../../core/later.ts';
import { type Aead, type AeadKey, KEY_BYTES, NONCE_BYTES } from './crypto.ts';

/** That of the counter 2^64 − 1. */
const REKEY_NONCE = new Uint8Array(NONCE_BYTES).fill(255, 4);

/** One direction's key. Nonces are taken when called, so order of calls is order on the wire. */
export class CipherState {
  readonly #aead: Aead;
  #key: Later<AeadKey>;
  #counter = 0;
  readonly #nonce = new Uint8Array(NONCE_BYTES);

  constructor(aead: Aead, key: Uint8Array) {
    this.#aead = aead;
    this.#key = aead(key);
    if (this.#key instanceof Promise) void quiet(this.#key);
  }

  /** EncryptWithAd; ciphertext in parts, tag last. */
  seal(ad: Uint8Array, parts: readonly Uint8Array[]): Later<Uint8Array[]> {
    const nonce = this.#nextNonce();
    if (!(this.#key instanceof Promise)) return this.#key.seal(nonce, ad, parts);
    const own = nonce.slice();
    return then(this.#key, (key) => key.seal(own, ad, parts));
  }

  /**
   * DecryptWithAd. Throws or rejects when the tag does not verify; the state is then useless.
   * What it is given is lent: a key that works later gets a copy.
   */
  open(ad: Uint8Array, parts: readonly Uint8Array[]): Later<Uint8Array[]> {
    const nonce = this.#nextNonce();
    if (!(this.#key instanceof Promise)) return this.#key.open(nonce, ad, parts);
    const [ownNonce, ownAd, own] = [nonce.slice(), concat([ad]), [concat(parts)]];
    return then(this.#key, (key) => key.open(ownNonce, ownAd, own));
  }

  /** REKEY: the first 32 bytes of E(k, 2^64 − 1, "", 0^32); the counter goes on. */
  rekey(): void {
    this.#key = then(this.#key, (old) =>
      then(old.seal(REKEY_NONCE, new Uint8Array(), [new Uint8Array(KEY_BYTES)]), (out) => {
        const fresh = concat(out).subarray(0, KEY_BYTES);
        // Earlier calls of an asynchronous AEAD may still hold the old key: it wipes itself later.
        if (!(this.#key instanceof Promise)) old.wipe();
        return this.#aead(fresh);
      }),
    );
  }

  /** Forgets the key. */
  wipe(): void {
    void then(this.#key, (key) => key.wipe());
  }

  /** Lent until the next call. */
  #nextNonce(): Uint8Array {
    assert(this.#counter < Number.MAX_SAFE_INTEGER, 'a channel key is used 2^53 times at most');
    const counter = this.#counter++;
    const high = Math.floor(counter / 2 ** 32);
    for (let i = 0; i < 4; i++) {
      this.#nonce[4 + i] = high >>> (24 - 8 * i);
      this.#nonce[8 + i] = counter >>> (24 - 8 * i);
    }
    return this.#nonce;
  }
}
