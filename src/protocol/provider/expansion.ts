/**
 * This party's words of material: streams of a seed, and corrections that came for them.
 *
 * Streams are expanded ahead of the gates up to a bound, in the order of the program; beyond it when a gate reads them. So a
 * program that runs far ahead holds requests, not material. Contexts are the full descriptor and tag (C5).
 * @module
 */

import { copyOf } from '../../core/bytes.ts';
import type { Arena, Words } from '../../kernels/memory.ts';
import { deriveStream, fillNarrow, type StreamKey } from '../../prg/stream.ts';
import { streamContext, type Tag } from '../tag.ts';
import { maskDescriptor } from './kinds/mask.ts';
import type { MaterialRequest, Segment } from './material.ts';

/** Most bytes of streams that are expanded and not yet read, over all steps of a party. */
export const EXPANDED_BYTES: number = 2 ** 28;

/** This party's words of a request, by segment name; expanded or unpacked when they are first asked for. */
export interface Material {
  get(name: string): Words | undefined;
}

/** Corrections of a step. */
export interface Corrections {
  readonly payload: Uint8Array;
  /** Called once all of them are read: whoever fetches them may fetch more. */
  readonly used: () => void;
}

/** All streams of one seed. */
export class Streams {
  readonly #arena: Arena;
  readonly #seed: Uint8Array;
  readonly #limit: number;
  #expanded = 0;

  constructor(arena: Arena, seed: Uint8Array, limit: number = EXPANDED_BYTES) {
    this.#arena = arena;
    this.#seed = seed;
    this.#limit = limit;
  }

  /** Bytes expanded ahead and not yet read. */
  get expanded(): number {
    return this.#expanded;
  }

  /** This party's share of the mask that `tag` names; the same words on every call. */
  mask(tag: Tag, length: number): Words {
    return this.#words(this.#key(maskDescriptor(length), tag), 0, length);
  }

  /** The words of a step; `corrections` is null where this party expands all of them. */
  material(tag: Tag, request: MaterialRequest, corrections: Corrections | null): Material {
    let key: StreamKey | undefined;
    const streamed = ({ source }: Segment): boolean => corrections === null || source !== 'dealt';
    const dealt = corrections === null ? null : new Dealt(this.#arena, request, corrections);
    const expand = (segment: Segment): Words => {
      key ??= this.#key(request.descriptor, tag);
      return this.#words(key, request.segments.indexOf(segment), segment.words, segment.wireBytes);
    };
    const ready = new Map<string, Words>();
    const ahead = new Set(request.segments.filter(streamed));
    const bytes = [...ahead].reduce((sum, segment) => sum + 8 * segment.words, 0);
    if (this.#expanded + bytes > this.#limit) ahead.clear();
    for (const segment of ahead) {
      ready.set(segment.name, expand(segment));
      this.#expanded += 8 * segment.words;
    }
    return {
      get: (name) => {
        const segment = request.segments.find((candidate) => candidate.name === name);
        if (segment === undefined) return undefined;
        if (ahead.delete(segment)) this.#expanded -= 8 * segment.words;
        let words = ready.get(name);
        if (words === undefined) {
          words = dealt !== null && !streamed(segment) ? dealt.take(segment) : expand(segment);
          ready.set(name, words);
        }
        return words;
      },
    };
  }

  #key(descriptor: Uint8Array, tag: Tag): StreamKey {
    return deriveStream(this.#seed, streamContext('deal', descriptor, tag));
  }

  #words(key: StreamKey, segment: number, n: number, wireBytes = 8): Words {
    return this.#arena.scope((arena) =>
      arena.take(fillNarrow(arena, key, segment, n, wireBytes), n),
    );
  }
}

/** Corrections as they came, until the last one is read. */
class Dealt {
  readonly #arena: Arena;
  readonly #used: () => void;
  readonly #parts = new Map<Segment, Uint8Array>();

  constructor(arena: Arena, request: MaterialRequest, { payload, used }: Corrections) {
    this.#arena = arena;
    this.#used = used;
    let at = 0;
    for (const segment of request.segments) {
      if (segment.source !== 'dealt' || segment.words === 0) continue;
      const bytes = segment.words * (segment.wireBytes ?? 8);
      this.#parts.set(segment, payload.subarray(at, at + bytes));
      at += bytes;
    }
  }

  take(segment: Segment): Words {
    const bytes = this.#parts.get(segment) ?? new Uint8Array();
    const words = this.#unpack(segment, bytes);
    if (this.#parts.delete(segment) && this.#parts.size === 0) this.#used();
    return words;
  }

  #unpack({ words, wireBytes = 8 }: Segment, bytes: Uint8Array): Words {
    if (wireBytes === 8) {
      // A message's payload is at a multiple of 8 in a buffer of ours: words as they came.
      const { buffer, byteOffset } = bytes;
      return byteOffset % 8 === 0 && buffer instanceof ArrayBuffer
        ? new BigUint64Array(buffer, byteOffset, words)
        : new BigUint64Array(copyOf(buffer, byteOffset, 8 * words));
    }
    return this.#arena.scope((arena) => {
      const out = arena.words(words);
      arena.kernels.unpackLow(out, arena.put(bytes), wireBytes, words);
      return arena.take(out, words);
    });
  }
}
