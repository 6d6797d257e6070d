/**
 * PRG streams: BLAKE3 keyed mode, addressed by a full context.
 *
 * A stream is (32-byte root seed of this run, injectively encoded context); words are read by segment and position, so
 * identical requests regenerate identical words and different ones get independent streams (C4, C5). The context is never
 * shortened to a hash or an id before it is keyed.
 * @module
 */

import { blake3 } from '@noble/hashes/blake3.js';
import type { Ptr } from '../kernels/contract.ts';
import type { Arena } from '../kernels/memory.ts';

/** Words that come out at once. */
const BLOCK_WORDS = 8;

/** Key of one stream; derived from a root seed, never sent. */
export type StreamKey = Uint8Array;

type Hasher = ReturnType<typeof blake3.create>;

/** By root seed, a keyed hasher that has read nothing yet and one to work with: to make one costs as much as its work here. */
const keyed = new WeakMap<Uint8Array, readonly [fresh: Hasher, working: Hasher]>();

/**
 * The stream that `root` and `context` name: BLAKE3 keyed with the root seed over the context.
 *
 * @param root the same array for as long as the seed is in use, never written to.
 */
export function deriveStream(root: Uint8Array, context: Uint8Array): StreamKey {
  let hashers = keyed.get(root);
  if (hashers === undefined) {
    const fresh = blake3.create({ key: root });
    keyed.set(root, (hashers = [fresh, fresh.clone()]));
  }
  return hashers[0]._cloneInto(hashers[1]).update(context).digest();
}

/**
 * `n` words of segment `segment` of a stream, from its start, into a block of the arena's scope.
 *
 * Segments are 2^32 blocks of 64 bytes apart, so they never overlap.
 */
export function fillWords(arena: Arena, key: StreamKey, segment: number, n: number): Ptr {
  return fillNarrow(arena, key, segment, n, 8);
}

/** Words of a segment that are made where they are read, the same every time: cheaper than keeping them for later. */
export class StreamWords {
  readonly #key: StreamKey;
  readonly #segment: number;

  constructor(key: StreamKey, segment: number) {
    this.#key = key;
    this.#segment = segment;
  }

  /** `n` words from the `from`th on, in a block of the arena's scope that begins with the block of 8 words they are in. */
  read(arena: Arena, from: number, n: number): Ptr {
    const before = from % BLOCK_WORDS;
    const blocks = Math.ceil((before + n) / BLOCK_WORDS);
    const out = arena.words(BLOCK_WORDS * blocks);
    arena.scope(() => {
      const first = (from - before) / BLOCK_WORDS;
      arena.kernels.blake3Xof(out, arena.put(this.#key), first, this.#segment, blocks);
    });
    return out + 8 * before;
  }
}

/** As `fillWords` with `bytes` random low bytes to a word and zeros above: where no more of it matters, no more is drawn. */
export function fillNarrow(
  arena: Arena,
  key: StreamKey,
  segment: number,
  n: number,
  bytes: number,
): Ptr {
  const out = arena.words(n);
  fillAt(arena, out, key, segment, n, bytes);
  return out;
}

/** As `fillNarrow`, to memory that begins and ends at multiples of 64 bytes. */
export function fillAt(
  arena: Arena,
  out: Ptr,
  key: StreamKey,
  segment: number,
  n: number,
  bytes: number,
): void {
  const blocks = Math.ceil((n * bytes) / 64);
  if (blocks === 0) return;
  arena.scope(() => {
    const drawn = bytes === 8 ? out : arena.bytes(64 * blocks);
    arena.kernels.blake3Xof(drawn, arena.put(key), 0, segment, blocks);
    if (bytes < 8) arena.kernels.unpackLow(out, drawn, bytes, n);
  });
}
