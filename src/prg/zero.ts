/**
 * Pseudorandom zero shares over all pairs of parties (C3): no communication.
 *
 * zero_i = Σ_{j>i} F(k_ij) − Σ_{j<i} F(k_ij), or ⊕_j F(k_ij). The complete graph is what keeps a party's share hidden from any
 * n−1 others.
 * @module
 */

import type { Ptr } from '../kernels/contract.ts';
import type { Arena } from '../kernels/memory.ts';
import { deriveStream, fillWords } from './stream.ts';

/** Root seeds this party shares with each other party; `null` at its own rank. */
export type PairSeeds = readonly (Uint8Array | null)[];

/** Words of this party's zero share for one context, in a block of the arena's scope. */
export function zeroShare(
  arena: Arena,
  seeds: PairSeeds,
  rank: number,
  context: Uint8Array,
  n: number,
): Ptr {
  const out = arena.zeros(n);
  seeds.forEach((seed, peer) => {
    if (seed === null) return;
    const words = fillWords(arena, deriveStream(seed, context), 0, n);
    if (peer > rank) arena.kernels.add(out, out, words, n);
    else arena.kernels.sub(out, out, words, n);
  });
  return out;
}

/** As `zeroShare`, for XOR: every pair's stream is in two shares. */
export function xorZeroShare(arena: Arena, seeds: PairSeeds, context: Uint8Array, n: number): Ptr {
  const out = arena.zeros(n);
  for (const seed of seeds) {
    if (seed === null) continue;
    arena.kernels.xor(out, out, fillWords(arena, deriveStream(seed, context), 0, n), n);
  }
  return out;
}
