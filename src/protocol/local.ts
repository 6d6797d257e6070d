/**
 * Linear steps: each party computes on its own words; nothing is sent.
 *
 * Letters say visibility: A is an additive share, P a public operand that every party knows. Scales are aligned by shifting the
 * coarser operand up, which is exact; a public constant is added by party 0 alone.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { all, both, then, type Later } from '../core/later.ts';
import {
  broadcastShapes,
  contiguousStrides,
  showShape,
  sizeOf,
  type Shape,
} from '../core/shape.ts';
import type { Ptr } from '../kernels/contract.ts';
import { newWords, type Arena, type Words } from '../kernels/memory.ts';
import { expandView, gatherView, scatterView, wholeView, type View } from '../ring/view.ts';
import type { Context } from './context.ts';
import { inputsOf } from './context.ts';
import { settle } from './settle.ts';
import { Share, Storage } from './share.ts';

/** Public ring words of some shape and scale. */
export interface PublicWords {
  readonly shape: Shape;
  readonly words: Words;
  readonly fracBits: number;
}

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
  return map(ctx, 'neg', x, (arena, from, n) => {
    const out = arena.words(n);
    arena.kernels.neg(out, from, n);
    return out;
  });
}

/** x times a public integer; no scale changes. */
export function scaleA(ctx: Context, x: Share, factor: bigint): Share {
  const word = BigInt.asUintN(64, factor);
  return map(ctx, `scale ${word}`, x, (arena, from, n) => {
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
  const step = ctx.step(`addPublic ${showShape(p.shape)} ${p.fracBits}`, inputsOf(left));
  const words = then(Storage.words(left.storage), (base) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(shape);
      const out = arena.words(n);
      const from = gatherView(arena, arena.put(base), expandView(left, shape));
      if (ctx.rank !== 0) return arena.take(from, n);
      const constant = gatherPublic(arena, p, shape);
      arena.kernels.shiftLeft(constant, constant, fracBits - p.fracBits, n);
      arena.kernels.add(out, from, constant, n);
      return arena.take(out, n);
    }),
  );
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
  const step = ctx.step(`mulPublic ${showShape(p.shape)} ${p.fracBits}`, inputsOf(left));
  const words = then(Storage.words(left.storage), (base) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(shape);
      const out = arena.words(n);
      const from = gatherView(arena, arena.put(base), expandView(left, shape));
      arena.kernels.mul(out, from, gatherPublic(arena, p, shape), n);
      return arena.take(out, n);
    }),
  );
  return Share.fresh(shape, productFacts(left, p, step.digest, ctx), words);
}

/** [..,m,k]·[..,k,n] with one public side; batch dims already equal. */
export function matmulAP(ctx: Context, x: Share, p: PublicWords, side: 'left' | 'right'): Share {
  const share = settle(ctx, x);
  const step = ctx.step(
    `matmulPublic ${side} ${showShape(p.shape)} ${p.fracBits}`,
    inputsOf(share),
  );
  const [a, b] = side === 'right' ? [share.shape, p.shape] : [p.shape, share.shape];
  const shape = [...a.slice(0, -1), b[b.length - 1]];
  const words = then(Storage.words(share.storage), (base) =>
    ctx.arena.scope((arena) => {
      const secret = gatherView(arena, arena.put(base), share);
      const open = arena.put(p.words);
      const out = arena.words(sizeOf(shape));
      matmulInto(
        arena,
        out,
        side === 'right' ? secret : open,
        side === 'right' ? open : secret,
        a,
        b,
        0,
      );
      return arena.take(out, sizeOf(shape));
    }),
  );
  return Share.fresh(shape, productFacts(share, p, step.digest, ctx), words);
}

/** out (+)= a·b for every matrix of the batch. */
export function matmulInto(
  arena: Arena,
  out: Ptr,
  a: Ptr,
  b: Ptr,
  aShape: Shape,
  bShape: Shape,
  accumulate: 0 | 1,
): void {
  const [m, k] = aShape.slice(-2);
  const n = bShape[bShape.length - 1];
  const batches = sizeOf(aShape.slice(0, -2));
  const scratch = arena.bytes(arena.kernels.matmulScratch(m, k, n));
  for (let i = 0; i < batches; i++) {
    const at = { out: out + i * m * n * 8, a: a + i * m * k * 8, b: b + i * k * n * 8 };
    // Kernels want 16-byte alignment, which a matrix of odd size breaks for its successor.
    const aligned = (at.out | at.a | at.b) % 16 === 0;
    if (aligned) {
      arena.kernels.matmul(at.out, at.a, at.b, m, k, n, accumulate, scratch);
    } else {
      arena.scope(() => {
        const left = arena.put(arena.take(at.a, m * k));
        const right = arena.put(arena.take(at.b, k * n));
        const sum = arena.put(arena.take(at.out, m * n));
        arena.kernels.matmul(sum, left, right, m, k, n, accumulate, scratch);
        new Uint8Array(arena.kernels.buffer()).copyWithin(at.out, sum, sum + m * n * 8);
      });
    }
  }
}

/** Sum over `axes` (sorted, distinct); keeps them with size 1 when asked. */
export function sumA(ctx: Context, x: Share, axes: readonly number[], keepdim: boolean): Share {
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const shape = keepdim ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const step = ctx.step(`sum ${axes.join()} ${keepdim}`, inputsOf(x));
  // Summed axes go last, so that one pass adds them all up.
  const order = [...x.shape.keys()].sort(
    (a, b) => Number(axes.includes(a)) - Number(axes.includes(b)) || a - b,
  );
  const view = {
    shape: order.map((axis) => x.shape[axis]),
    strides: order.map((axis) => x.strides[axis]),
    offset: x.offset,
  };
  const words = then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(shape);
      const out = arena.zeros(n);
      const len = sizeOf(axes.map((axis) => x.shape[axis]));
      if (n > 0 && len > 0) {
        arena.kernels.sumAxis(out, gatherView(arena, arena.put(base), view), n, len, 1);
      }
      return arena.take(out, n);
    }),
  );
  return Share.fresh(shape, { ...scaleOf(x), depth: x.depth, digest: step.digest }, words);
}

/** Concatenation along `axis`; scales are aligned. */
export function catA(ctx: Context, parts: readonly Share[], axis: number): Share {
  const fracBits = Math.max(...parts.map((part) => part.fracBits));
  const nominal = Math.max(...parts.map((part) => part.nominal));
  const aligned = parts.map((part) => refine(ctx, part, fracBits));
  const shape = [...aligned[0].shape];
  shape[axis] = aligned.reduce((sum, part) => sum + part.shape[axis], 0);
  const step = ctx.step(`cat ${axis}`, inputsOf(...aligned));
  const strides = contiguousStrides(shape);
  const words = then(all(aligned.map((part) => Storage.words(part.storage))), (bases) =>
    ctx.arena.scope((arena) => {
      const out = arena.words(sizeOf(shape));
      let start = 0;
      aligned.forEach((part, i) => {
        const from = gatherView(arena, arena.put(bases[i]), part);
        scatterView(
          arena,
          out,
          { shape: part.shape, strides, offset: start * strides[axis] },
          from,
        );
        start += part.shape[axis];
      });
      return arena.take(out, sizeOf(shape));
    }),
  );
  const depth = Math.max(...aligned.map((part) => part.depth));
  return Share.fresh(shape, { fracBits, nominal, depth, digest: step.digest }, words);
}

/** Zeros of `shape` with x written at `view`, a view of that contiguous shape; the adjoint of slicing. */
export function placeA(ctx: Context, x: Share, shape: Shape, view: View): Share {
  const step = ctx.step(
    `place ${showShape(shape)} ${view.strides.join()} ${view.offset}`,
    inputsOf(x),
  );
  const words = then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) => {
      const out = arena.zeros(sizeOf(shape));
      scatterView(arena, out, view, gatherView(arena, arena.put(base), x));
      return arena.take(out, sizeOf(shape));
    }),
  );
  return Share.fresh(shape, { ...scaleOf(x), depth: x.depth, digest: step.digest }, words);
}

/** x in row-major order under another shape of the same size: a view where the strides allow it, else a copy. */
export function reshapeA(ctx: Context, x: Share, shape: Shape): Share {
  const view = { ...wholeView(shape), offset: x.offset };
  const contiguous = contiguousStrides(x.shape);
  if (x.shape.every((dim, axis) => dim <= 1 || x.strides[axis] === contiguous[axis])) {
    return x.view(view);
  }
  const flat = map(ctx, 'contiguous', x, (_, from) => from);
  return flat.view(wholeView(shape));
}

/** A share of public words: party 0 holds them, the others hold zero. Local and not secret. */
export function publicShare(ctx: Context, p: PublicWords, nominal: number): Share {
  const step = ctx.step(`public ${showShape(p.shape)} ${p.fracBits}`, []);
  const words = ctx.rank === 0 ? p.words : newWords(p.words.length);
  return Share.fresh(
    p.shape,
    { fracBits: p.fracBits, nominal, depth: 0, digest: step.digest },
    words,
  );
}

function combine(ctx: Context, op: 'add' | 'sub', x: Share, y: Share): Share {
  const [a, fromX] = atLeast(ctx, x, y.fracBits);
  const [b, fracBits] = atLeast(ctx, y, fromX);
  const left = refine(ctx, a, fracBits);
  const shape = broadcastShapes(op, left.shape, b.shape);
  const step = ctx.step(op, inputsOf(left, b));
  const words = then(both(Storage.words(left.storage), Storage.words(b.storage)), ([p, q]) =>
    ctx.arena.scope((arena) => {
      const n = sizeOf(shape);
      const out = arena.words(n);
      const one = gatherView(arena, arena.put(p), expandView(left, shape));
      const other = gatherView(arena, arena.put(q), expandView(b, shape));
      arena.kernels[op](out, one, other, n);
      return arena.take(out, n);
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

/** x with at least `fracBits` fractional bits, settled first when it owes more than a product's worth. */
function atLeast(ctx: Context, x: Share, fracBits: number): [Share, number] {
  const owes = x.fracBits > 2 * Math.max(x.nominal, ctx.session.precision) + SPARE_BITS;
  const share = owes ? settle(ctx, x) : x;
  const target = Math.max(share.fracBits, fracBits);
  return [refine(ctx, share, target), target];
}

function productFacts(
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

function scaleOf(x: Share): { fracBits: number; nominal: number } {
  return { fracBits: x.fracBits, nominal: x.nominal };
}

function map(
  ctx: Context,
  text: string,
  x: Share,
  body: (arena: Arena, from: Ptr, n: number) => Ptr,
): Share {
  const step = ctx.step(text, inputsOf(x));
  return Share.fresh(
    x.shape,
    { ...scaleOf(x), depth: x.depth, digest: step.digest },
    onWords(ctx, x, body),
  );
}

function onWords(
  ctx: Context,
  x: Share,
  body: (arena: Arena, from: Ptr, n: number) => Ptr,
): Later<Words> {
  const n = sizeOf(x.shape);
  return then(Storage.words(x.storage), (base) =>
    ctx.arena.scope((arena) =>
      arena.take(body(arena, gatherView(arena, arena.put(base), x), n), n),
    ),
  );
}

function gatherPublic(arena: Arena, p: PublicWords, shape: Shape): Ptr {
  const from = arena.put(p.words);
  return gatherView(arena, from, expandView(wholeView(p.shape), shape));
}

/**
 * A view's shape and the public one must hold equally many elements.
 *
 * @throws {MpcError} ERR_MPC_SHAPE otherwise.
 */
export function checkSize(op: string, shape: Shape, count: number): void {
  if (sizeOf(shape) !== count) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: shape ${showShape(shape)} holds ${sizeOf(shape)} elements, got ${count}`,
    );
  }
}
