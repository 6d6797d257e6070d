/**
 * Sums and multiples of shares.
 *
 * Scales are aligned by shifting the coarser operand up, which is exact; a public constant is added by party 0 alone.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Each party computes on its own words.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { broadcastShapes, type Shape } from '../../core/shape.ts';
import { newWords } from '../../kernels/memory.ts';
import { mapWords } from '../../kernels/tiles.ts';
import { expandView } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import { settle } from '../settle.ts';
import { contiguousWords, Share } from '../share.ts';
import { broadcastWords, describePublic, mapA, onWords, type PublicWords } from './words.ts';

/** Fractional bits beyond which a sum settles its operands first, so that |x| up to 2^30 never overflows. */
const SPARE_BITS = 2;

/** x + y with broadcasting. */
export function addAA(ctx: Context, x: Share, y: Share): Share {
  return combine(ctx, 'add', x, y);
}

/** x − y with broadcasting. */
export function subAA(ctx: Context, x: Share, y: Share): Share {
  return combine(ctx, 'sub', x, y);
}

/** −x. */
export function negA(ctx: Context, x: Share): Share {
  return mapA(ctx, 'neg', x, (arena, from, n) => {
    const out = arena.words(n);
    arena.kernels.neg(out, from, n);
    return out;
  });
}

/** x times a public integer; no scale changes. */
export function scaleA(ctx: Context, x: Share, factor: bigint): Share {
  const word = BigInt.asUintN(64, factor);
  return mapA(ctx, `scale ${word}`, x, (arena, from, n) => {
    const out = arena.words(n);
    arena.kernels.mulScalar(out, from, arena.put(BigUint64Array.of(word)), n);
    return out;
  });
}

/** x·2^bits as words, with `bits` more fractional bits: the same value at a finer scale. */
export function refine(ctx: Context, x: Share, fracBits: number): Share {
  const bits = fracBits - x.fracBits;
  if (bits === 0) return x;
  const step = ctx.step(`refine ${bits}`, inputsOf(x));
  const facts = {
    fracBits,
    nominal: Math.max(x.nominal, Math.min(fracBits, ctx.session.precision)),
    bound: x.bound,
    depth: x.depth,
    digest: step.digest,
  };
  return Share.fresh(
    x.shape,
    facts,
    onWords(ctx, x, (arena, from, n) => {
      const out = arena.words(n);
      arena.kernels.shiftLeft(out, from, bits, n);
      return out;
    }),
  );
}

/** x + p with broadcasting; p is public. */
export function addAP(ctx: Context, x: Share, p: PublicWords): Share {
  const [left, fracBits] = atLeast(ctx, x, p.fracBits);
  const shape = broadcastShapes('add', left.shape, p.shape);
  const { kernels } = ctx.arena;
  const step = ctx.step(`addPublic ${describePublic(ctx.arena, p)}`, inputsOf(left));
  const words = then(contiguousWords(ctx.arena, spread(left, shape)), (own) => {
    if (ctx.rank !== 0) return own;
    const constants = broadcastWords(ctx.arena, p, shape);
    return mapWords(ctx.arena, own.length, [own, constants], ({ at: [x, c], n }) => {
      kernels.shiftLeft(c, c, fracBits - p.fracBits, n);
      kernels.add(x, x, c, n);
      return x;
    });
  });
  return Share.fresh(
    shape,
    {
      fracBits,
      nominal: Math.max(left.nominal, Math.min(p.fracBits, fracBits)),
      depth: left.depth,
      digest: step.digest,
    },
    words,
  );
}

/** x·p elementwise with broadcasting; p is public, scales add up. */
export function mulAP(ctx: Context, x: Share, p: PublicWords): Share {
  const left = p.fracBits === 0 ? x : settle(ctx, x);
  const shape = broadcastShapes('mul', left.shape, p.shape);
  const step = ctx.step(`mulPublic ${describePublic(ctx.arena, p)}`, inputsOf(left));
  const words = then(contiguousWords(ctx.arena, spread(left, shape)), (own) => {
    const factors = broadcastWords(ctx.arena, p, shape);
    return mapWords(ctx.arena, own.length, [own, factors], ({ at: [x, y], n }) => {
      ctx.arena.kernels.mul(x, x, y, n);
      return x;
    });
  });
  return Share.fresh(shape, productFacts(left, p, step.digest, ctx), words);
}

/** A share of public words: party 0 holds them, the others hold zero. Local and not secret. */
export function publicShare(ctx: Context, p: PublicWords, nominal: number): Share {
  const step = ctx.step(`public ${describePublic(ctx.arena, p)}`, []);
  const words = ctx.rank === 0 ? p.words : newWords(p.words.length);
  return Share.fresh(
    p.shape,
    { fracBits: p.fracBits, nominal, depth: 0, digest: step.digest },
    words,
  );
}

/** x, settled when it owes more than a product's worth, so that sums of values up to 2^30 never overflow. */
export function prompt(ctx: Context, x: Share): Share {
  const owes = x.fracBits > 2 * Math.max(x.nominal, ctx.session.precision) + SPARE_BITS;
  return owes ? settle(ctx, x) : x;
}

/** Scales, depth and digest of a share times a public operand. */
export function productFacts(
  x: Share,
  p: PublicWords,
  digest: bigint,
  ctx: Context,
): { fracBits: number; nominal: number; depth: number; digest: bigint } {
  const fracBits = x.fracBits + p.fracBits;
  const nominal =
    p.fracBits === 0 ? x.nominal : Math.min(fracBits, Math.max(x.nominal, ctx.session.precision));
  return { fracBits, nominal, depth: x.depth, digest };
}

function combine(ctx: Context, op: 'add' | 'sub', x: Share, y: Share): Share {
  // Both settle before either is aligned: a scale that is about to be dropped must not stretch the other operand.
  const [p, q] = [prompt(ctx, x), prompt(ctx, y)];
  const fracBits = Math.max(p.fracBits, q.fracBits);
  const [left, b] = [refine(ctx, p, fracBits), refine(ctx, q, fracBits)];
  const shape = broadcastShapes(op, left.shape, b.shape);
  const step = ctx.step(op, inputsOf(left, b));
  const [one, other] = [left, b].map((side) => contiguousWords(ctx.arena, spread(side, shape)));
  const words = then(both(one, other), ([xs, ys]) =>
    mapWords(ctx.arena, xs.length, [xs, ys], ({ at: [x, y], n }) => {
      ctx.arena.kernels[op](x, x, y, n);
      return x;
    }),
  );
  return Share.fresh(
    shape,
    {
      fracBits,
      nominal: Math.max(left.nominal, b.nominal),
      depth: Math.max(left.depth, b.depth),
      digest: step.digest,
    },
    words,
  );
}

function spread(x: Share, shape: Shape): Share {
  return x.view(expandView(x, shape));
}

/** x with at least `fracBits` fractional bits, settled first when it owes more than a product's worth. */
function atLeast(ctx: Context, x: Share, fracBits: number): [Share, number] {
  const share = prompt(ctx, x);
  const target = Math.max(share.fracBits, fracBits);
  return [refine(ctx, share, target), target];
}
