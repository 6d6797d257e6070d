/**
 * Memory of large arrays that nobody needs any more, kept for arrays of the same size.
 *
 * Fresh memory costs its first touch, and collections of the whole heap: engines count what is allocated between them.
 * @module
 */

import { giveBack, wholeBuffer } from './give-back.ts';

/** Most that is kept, of all sizes. */
const MOST_BYTES = 32 * 2 ** 20;

/** By size, the size that was asked for last at the end. */
const kept = new Map<number, ArrayBuffer[]>();
let keptBytes = 0;

/** Memory of exactly so many bytes, with anything in it; undefined where none is kept. */
export function takeSpare(byteLength: number): ArrayBuffer | undefined {
  const list = kept.get(byteLength);
  const buffer = list?.pop();
  if (list === undefined || buffer === undefined) return undefined;
  kept.delete(byteLength);
  if (list.length > 0) kept.set(byteLength, list);
  keptBytes -= byteLength;
  return buffer;
}

/** Keeps the buffer behind an array, if the array is all of it; it is the caller's alone, and empty from now on. */
export function keepSpare(array: ArrayBufferView): void {
  const buffer = wholeBuffer(array);
  if (buffer === undefined || buffer.byteLength > MOST_BYTES) return;
  const { byteLength } = buffer;
  const list = kept.get(byteLength) ?? [];
  list.push(structuredClone(buffer, { transfer: [buffer] }));
  kept.set(byteLength, list);
  keptBytes += byteLength;
  while (keptBytes > MOST_BYTES) dropOldest();
}

function dropOldest(): void {
  const [[byteLength, list]] = kept;
  const buffer = list.shift();
  if (buffer !== undefined) giveBack(new Uint8Array(buffer));
  if (list.length === 0) kept.delete(byteLength);
  keptBytes -= byteLength;
}

/** Bytes that are still to be read before an array is kept. */
const unread = new WeakMap<ArrayBufferLike, number>();

/** Keeps an array's buffer once all of it has been read so many times (`wasRead`), by whomever; no part is read more often. */
export function keepAfter(readers: number, array: ArrayBufferView): void {
  const buffer = wholeBuffer(array);
  if (buffer !== undefined) unread.set(buffer, readers * buffer.byteLength);
}

/** Somebody has read these bytes and will not again. */
export function wasRead({ buffer, byteLength }: ArrayBufferView): void {
  const bytes = unread.get(buffer);
  if (bytes === undefined) return;
  if (bytes > byteLength) {
    unread.set(buffer, bytes - byteLength);
    return;
  }
  unread.delete(buffer);
  keepSpare(new Uint8Array(buffer));
}
