/**
 * Where a party's material comes from.
 *
 * Requests go to the dealer when a gate is called, so material is on its way before it is needed, up to a bound. Parties 0..n−2
 * expand their streams themselves and receive nothing; the last party gets the corrections. The dealer learns tags and sizes,
 * nothing else.
 * @module
 */

import type { MpcError } from '../../core/errors.ts';
import { then, type Later } from '../../core/later.ts';
import type { Arena, BlockWords } from '../../kernels/memory.ts';
import { MESSAGE_KINDS } from '../../net/kinds.ts';
import type { Step, Wire } from '../context.ts';
import type { Ledger } from '../ledger.ts';
import type { Outstanding } from '../outstanding.ts';
import type { Tag } from '../tag.ts';
import { Ahead } from './ahead.ts';
import { Streams, type Material } from './expansion.ts';
import type { MaskShare } from './mask-share.ts';
import { dealtBytes, type MaterialRequest } from './material.ts';

export type { Material } from './expansion.ts';

/** Bytes of material whose gates are not done. */
export interface HeldMaterial {
  /** Corrections that are there, or on their way. */
  readonly corrections: number;
  /** In kernel memory. */
  readonly resident: number;
}

/** Source of material; one per party and run. */
export interface Provider {
  /** What is held and not yet read; nothing when a program has run to its end. */
  readonly held: HeldMaterial;
  /** Asks for material of a step, at once; call `take` when it is needed, and `done` of what it gives when it has been read. */
  request(step: Step, request: MaterialRequest): { take(): Later<Material> };
  /** This party's share of the mask that `tag` names; the same words at every call. */
  mask(tag: Tag, length: number): MaskShare;
}

/** How a `DealtProvider` reaches its dealer. */
export interface DealerLine {
  /** Rank the corrections come from: a dealer process, or party 0 in simulations. */
  readonly peer: number;
  /** Sends a request. */
  ask(step: Step, descriptor: Uint8Array): void;
  /** Calls `handler` with what ends the session; absent where nothing can. */
  onFailure?(handler: (error: MpcError) => void): void;
}

/** Bounds on what a provider holds, in bytes. */
export interface ProviderBounds {
  /** Corrections of one tag space, under way or unused. */
  readonly ahead?: number;
  /** Material in kernel memory before a gate reads it. */
  readonly resident?: number;
}

/** Material dealt during the run by a dealer, from pairwise seeds. */
export class DealtProvider implements Provider {
  readonly #mux: Wire;
  readonly #outstanding: Outstanding;
  readonly #ledger: Ledger;
  readonly #line: DealerLine;
  readonly #isLast: boolean;
  readonly #streams: Streams;
  readonly #ahead: Ahead;

  constructor(
    arena: Arena,
    mux: Wire,
    outstanding: Outstanding,
    ledger: Ledger,
    line: DealerLine,
    seed: Uint8Array,
    isLast: boolean,
    bounds: ProviderBounds = {},
  ) {
    this.#outstanding = outstanding;
    this.#ledger = ledger;
    this.#mux = mux;
    this.#line = line;
    this.#isLast = isLast;
    this.#streams = new Streams(arena, seed, bounds.resident);
    this.#ahead = new Ahead(bounds.ahead);
    line.onFailure?.((error) => this.#ahead.fail(error));
  }

  get held(): HeldMaterial {
    return { corrections: this.#ahead.held, resident: this.#streams.resident };
  }

  request(step: Step, request: MaterialRequest): { take(): Later<Material> } {
    const bytes = dealtBytes(request);
    this.#ledger.dealt(step.account, bytes);
    if (!this.#isLast) {
      this.#line.ask(step, request.descriptor);
      return { take: () => this.#streams.material(step.tag, request, null) };
    }
    // The dealer serves a step when all have asked, so the last party's requests set the pace.
    const payload = this.#ahead.enter(step.tag, bytes, () => {
      this.#line.ask(step, request.descriptor);
      return bytes === 0 ? Promise.resolve(NOTHING) : this.#corrections(step, bytes);
    });
    const used = (): void => this.#ahead.release(step.tag, bytes);
    return {
      take: () =>
        then(bytes === 0 ? NOTHING : payload, (dealt) =>
          this.#streams.material(step.tag, request, { payload: dealt, used }),
        ),
    };
  }

  mask(tag: Tag, length: number): MaskShare {
    return this.#streams.mask(tag, length);
  }

  #corrections(step: Step, bytes: number): Promise<readonly Uint8Array[]> {
    const id = { ...step.tag, kind: MESSAGE_KINDS.material };
    const what = (): string => `material of ${step.text}`;
    const payload = this.#mux.expectParts(this.#line.peer, id, step.digest, bytes, what);
    return this.#outstanding.track(payload);
  }
}

const NOTHING: readonly Uint8Array[] = [];

/**
 * One segment of a material.
 *
 * @throws {Error} if the gate asks for a segment that its request does not have.
 */
export function segment(material: Material, name: string): BlockWords {
  const words = material.get(name);
  if (words === undefined) throw new Error(`cryptensor: no material segment ${name}`);
  return words;
}
