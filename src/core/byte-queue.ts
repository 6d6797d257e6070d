/**
 * Bytes in chunks that are read from the front. Chunks are not joined.
 * @module
 */

import { joined } from './bytes.ts';

/** First in, first out, over chunks. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: readonly Uint8Array[] = []) {
    for (const chunk of chunks) this.push(chunk);
  }

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The first `count` bytes in chunks; there must be as many. */
  take(count: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    this.#length -= count;
    let used = 0;
    while (count > 0) {
      const chunk = this.#chunks[used];
      if (chunk.length > count) {
        out.push(chunk.subarray(0, count));
        this.#chunks[used] = chunk.subarray(count);
        break;
      }
      out.push(chunk);
      count -= chunk.length;
      used += 1;
    }
    if (used > 0) this.#chunks.splice(0, used);
    return out;
  }

  /** The first `count` bytes joined, left in place. */
  peek(count: number): Uint8Array {
    const out: Uint8Array[] = [];
    let missing = count;
    for (const chunk of this.#chunks) {
      out.push(chunk.subarray(0, missing));
      missing -= Math.min(missing, chunk.length);
      if (missing === 0) break;
    }
    return joined(out);
  }
}
