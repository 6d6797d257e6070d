/**
 * The gates on bits as their definitions say, word by word, without secrecy.
 * @module
 */

import { assert } from '../../core/errors.ts';
import { all, then } from '../../core/later.ts';
import { broadcastShapes, showShape, sizeOf } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import { expandView } from '../../ring/view.ts';
import type { BinaryGates, BinaryOperand } from '../binary/gates.ts';
import { BinaryShare, WORD_BITS } from '../binary/share.ts';
import { inputsOf, type Context } from '../context.ts';
import { describePublic, broadcastWords } from '../local/words.ts';
import { settle } from '../settle.ts';
import { contiguousWords, Share } from '../share.ts';

/** The plain scheme's gates on bits. */
export const binary: BinaryGates = {
  input(ctx, src, shape, fracBits, words) {
    const step = ctx.step(`binary input ${src} ${showShape(shape)} ${fracBits}`, []);
    const shared = then(words, (own) => {
      assert(
        own === null || own.length === sizeOf(shape),
        'an input has as many words as its shape',
      );
      return own ?? new BigUint64Array(sizeOf(shape));
    });
    const facts = { fracBits, nominal: fracBits, depth: 0, digest: step.digest };
    return new BinaryShare(Share.fresh(shape, facts, shared), WORD_BITS);
  },

  reveal(ctx, x) {
    ctx.step(`binary reveal ${showShape(x.shape)} ${x.fracBits}`, [x]);
    return contiguousWords(ctx.arena, BinaryShare.inner(x));
  },

  and: (ctx, x, y) =>
    wordwise(ctx, 'and', [x, y], { bits: Math.min(x.bits, y.bits) }, (p, q) => p & q),

  pick: (ctx, bit, y) =>
    wordwise(ctx, 'pick', [bit, y], y, (condition, word) => (condition === 1n ? word : 0n)),

  every: (ctx, x, bits) =>
    wordwise(ctx, `every ${bits}`, [x], { bits: 1, fracBits: 0 }, (word) =>
      low(word, bits) === low(-1n, bits) ? 1n : 0n,
    ),

  add: (ctx, x, y, bits) =>
    wordwise(ctx, `add ${bits}`, [x, y], { bits }, (p, q) => low(p + q, bits)),

  carry: (ctx, x, y, bits) =>
    wordwise(
      ctx,
      `carry ${bits}`,
      [x, y],
      { bits: 1, fracBits: 0 },
      (p, q) => (low(p, bits) + low(q, bits)) >> BigInt(bits),
    ),

  fromArithmetic(ctx, x) {
    const settled = settle(ctx, x);
    const { fracBits, depth } = settled;
    const { digest } = ctx.step(`to binary ${showShape(x.shape)}`, inputsOf(settled));
    const words = contiguousWords(ctx.arena, settled);
    const facts = { fracBits, nominal: fracBits, depth, digest };
    return new BinaryShare(Share.fresh(x.shape, facts, words), WORD_BITS);
  },

  toArithmetic(ctx, x, bits) {
    const { fracBits, depth } = x;
    const { digest } = ctx.step(`to arithmetic ${showShape(x.shape)} ${bits}`, [x]);
    const words = then(contiguousWords(ctx.arena, BinaryShare.inner(x)), (own) =>
      own.map((word) => low(word, bits)),
    );
    const bound = bits < WORD_BITS ? bits - fracBits : undefined;
    return Share.fresh(x.shape, { fracBits, nominal: fracBits, bound, depth, digest }, words);
  },
};

function wordwise(
  ctx: Context,
  op: string,
  operands: readonly BinaryOperand[],
  result: { readonly bits: number; readonly fracBits?: number },
  body: (...words: bigint[]) => bigint,
): BinaryShare {
  const { arena } = ctx;
  const shape = operands.map((x) => x.shape).reduce((a, b) => broadcastShapes(op, a, b));
  const secret = operands.filter((x) => x instanceof BinaryShare);
  const text = operands.map((x) => (x instanceof BinaryShare ? '' : describePublic(arena, x)));
  const { digest } = ctx.step(`binary ${op} ${showShape(shape)} ${text.join('')}`, secret);
  const words = operands.map((x) => {
    if (x instanceof BinaryShare) {
      const inner = BinaryShare.inner(x);
      return contiguousWords(arena, inner.view(expandView(inner, shape)));
    }
    return broadcastWords(arena, x, shape);
  });
  const computed = then(all<Words>(words), (lists) =>
    BigUint64Array.from(lists[0], (_, i) => body(...lists.map((list) => list[i]))),
  );
  const fracBits = result.fracBits ?? Math.max(...operands.map((x) => x.fracBits));
  const depth = Math.max(...secret.map((x) => x.depth));
  const facts = { fracBits, nominal: fracBits, depth, digest };
  return new BinaryShare(Share.fresh(shape, facts, computed), result.bits);
}

function low(word: bigint, bits: number): bigint {
  return BigInt.asUintN(bits, word);
}
