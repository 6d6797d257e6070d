/**
 * What an opened bit selects: for b = t ⊕ ρ with t public, shares of b and of b·x are linear in shares of ρ and ρ·r.
 *
 * x = c − r with c public, so ρ·x = c·ρ − ρ·r, b = t + (1 − 2t)·ρ and b·x = t·x + (1 − 2t)·ρ·x: identities in the ring, exact for
 * every word.
 * @module
 */

import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, BlockWords, Words } from '../../kernels/memory.ts';
import { withOffset } from './truncate.ts';

/** An opened bit with the shares that belong to it. */
export interface OpenedBit {
  /** Packed bits b ⊕ ρ, public. */
  readonly t: Uint8Array;
  /** Shares of ρ. */
  readonly rho: BlockWords;
  /** Shares of ρ·r. */
  readonly rhoR?: BlockWords | undefined;
}

/** Shares of b. */
export function bitWords(arena: Arena, { t, rho }: OpenedBit, rank: number): Ptr {
  const out = arena.words(rho.length);
  arena.kernels.bitOpened(out, arena.put(t), arena.put(rho), rank, rho.length);
  return out;
}

/** Shares of b·x; x: own shares, c: x + r, opened. */
export function selectedWords(
  arena: Arena,
  { t, rho }: OpenedBit,
  rhoR: BlockWords,
  x: Words,
  c: Words,
): Ptr {
  const n = x.length;
  const out = arena.words(n);
  const none = arena.zeros(n);
  const [own, bits, shares, products] = [x, t, rho, rhoR].map((list) => arena.put(list));
  // The selection of a truncated word, truncated by no bits: then r has no part that was cut off.
  arena.kernels.selectOpened(out, own, withOffset(arena, c), bits, shares, products, none, 0, n);
  return out;
}

/** to += factor·from. */
export function addMultiple(arena: Arena, to: Ptr, from: Ptr, factor: bigint, n: number): void {
  if (factor === 0n) return;
  arena.scope(() => {
    const scaled = arena.words(n);
    const word = arena.put(BigUint64Array.of(BigInt.asUintN(64, factor)));
    arena.kernels.mulScalar(scaled, from, word, n);
    arena.kernels.add(to, to, scaled, n);
  });
}

/** to += word, a public number: party 0 adds it. */
export function addPublicWord(arena: Arena, to: Ptr, word: bigint, rank: number, n: number): void {
  if (rank !== 0) return;
  arena.scope(() => {
    const at = arena.put(BigUint64Array.of(BigInt.asUintN(64, word)));
    arena.kernels.addScalar(to, to, at, n);
  });
}
