/**
 * Masked comparison: the sign of a secret for any number of parties, in three rounds and about 10 bytes.
 *
 * c = x + r is opened. The borrow of c − r is the comparison [c mod 2^63 < r mod 2^63], taken over 7-bit blocks: with XOR shares of
 * all monomials of r's block bits, "block equal" and "block less" are parities of table entries that public c selects. Their masked
 * values u, v are opened, and a wide AND over shared products of the masks gives the borrow; the sign bit comes out masked by ρ.
 * Sources: masked less-than, Escudero et al., CRYPTO 2020; per-block one-time tables, Ishai et al., TCC 2013; wide fan-in,
 * Ohata and Nuida, FC 2020. The argument is in SECURITY.md (comparison gate).
 * @module
 */

import { both, then, type Later } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { compareWideWords, type Ptr } from '../../kernels/contract.ts';
import type { Arena, Words } from '../../kernels/memory.ts';
import { inputsOf, type Context, type Step } from '../context.ts';
import { packed, type Cost } from '../cost.ts';
import { open, type Opened } from '../open.ts';
import { compareRequest } from '../provider/kinds/comparison.ts';
import { segment, type Material } from '../provider/provider.ts';
import { contiguousWords, Share } from '../share.ts';
import { chunksOf, COMPARE_CHUNK, joined } from './chunks.ts';

/** Full width: nine 7-bit blocks and the sign bit. */
export const FULL_BLOCKS = 9;

/** Fewest 7-bit blocks that hold ±2^bound at `fracBits` fractional bits; nine where nothing is proven (M3). */
export function blocksFor(share: Share): number {
  if (share.bound === undefined) return FULL_BLOCKS;
  return Math.min(FULL_BLOCKS, Math.max(1, Math.floor((share.bound + share.fracBits) / 7) + 1));
}

/** Cost of comparing n words of 7·blocks + 1 bits with 0. */
export function negativeCost(n: number, blocks: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  return {
    rounds: 3,
    bytes: n * openedBytes(blocks) + packed(n * (2 * blocks - 1)) + packed(n),
    dealt: 8 * n * (2 * blocks + compareWideWords(blocks) + 1),
  };
}

/** Bytes that hold a word of 7·blocks + 1 bits. */
export function openedBytes(blocks: number): number {
  return Math.ceil((7 * blocks + 1) / 8);
}

/**
 * [x < 0] as a share with 0 fractional bits; right for all 2^64 words, or for |x| ≤ 2^bound where a bound is proven.
 *
 * Cost    3 rounds, 8 B + 17 bits + 1 bit an element; dealer 248 B. Fewer under a bound.
 * Leaks   nothing: c, u, v and t are one-time padded by r, γ, π and ρ, each used here alone (C7).
 */
export function negative(ctx: Context, x: Share): Share {
  const parts = chunksOf(ctx, x, COMPARE_CHUNK).map((part) => negativePart(ctx, part));
  return joined(ctx, parts, x.shape);
}

function negativePart(ctx: Context, x: Share): Share {
  const n = sizeOf(x.shape);
  const blocks = blocksFor(x);
  const step = ctx.step(`negative ${showShape(x.shape)} ${blocks}`, inputsOf(x));
  const facts = {
    fracBits: 0,
    nominal: 0,
    bound: 1,
    depth: step.depth + (n && 3),
    digest: step.digest,
  };
  if (n === 0) return Share.fresh(x.shape, facts, new BigUint64Array(0));
  const bytes = openedBytes(blocks);
  const steps = signSteps(ctx, step);
  const material = ctx.session.provider.request(step, compareRequest(n, blocks));
  const masked = maskWords(ctx, x, material.take());
  const c = open(
    ctx,
    step,
    [{ words: n, bytes }],
    then(masked, ({ c }) => [{ words: c, bytes }]),
  );
  const bits: Later<Uint8Array> = then(both(masked, c), ([{ dealt }, [opened]]) =>
    openSign(ctx, steps, dealt, { wide: segment(dealt, 'wide'), c: opened.words }, blocks, n),
  );
  const words = then(both(masked, bits), ([{ dealt }, t]) =>
    ctx.arena.scope((arena) => {
      const out = arena.words(n);
      arena.kernels.bitOpened(out, arena.put(t), arena.put(segment(dealt, 'rho')), ctx.rank, n);
      return arena.take(out, n);
    }),
  );
  return Share.fresh(x.shape, facts, words);
}

/** Material and this party's share of c = x + r. */
export function maskWords(
  ctx: Context,
  x: Share,
  material: Later<Material>,
): Later<{ readonly dealt: Material; readonly c: Words }> {
  return then(both(contiguousWords(ctx.arena, x), material), ([words, dealt]) => ({
    dealt,
    c: ctx.arena.scope((arena) => {
      const c = arena.put(words);
      arena.kernels.add(c, c, arena.put(segment(dealt, 'r')), words.length);
      return arena.take(c, words.length);
    }),
  }));
}

/** One threshold: its level-2 table and the opened c less the threshold. */
export interface Threshold {
  readonly wide: Words;
  readonly c: Words;
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

/** Rounds 2 and 3 for one threshold: the opened bits [x < τ] ⊕ ρ, packed. */
export function openSign(
  ctx: Context,
  [second, third]: SignSteps,
  dealt: Material,
  threshold: Threshold,
  blocks: number,
  n: number,
): Later<Uint8Array> {
  const stream = n * (2 * blocks - 1);
  const own = blockBits(ctx, dealt, threshold, blocks, n);
  const uv = open(ctx, second, [{ bits: stream }], [{ bits: own, count: stream }]);
  const masked = then(uv, ([opened]) => carryBits(ctx, threshold, opened, blocks, n));
  const t = open(
    ctx,
    third,
    [{ bits: n }],
    then(masked, (bits) => [{ bits, count: n }]),
  );
  return then(t, ([opened]) => opened.bits);
}

/** Round 2's own shares: u and v of every block. */
export function blockBits(
  ctx: Context,
  dealt: Material,
  threshold: Threshold,
  blocks: number,
  n: number,
): Uint8Array {
  return ctx.arena.scope((arena) => {
    const { kernels } = arena;
    const bytes = packed(n * (2 * blocks - 1));
    const out = arena.bytes(bytes + 8);
    const tables = arena.bytes(kernels.compareTablesBytes());
    kernels.compareTables(tables);
    const mono = arena.put(segment(dealt, 'mono'));
    kernels.compareBlocks(
      out,
      arena.put(threshold.c),
      mono,
      arena.put(threshold.wide),
      blocks,
      tables,
      n,
    );
    return arena.takeBytes(out, bytes);
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
  return ctx.arena.scope((arena) => {
    const { kernels } = arena;
    const words = Math.ceil(n / 64);
    const out = arena.zeros(words);
    kernels.compareCarry(out, putPadded(arena, uv.bits), arena.put(threshold.wide), blocks, n);
    if (ctx.rank === 0) {
      const sign = arena.zeros(words);
      kernels.bitAt(sign, arena.put(threshold.c), 7 * blocks, n);
      kernels.xor(out, out, sign, words);
    }
    return arena.takeBytes(out, packed(n));
  });
}

function putPadded(arena: Arena, bytes: Uint8Array): Ptr {
  const at = arena.bytes(bytes.length + 8);
  const view = new Uint8Array(arena.kernels.buffer(), at, bytes.length + 8);
  view.set(bytes);
  view.fill(0, bytes.length);
  return at;
}
