/**
 * Comparisons and selection of XOR-shared numbers. A result is one bit, 0 or 1 at scale 0; operands come to the finer scale first.
 *
 * Words of 64 bits are signed. [x < y] is the carry of ¬x + y, once the sign bits of both are flipped.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { BinaryOperand } from '../../protocol/binary/gates.ts';
import { andBP, spreadB, xorBP } from '../../protocol/binary/local.ts';
import { BinaryShare, WORD_BITS } from '../../protocol/binary/share.ts';
import type { Context } from '../../protocol/context.ts';
import type { PublicWords } from '../../protocol/local/index.ts';
import { andBits, xorBits } from './bitwise.ts';
import {
  atOneScale,
  bitsOf,
  flipped,
  knownWords,
  mapWords,
  shareFirst,
  wordOf,
} from './operand.ts';

const SIGN = 2n ** 63n;
const ONE = wordOf(1n);

/**
 * [x < y] as a bit.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   result 0.
 * Cost    two secrets: 7 rounds, 38.9 B an element; a public side: 6 rounds, 22.9 B. Narrow words: 1 + ceil(log2 bits) rounds.
 * Error   exact for all words; operands of different scales while the coarser one has room to be shifted left.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit the scale.
 */
export function ltBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  return less(ctx, 'lt', x, y);
}

/**
 * [x > y] as a bit.
 *
 * Shape, Scale, Cost, Error   as `ltBits`. Leaks   nothing.
 */
export function gtBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  return less(ctx, 'gt', y, x);
}

/**
 * [x ≤ y] as a bit.
 *
 * Shape, Scale, Cost, Error   as `ltBits`. Leaks   nothing.
 */
export function leBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  return xorBP(ctx, less(ctx, 'le', y, x), ONE);
}

/**
 * [x ≥ y] as a bit.
 *
 * Shape, Scale, Cost, Error   as `ltBits`. Leaks   nothing.
 */
export function geBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  return xorBP(ctx, less(ctx, 'ge', x, y), ONE);
}

/**
 * [x = y] as a bit: all bits of ¬(x ⊕ y).
 *
 * Shape, Scale, Error   as `ltBits`.
 * Cost    ceil(log2 bits) rounds; 6 and 15.75 B an element at 64 bits, secret or public y alike.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit the scale.
 */
export function eqBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  const [a, b] = atOneScale(ctx, x, y);
  const bits = Math.max(bitsOf(a), bitsOf(b));
  const equal = xorBP(ctx, xorBits(ctx, a, b), wordOf(2n ** BigInt(bits) - 1n));
  return ctx.gates.binary.every(ctx, equal, bits);
}

/**
 * [x ≠ y] as a bit.
 *
 * Shape, Scale, Cost, Error   as `eqBits`. Leaks   nothing.
 */
export function neBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  return xorBP(ctx, eqBits(ctx, x, y), ONE);
}

/**
 * x where the condition is 1, y where it is 0; of a secret condition the lowest bit counts.
 *
 * Shape   PyTorch's broadcasting of all three.
 * Scale   the finer of x's and y's.
 * Cost    secret condition and choices: 1 round, 1 bit and what x ⊕ y has, 8.125 B an element; public condition or choices: nothing.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE when a public condition is not 0/1.
 */
export function whereBits(
  ctx: Context,
  condition: BinaryOperand,
  x: BinaryOperand,
  y: BinaryOperand,
): BinaryShare {
  const [a, b] = atOneScale(ctx, x, y);
  const known = knownWords(condition);
  if (known !== undefined) {
    const mask = mapWords(zeroOrOne(known), (word) => -word);
    return xorBits(ctx, andBits(ctx, xorBits(ctx, a, b), mask), b);
  }
  const bit = lowest(ctx, condition as BinaryShare);
  const [p, q] = [knownWords(a), knownWords(b)];
  if (p !== undefined && q !== undefined) {
    const other = spreadB(ctx, xorBP(ctx, bit, ONE));
    return xorBits(ctx, andBP(ctx, spreadB(ctx, bit), p), andBP(ctx, other, q));
  }
  return xorBits(ctx, ctx.gates.binary.pick(ctx, bit, xorBits(ctx, a, b)), b);
}

function less(ctx: Context, op: string, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  const [a, b] = atOneScale(ctx, x, y);
  const bits = Math.max(bitsOf(a), bitsOf(b));
  const signed = bits === WORD_BITS;
  const complement = flipped(ctx, a, signed ? SIGN - 1n : 2n ** BigInt(bits) - 1n);
  const [p, q] = shareFirst(op, complement, signed ? flipped(ctx, b, SIGN) : b);
  return ctx.gates.binary.carry(ctx, p, q, bits);
}

function lowest(ctx: Context, x: BinaryShare): BinaryShare {
  return x.bits === 1 ? x : andBP(ctx, x, ONE);
}

function zeroOrOne(condition: PublicWords): PublicWords {
  const bad = condition.words.findIndex((word) => word !== 0n && word !== 1n);
  if (bad < 0) return condition;
  throw new MpcError(
    'ERR_MPC_RANGE',
    `where: the condition at flat position ${bad} is neither 0 nor 1`,
  );
}
