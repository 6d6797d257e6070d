/**
 * XOR, AND, OR, NOT and shifts. They see words, whatever scale the words are read at; a public operand's words count as they are.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { BinaryOperand } from '../../protocol/binary/gates.ts';
import {
  andBP,
  shiftLeftB,
  shiftRightB,
  shiftRightSignedB,
  xorBB,
  xorBP,
} from '../../protocol/binary/local.ts';
import { BinaryShare, WORD_BITS } from '../../protocol/binary/share.ts';
import type { Context } from '../../protocol/context.ts';
import { mapWords, shareFirst, wordOf } from './operand.ts';

/** All bits set. */
const ONES = wordOf(-1n);

/**
 * x ⊕ y, bit by bit.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the finer of the two.
 * Cost    0 rounds, 0 bytes.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast.
 */
export function xorBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  const [a, b] = shareFirst('xor', x, y);
  return b instanceof BinaryShare ? xorBB(ctx, a, b) : xorBP(ctx, a, b);
}

/**
 * x AND y, bit by bit.
 *
 * Shape, Scale, Error   as `xorBits`.
 * Cost    two secrets: 1 round, 2 bits for each bit that both may have, 16 B a word; a public side: nothing.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast.
 */
export function andBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  const [a, b] = shareFirst('and', x, y);
  return b instanceof BinaryShare ? ctx.gates.binary.and(ctx, a, b) : andBP(ctx, a, b);
}

/**
 * x OR y, bit by bit: x ⊕ y ⊕ x·y, or x·¬p ⊕ p for a public p.
 *
 * Shape, Scale, Cost, Error   as `andBits`. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast.
 */
export function orBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  const [a, b] = shareFirst('or', x, y);
  if (b instanceof BinaryShare) return xorBB(ctx, xorBB(ctx, a, b), andBits(ctx, a, b));
  const rest = mapWords(b, (word) => ~word);
  return xorBP(ctx, andBP(ctx, a, rest), b);
}

/**
 * All 64 bits flipped; a 0/1 tensor is flipped by `xorBits` with 1.
 *
 * Shape, Scale   unchanged.
 * Cost    0 rounds, 0 bytes. Error   exact. Leaks   nothing.
 */
export function notBits(ctx: Context, x: BinaryShare): BinaryShare {
  return xorBP(ctx, x, ONES);
}

/**
 * x << by.
 *
 * Shape, Scale   unchanged.
 * Cost    0 rounds, 0 bytes. Error   exact; what leaves at the top is lost. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless 0 ≤ by ≤ 63.
 */
export function shiftLeftBits(ctx: Context, x: BinaryShare, by: number): BinaryShare {
  return shiftLeftB(ctx, x, distance('lshift', by));
}

/**
 * x >> by, the sign coming in at the top.
 *
 * Shape, Scale   unchanged.
 * Cost    0 rounds, 0 bytes. Error   exact: floor(x / 2^by). Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless 0 ≤ by ≤ 63.
 */
export function shiftRightBits(ctx: Context, x: BinaryShare, by: number): BinaryShare {
  return shiftRightSignedB(ctx, x, distance('rshift', by));
}

/**
 * x >>> by, zeros coming in at the top.
 *
 * Shape, Scale, Cost, Error, Leaks   as `shiftRightBits`, of the word as an unsigned number.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless 0 ≤ by ≤ 63.
 */
export function shiftRightLogicalBits(ctx: Context, x: BinaryShare, by: number): BinaryShare {
  return shiftRightB(ctx, x, distance('rshiftLogical', by));
}

function distance(op: string, by: number): number {
  if (Number.isInteger(by) && by >= 0 && by < WORD_BITS) return by;
  throw new MpcError('ERR_MPC_RANGE', `${op}: a word is shifted by 0 to 63 bits, not by ${by}`);
}
