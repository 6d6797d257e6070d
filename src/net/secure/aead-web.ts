/**
 * AES-256-GCM of WebCrypto: asynchronous, for browsers.
 * @module
 */

import { concat } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import { type Aead, TAG_BYTES } from './crypto.ts';

/**
 * Keys are imported as not extractable; the engine keeps them, `wipe` only forgets them.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED where the page has no WebCrypto: browsers offer it only on
 * https and localhost. Table-based AES in JavaScript leaks through the cache and is not offered (M1).
 */
export const webAead: Aead = (secret) => {
  const subtle = webCrypto();
  const raw = new Uint8Array(secret);
  const imported = subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return imported.then((key) => {
    const algorithm = (nonce: Uint8Array, ad: Uint8Array): AesGcmParams => ({
      name: 'AES-GCM',
      iv: new Uint8Array(nonce),
      additionalData: new Uint8Array(ad),
      tagLength: 8 * TAG_BYTES,
    });
    return {
      async seal(nonce, ad, parts) {
        return [new Uint8Array(await subtle.encrypt(algorithm(nonce, ad), key, joined(parts)))];
      },
      async open(nonce, ad, parts) {
        return [new Uint8Array(await subtle.decrypt(algorithm(nonce, ad), key, joined(parts)))];
      },
      wipe: () => raw.fill(0),
    };
  });
};

/** WebCrypto copies what it is given before it returns, and takes no memory that is shared. */
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  return parts.length === 1 && isPlain(first) ? first : concat(parts);
}

function isPlain(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}

/**
 * WebCrypto, so that its absence is told before anybody is called.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED where the page has none.
 */
export function webCrypto(): SubtleCrypto {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle !== undefined) return subtle;
  throw new MpcError(
    'ERR_MPC_UNSUPPORTED',
    'this page has no WebCrypto (crypto.subtle): serve it over https or from localhost',
  );
}
