/**
 * This party's words of material: streams of a seed, and corrections that came for them, in kernel memory until their gate is done.
 *
 * They are written there ahead of the gates up to a bound, in the order of the program; beyond it when a gate reads them. So a
 * program that runs far ahead holds requests, not material. Contexts are the full descriptor and tag (C5).
 * @module
 */

import { ByteQueue } from '../../core/byte-queue.ts';
import { giveBack } from '../../core/give-back.ts';
import type { Ptr } from '../../kernels/contract.ts';
import { Block, BlockWords, type Arena } from '../../kernels/memory.ts';
import { deriveStream, fillAt, StreamWords, type StreamKey } from '../../prg/stream.ts';
import { streamContext, type Tag } from '../tag.ts';
import { maskDescriptor } from './kinds/mask.ts';
import { MaskShare } from './mask-share.ts';
import type { MaterialRequest, Segment } from './material.ts';

/** Most bytes of material that is in kernel memory before a gate reads it, over all steps of a party. */
export const RESIDENT_BYTES: number = 2 ** 28;

/** This party's words of a request, by segment name. */
export interface Material {
  /** Whether it is in kernel memory already; else reading it puts it there, beyond the bound. */
  readonly resident: boolean;
  /** Words in kernel memory, or undefined for a name that the request does not have. */
  get(name: string): BlockWords | undefined;
  /** The gate has read everything: the memory is given back. */
  done(): void;
}

/** Corrections of a step. */
export interface Corrections {
  /** In parts as they came; they are used up. */
  readonly payload: readonly Uint8Array[];
  /** Called once they are not needed any more: whoever fetches them may fetch more. */
  readonly used: () => void;
}

/** All streams of one seed. */
export class Streams {
  readonly #arena: Arena;
  readonly #seed: Uint8Array;
  readonly #limit: number;
  #resident = 0;

  constructor(arena: Arena, seed: Uint8Array, limit: number = RESIDENT_BYTES) {
    this.#arena = arena;
    this.#seed = seed;
    this.#limit = limit;
  }

  /** Bytes of material in kernel memory. */
  get resident(): number {
    return this.#resident;
  }

  /** This party's share of the mask that `tag` names; the same words at every call. */
  mask(tag: Tag, length: number): MaskShare {
    const key = this.#key(maskDescriptor(length), tag);
    const stream = new StreamWords(key, 0);
    const bytes = roundUp64(8 * length);
    if (this.#resident + bytes > this.#limit) return new MaskShare(stream);
    const block = new Block(this.#arena.kernels, bytes);
    this.#resident += bytes;
    fillAt(this.#arena, block.at, key, 0, length, 8);
    return new MaskShare(stream, block, () => (this.#resident -= bytes));
  }

  /** The words of a step; `corrections` is null where this party expands all of them. */
  material(tag: Tag, request: MaterialRequest, corrections: Corrections | null): Material {
    const starts = startsOf(request.segments);
    const bytes = starts[request.segments.length];
    let block: Block | undefined;
    let payload = corrections?.payload;
    const expand = (): Block => {
      const made = new Block(this.#arena.kernels, bytes);
      this.#resident += bytes;
      this.#fill(made.at, tag, request, starts, payload);
      payload = undefined;
      return made;
    };
    if (this.#resident + bytes <= this.#limit) block = expand();
    return {
      get resident() {
        return block !== undefined;
      },
      get: (name) => {
        const i = request.segments.findIndex((segment) => segment.name === name);
        if (i < 0) return undefined;
        block ??= expand();
        return new BlockWords(block, starts[i], request.segments[i].words);
      },
      done: () => {
        if (block !== undefined) {
          block.release();
          this.#resident -= bytes;
        }
        corrections?.used();
      },
    };
  }

  #key(descriptor: Uint8Array, tag: Tag): StreamKey {
    return deriveStream(this.#seed, streamContext('deal', descriptor, tag));
  }

  /** Writes all segments: corrections where they came, else streams. */
  #fill(
    at: Ptr,
    tag: Tag,
    { descriptor, segments }: MaterialRequest,
    starts: readonly number[],
    payload: readonly Uint8Array[] | undefined,
  ): void {
    const key = this.#key(descriptor, tag);
    const came = new ByteQueue(payload);
    segments.forEach(({ words, source, wireBytes = 8 }, i) => {
      if (words === 0) return;
      this.#arena.scope((arena) => {
        const to = at + starts[i];
        if (payload === undefined || source !== 'dealt') {
          fillAt(arena, to, key, i, words, wireBytes);
          return;
        }
        const bytes = words * wireBytes;
        if (wireBytes === 8) arena.writeNext(to, came, bytes);
        else arena.kernels.unpackLow(to, arena.putNext(came, bytes), wireBytes, words);
      });
    });
    payload?.forEach(giveBack);
  }
}

/** Where the segments of a request start in their block, in bytes, and where the last one ends: multiples of 64. */
function startsOf(segments: readonly Segment[]): number[] {
  const starts = [0];
  for (const { words } of segments) starts.push(roundUp64(starts[starts.length - 1] + 8 * words));
  return starts;
}

function roundUp64(bytes: number): number {
  return (bytes + 63) & -64;
}
