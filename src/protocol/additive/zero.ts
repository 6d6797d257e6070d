/**
 * [x = 0] in three rounds: c = x + r is opened, and x is 0 where c = r.
 *
 * r is shared as one-hot strings of its 5-bit blocks, so [c_j = r_j] is the bit of a string that public c selects. Those bits are
 * opened under fresh π: v = [c_j = r_j] ⊕ π_j. All are 1 where π = ¬v, and π is shared as two one-hot strings in its turn; the two
 * bits that ¬v selects are opened under fresh π': w. Both are 1 where π' = ¬w, and π' is shared as a one-hot list of words, so the
 * word that ¬w selects is the result. Each opening asks the same of fewer bits: 64, 13, 2.
 * Sources: one-time tables, Ishai et al., TCC 2013.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { keepSpare } from '../../core/spare.ts';
import { zeroTableWords } from '../../kernels/contract.ts';
import type { BlockWords, Words } from '../../kernels/memory.ts';
import { inputsOf, type Context } from '../context.ts';
import { packed, type Cost } from '../cost.ts';
import { open } from '../open.ts';
import { placeWords, zeroRequest } from '../provider/kinds/zero.ts';
import { segment } from '../provider/provider.ts';
import { Share } from '../share.ts';
import { chunksOf, chunkSize, joined } from './chunks.ts';
import { maskWords, putPadded, signSteps } from './thresholds.ts';

/** Blocks of a whole word. */
const FULL_BLOCKS = 13;

/** Fewest 5-bit blocks of which x = 0 is decided, for |x| ≤ 2^bound. */
function blocksFor({ bound, fracBits }: Pick<Share, 'bound' | 'fracBits'>): number {
  if (bound === undefined) return FULL_BLOCKS;
  return Math.min(FULL_BLOCKS, Math.max(1, Math.ceil((Math.ceil(bound) + fracBits + 1) / 5)));
}

/** Bytes of c that are opened, bits of v and w. */
function sizes(blocks: number): { bytes: number; v: number; w: number } {
  return { bytes: Math.min(8, Math.ceil((5 * blocks) / 8)), v: blocks, w: blocks > 6 ? 2 : 1 };
}

/** Cost of testing n words. */
export function zeroCost(n: number, x: Pick<Share, 'bound' | 'fracBits'>): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  const blocks = blocksFor(x);
  const { bytes, v, w } = sizes(blocks);
  const dealt = 8 * n * (zeroTableWords(blocks) + placeWords(blocks));
  return { rounds: 3, bytes: n * bytes + packed(n * v) + packed(n * w), dealt };
}

/**
 * [x = 0] as a share with 0 fractional bits; right for all 2^64 words, or for |x| ≤ 2^bound where a bound is proven.
 *
 * Cost    3 rounds, 8 B + 13 bits + 2 bits an element; dealer 112 B. Fewer under a bound.
 * Leaks   nothing: c, v and w are one-time padded by r, π and π', each used here alone.
 */
export function zero(ctx: Context, x: Share): Share {
  const { dealt } = zeroCost(1, x);
  const parts = chunksOf(ctx, x, chunkSize(dealt)).map((part) => zeroPart(ctx, part));
  return joined(ctx, parts, x.shape, keepSpare);
}

function zeroPart(ctx: Context, x: Share): Share {
  const n = sizeOf(x.shape);
  const blocks = blocksFor(x);
  const step = ctx.step(`zero ${showShape(x.shape)} ${blocks}`, inputsOf(x));
  const [second, third] = signSteps(ctx, step);
  const depth = step.depth + (n && 3);
  const facts = { fracBits: 0, nominal: 0, bound: 0, depth, digest: step.digest };
  if (n === 0) return Share.fresh(x.shape, facts, new BigUint64Array(0));
  const { bytes, v, w } = sizes(blocks);
  const material = ctx.session.provider.request(step, zeroRequest(n, blocks));
  const masked = maskWords(ctx, x, material.take());
  const sections = then(masked, ({ c }) => [{ words: c, bytes }]);
  const opened = open(ctx, step, [{ words: n, bytes }], sections);
  const words = then(both(masked, opened), ([{ dealt }, [{ words: c }]]) => {
    const tables = segment(dealt, 'tables');
    const equal = { bits: equalBits(ctx, c, tables, blocks), count: n * v };
    keepSpare(c);
    return then(open(ctx, second, [{ bits: n * v }], [equal]), ([blocksEqual]) => {
      const all = { bits: allBits(ctx, blocksEqual.bits, tables, blocks, n), count: n * w };
      return then(open(ctx, third, [{ bits: n * w }], [all]), ([allEqual]) =>
        ctx.arena.scope((arena) => {
          const out = arena.words(n);
          const ones = arena.put(segment(dealt, 'ones'));
          arena.kernels.zeroSelect(out, arena.put(allEqual.bits), ones, blocks, n);
          dealt.done();
          return arena.take(out, n);
        }),
      );
    });
  });
  return Share.fresh(x.shape, facts, words);
}

/** Round 2's own shares: [c_j = r_j] ⊕ π_j. */
function equalBits(ctx: Context, c: Words, tables: BlockWords, blocks: number): Uint8Array {
  return ctx.arena.scope((arena) => {
    const bytes = packed(c.length * blocks);
    const out = arena.bytes(bytes + 8);
    arena.kernels.zeroBlocks(out, arena.put(c), arena.put(tables), blocks, c.length);
    return arena.takeBytes(out, bytes);
  });
}

/** Round 3's own shares: whether the parts of π are those of ¬v, ⊕ π'. */
function allBits(
  ctx: Context,
  v: Uint8Array,
  tables: BlockWords,
  blocks: number,
  n: number,
): Uint8Array {
  return ctx.arena.scope((arena) => {
    const bytes = packed(n * sizes(blocks).w);
    const out = arena.bytes(bytes);
    arena.kernels.zeroJoin(out, putPadded(arena, v), arena.put(tables), blocks, n);
    return arena.takeBytes(out, bytes);
  });
}
