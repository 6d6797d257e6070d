/**
 * Sums of XOR-shared numbers by adder circuits, mod 2^64. They see values: operands come to the finer scale first.
 *
 * x − y = ¬(¬x + y), so that one circuit does both. Long sums save carries: three numbers become two for one AND, until two are
 * left for the adder (C. S. Wallace, A suggestion for a fast multiplier, IEEE Transactions on Electronic Computers 13, 1964).
 * @module
 */

import { normalizeDims, sizeOf } from '../../core/shape.ts';
import type { BinaryOperand } from '../../protocol/binary/gates.ts';
import { constantB, moveB } from '../../protocol/binary/local.ts';
import { BinaryShare, WORD_BITS } from '../../protocol/binary/share.ts';
import type { Context } from '../../protocol/context.ts';
import { cat, narrow, permute, reshape } from '../movement.ts';
import { andBits, notBits, shiftLeftBits, xorBits } from './bitwise.ts';
import {
  atOneScale,
  bitsOf,
  flipped,
  knownWords,
  mapWords,
  shareFirst,
  wordOf,
} from './operand.ts';

const ONES = 2n ** 64n - 1n;

/**
 * x + y.
 *
 * Shape   PyTorch's broadcasting.
 * Scale   the finer of the two.
 * Cost    two secrets: 7 rounds, 53.75 B an element; a public side: 6 rounds, 38 B. Narrow words: 1 + ceil(log2 bits) rounds and
 *         fewer bits.
 * Error   exact mod 2^64.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit the scale.
 */
export function addBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  const [a, b] = shareFirst('add', ...atOneScale(ctx, x, y));
  const width = Math.max(a.bits, bitsOf(b)) + 1;
  return ctx.gates.binary.add(ctx, a, b, Math.min(WORD_BITS, width));
}

/**
 * x − y.
 *
 * Shape, Scale, Error   as `addBits`.
 * Cost    two secrets: 7 rounds, 53.75 B an element; a public side: 6 rounds, 38 B.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when shapes do not broadcast, ERR_MPC_RANGE for a public value that does not fit the scale.
 */
export function subBits(ctx: Context, x: BinaryOperand, y: BinaryOperand): BinaryShare {
  const [a, b] = atOneScale(ctx, x, y);
  const known = knownWords(b);
  const { binary } = ctx.gates;
  if (known !== undefined && a instanceof BinaryShare) {
    const negated = mapWords(known, (word) => -word);
    return binary.add(ctx, a, negated, WORD_BITS);
  }
  const [p, q] = shareFirst('sub', flipped(ctx, a, ONES), b);
  return notBits(ctx, binary.add(ctx, p, q, WORD_BITS));
}

/**
 * −x, which is ¬(x − 1).
 *
 * Shape, Scale   unchanged.
 * Cost    6 rounds, 38 B an element.
 * Error   exact mod 2^64.
 * Leaks   nothing.
 */
export function negBits(ctx: Context, x: BinaryShare): BinaryShare {
  return notBits(ctx, ctx.gates.binary.add(ctx, x, wordOf(ONES), WORD_BITS));
}

/**
 * Sum over the dims named, or all.
 *
 * Shape   summed dims vanish, or stay with size 1.
 * Scale   unchanged.
 * Cost    k numbers: about log_1.5(k/2) rounds of AND, 16 B for each number but two, and one addition: 8 rounds for 3, 17 for 64.
 * Error   exact mod 2^64.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a dim outside the tensor or named twice.
 */
export function sumBits(
  ctx: Context,
  x: BinaryShare,
  dim?: number | readonly number[],
  keepdim = false,
): BinaryShare {
  const axes = normalizeDims('sum', dim, x.shape.length);
  const rest = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const shape = keepdim ? kept : rest.map((axis) => x.shape[axis]);
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  const rows = sizeOf(rest.map((axis) => x.shape[axis]));
  if (count === 0) return constantB(ctx, shape, 0n, x.fracBits);
  const table = moveB(ctx, [x], ([own]) =>
    reshape(ctx, permute(own, [...rest, ...axes]), [rows, count]),
  );
  return moveB(ctx, [sumRows(ctx, table, count)], ([own]) => reshape(ctx, own, shape));
}

/** [rows, count] → [rows, 1]. */
function sumRows(ctx: Context, table: BinaryShare, count: number): BinaryShare {
  const columns = (start: number, size: number): BinaryShare =>
    moveB(ctx, [table], ([own]) => narrow(own, 1, start, size));
  if (count === 1) return table;
  if (count === 2) return addBits(ctx, columns(0, 1), columns(1, 1));
  const third = Math.floor(count / 3);
  const [a, b, c] = [0, third, 2 * third].map((start) => columns(start, third));
  const [ac, bc] = [xorBits(ctx, a, c), xorBits(ctx, b, c)];
  const carries = shiftLeftBits(ctx, xorBits(ctx, c, andBits(ctx, ac, bc)), 1);
  const parts = [xorBits(ctx, ac, b), carries, columns(3 * third, count - 3 * third)];
  const fewer = moveB(ctx, parts, (list) => cat(ctx, list, 1));
  return sumRows(ctx, fewer, count - third);
}
