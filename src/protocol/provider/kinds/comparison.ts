/**
 * Material of the masked comparison (survey §3b.3) and of what is built on its opening: truncate+ReLU.
 *
 * Per element: r; XOR shares of the monomials of r's 7-bit blocks (`mono`); per threshold fresh γ, π and their products, and a bit
 * ρ (C7) (`wide`), with arithmetic shares of ρ. Shared constants 1 sit in the tables like any other monomial.
 * @module
 */

import type { Ptr } from '../../../kernels/contract.ts';
import { compareWideWords } from '../../../kernels/contract.ts';
import type { Arena } from '../../../kernels/memory.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest, Segment } from '../material.ts';
import { topBytes } from './truncation.ts';

/** Kind bytes and version of these materials. */
export const COMPARE_KIND = 5;
export const RECTIFY_KIND = 6;
const VERSION = 1;

/** Bits of a block. */
export const BLOCK_BITS = 7;
/** Full width: nine blocks and the sign bit. */
export const FULL_BLOCKS = 9;

/**
 * Blocks at the low end that need not be compared where a threshold may be off by less than 2^slack.
 *
 * (c − τ) − r without the low L = 7·skipped bits of both is floor((x − τ)/2^L) or one more. So x with τ − 2^L < x < τ may count as τ or
 * above; every other x is where it belongs.
 */
export function skippedBlocks(blocks: number, slack: number): number {
  return Math.min(blocks - 1, Math.floor(slack / BLOCK_BITS));
}

/** [x < 0] on words of 7·blocks + 1 bits. */
export function compareRequest(n: number, blocks: number): MaterialRequest {
  return {
    descriptor: new DescriptorWriter().u8(COMPARE_KIND).u8(VERSION).u8(blocks).u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      ...tableSegments(n, blocks, ['']),
      dealtWords('rho', n),
    ],
    coins: 2 * n,
    deal({ arena, free, coins }) {
      const out = dealTables(arena, free('r'), coins, n, blocks, ['']);
      return out.set('rho', rhoWords(arena, dealerCoins(coins, n, 0).at, n));
    },
  };
}

/** Blocks that a truncate+ReLU by m bits compares: what the truncation drops does not count. */
export function rectifyBlocks(m: number): { readonly blocks: number; readonly skipped: number } {
  const skipped = skippedBlocks(FULL_BLOCKS, m);
  return { blocks: FULL_BLOCKS - skipped, skipped };
}

/** Truncation by m bits and ReLU on one opening. */
export function rectifyRequest(n: number, m: number): MaterialRequest {
  const { blocks, skipped } = rectifyBlocks(m);
  return {
    descriptor: new DescriptorWriter().u8(RECTIFY_KIND).u8(VERSION).u8(m).u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      ...tableSegments(n, blocks, ['']),
      dealtWords('rho', n),
      ...selectionSegments(n, m),
    ],
    coins: 2 * n,
    deal({ arena, free, coins }) {
      const out = dealTables(arena, free('r'), coins, n, blocks, [''], skipped);
      const rho = rhoWords(arena, dealerCoins(coins, n, 0).at, n);
      return dealSelection(arena, out.set('rho', rho), free('r'), rho, m, n);
    },
  };
}

/** Decodes and checks a comparison request. */
export function readCompare(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const blocks = Math.max(reader.u8(9), 1);
  const n = reader.u32();
  reader.end();
  return compareRequest(n, blocks);
}

/** Decodes and checks a truncate+ReLU request. */
export function readRectify(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const m = reader.u8(61);
  const n = reader.u32();
  reader.end();
  return rectifyRequest(n, m);
}

/** A dealt segment of `words` arithmetic words, of which so many low bytes matter. */
export function dealtWords(name: string, words: number, wireBytes = 8): Segment {
  return { name, words, sharing: 'add', source: 'dealt', wireBytes };
}

/** Bytes of an element's level-2 table: 3·2^(blocks − 1) bits, in whole words where they are more than one. */
export function wideBytes(blocks: number): number {
  const words = compareWideWords(blocks);
  return words > 1 ? 8 * words : Math.ceil((3 << (blocks - 1)) / 8);
}

/** What a selection of a value truncated by m bits takes, in the order in which it is dealt. */
export function selectionSegments(n: number, m: number): Segment[] {
  const top = topBytes(m);
  return [
    dealtWords('rc', n),
    dealtWords('r63', n, top),
    dealtWords('rhoRc', n),
    dealtWords('rhoR63', n, top),
  ];
}

/** Bytes of an element of `selectionSegments`. */
export function selectionBytes(m: number): number {
  return 16 + 2 * topBytes(m);
}

/** Segments of the tables: one `mono`, and one `wide` for each threshold. */
export function tableSegments(n: number, blocks: number, thresholds: readonly string[]): Segment[] {
  const words = compareWideWords(blocks) * n;
  const wireBytes = words === n ? wideBytes(blocks) : 8;
  return [
    { name: 'mono', words: 2 * blocks * n, sharing: 'xor', source: 'dealt' },
    ...thresholds.map((name): Segment => {
      return { name: `wide${name}`, words, sharing: 'xor', source: 'dealt', wireBytes };
    }),
  ];
}

/** As `tableSegments` for nine blocks whose second level is in groups: one word a threshold. */
export function groupSegments(n: number, thresholds: readonly string[]): Segment[] {
  const names = ['mono', ...thresholds.map((name) => `wide${name}`)];
  return names.map((name, i) => {
    return { name, words: i === 0 ? 18 * n : n, sharing: 'xor', source: 'dealt' };
  });
}

/** The tables themselves, of r without its low `skipped` blocks; threshold i takes the coin words [i·n, (i+1)·n). */
export function dealTables(
  arena: Arena,
  r: Ptr,
  coins: Ptr,
  n: number,
  blocks: number,
  thresholds: readonly string[],
  skipped = 0,
): Map<string, Ptr> {
  const mono = arena.words(2 * blocks * n);
  const high = skipped === 0 ? r : arena.words(n);
  if (skipped > 0) arena.kernels.shiftRight(high, r, BLOCK_BITS * skipped, n);
  arena.kernels.compareDealMono(mono, high, blocks, n);
  const out = new Map([['mono', mono]]);
  thresholds.forEach((name, i) => {
    const wide = arena.words(compareWideWords(blocks) * n);
    arena.kernels.compareDealWide(wide, high, dealerCoins(coins, n, i).at, blocks, n);
    out.set(`wide${name}`, wide);
  });
  return out;
}

/** As `dealTables`, in groups. */
export function dealGroups(
  arena: Arena,
  r: Ptr,
  coins: Ptr,
  n: number,
  thresholds: readonly string[],
): Map<string, Ptr> {
  const mono = arena.words(18 * n);
  arena.kernels.compareDealMono(mono, r, 9, n);
  const out = new Map([['mono', mono]]);
  thresholds.forEach((name, i) => {
    const words = arena.words(n);
    arena.kernels.groupDeal(words, r, dealerCoins(coins, n, i).at, n);
    out.set(`wide${name}`, words);
  });
  return out;
}

/** Where threshold `i`'s coins start. Blocks are padded to an even word so that pointers stay aligned. */
export function dealerCoins(coins: Ptr, n: number, i: number): { at: Ptr } {
  return { at: coins + i * (n + (n & 1)) * 8 };
}

/** ρ, bit 32 of each coin, as words. */
export function rhoWords(arena: Arena, coins: Ptr, n: number): Ptr {
  const rho = arena.words(n);
  arena.kernels.shiftLeft(rho, coins, 31, n);
  arena.kernels.shiftRight(rho, rho, 63, n);
  return rho;
}

/** Adds what a selection of a truncated value by the bit t ⊕ ρ needs: r_c, r_63, ρ·r_c, ρ·r_63. */
export function dealSelection(
  arena: Arena,
  out: Map<string, Ptr>,
  r: Ptr,
  rho: Ptr,
  m: number,
  n: number,
): Map<string, Ptr> {
  const [rc, r63, rhoRc, rhoR63] = [0, 1, 2, 3].map(() => arena.words(n));
  arena.kernels.truncateDeal(rc, r63, r, m, n);
  arena.kernels.mul(rhoRc, rho, rc, n);
  arena.kernels.mul(rhoR63, rho, r63, n);
  return out.set('rc', rc).set('r63', r63).set('rhoRc', rhoRc).set('rhoR63', rhoR63);
}
