/**
 * The primitives of the channel: X25519, SHA-256, HKDF, and the contract of an AES-256-GCM.
 *
 * X25519 comes from tweetnacl, hashes from @noble/hashes; the AEAD is injected (`aead.node.ts`,
 * `aead-web.ts`). tweetnacl's own PRNG is never used (bundled as an ES module it finds none): secrets
 * come from `globalThis.crypto`.
 * @module
 */

import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import nacl from 'tweetnacl';
import { MpcError } from '../../core/errors.ts';
import type { Later } from '../../core/later.ts';

/** Bytes of an X25519 key, public or secret, and of an AEAD key. */
export const KEY_BYTES = 32;
/** Bytes of an AES-GCM tag. */
export const TAG_BYTES = 16;
/** Bytes of an AES-GCM nonce. */
export const NONCE_BYTES = 12;

/** An X25519 key pair, 32 bytes each. */
export interface KeyPair {
  readonly secret: Uint8Array;
  readonly public: Uint8Array;
}

/** AES-256-GCM under one key. */
export interface AeadKey {
  /** Ciphertext in parts, the 16-byte tag last. */
  seal(nonce: Uint8Array, ad: Uint8Array, parts: readonly Uint8Array[]): Later<Uint8Array[]>;
  /** Plaintext in parts; `parts` end with the tag. Throws or rejects if it does not verify. */
  open(nonce: Uint8Array, ad: Uint8Array, parts: readonly Uint8Array[]): Later<Uint8Array[]>;
  /** Forgets the key. */
  wipe(): void;
}

/** Makes an AEAD key of 32 bytes; the bytes are copied. */
export type Aead = (key: Uint8Array) => Later<AeadKey>;

/** SHA-256. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** HMAC-SHA-256. */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, bytes);
}

/** HKDF-SHA-256 of RFC 5869. */
export function hkdf(
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  byteLength = 32,
): Uint8Array {
  return expand(nobleSha256, extract(nobleSha256, ikm, salt), info, byteLength);
}

/** Fresh secret bytes from the platform's CSPRNG. */
export function randomBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(byteLength);
  for (let at = 0; at < byteLength; at += 65536) {
    globalThis.crypto.getRandomValues(out.subarray(at, at + 65536));
  }
  return out;
}

/** The key pair of a secret, or a fresh one. */
export function x25519KeyPair(secret: Uint8Array = randomBytes(KEY_BYTES)): KeyPair {
  return { secret, public: nacl.scalarMult.base(secret) };
}

/**
 * X25519 shared secret.
 *
 * @throws {MpcError} ERR_MPC_HANDSHAKE if the result is zero: a low-order public key (M1). The check
 * takes the same time for every input.
 */
export function x25519(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const shared = nacl.scalarMult(secret, publicKey);
  let any = 0;
  for (const byte of shared) any |= byte;
  if (any === 0) throw new MpcError('ERR_MPC_HANDSHAKE', 'the peer sent a low-order public key');
  return shared;
}
