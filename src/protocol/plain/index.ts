/**
 * The plain scheme: world size 1, no secrecy, every gate as its definition says, word by word.
 *
 * It is the executable specification of the gates (the ideal functionalities), clear rather than fast, and what `simulate(1)`
 * runs. It draws no randomness: truncation is floor, which is one of the two results the secure gates may give.
 * @module
 */

import { assert } from '../../core/errors.ts';
import { then, type Later } from '../../core/later.ts';
import { broadcastShapes, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import { expandView } from '../../ring/view.ts';
import { inputsOf, type Context } from '../context.ts';
import type { Gates, MatrixShape, Rectified } from '../gates.ts';
import { matrixDims } from '../local/index.ts';
import { settle } from '../settle.ts';
import { binary } from './binary.ts';
import { curve, powerOfTwo, series, steps, zero } from './functions.ts';
import { random } from './random.ts';
import { contiguousWords, Share, Storage } from '../share.ts';

/** The plain scheme's gates. */
export const plain: Gates = {
  name: 'plain',
  binary,
  input,
  reveal,
  random,
  mul,
  matmul,
  truncate,
  negative,
  rectify,
  steps,
  series,
  curve,
  powerOfTwo,
  zero,
};

function input(
  ctx: Context,
  src: number,
  shape: Shape,
  fracBits: number,
  words: Later<Words> | null,
): Share {
  const step = ctx.step(`input ${src} ${showShape(shape)} ${fracBits}`, []);
  const facts = { fracBits, nominal: fracBits, depth: 0, digest: step.digest };
  const shared = then(words, (own) => {
    assert(own === null || own.length === sizeOf(shape), 'an input has as many words as its shape');
    return own ?? new BigUint64Array(sizeOf(shape));
  });
  return Share.fresh(shape, facts, shared);
}

function reveal(ctx: Context, x: Share): Later<Words | null> {
  ctx.step(`reveal ${showShape(x.shape)} ${x.fracBits}`, inputsOf(x));
  return contiguousWords(ctx.arena, x);
}

function mul(ctx: Context, x: Share, y: Share): Share {
  const [left, right] = [settle(ctx, x), settle(ctx, y)];
  const shape = broadcastShapes('mul', left.shape, right.shape);
  const [a, b] = [left, right].map((share) => share.view(expandView(share, shape)));
  return pair(ctx, 'mul', a, b, shape, (p, q) => p.map((word, i) => word * q[i]));
}

function matmul(ctx: Context, x: Share, y: Share, as?: MatrixShape): Share {
  const [a, b] = [settle(ctx, x), settle(ctx, y)];
  const { m, k, n } = as ?? matrixDims(a.shape, b.shape);
  const shape = as?.shape ?? [...a.shape.slice(0, -1), n];
  return pair(ctx, 'matmul', a, b, shape, (p, q) => {
    const out = new BigUint64Array(sizeOf(shape));
    for (let at = 0; at < out.length; at++) {
      const [batch, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
      let sum = 0n;
      for (let i = 0; i < k; i++) {
        sum += p[(batch * m + row) * k + i] * q[(batch * k + i) * n + column];
      }
      out[at] = sum;
    }
    return out;
  });
}

function truncate(ctx: Context, x: Storage, bits: number): Storage {
  const step = ctx.step(`truncate ${x.length} by ${bits}`, [x]);
  const fracBits = x.fracBits - bits;
  const facts = {
    ...factsOf(x),
    length: x.length,
    fracBits,
    nominal: Math.min(x.nominal, fracBits),
  };
  const words = then(Storage.words(x), (own) => own.map((word) => floorShift(word, bits)));
  return new Storage({ ...facts, digest: step.digest }, words);
}

function negative(ctx: Context, x: Share): Share {
  const step = ctx.step(`negative ${showShape(x.shape)}`, inputsOf(x));
  return bitsWhere(ctx, x, step.digest, (word) => word < 0n);
}

function rectify(ctx: Context, x: Share, bits: number): Rectified {
  const step = ctx.step(`rectify ${showShape(x.shape)} by ${bits}`, inputsOf(x));
  const second = ctx.step('rectify: sign', [step]);
  const fracBits = x.fracBits - bits;
  const facts = { ...factsOf(x.storage), fracBits, nominal: Math.min(x.nominal, fracBits) };
  const words = then(contiguousWords(ctx.arena, x), (own) =>
    own.map((word) => (signed(word) < 0n ? 0n : floorShift(word, bits))),
  );
  return {
    value: Share.fresh(x.shape, { ...facts, digest: step.digest }, words),
    positive: bitsWhere(ctx, x, second.digest, (word) => word > 0n),
  };
}

function pair(
  ctx: Context,
  op: string,
  x: Share,
  y: Share,
  shape: Shape,
  body: (x: Words, y: Words) => Words,
): Share {
  const step = ctx.step(`${op} ${showShape(x.shape)}·${showShape(y.shape)}`, inputsOf(x, y));
  const words = then(contiguousWords(ctx.arena, x), (p) =>
    then(contiguousWords(ctx.arena, y), (q) => body(p, q)),
  );
  const facts = {
    fracBits: x.fracBits + y.fracBits,
    nominal: Math.max(x.nominal, y.nominal),
    depth: Math.max(x.depth, y.depth),
    digest: step.digest,
  };
  return Share.fresh(shape, facts, words);
}

function bitsWhere(ctx: Context, x: Share, digest: bigint, test: (word: bigint) => boolean): Share {
  const words = then(contiguousWords(ctx.arena, x), (own) =>
    own.map((word) => (test(signed(word)) ? 1n : 0n)),
  );
  return Share.fresh(x.shape, { fracBits: 0, nominal: 0, bound: 1, depth: x.depth, digest }, words);
}

function factsOf(x: Storage): { bound: number | undefined; depth: number } {
  return { bound: x.bound, depth: x.depth };
}

function signed(word: bigint): bigint {
  return BigInt.asIntN(64, word);
}

function floorShift(word: bigint, bits: number): bigint {
  return BigInt.asUintN(64, signed(word) >> BigInt(bits));
}
