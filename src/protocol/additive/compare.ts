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

import { both, then } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { keepSpare } from '../../core/spare.ts';
import { inputsOf, type Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import { open } from '../open.ts';
import { compareRequest, wideBytes } from '../provider/kinds/comparison.ts';
import { segment } from '../provider/provider.ts';
import { Share } from '../share.ts';
import { chunksOf, COMPARE_CHUNK, joined } from './chunks.ts';
import {
  blocksFor,
  maskWords,
  openedBytes,
  openThresholds,
  signSteps,
  thresholdBytes,
} from './thresholds.ts';

/** Cost of comparing n words of 7·blocks + 1 bits with 0. */
export function negativeCost(n: number, blocks: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  return {
    rounds: 3,
    bytes: n * openedBytes(blocks) + thresholdBytes(n, blocks),
    dealt: n * (16 * blocks + wideBytes(blocks) + 8),
  };
}

/**
 * [x < 0] as a share with 0 fractional bits; right for all 2^64 words, or for |x| ≤ 2^bound where a bound is proven.
 *
 * Cost    3 rounds, 8 B + 17 bits + 1 bit an element; dealer 248 B. Fewer under a bound.
 * Leaks   nothing: c, u, v and t are one-time padded by r, γ, π and ρ, each used here alone (C7).
 */
export function negative(ctx: Context, x: Share): Share {
  const parts = chunksOf(ctx, x, COMPARE_CHUNK).map((part) => negativePart(ctx, part));
  return joined(ctx, parts, x.shape, keepSpare);
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
  const bits = then(both(masked, c), ([{ dealt }, [opened]]) => {
    const threshold = { c: opened.words, tau: 0n, wide: segment(dealt, 'wide'), skipped: 0 };
    return openThresholds(ctx, steps, dealt, [threshold], blocks, n, ([own]) => [
      { bits: own, count: n },
    ]);
  });
  const words = then(both(both(masked, c), bits), ([[{ dealt }, [opened]], [t]]) =>
    ctx.arena.scope((arena) => {
      const out = arena.words(n);
      const rho = arena.put(segment(dealt, 'rho'));
      arena.kernels.bitOpened(out, arena.put(t.bits), rho, ctx.rank, n);
      dealt.done();
      keepSpare(opened.words);
      return arena.take(out, n);
    }),
  );
  return Share.fresh(x.shape, facts, words);
}
