/**
 * Material: correlated randomness that a gate consumes, described once for the parties and the dealer.
 *
 * A request is a list of segments of words. `free` words are the parties' streams as they come: the secret is their sum (or XOR).
 * `dealt` words carry a correlation: parties 0..n−2 take their streams, the last party receives what completes the secret.
 * `own` words are each party's alone; only the dealer knows them too. `coins` are the dealer's own randomness.
 * @module
 */

import type { Ptr } from '../../kernels/contract.ts';
import type { Arena } from '../../kernels/memory.ts';
import type { MaskRef } from './descriptor.ts';

/** One stretch of words of a request. */
export interface Segment {
  readonly name: string;
  readonly words: number;
  readonly sharing: 'add' | 'xor';
  readonly source: 'free' | 'dealt' | 'own';
  /** Low bytes of each dealt word that matter and are sent; 8 unless said. */
  readonly wireBytes?: number;
}

/** What the dealer knows while it makes one request's correlation; pointers into the arena's scope. */
export interface Deal {
  readonly arena: Arena;
  /** The secret of a free segment. */
  free(name: string): Ptr;
  /** One party's own words. */
  own(name: string, party: number): Ptr;
  /** `coins` words of the dealer's own randomness. */
  readonly coins: Ptr;
  /** The secret of a mask, read through its view, contiguous. */
  mask(ref: MaskRef): Ptr;
}

/** One request, made by a gate or decoded by the dealer. */
export interface MaterialRequest {
  readonly descriptor: Uint8Array;
  readonly segments: readonly Segment[];
  /** Words of dealer randomness it takes. */
  readonly coins: number;
  /** The secrets of the dealt segments. */
  deal(deal: Deal): ReadonlyMap<string, Ptr>;
}

/** Bytes that the dealer sends to the last party for a request. */
export function dealtBytes(request: MaterialRequest): number {
  return request.segments
    .filter((segment) => segment.source === 'dealt')
    .reduce((sum, segment) => sum + segment.words * (segment.wireBytes ?? 8), 0);
}
