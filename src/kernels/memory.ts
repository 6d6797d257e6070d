/**
 * The arena: where kernels compute, and the only holder of views on kernel memory.
 *
 * Shares live in collected ArrayBuffers; an operation copies its inputs in, keeps intermediates in a scope, and copies its
 * result out (ARCHITECTURE.md, memory). Scopes nest like a stack and free everything when they end. Views are made anew
 * at each access because they die when memory grows.
 * @module
 */

import type { ByteQueue } from '../core/byte-queue.ts';
import { copyOf, unzeroed } from '../core/bytes.ts';
import type { Kernels, Ptr } from './contract.ts';

/** Ring words as the rest of the library holds them. */
export type Words = BigUint64Array<ArrayBuffer>;

const CHUNK_BYTES = 1 << 20;
const MOST_IDLE_BYTES = 64 << 20;
/** Most bytes of words that `keep` gives out, and fewest of each. */
const MOST_KEPT_BYTES = 64 << 20;
const LEAST_KEPT_BYTES = 16 << 10;
const ALIGN = 64;

interface Chunk {
  readonly at: Ptr;
  readonly bytes: number;
  used: number;
}

/** A block of kernel memory that outlives scopes, until it is given back. */
export class Block {
  readonly #kernels: Kernels;
  readonly #at: Ptr;
  #held = true;

  constructor(kernels: Kernels, bytes: number) {
    this.#kernels = kernels;
    this.#at = kernels.reserve(bytes);
  }

  /** @throws {Error} once the block has been given back. */
  get at(): Ptr {
    if (!this.#held) throw new Error('cryptensor: a block of kernel memory is read after its end');
    return this.#at;
  }

  /** Gives the memory back; once. */
  release(): void {
    this.#kernels.release(this.at);
    this.#held = false;
  }
}

/** Words in a block, where kernels read them and, the last time, may write over them. */
export class BlockWords {
  readonly length: number;
  readonly #block: Block;
  readonly #from: number;

  /** @param from bytes from the block's start. */
  constructor(block: Block, from: number, length: number) {
    this.#block = block;
    this.#from = from;
    this.length = length;
  }

  get at(): Ptr {
    return this.#block.at + this.#from;
  }

  subarray(from: number, to: number): BlockWords {
    return new BlockWords(this.#block, this.#from + 8 * from, to - from);
  }
}

/** Gives memory back that nobody can reach any more. */
const unreachable = new FinalizationRegistry<() => void>((release) => release());

/** Fresh, zeroed words outside kernel memory. */
export function newWords(n: number): Words {
  return new BigUint64Array(n);
}

/** Words outside kernel memory that the caller overwrites whole. */
export function unzeroedWords(n: number): Words {
  return new BigUint64Array(unzeroed(8 * n));
}

/** Stack allocator over one backend's linear memory. */
export class Arena {
  readonly kernels: Kernels;
  #chunks: Chunk[] = [];
  #depth = 0;
  #keptBytes = 0;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
  }

  /** Runs `body`; everything it allocated is freed when it returns. Synchronous only. */
  scope<T>(body: (arena: Arena) => T): T {
    const marks = this.#chunks.map((chunk) => chunk.used);
    this.#depth++;
    try {
      return body(this);
    } finally {
      this.#depth--;
      this.#chunks.forEach((chunk, i) => (chunk.used = marks[i] ?? 0));
      if (this.#depth === 0) this.#trim();
    }
  }

  /** An uninitialised block of `n` words. */
  words(n: number): Ptr {
    return this.bytes(n * 8);
  }

  /** An uninitialised block of `n` bytes. */
  bytes(n: number): Ptr {
    const size = (n + ALIGN - 1) & -ALIGN || ALIGN;
    if (n > 0x7fff0000) throw new RangeError(`arena: a block of ${n} bytes is too large`);
    for (const chunk of this.#chunks) {
      if (chunk.bytes - chunk.used >= size) {
        const at = chunk.at + chunk.used;
        chunk.used += size;
        return at;
      }
    }
    const bytes = Math.max(size, CHUNK_BYTES, this.#chunks.at(-1)?.bytes ?? 0);
    const chunk = { at: this.kernels.reserve(bytes), bytes, used: size };
    this.#chunks.push(chunk);
    return chunk.at;
  }

  /** Words or bytes for kernels to work on: a copy, or, of words in a block that are aligned, those themselves. */
  put(source: ArrayBufferView | BlockWords): Ptr {
    if (source instanceof BlockWords) return this.#aligned(source);
    const at = this.bytes(source.byteLength);
    this.write(at, new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
    return at;
  }

  /**
   * Uninitialised words that stay in kernel memory for as long as anybody holds them. Collections do not know of this memory, so
   * there is a bound; undefined beyond it, and for few words: the caller has an array instead.
   */
  keep(n: number): BlockWords | undefined {
    const bytes = 8 * n;
    if (bytes < LEAST_KEPT_BYTES || this.#keptBytes + bytes > MOST_KEPT_BYTES) return undefined;
    const block = new Block(this.kernels, bytes);
    const { at } = block;
    this.#keptBytes += bytes;
    unreachable.register(block, () => {
      this.kernels.release(at);
      this.#keptBytes -= bytes;
    });
    return new BlockWords(block, 0, n);
  }

  /** Copies bytes to a place. */
  write(at: Ptr, bytes: Uint8Array): void {
    new Uint8Array(this.kernels.buffer(), at, bytes.length).set(bytes);
  }

  /** The next bytes of a queue, taken, in one block. */
  putNext(queue: ByteQueue, byteLength: number): Ptr {
    const at = this.bytes(byteLength);
    this.writeNext(at, queue, byteLength);
    return at;
  }

  /** Copies the next bytes of a queue, taken, to a place. */
  writeNext(at: Ptr, queue: ByteQueue, byteLength: number): void {
    for (const chunk of queue.take(byteLength)) {
      this.write(at, chunk);
      at += chunk.length;
    }
  }

  /** A block of `n` zero words. */
  zeros(n: number): Ptr {
    const at = this.words(n);
    new Uint8Array(this.kernels.buffer(), at, n * 8).fill(0);
    return at;
  }

  /** Copies words out. */
  take(at: Ptr, n: number): Words {
    return new BigUint64Array(copyOf(this.kernels.buffer(), at, n * 8));
  }

  /** Copies bytes out. */
  takeBytes(at: Ptr, n: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(copyOf(this.kernels.buffer(), at, n));
  }

  /** Copies doubles out. */
  takeDoubles(at: Ptr, n: number): Float64Array<ArrayBuffer> {
    return new Float64Array(copyOf(this.kernels.buffer(), at, n * 8));
  }

  #aligned(words: BlockWords): Ptr {
    if (words.at % 16 === 0) return words.at;
    const copy = this.words(words.length);
    this.write(copy, new Uint8Array(this.kernels.buffer(), words.at, 8 * words.length));
    return copy;
  }

  #trim(): void {
    const total = this.#chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    if (this.#chunks.length < 2 && total <= MOST_IDLE_BYTES) return;
    for (const chunk of this.#chunks) this.kernels.release(chunk.at);
    const bytes = Math.min(total, MOST_IDLE_BYTES);
    this.#chunks = [{ at: this.kernels.reserve(bytes), bytes, used: 0 }];
  }
}
