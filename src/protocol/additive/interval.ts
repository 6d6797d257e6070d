/**
 * Functions that are computed on an interval [low, high) and linear beyond it, in three rounds.
 *
 * Round 1 opens c = x + r. The function gives shares S of its value on the interval, at a scale of its own, from public c. Round 2
 * opens the block bits of the thresholds low and high on the same c (`thresholds.ts`), round 3 S + q and the bits
 * inside = [x < low] ⊕ [x < high] and [x < high], each under its ρ. The truncation of S is the EGK one, and its selection by
 * `inside` is an identity in the ring (H3): outside the interval S may be anything, wrapped or not, and is multiplied by exactly 0.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { keepSpare } from '../../core/spare.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, Words } from '../../kernels/memory.ts';
import { inputsOf, type Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import { open } from '../open.ts';
import { skippedBlocks } from '../provider/kinds/comparison.ts';
import { intervalBytes, type IntervalSize } from '../provider/kinds/interval.ts';
import type { MaterialRequest } from '../provider/material.ts';
import { segment, type Material } from '../provider/provider.ts';
import { contiguousWords, Share } from '../share.ts';
import type { LinearPiece } from '../steps.ts';
import { chunksOf, chunkSize, joined } from './chunks.ts';
import { addMultiple, addPublicWord, bitWords, selectedWords, type OpenedBit } from './selected.ts';
import {
  blocksFor,
  maskWords,
  openedBytes,
  openThresholds,
  signSteps,
  thresholdAbove,
  thresholdBytes,
} from './thresholds.ts';
import { withOffset } from './truncate.ts';

/** A function on an interval, and what it is beyond. */
export interface Interval {
  /** Public description: everything that the result depends on. */
  readonly text: string;
  /** Raw words of x's scale. */
  readonly low: bigint;
  readonly high: bigint;
  /** x of the interval that is less than 2^slack from an end may count as beyond it. */
  readonly slack: number;
  /** Fractional bits of S; |S| < 2^62 raw on the interval. */
  readonly scale: number;
  /** Fractional bits of the result. */
  readonly fracBits: number;
  /** |result| ≤ 2^bound, where that is proven. */
  readonly bound: number | undefined;
  /** The tails in raw words: slope·x + offset. */
  readonly below: LinearPiece;
  readonly above: LinearPiece;
  /** Low bits of c that S depends on. */
  readonly bits: number;
  /** Dealt words of an element, for S. */
  readonly words: number;
  readonly request: (size: IntervalSize) => MaterialRequest;
  /** Shares of S from the opened c; x: own shares. */
  readonly inside: (arena: Arena, dealt: Material, c: Words, x: Words, rank: number) => Ptr;
}

/** What is public about a gate's sizes, for n elements of x. */
function sizeFor(
  n: number,
  x: Pick<Share, 'bound' | 'fracBits'>,
  { low, high, slack, scale, fracBits, below, above }: Interval,
): IntervalSize {
  const whole = blocksFor(x, [low, high], slack);
  const skipped = skippedBlocks(whole, slack);
  return {
    n,
    blocks: whole - skipped,
    skipped,
    drop: scale - fracBits,
    insideR: below.slope !== 0n,
    highR: below.slope !== above.slope,
  };
}

/** Bytes of c that are opened: the whole word where a tail multiplies it. */
function bytesFor({ blocks, skipped, insideR, highR }: IntervalSize, { bits }: Interval): number {
  return insideR || highR ? 8 : Math.max(openedBytes(blocks + skipped), Math.ceil(bits / 8));
}

/** Cost of an interval's gate on n words of x. */
export function intervalCost(
  n: number,
  x: Pick<Share, 'bound' | 'fracBits'>,
  interval: Interval,
): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  const size = sizeFor(n, x, interval);
  return {
    rounds: 3,
    bytes: n * (bytesFor(size, interval) + 8) + 2 * thresholdBytes(n, size.blocks),
    dealt: n * (8 * interval.words + intervalBytes(size)),
  };
}

/**
 * The function of every element.
 *
 * Cost    3 rounds, 8 + 4.25 B, then 8.25 B: 20.5 B an element; fewer under a bound and with slack.
 * Error   that of S, and {0, +1} ulp of the truncation on the interval; exact beyond it. |x − low|, |x − high| < 2^63 − 2^slack raw.
 * Leaks   nothing: c, u, v, S + q and the bits are one-time padded by r, γ, π, q and ρ, fresh for each threshold (C7).
 */
export function onInterval(ctx: Context, x: Share, interval: Interval): Share {
  const { dealt } = intervalCost(1, x, interval);
  const parts = chunksOf(ctx, x, chunkSize(dealt)).map((part) => intervalPart(ctx, part, interval));
  return joined(ctx, parts, x.shape, keepSpare);
}

function intervalPart(ctx: Context, x: Share, interval: Interval): Share {
  const n = sizeOf(x.shape);
  const { fracBits, bound } = interval;
  const size = sizeFor(n, x, interval);
  const { blocks, skipped } = size;
  const text = `${interval.text} ${showShape(x.shape)} ${blocks} ${skipped}`;
  const step = ctx.step(text, inputsOf(x));
  const depth = step.depth + (n && 3);
  const facts = { fracBits, nominal: fracBits, bound, depth, digest: step.digest };
  const steps = signSteps(ctx, step);
  if (n === 0) return Share.fresh(x.shape, facts, new BigUint64Array(0));
  const material = ctx.session.provider.request(step, interval.request(size));
  const masked = maskWords(ctx, x, material.take());
  const bytes = bytesFor(size, interval);
  const sections = then(masked, ({ c }) => [{ words: c, bytes }]);
  const opened = open(ctx, step, [{ words: n, bytes }], sections);
  const ready = both(both(masked, opened), contiguousWords(ctx.arena, x));
  const words = then(ready, ([[{ dealt }, [{ words: c }]], own]) => {
    const low = thresholdAbove(interval.low, skipped);
    const thresholds = [
      { c, tau: low, wide: segment(dealt, 'wideLow'), skipped },
      { c, tau: interval.high, wide: segment(dealt, 'wideHigh'), skipped },
    ];
    const last = openThresholds(ctx, steps, dealt, thresholds, blocks, n, ([low, high]) => [
      { words: hiddenSum(ctx, interval, dealt, c, own), bytes: 8 },
      { bits: low.map((byte, i) => byte ^ high[i]), count: n },
      { bits: high, count: n },
    ]);
    return then(last, ([sum, inside, high]) => {
      const bits = { inside: inside.bits, high: high.bits };
      const y = select(ctx, interval, size, dealt, { c, x: own, sum: sum.words, ...bits });
      dealt.done();
      keepSpare(c);
      keepSpare(sum.words);
      return y;
    });
  });
  return Share.fresh(x.shape, facts, words);
}

/** This party's share of S + q. */
function hiddenSum(ctx: Context, interval: Interval, dealt: Material, c: Words, x: Words): Words {
  return ctx.arena.scope((arena) => {
    const sum = interval.inside(arena, dealt, c, x, ctx.rank);
    arena.kernels.add(sum, sum, arena.put(segment(dealt, 'q')), c.length);
    return arena.take(sum, c.length);
  });
}

/** Everything that is open, and own shares of x. */
interface Decided {
  readonly c: Words;
  readonly x: Words;
  /** S + q. */
  readonly sum: Words;
  readonly inside: Uint8Array;
  readonly high: Uint8Array;
}

/** inside·(trunc(S) − below(x)) + [x < high]·(below(x) − above(x)) + above(x). */
function select(
  ctx: Context,
  { below, above }: Interval,
  { n, drop }: IntervalSize,
  dealt: Material,
  { c, x, sum, inside, high }: Decided,
): Words {
  const { rank } = ctx;
  return ctx.arena.scope((arena) => {
    const { kernels } = arena;
    const part = (name: string): Ptr => arena.put(segment(dealt, name));
    const opened = withOffset(arena, sum);
    const y = arena.words(n);
    const [rho, rhoRc, rhoR63] = ['rhoInside', 'rhoRc', 'rhoR63'].map(part);
    kernels.truncateOpened(y, opened, part('rc'), part('r63'), drop, rank, n);
    kernels.selectOpened(y, y, opened, arena.put(inside), rho, rhoRc, rhoR63, drop, n);

    const add = (factor: bigint, words: () => Ptr): void => {
      if (factor !== 0n) arena.scope(() => addMultiple(arena, y, words(), factor, n));
    };
    const insideBit = { t: inside, rho: segment(dealt, 'rhoInside') };
    const highBit = { t: high, rho: segment(dealt, 'rhoHigh') };
    const selected = (bit: OpenedBit, name: string): Ptr =>
      selectedWords(arena, bit, segment(dealt, name), x, c);
    add(above.slope, () => arena.put(x));
    add(-below.offset, () => bitWords(arena, insideBit, rank));
    add(-below.slope, () => selected(insideBit, 'insideR'));
    add(below.offset - above.offset, () => bitWords(arena, highBit, rank));
    add(below.slope - above.slope, () => selected(highBit, 'highR'));
    addPublicWord(arena, y, above.offset, rank, n);
    return arena.take(y, n);
  });
}
