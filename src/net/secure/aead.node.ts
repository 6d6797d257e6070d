/**
 * AES-256-GCM of node:crypto: synchronous, for Node, Deno and Bun.
 * @module
 */

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { byteLengthOf, concat, wipe } from '../../core/bytes.ts';
import { type Aead, TAG_BYTES } from './crypto.ts';

/** Copy of the key lives in ordinary memory until `wipe`. */
export const nodeAead: Aead = (secret) => {
  const key = secret.slice();
  return {
    seal(nonce, ad, parts) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(ad);
      const out: Uint8Array[] = [];
      for (const part of fewer(parts)) out.push(cipher.update(part));
      cipher.final();
      out.push(cipher.getAuthTag());
      return out;
    },
    open(nonce, ad, parts) {
      const [body, tag] = splitTag(parts);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(ad);
      decipher.setAuthTag(tag);
      const out: Uint8Array[] = [];
      for (const part of body) out.push(decipher.update(part));
      decipher.final();
      return out;
    },
    wipe: () => wipe(key),
  };
};

/** Below this, bytes, one call on a copy is cheaper than a call for each part. */
const SMALL_BYTES = 8192;

function fewer(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  return parts.length > 1 && byteLengthOf(parts) <= SMALL_BYTES ? [concat(parts)] : parts;
}

/** The last 16 bytes, which may lie across parts, and what comes before. */
function splitTag(parts: readonly Uint8Array[]): [Uint8Array[], Uint8Array] {
  const body = [...parts];
  const last = body.pop() ?? new Uint8Array();
  if (last.length >= TAG_BYTES) {
    const cut = last.length - TAG_BYTES;
    if (cut > 0) body.push(last.subarray(0, cut));
    return [body, last.subarray(cut)];
  }
  const tag = new Uint8Array(TAG_BYTES);
  tag.set(last, TAG_BYTES - last.length);
  let missing = TAG_BYTES - last.length;
  while (missing > 0) {
    const part = body.pop();
    if (part === undefined) throw new Error('shorter than its tag');
    const taken = Math.min(missing, part.length);
    tag.set(part.subarray(part.length - taken), missing - taken);
    if (part.length > taken) body.push(part.subarray(0, part.length - taken));
    missing -= taken;
  }
  return [body, tag];
}
