/**
 * Elementwise work in tiles: each input and output passes main memory once, however many kernels run on a tile.
 *
 * A tensor of 10^6 words does not fit a cache; copying it in whole, computing, and copying it out reads and writes it five times.
 * @module
 */

import { ByteQueue } from '../core/byte-queue.ts';
import { unzeroed } from '../core/bytes.ts';
import type { Ptr } from './contract.ts';
import { BlockWords, type Arena, type Words } from './memory.ts';

/** Elements of a tile: a multiple of 64, so that packed bits end at words; six strips of words stay in a second-level cache. */
const TILE = 8192;

/** Bits of an element: 64 for words, 1 for packed bits, a multiple of 8 for packed words. */
export type Width = number;

/** Puts elements `from` to `from + count`, in the arena's scope. */
export type Maker = (from: number, count: number) => Ptr;

/** Bytes, words in a block, bytes in chunks, which are used up, or what makes them. */
export type Source = Uint8Array | BlockWords | ByteQueue | Maker;

/** What a tile's inputs are, where they are, and how many elements they have. */
export interface Tile {
  readonly at: readonly Ptr[];
  readonly n: number;
}

/**
 * The outputs that `body` computes for every tile, joined.
 *
 * @param inputs with the width of their elements, each of n elements.
 * @param widths of the outputs, in the order in which `body` returns where they are.
 */
export function inTiles(
  arena: Arena,
  n: number,
  inputs: readonly (readonly [source: Source, width: Width])[],
  widths: readonly Width[],
  body: (tile: Tile) => readonly Ptr[],
): Uint8Array<ArrayBuffer>[] {
  const outputs = widths.map((width) => new Uint8Array(unzeroed(Math.ceil((n * width) / 8))));
  for (let from = 0; from < n; from += TILE) {
    const count = Math.min(TILE, n - from);
    arena.scope(() => {
      const at = inputs.map(([source, width]) => {
        if (typeof source === 'function') return source(from, count);
        if (source instanceof BlockWords) return source.at + (from * width) / 8;
        if (source instanceof ByteQueue)
          return arena.putNext(source, Math.ceil((count * width) / 8));
        return arena.put(part(source, width, from, count));
      });
      const results = body({ at, n: count });
      outputs.forEach((output, i) => {
        const target = part(output, widths[i], from, count);
        target.set(new Uint8Array(arena.kernels.buffer(), results[i], target.length));
      });
    });
  }
  return outputs;
}

/** n words that `body` computes from words. */
export function mapWords(
  arena: Arena,
  n: number,
  inputs: readonly (ArrayBufferView | BlockWords | Maker)[],
  body: (tile: Tile) => Ptr,
): Words {
  const strips = inputs.map(
    (words) => [ArrayBuffer.isView(words) ? bytesOf(words) : words, 64] as const,
  );
  const [out] = inTiles(arena, n, strips, [64], (tile) => [body(tile)]);
  return new BigUint64Array(out.buffer);
}

/** The bytes of words, not copied. */
export function bytesOf<T extends ArrayBufferLike>(words: ArrayBufferView<T>): Uint8Array<T> {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function part<T extends Uint8Array>(bytes: T, width: Width, from: number, count: number): T {
  return bytes.subarray((from * width) / 8, Math.ceil(((from + count) * width) / 8)) as T;
}
