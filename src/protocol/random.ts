/**
 * Distributions of secret random tensors, drawn from uniform words.
 *
 * The dealer draws, or the one party of the plain scheme: parties learn nothing about the values, the dealer knows them (M7). Only
 * its result is shared, so nobody else has to compute the same doubles.
 * @module
 */

import type { Words } from '../kernels/memory.ts';

/** What is drawn. */
export type Distribution =
  /** Uniform on [0, 1) in steps of 2^−fracBits. */
  | { readonly kind: 'uniform'; readonly fracBits: number }
  /** Normal with mean 0 and variance 1, rounded to fracBits fractional bits. */
  | { readonly kind: 'normal'; readonly fracBits: number }
  /** 1 with probability p, else 0; p to 53 bits. */
  | { readonly kind: 'bernoulli'; readonly p: number }
  /** The numbers 0 to n − 1 in uniformly random order. */
  | { readonly kind: 'permutation' };

/** Uniform words that n draws take. */
export function coinsFor(n: number): number {
  return n + (n & 1);
}

/** Scale and bound of what is drawn. */
export function randomFacts(
  distribution: Distribution,
  n: number,
): { readonly fracBits: number; readonly nominal: number; readonly bound: number } {
  const { kind } = distribution;
  if (kind === 'uniform' || kind === 'normal') {
    const { fracBits } = distribution;
    // A normal number from 53 bits is below sqrt(−2·log 2^−53) < 8.6.
    return { fracBits, nominal: fracBits, bound: kind === 'uniform' ? 0 : 4 };
  }
  const bound = kind === 'bernoulli' ? 0 : Math.ceil(Math.log2(Math.max(2, n)));
  return { fracBits: 0, nominal: 0, bound };
}

/** n draws as ring words, from `coinsFor(n)` uniform words. */
export function draw(distribution: Distribution, n: number, coins: Words): Words {
  switch (distribution.kind) {
    case 'uniform':
      return coins
        .subarray(0, n)
        .map((coin) => coin & ((1n << BigInt(distribution.fracBits)) - 1n));
    case 'normal':
      return normal(n, coins, distribution.fracBits);
    case 'bernoulli':
      return BigUint64Array.from({ length: n }, (_, i) =>
        unit(coins[i]) < distribution.p ? 1n : 0n,
      );
    case 'permutation':
      return permutation(n, coins);
  }
}

/** Box and Muller's transform: two normal numbers from two uniform ones. */
function normal(n: number, coins: Words, fracBits: number): Words {
  const out = new BigUint64Array(n);
  for (let i = 0; i < n; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - unit(coins[i])));
    const angle = 2 * Math.PI * unit(coins[i + 1]);
    out[i] = toWord(radius * Math.cos(angle), fracBits);
    if (i + 1 < n) out[i + 1] = toWord(radius * Math.sin(angle), fracBits);
  }
  return out;
}

/** Fisher and Yates's shuffle; the bias of each choice is below n·2^−53. */
function permutation(n: number, coins: Words): Words {
  const out = BigUint64Array.from({ length: n }, (_, i) => BigInt(i));
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(unit(coins[i]) * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

/** The top 53 bits of a word, on [0, 1). */
function unit(word: bigint): number {
  return Number(word >> 11n) / 2 ** 53;
}

function toWord(value: number, fracBits: number): bigint {
  return BigInt.asUintN(64, BigInt(Math.round(value * 2 ** fracBits)));
}
