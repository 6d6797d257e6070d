/**
 * Which messages have been used: a bit for each position, so that a message that comes again is known
 * as such however long ago it came.
 * @module
 */

import { type MessageId, spaceKey } from './frame.ts';

/** Positions that share one array of bits. */
const BLOCK = 1024;

/** A set of message ids. Its size follows the positions that our own program has reached. */
export class UsedIds {
  readonly #root = new Map<number, Uint32Array>();
  readonly #forks = new Map<string, Map<number, Uint32Array>>();

  add(id: MessageId): void {
    const blocks = this.#blocks(id) ?? this.#fork(id);
    const name = blockOf(id);
    let bits = blocks.get(name);
    if (bits === undefined) blocks.set(name, (bits = new Uint32Array(BLOCK / 32)));
    const at = id.seq % BLOCK;
    bits[at >>> 5] |= 1 << (at & 31);
  }

  has(id: MessageId): boolean {
    const bits = this.#blocks(id)?.get(blockOf(id));
    const at = id.seq % BLOCK;
    return bits !== undefined && (bits[at >>> 5] & (1 << (at & 31))) !== 0;
  }

  #blocks({ space }: MessageId): Map<number, Uint32Array> | undefined {
    return space.length === 0 ? this.#root : this.#forks.get(spaceKey(space));
  }

  #fork({ space }: MessageId): Map<number, Uint32Array> {
    const blocks = new Map<number, Uint32Array>();
    this.#forks.set(spaceKey(space), blocks);
    return blocks;
  }
}

/** Injective: kinds are bytes, positions below 2^53. */
function blockOf({ kind, seq }: MessageId): number {
  return Math.floor(seq / BLOCK) * 256 + kind;
}
