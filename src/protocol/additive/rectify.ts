/**
 * Truncation and ReLU on one opening (survey §3b.3).
 *
 * c = x + r serves the EGK truncation y of x and the comparison [x ≤ 0], which is [x − 1 < 0] on words; the selecting bit is opened masked
 * by ρ, and shares of ρ·r_c and ρ·r_63 turn "bit times y" into local work. One opening is masked by r, as H1 demands. Blocks of bits
 * that the truncation drops are not compared: the doubt is then where 0 < x is less than 1 ulp of y.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { keepSpare } from '../../core/spare.ts';
import { isWhole } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import { packed, type Cost } from '../cost.ts';
import { digestOf } from '../digest.ts';
import type { Rectified } from '../gates.ts';
import { open } from '../open.ts';
import {
  rectifyBlocks,
  rectifyRequest,
  selectionBytes,
  wideBytes,
} from '../provider/kinds/comparison.ts';
import { segment } from '../provider/provider.ts';
import { Share } from '../share.ts';
import { chunksOf, COMPARE_CHUNK, joined } from './chunks.ts';
import {
  maskWords,
  openThresholds,
  signSteps,
  thresholdAbove,
  thresholdBytes,
} from './thresholds.ts';
import { withOffset } from './truncate.ts';

/** Cost of truncate+ReLU on n words by m bits. */
export function rectifyCost(n: number, m: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  const { blocks } = rectifyBlocks(m);
  return {
    rounds: 3,
    bytes: 8 * n + thresholdBytes(n, blocks),
    dealt: n * (16 * blocks + wideBytes(blocks) + 8 + selectionBytes(m)),
  };
}

/**
 * max(x, 0) with `bits` ≥ 0 fractional bits dropped, and [x > 0] with 0 fractional bits: the gradient of PyTorch's ReLU, 0 at 0.
 *
 * Cost    3 rounds, 8 B + 18 bits an element; dealer 266 B. By 16 bits: 8 B + 14 bits; 166 B. For any n of parties.
 * Error   as truncation where x > 0, or 0 instead of the 1 ulp that it may make of a fraction of one; exactly 0 elsewhere. `positive`
 *         is 1 where x > 0, or 0 where it is less than 1 ulp. Needs |raw x| < 2^62 (M3).
 * Leaks   nothing: c, u, v, t are one-time padded by r, γ, π, ρ.
 */
export function rectify(ctx: Context, x: Share, bits: number): Rectified {
  const parts = chunksOf(ctx, x, COMPARE_CHUNK).map((part) => rectifyPart(ctx, part, bits));
  const truncated = joined(
    ctx,
    parts.map((part) => part.truncated),
    x.shape,
  );
  keepTruncated(ctx, x, truncated);
  return {
    value: joined(
      ctx,
      parts.map((part) => part.value),
      x.shape,
      keepSpare,
    ),
    positive: joined(
      ctx,
      parts.map((part) => part.positive),
      x.shape,
      keepSpare,
    ),
  };
}

function rectifyPart(
  ctx: Context,
  x: Share,
  bits: number,
): Rectified & { readonly truncated: Share } {
  const n = sizeOf(x.shape);
  const step = ctx.step(`rectify ${showShape(x.shape)} by ${bits}`, inputsOf(x));
  const depth = step.depth + (n && 3);
  const fracBits = x.fracBits - bits;
  const value = {
    fracBits,
    nominal: Math.min(x.nominal, fracBits),
    bound: x.bound,
    depth,
    digest: step.digest,
  };
  const { blocks, skipped } = rectifyBlocks(bits);
  const steps = signSteps(ctx, step);
  const positive = { fracBits: 0, nominal: 0, bound: 1, depth, digest: steps[1].digest };
  if (n === 0) {
    const none = new BigUint64Array(0);
    const empty = Share.fresh(x.shape, value, none);
    return { value: empty, truncated: empty, positive: Share.fresh(x.shape, positive, none) };
  }
  const material = ctx.session.provider.request(step, rectifyRequest(n, bits));
  const masked = maskWords(ctx, x, material.take());
  const sections = then(masked, ({ c }) => [{ words: c, bytes: 8 }]);
  const first = then(
    both(masked, open(ctx, step, [{ words: n, bytes: 8 }], sections)),
    ([ours, [c]]) => ({
      dealt: ours.dealt,
      c: c.words,
    }),
  );
  const sign = then(first, ({ dealt, c }) => {
    const wide = segment(dealt, 'wide');
    const threshold = { c, tau: thresholdAbove(1n, skipped), wide, skipped };
    return openThresholds(ctx, steps, dealt, [threshold], blocks, n, ([own]) => [
      { bits: own, count: n },
    ]);
  });
  const truncated = then(first, ({ dealt, c }) =>
    ctx.arena.scope((arena) => {
      const y = arena.words(n);
      const [rc, r63] = ['rc', 'r63'].map((name) => arena.put(segment(dealt, name)));
      arena.kernels.truncateOpened(y, withOffset(arena, c), rc, r63, bits, ctx.rank, n);
      return arena.take(y, n);
    }),
  );
  const opened = both(first, truncated);
  const selected = then(both(opened, sign), ([[{ dealt, c }, own], [t]]) =>
    ctx.arena.scope((arena) => {
      const { kernels } = arena;
      const part = (name: string): number => arena.put(segment(dealt, name));
      // t = [x ≤ 0] ⊕ ρ; its complement selects where x > 0.
      const keep = arena.zeros(Math.ceil(n / 64));
      new Uint8Array(kernels.buffer(), keep, packed(n)).set(t.bits.map((byte) => ~byte));
      const offset = withOffset(arena, c);
      const rho = part('rho');
      const y = arena.put(own);
      kernels.selectOpened(y, y, offset, keep, rho, part('rhoRc'), part('rhoR63'), bits, n);
      const bit = arena.words(n);
      kernels.bitOpened(bit, keep, rho, ctx.rank, n);
      dealt.done();
      keepSpare(c);
      return { y: arena.take(y, n), bit: arena.take(bit, n) };
    }),
  );
  const early = { ...value, depth: step.depth + 1, digest: digestOf('truncated', [step.digest]) };
  return {
    truncated: Share.fresh(x.shape, early, truncated),
    value: Share.fresh(
      x.shape,
      value,
      then(selected, ({ y }) => y),
    ),
    positive: Share.fresh(
      x.shape,
      positive,
      then(selected, ({ bit }) => bit),
    ),
  };
}

/** Leaves the truncation of a whole storage for others that need it: a second one would be a second dither (H5). */
function keepTruncated(ctx: Context, x: Share, { storage, nominal }: Share): void {
  if (x.fracBits === nominal || nominal !== x.nominal) return;
  if (isWhole(x, x.storage.length)) x.storage.settled.push({ tag: ctx.here, storage });
}
