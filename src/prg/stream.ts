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
