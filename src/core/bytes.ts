/**
 * Byte strings: little-endian words, joining, comparing, wiping.
 *
 * No encoding of messages lives here, only what every encoder needs.
 * @module
 */

import { takeSpare } from './spare.ts';

/** Total length of byte strings. */
export function byteLengthOf(parts: readonly Uint8Array[]): number {
  let total = 0;
  for (const part of parts) total += part.length;
  return total;
}

/**
 * Memory of its own that the caller overwrites whole, at once: what lies there is not zero where Node has it cheaper so
 * (8 MB: 0.7 ms with the copy, 3 ms zeroed first).
 */
export function unzeroed(byteLength: number): ArrayBuffer {
  if (byteLength < UNZEROED_BYTES) return new ArrayBuffer(byteLength);
  const spare = takeSpare(byteLength);
  if (spare !== undefined) return spare;
  const { buffer } = allocate(byteLength);
  // Pages may have a Buffer of another maker.
  return buffer.byteLength === byteLength ? buffer : new ArrayBuffer(byteLength);
}

const UNZEROED_BYTES = 16 * 1024;
type Allocate = (bytes: number) => Uint8Array<ArrayBuffer>;
const allocate: Allocate =
  (globalThis as { readonly Buffer?: { readonly allocUnsafeSlow?: Allocate } }).Buffer
    ?.allocUnsafeSlow ?? ((bytes) => new Uint8Array(bytes));

/** A copy of a stretch of a buffer. */
export function copyOf(buffer: ArrayBufferLike, from: number, byteLength: number): ArrayBuffer {
  const out = unzeroed(byteLength);
  new Uint8Array(out).set(new Uint8Array(buffer, from, byteLength));
  return out;
}

/** All parts in one fresh array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(unzeroed(byteLengthOf(parts)));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** All parts as one: the part itself where it is the only one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0] : concat(parts);
}

/** Overwrites secrets that are no longer needed. Copies made by the engine cannot be reached. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** Whether two byte strings are equal; time depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

/** The smallest multiple of 8 that is at least `bytes`. */
export function roundUp8(bytes: number): number {
  return bytes + (-bytes & 7);
}

/** `n` as 4 little-endian bytes. */
export function u32le(n: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, n, true);
  return out;
}

/** `n`, an integer below 2^53 or a bigint below 2^64, as 8 little-endian bytes. */
export function u64le(n: number | bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(n), true);
  return out;
}

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** An injective encoding of a list of byte strings and texts: each behind its u32 length. */
export function lengthPrefixed(fields: readonly (Uint8Array | string)[]): Uint8Array {
  const parts: Uint8Array[] = [u32le(fields.length)];
  for (const field of fields) {
    const bytes = typeof field === 'string' ? utf8(field) : field;
    parts.push(u32le(bytes.length), bytes);
  }
  return concat(parts);
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/**
 * The bytes behind lower- or upper-case hexadecimal.
 *
 * @throws {TypeError} if `text` is anything else.
 */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new TypeError('fromHex: expected an even number of hexadecimal digits');
  }
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}
