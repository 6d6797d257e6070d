/**
 * The 8-byte digest that every message carries: a hash chained over (op, options, scales, shapes, digests of the inputs).
 *
 * It catches parties that run different programs, two swapped calls of the same shape included. It is no defence against a
 * party that lies; the channel authenticates, the trust mode says who may lie (SECURITY.md).
 * @module
 */

import { blake3 } from '@noble/hashes/blake3.js';

const encoder = new TextEncoder();

/** Digest of one step from its public description and the digests of its inputs. */
export function digestOf(description: string, inputs: readonly bigint[]): bigint {
  const text = encoder.encode(description);
  const bytes = new Uint8Array(4 + text.length + inputs.length * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, text.length, true);
  bytes.set(text, 4);
  inputs.forEach((digest, i) => view.setBigUint64(4 + text.length + i * 8, digest, true));
  const hash = blake3(bytes, { dkLen: 8 });
  return new DataView(hash.buffer, hash.byteOffset).getBigUint64(0, true);
}
