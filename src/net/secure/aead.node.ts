/**
 * AES-256-GCM of node:crypto: synchronous, for Node, Deno and Bun.
 * @module
 */

import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from 'node:crypto';
import { byteLengthOf, concat, wipe } from '../../core/bytes.ts';
import { type Aead, TAG_BYTES } from './crypto.ts';

const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_BYTES };
/** Up to this many bytes, one call on a copy is cheaper than a call for each part. */
const SMALL_BYTES = 8192;
/** Most bytes of one call: what it returns is memory that the allocator uses again; more would be mapped anew each time. */
const PIECE_BYTES = 64 * 1024;

/** Copy of the key lives in ordinary memory until `wipe`. */
export const nodeAead: Aead = (secret) => {
  const key = new Uint8Array(secret);
  return {
    seal(nonce, ad, parts) {
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      cipher.setAAD(ad);
      const out: Uint8Array[] = [];
      for (const part of fewer(parts)) update(cipher, part, out);
      cipher.final();
      out.push(cipher.getAuthTag());
      return out;
    },
    open(nonce, ad, parts) {
      const sealed = parts.length === 1 ? parts[0] : concat(parts);
      const cut = sealed.length - TAG_BYTES;
      if (cut < 0) throw new Error('shorter than its tag');
      const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
      decipher.setAAD(ad);
      decipher.setAuthTag(sealed.subarray(cut));
      const out: Uint8Array[] = [];
      update(decipher, sealed.subarray(0, cut), out);
      decipher.final();
      return out.map(plainArray);
    },
    wipe: () => wipe(key),
  };
};

function fewer(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  return parts.length > 1 && byteLengthOf(parts) <= SMALL_BYTES ? [concat(parts)] : parts;
}

function update(cipher: Cipher | Decipher, part: Uint8Array, out: Uint8Array[]): void {
  if (part.length <= PIECE_BYTES) {
    out.push(cipher.update(part));
    return;
  }
  for (let at = 0; at < part.length; at += PIECE_BYTES) {
    out.push(cipher.update(part.subarray(at, at + PIECE_BYTES)));
  }
}

/** A Buffer's `slice` is a view; whoever gets the plaintext counts on a copy. */
function plainArray({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
