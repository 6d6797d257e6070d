/**
 * Where a party's material comes from.
 *
 * Requests go to the dealer when a gate is called, so material is on its way before it is needed. Parties 0..n−2 expand their
 * streams themselves and receive nothing; the last party gets the corrections. The dealer learns tags and sizes, nothing else.
 * @module
 */

import { then, type Later } from '../../core/later.ts';
import { newWords, type Arena, type Words } from '../../kernels/memory.ts';
import { MESSAGE_KINDS } from '../../net/kinds.ts';
import type { Mux } from '../../net/mux.ts';
import { deriveStream, fillWords } from '../../prg/stream.ts';
import type { Step } from '../context.ts';
import type { Ledger } from '../ledger.ts';
import type { Outstanding } from '../outstanding.ts';
import { streamContext, type Tag } from '../tag.ts';
import { maskDescriptor } from './kinds/mask.ts';
import { dealtBytes, type MaterialRequest } from './material.ts';

/** This party's words of a request, by segment name. */
export type Material = ReadonlyMap<string, Words>;

/** Source of material; one per party and run. */
export interface Provider {
  /** Asks for material of a step, at once; call `take` when it is needed. */
  request(step: Step, request: MaterialRequest): { take(): Later<Material> };
  /** This party's share of the mask that `tag` names; regenerated identically on every call. */
  mask(tag: Tag, length: number): Words;
}

/** How a `DealtProvider` reaches its dealer. */
export interface DealerLine {
  /** Rank the corrections come from: a dealer process, or party 0 in simulations. */
  readonly peer: number;
  /** Sends a request. */
  ask(step: Step, descriptor: Uint8Array): void;
}

/** Material dealt by a dealer from pairwise seeds. */
export class DealtProvider implements Provider {
  readonly #arena: Arena;
  readonly #mux: Mux;
  readonly #outstanding: Outstanding;
  readonly #ledger: Ledger;
  readonly #line: DealerLine;
  readonly #seed: Uint8Array;
  readonly #isLast: boolean;

  constructor(
    arena: Arena,
    mux: Mux,
    outstanding: Outstanding,
    ledger: Ledger,
    line: DealerLine,
    seed: Uint8Array,
    isLast: boolean,
  ) {
    this.#outstanding = outstanding;
    this.#ledger = ledger;
    this.#arena = arena;
    this.#mux = mux;
    this.#line = line;
    this.#seed = seed;
    this.#isLast = isLast;
  }

  request(step: Step, request: MaterialRequest): { take(): Later<Material> } {
    this.#line.ask(step, request.descriptor);
    const bytes = dealtBytes(request);
    this.#ledger.dealt(step.account, bytes);
    const dealt = this.#isLast && bytes > 0 ? this.#corrections(step, bytes) : undefined;
    return { take: () => then(dealt ?? null, (payload) => this.#expand(step, request, payload)) };
  }

  mask(tag: Tag, length: number): Words {
    const key = deriveStream(this.#seed, streamContext('deal', maskDescriptor(length), tag));
    return this.#arena.scope((arena) => arena.take(fillWords(arena, key, 0, length), length));
  }

  #corrections(step: Step, bytes: number): Promise<Uint8Array> {
    const id = { ...step.tag, kind: MESSAGE_KINDS.material };
    const what = (): string => `material of ${step.text}`;
    return this.#outstanding.track(this.#mux.expect(this.#line.peer, id, step.digest, bytes, what));
  }

  #expand(step: Step, request: MaterialRequest, payload: Uint8Array | null): Material {
    const key = deriveStream(this.#seed, streamContext('deal', request.descriptor, step.tag));
    const out = new Map<string, Words>();
    let at = 0;
    request.segments.forEach(({ name, words, source, wireBytes = 8 }, index) => {
      if (payload !== null && source === 'dealt') {
        out.set(
          name,
          unpack(this.#arena, payload.subarray(at, at + words * wireBytes), words, wireBytes),
        );
        at += words * wireBytes;
        return;
      }
      out.set(
        name,
        this.#arena.scope((arena) => arena.take(fillWords(arena, key, index, words), words)),
      );
    });
    return out;
  }
}

function unpack(arena: Arena, bytes: Uint8Array, words: number, wireBytes: number): Words {
  if (wireBytes === 8) {
    const out = newWords(words);
    new Uint8Array(out.buffer).set(bytes);
    return out;
  }
  return arena.scope(() => {
    const out = arena.words(words);
    arena.kernels.unpackLow(out, arena.put(bytes), wireBytes, words);
    return arena.take(out, words);
  });
}

/**
 * One segment of a material.
 *
 * @throws {Error} if the gate asks for a segment that its request does not have.
 */
export function segment(material: Material, name: string): Words {
  const words = material.get(name);
  if (words === undefined) throw new Error(`cryptensor: no material segment ${name}`);
  return words;
}
