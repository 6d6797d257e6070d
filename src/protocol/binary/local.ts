/**
 * Steps on XOR-shared bits without communication.
 *
 * Letters say visibility: B is an XOR share, P a public operand that every party knows and party 0 alone adds.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 * @module
 */

import { both, then, type Later } from '../../core/later.ts';
import { broadcastShapes, type Shape } from '../../core/shape.ts';
import type { Ptr } from '../../kernels/contract.ts';
import { newWords, type Arena, type Words } from '../../kernels/memory.ts';
import { mapWords } from '../../kernels/tiles.ts';
import { expandView } from '../../ring/view.ts';
import type { Context } from '../context.ts';
import { rescaleA, type PublicWords } from '../local/index.ts';
import { describePublic, broadcastWords, onWords } from '../local/words.ts';
import { contiguousWords, Share } from '../share.ts';
import { BinaryShare, WORD_BITS } from './share.ts';

/** Significant bits of public words; 64 when one is negative. */
export function widthOf({ words }: PublicWords): number {
  const union = words.reduce((bits, word) => bits | word, 0n);
  return Math.max(union.toString(2).length, 1);
}

/** x ⊕ y with broadcasting. */
export function xorBB(ctx: Context, x: BinaryShare, y: BinaryShare): BinaryShare {
  const [left, right] = [x, y].map(BinaryShare.inner);
  const shape = broadcastShapes('xor', x.shape, y.shape);
  const step = ctx.step('xor', [x, y]);
  const [one, other] = [left, right].map((side) =>
    contiguousWords(ctx.arena, side.view(expandView(side, shape))),
  );
  const words = then(both(one, other), ([xs, ys]) =>
    mapWords(ctx.arena, xs.length, [xs, ys], ({ at: [from, bits], n }) => {
      ctx.arena.kernels.xor(from, from, bits, n);
      return from;
    }),
  );
  const depth = Math.max(x.depth, y.depth);
  const fracBits = Math.max(x.fracBits, y.fracBits);
  return made(shape, { fracBits, depth, digest: step.digest }, words, Math.max(x.bits, y.bits));
}

/** x ⊕ p with broadcasting. */
export function xorBP(ctx: Context, x: BinaryShare, p: PublicWords): BinaryShare {
  const bits = Math.max(x.bits, widthOf(p));
  return withPublic(ctx, 'xor', x, p, bits, (arena, from, constant, n) => {
    if (ctx.rank !== 0) return from;
    const out = arena.words(n);
    arena.kernels.xor(out, from, constant, n);
    return out;
  });
}

/** x AND p with broadcasting. */
export function andBP(ctx: Context, x: BinaryShare, p: PublicWords): BinaryShare {
  const bits = Math.min(x.bits, widthOf(p));
  return withPublic(ctx, 'and', x, p, bits, (arena, from, constant, n) => {
    const out = arena.words(n);
    arena.kernels.and(out, from, constant, n);
    return out;
  });
}

/** x << by, 0 ≤ by ≤ 63. */
export function shiftLeftB(ctx: Context, x: BinaryShare, by: number): BinaryShare {
  const bits = Math.min(WORD_BITS, x.bits + by);
  return mapB(ctx, `shift left ${by}`, x, bits, (arena, from, n) => {
    const out = arena.words(n);
    arena.kernels.shiftLeft(out, from, by, n);
    return out;
  });
}

/** x >>> by, 0 ≤ by ≤ 63. */
export function shiftRightB(ctx: Context, x: BinaryShare, by: number): BinaryShare {
  return mapB(ctx, `shift right ${by}`, x, Math.max(1, x.bits - by), (arena, from, n) => {
    const out = arena.words(n);
    arena.kernels.shiftRight(out, from, by, n);
    return out;
  });
}

/** x >> by with the sign, 0 ≤ by ≤ 63. */
export function shiftRightSignedB(ctx: Context, x: BinaryShare, by: number): BinaryShare {
  const bits = x.bits === WORD_BITS ? WORD_BITS : Math.max(1, x.bits - by);
  return mapB(ctx, `shift right signed ${by}`, x, bits, (arena, from, n) => {
    const out = arena.words(n);
    arena.kernels.shiftRightSigned(out, from, by, n);
    return out;
  });
}

/** The same words read at another scale. */
export function rescaleB(ctx: Context, x: BinaryShare, fracBits: number): BinaryShare {
  if (x.fracBits === fracBits) return x;
  return new BinaryShare(
    rescaleA(ctx, BinaryShare.inner(x), fracBits, fracBits),
    x.bits,
    x.constant,
  );
}

/** All bits equal to the lowest one: 0 or −1. */
export function spreadB(ctx: Context, x: BinaryShare): BinaryShare {
  const top = WORD_BITS - 1;
  return shiftRightSignedB(ctx, shiftLeftB(ctx, x, top), top);
}

/** A share of public words. */
export function publicB(ctx: Context, p: PublicWords): BinaryShare {
  const step = ctx.step(`public bits ${describePublic(ctx.arena, p)}`, []);
  const words = ctx.rank === 0 ? p.words : newWords(p.words.length);
  return made(p.shape, { fracBits: p.fracBits, depth: 0, digest: step.digest }, words, widthOf(p));
}

/** A share every element of which is one public word, read through strides of 0. */
export function constantB(ctx: Context, shape: Shape, word: bigint, fracBits: number): BinaryShare {
  const p = { shape: [1], words: BigUint64Array.of(word), fracBits };
  const one = publicB(ctx, p);
  const inner = BinaryShare.inner(one).view({ shape, strides: shape.map(() => 0), offset: 0 });
  return new BinaryShare(inner, one.bits, p.words[0]);
}

/**
 * What `body` makes of the words by moving them alone: views, copies, picking, joining. Words behind XOR shares may be moved as
 * those behind additive ones; steps that add or multiply must not run here.
 */
export function moveB(
  ctx: Context,
  parts: readonly BinaryShare[],
  body: (parts: readonly Share[]) => Share,
): BinaryShare {
  const aligned = alignB(ctx, parts);
  const moved = body(aligned.map(BinaryShare.inner));
  const bits = Math.max(...aligned.map((part) => part.bits));
  return new BinaryShare(moved, bits, parts.length === 1 ? parts[0].constant : undefined);
}

/** The shares at the finest scale among them: coarser ones are shifted left. */
export function alignB(ctx: Context, parts: readonly BinaryShare[]): readonly BinaryShare[] {
  const finest = Math.max(...parts.map(({ fracBits }) => fracBits));
  return parts.map((part) => refineB(ctx, part, finest));
}

/** The same values at a finer scale. */
export function refineB(ctx: Context, x: BinaryShare, fracBits: number): BinaryShare {
  const by = fracBits - x.fracBits;
  return by === 0 ? x : rescaleB(ctx, shiftLeftB(ctx, x, by), fracBits);
}

interface Facts {
  readonly fracBits: number;
  readonly depth: number;
  readonly digest: bigint;
}

function made(shape: Shape, facts: Facts, words: Later<Words>, bits: number): BinaryShare {
  return new BinaryShare(Share.fresh(shape, { ...facts, nominal: facts.fracBits }, words), bits);
}

function mapB(
  ctx: Context,
  text: string,
  x: BinaryShare,
  bits: number,
  body: (arena: Arena, from: Ptr, n: number) => Ptr,
): BinaryShare {
  const inner = BinaryShare.inner(x);
  const { digest } = ctx.step(text, [x]);
  const facts = { fracBits: x.fracBits, depth: x.depth, digest };
  return made(x.shape, facts, onWords(ctx, inner, body), bits);
}

function withPublic(
  ctx: Context,
  op: string,
  x: BinaryShare,
  p: PublicWords,
  bits: number,
  body: (arena: Arena, from: Ptr, constant: Ptr, n: number) => Ptr,
): BinaryShare {
  const inner = BinaryShare.inner(x);
  const shape = broadcastShapes(op, x.shape, p.shape);
  const { digest } = ctx.step(`${op} public ${describePublic(ctx.arena, p)}`, [x]);
  const spread = contiguousWords(ctx.arena, inner.view(expandView(inner, shape)));
  const words = then(spread, (own) =>
    mapWords(
      ctx.arena,
      own.length,
      [own, broadcastWords(ctx.arena, p, shape)],
      ({ at: [from, constant], n }) => body(ctx.arena, from, constant, n),
    ),
  );
  const fracBits = Math.max(x.fracBits, p.fracBits);
  return made(shape, { fracBits, depth: x.depth, digest }, words, bits);
}
