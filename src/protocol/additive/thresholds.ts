/**
 * Thresholds on one opening c = x + r: the bits [x < τ] of as many as are asked for, in two more rounds.
 *
 * x − τ = (c − τ) − r, so a threshold is a comparison with 0 of the same r and another public word. Round 2 opens the masked block
 * bits u, v of all, round 3 the bits [x < τ_i] ⊕ ρ_i. The tables of r's block bits (`mono`) are shared; γ, π and ρ are fresh for
 * each threshold (C7), or two bits under one ρ would show their sum.
 * @module
 */

import { both, then, type Later } from '../../core/later.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, BlockWords, Words } from '../../kernels/memory.ts';
import { mapWords } from '../../kernels/tiles.ts';
import type { Context, Step } from '../context.ts';
import { packed } from '../cost.ts';
import { open, type Opened, type Section, type SectionSize } from '../open.ts';
import { BLOCK_BITS, FULL_BLOCKS } from '../provider/kinds/comparison.ts';
import { segment, type Material } from '../provider/provider.ts';
import { contiguousWords, type Share } from '../share.ts';

/**
 * Fewest 7-bit blocks whose words hold x − τ for every |x| ≤ 2^bound and threshold, and 2^slack more, where a carry out of skipped bits
 * may lead; nine where nothing is proven (M3).
 */
export function blocksFor(
  { bound, fracBits }: Pick<Share, 'bound' | 'fracBits'>,
  thresholds: readonly bigint[] = [0n],
  slack = 0,
): number {
  if (bound === undefined) return FULL_BLOCKS;
  const largest = 1n << BigInt(Math.min(64, Math.max(0, Math.ceil(bound) + fracBits)));
  const furthest = thresholds.reduce((most, tau) => {
    const far = tau < 0n ? -tau : tau;
    return far > most ? far : most;
  }, 0n);
  const carry = slack < BLOCK_BITS ? 0n : 1n << BigInt(slack);
  const bits = (largest + furthest + carry).toString(2).length;
  return Math.min(FULL_BLOCKS, Math.ceil(bits / BLOCK_BITS));
}

/** The threshold for [x < τ] that is right outside τ ≤ x < τ + 2^L − 1: what is skipped is doubtful above τ instead of below. */
export function thresholdAbove(tau: bigint, skipped: number): bigint {
  return tau + (1n << BigInt(BLOCK_BITS * skipped)) - 1n;
}

/** Bytes that hold a word of 7·blocks + 1 bits. */
export function openedBytes(blocks: number): number {
  return Math.ceil((7 * blocks + 1) / 8);
}

/** Bytes of one threshold's bits in rounds 2 and 3, for n elements. */
export function thresholdBytes(n: number, blocks: number): number {
  return packed(n * (2 * blocks - 1)) + packed(n);
}

/** Material and this party's share of c = x + r. */
export function maskWords(
  ctx: Context,
  x: Share,
  material: Later<Material>,
): Later<{ readonly dealt: Material; readonly c: Words }> {
  return then(both(contiguousWords(ctx.arena, x), material), ([words, dealt]) => ({
    dealt,
    c: mapWords(ctx.arena, words.length, [words, segment(dealt, 'r')], ({ at: [x, r], n }) => {
      ctx.arena.kernels.add(x, x, r, n);
      return x;
    }),
  }));
}

/** One threshold of an opening. */
export interface Threshold {
  readonly c: Words;
  readonly tau: bigint;
  /** Its level-2 table. */
  readonly wide: BlockWords;
  /** Low blocks of c − tau that are not compared. */
  readonly skipped: number;
}

/** c − τ, without what is skipped. */
export function putLess(arena: Arena, { c, tau, skipped }: Threshold): Ptr {
  const at = arena.put(c);
  const minus = BigUint64Array.of(BigInt.asUintN(64, -tau));
  if (tau !== 0n) arena.kernels.addScalar(at, at, arena.put(minus), c.length);
  if (skipped > 0) arena.kernels.shiftRight(at, at, BLOCK_BITS * skipped, c.length);
  return at;
}

/** The steps of a comparison's second and third opening. */
export type SignSteps = readonly [second: Step, third: Step];

/** Tags for rounds 2 and 3, taken when the gate is called. */
export function signSteps(ctx: Context, first: Step): SignSteps {
  return [
    ctx.step('sign: blocks', [{ digest: first.digest, depth: first.depth + 1 }]),
    ctx.step('sign: carry', [{ digest: first.digest, depth: first.depth + 2 }]),
  ];
}

/** Rounds 2 and 3: `third` says what is opened last, given shares of the bits [x < τ_i] ⊕ ρ_i, packed. */
export function openThresholds(
  ctx: Context,
  steps: SignSteps,
  dealt: Material,
  thresholds: readonly Threshold[],
  blocks: number,
  n: number,
  third: (bits: readonly Uint8Array[]) => readonly Section[],
): Later<readonly Opened[]> {
  const count = n * (2 * blocks - 1);
  const own = blockBits(ctx, dealt, thresholds, blocks, n);
  const sections = own.map((bits) => ({ bits, count }));
  const sizes = own.map(() => ({ bits: count }));
  return then(open(ctx, steps[0], sizes, sections), (uv) => {
    const bits = thresholds.map((threshold, i) => carryBits(ctx, threshold, uv[i], blocks, n));
    const last = third(bits);
    return open(ctx, steps[1], last.map(sizeOfSection), last);
  });
}

function sizeOfSection(section: Section): SectionSize {
  return 'bits' in section
    ? { bits: section.count }
    : { words: section.words.length, bytes: section.bytes };
}

/** Round 2's own shares: u and v of every block, threshold by threshold. */
export function blockBits(
  ctx: Context,
  dealt: Material,
  thresholds: readonly Threshold[],
  blocks: number,
  n: number,
): Uint8Array[] {
  return ctx.arena.scope((arena) => {
    const { kernels } = arena;
    const bytes = packed(n * (2 * blocks - 1));
    const tables = arena.bytes(kernels.compareTablesBytes());
    kernels.compareTables(tables);
    const mono = arena.put(segment(dealt, 'mono'));
    return thresholds.map((threshold) =>
      arena.scope(() => {
        const out = arena.bytes(bytes + 8);
        const less = putLess(arena, threshold);
        kernels.compareBlocks(out, less, mono, arena.put(threshold.wide), blocks, tables, n);
        return arena.takeBytes(out, bytes);
      }),
    );
  });
}

/** Round 3's own share: σ ⊕ borrow, and at party 0 the public sign bit of c on top. */
export function carryBits(
  ctx: Context,
  threshold: Threshold,
  uv: Opened,
  blocks: number,
  n: number,
): Uint8Array {
  const own = ctx.arena.scope((arena) => {
    const out = arena.zeros(Math.ceil(n / 64));
    const opened = putPadded(arena, uv.bits);
    arena.kernels.compareCarry(out, opened, arena.put(threshold.wide), blocks, n);
    return arena.takeBytes(out, packed(n));
  });
  return signBits(ctx, own, threshold, blocks);
}

/** Shares of bits, and at party 0 the sign bits of the public words c − τ on top. */
export function signBits(
  ctx: Context,
  own: Uint8Array,
  threshold: Threshold,
  blocks: number,
): Uint8Array {
  if (ctx.rank !== 0) return own;
  return ctx.arena.scope((arena) => {
    const n = threshold.c.length;
    const words = Math.ceil(n / 64);
    const sign = arena.zeros(words);
    arena.kernels.bitAt(sign, putLess(arena, threshold), 7 * blocks, n);
    const bits = putPadded(arena, own);
    arena.kernels.xor(bits, bits, sign, words);
    return arena.takeBytes(bits, own.length);
  });
}

/** Bytes with 8 spare ones after them, 0. */
export function putPadded(arena: Arena, bytes: Uint8Array): Ptr {
  const at = arena.bytes(bytes.length + 8);
  const view = new Uint8Array(arena.kernels.buffer(), at, bytes.length + 8);
  view.set(bytes);
  view.fill(0, bytes.length);
  return at;
}
