/**
 * What every function that is computed on an interval and linear beyond it needs besides the function itself: two thresholds on
 * c = x + r (C7), and q that masks the sum for a truncation whose result the bit `inside` selects (H3).
 *
 * Per element, to the last party: tables of r (16 B a block), of each threshold (96 B at nine blocks, 6 B at five), about six words, and
 * ρ·r for each bit that selects a multiple of x.
 * @module
 */

import type { Ptr } from '../../../kernels/contract.ts';
import type { Arena } from '../../../kernels/memory.ts';
import type { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { Deal, Segment } from '../material.ts';
import {
  dealerCoins,
  dealSelection,
  dealTables,
  dealtWords,
  rhoWords,
  selectionBytes,
  selectionSegments,
  tableSegments,
  wideBytes,
} from './comparison.ts';

/** Public facts of an interval's material. */
export interface IntervalSize {
  readonly n: number;
  /** 7-bit blocks that are compared. */
  readonly blocks: number;
  /** 7-bit blocks below them. */
  readonly skipped: number;
  /** Bits that the truncation drops. */
  readonly drop: number;
  /** Whether `inside` selects a multiple of x, that is: the lower tail has a slope. */
  readonly insideR: boolean;
  /** Whether [x < high] does: the tails have different slopes. */
  readonly highR: boolean;
}

/** Dealt bytes of an element. */
export function intervalBytes({ blocks, drop, insideR, highR }: IntervalSize): number {
  const words = 2 * blocks + 2 + Number(insideR) + Number(highR);
  return 8 * words + 2 * wideBytes(blocks) + selectionBytes(drop);
}

/** Segments, r and q first. */
export function intervalSegments({ n, blocks, drop, insideR, highR }: IntervalSize): Segment[] {
  const names = ['rhoInside', 'rhoHigh'];
  if (insideR) names.push('insideR');
  if (highR) names.push('highR');
  return [
    { name: 'r', words: n, sharing: 'add', source: 'free' },
    { name: 'q', words: n, sharing: 'add', source: 'free' },
    ...tableSegments(n, blocks, ['Low', 'High']),
    ...names.map((name) => dealtWords(name, n)),
    ...selectionSegments(n, drop),
  ];
}

/** Words of dealer randomness. */
export function intervalCoins({ n }: IntervalSize): number {
  return 2 * (n + 1);
}

/** The secrets, and r. */
export function dealInterval(
  { arena, free, coins }: Deal,
  { n, blocks, skipped, drop, insideR, highR }: IntervalSize,
): { readonly r: Ptr; readonly out: Map<string, Ptr> } {
  const { kernels } = arena;
  const r = free('r');
  const out = dealTables(arena, r, coins, n, blocks, ['Low', 'High'], skipped);
  const rhoLow = rhoWords(arena, dealerCoins(coins, n, 0).at, n);
  const rhoHigh = rhoWords(arena, dealerCoins(coins, n, 1).at, n);
  const rhoInside = arena.words(n);
  kernels.xor(rhoInside, rhoLow, rhoHigh, n);
  dealSelection(arena, out, free('q'), rhoInside, drop, n);
  out.set('rhoInside', rhoInside).set('rhoHigh', rhoHigh);
  if (insideR) out.set('insideR', product(arena, rhoInside, r, n));
  if (highR) out.set('highR', product(arena, rhoHigh, r, n));
  return { r, out };
}

function product(arena: Arena, a: Ptr, b: Ptr, n: number): Ptr {
  const out = arena.words(n);
  arena.kernels.mul(out, a, b, n);
  return out;
}

/** The facts as bytes of a descriptor. */
export function writeInterval(writer: DescriptorWriter, size: IntervalSize): DescriptorWriter {
  const { n, blocks, skipped, drop, insideR, highR } = size;
  return writer
    .u8(blocks)
    .u8(skipped)
    .u8(drop)
    .u8(Number(insideR) + 2 * Number(highR))
    .u32(n);
}

/** And back. */
export function readInterval(reader: DescriptorReader): IntervalSize {
  const blocks = Math.max(reader.u8(9), 1);
  const skipped = reader.u8(9 - blocks);
  const drop = reader.u8(61);
  const flags = reader.u8(3);
  const n = reader.u32();
  return { n, blocks, skipped, drop, insideR: (flags & 1) === 1, highR: flags >= 2 };
}
