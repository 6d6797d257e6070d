/**
 * What binary tensors compute. See functions/binary/.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import * as ops from '../../functions/index.ts';
import type { BinaryOperand } from '../../protocol/binary/gates.ts';
import type { BinaryShare } from '../../protocol/binary/share.ts';
import type { Context } from '../../protocol/context.ts';
import type { KeepDim } from '../methods/reduce.ts';
import { toWords } from './operand.ts';
import { BinaryTensor, run, type BinaryLike } from './tensor.ts';

/** Methods of a binary tensor that return one. */
export interface BinaryMethods {
  /** this ⊕ y, bit by bit; a public operand's words count as they are. */
  xor(y: BinaryLike): BinaryTensor;
  /** this AND y. Rounds: 1, or 0 for a public y. */
  and(y: BinaryLike): BinaryTensor;
  /** this OR y. Rounds: as `and`. */
  or(y: BinaryLike): BinaryTensor;
  /** All 64 bits flipped; a 0/1 tensor is flipped by `xor(1)`. */
  not(): BinaryTensor;
  /** this << by. */
  lshift(by: number): BinaryTensor;
  /** this >> by, with the sign. */
  rshift(by: number): BinaryTensor;
  /** this >>> by, without the sign. */
  rshiftLogical(by: number): BinaryTensor;
  /** this + y mod 2^64. Rounds: 7, or 6 for a public y; fewer for narrow words. */
  add(y: BinaryLike): BinaryTensor;
  /** this − y. */
  sub(y: BinaryLike): BinaryTensor;
  /** y − this. */
  rsub(y: BinaryLike): BinaryTensor;
  /** −this. */
  neg(): BinaryTensor;
  /** [this < y] as a bit. Rounds: 7, or 6 for a public y; fewer for narrow words. */
  lt(y: BinaryLike): BinaryTensor;
  /** [this ≤ y]. */
  le(y: BinaryLike): BinaryTensor;
  /** [this > y]. */
  gt(y: BinaryLike): BinaryTensor;
  /** [this ≥ y]. */
  ge(y: BinaryLike): BinaryTensor;
  /** [this = y]. Rounds: 6. */
  eq(y: BinaryLike): BinaryTensor;
  /** [this ≠ y]. */
  ne(y: BinaryLike): BinaryTensor;
  /** This where the condition is 1, y where it is 0; of a secret condition the lowest bit counts. Rounds: 1, or 0. */
  where(condition: BinaryLike, y: BinaryLike): BinaryTensor;
  /** Sum over the dims named, or all. */
  sum(dim?: number | readonly number[], options?: KeepDim): BinaryTensor;
  /** Refused: every prefix would be an addition of its own. @throws {MpcError} ERR_MPC_UNSUPPORTED */
  cumsum(dim: number): BinaryTensor;
  /** Refused, as `cumsum`. @throws {MpcError} ERR_MPC_UNSUPPORTED */
  trace(): BinaryTensor;
}

/** What they do. */
export const binaryMethods: BinaryMethods & ThisType<BinaryTensor> = {
  xor(y) {
    return onWords('xor', this, y, ops.xorBits);
  },
  and(y) {
    return onWords('and', this, y, ops.andBits);
  },
  or(y) {
    return onWords('or', this, y, ops.orBits);
  },
  not() {
    return alone('not', this, ops.notBits);
  },
  lshift(by) {
    return alone('lshift', this, (ctx, x) => ops.shiftLeftBits(ctx, x, by));
  },
  rshift(by) {
    return alone('rshift', this, (ctx, x) => ops.shiftRightBits(ctx, x, by));
  },
  rshiftLogical(by) {
    return alone('rshiftLogical', this, (ctx, x) => ops.shiftRightLogicalBits(ctx, x, by));
  },
  add(y) {
    return onValues('add', this, y, ops.addBits);
  },
  sub(y) {
    return onValues('sub', this, y, ops.subBits);
  },
  rsub(y) {
    return onValues('rsub', this, y, (ctx, a, b) => ops.subBits(ctx, b, a));
  },
  neg() {
    return alone('neg', this, ops.negBits);
  },
  lt(y) {
    return onValues('lt', this, y, ops.ltBits);
  },
  le(y) {
    return onValues('le', this, y, ops.leBits);
  },
  gt(y) {
    return onValues('gt', this, y, ops.gtBits);
  },
  ge(y) {
    return onValues('ge', this, y, ops.geBits);
  },
  eq(y) {
    return onValues('eq', this, y, ops.eqBits);
  },
  ne(y) {
    return onValues('ne', this, y, ops.neBits);
  },
  where(condition, y) {
    const { context } = this.party;
    const chooser = operandOf(context, 'where', condition, 0);
    const other = operandOf(context, 'where', y, this.precision);
    const tensors = [this, condition, y].filter((x) => x instanceof BinaryTensor);
    return run('where', tensors, (ctx) =>
      ops.whereBits(ctx, chooser, BinaryTensor.shareOf(this), other),
    );
  },
  sum(dim, { keepdim = false } = {}) {
    return alone('sum', this, (ctx, x) => ops.sumBits(ctx, x, dim, keepdim));
  },
  cumsum() {
    return refuse('cumsum');
  },
  trace() {
    return refuse('trace');
  },
};

type Dyad = (ctx: Context, x: BinaryShare, y: BinaryOperand) => BinaryShare;

function alone(
  op: string,
  x: BinaryTensor,
  body: (ctx: Context, x: BinaryShare) => BinaryShare,
): BinaryTensor {
  return run(op, [x], (ctx) => body(ctx, BinaryTensor.shareOf(x)));
}

function onWords(op: string, x: BinaryTensor, y: BinaryLike, body: Dyad): BinaryTensor {
  return dyad(op, x, y, 0, body);
}

function onValues(op: string, x: BinaryTensor, y: BinaryLike, body: Dyad): BinaryTensor {
  return dyad(op, x, y, x.precision, body);
}

function dyad(
  op: string,
  x: BinaryTensor,
  y: BinaryLike,
  fracBits: number,
  body: Dyad,
): BinaryTensor {
  const other = operandOf(x.party.context, op, y, fracBits);
  const tensors = y instanceof BinaryTensor ? [x, y] : [x];
  return run(op, tensors, (ctx) => body(ctx, BinaryTensor.shareOf(x), other));
}

function operandOf(ctx: Context, op: string, y: BinaryLike, fracBits: number): BinaryOperand {
  return y instanceof BinaryTensor ? BinaryTensor.shareOf(y) : toWords(ctx, op, y, fracBits);
}

function refuse(op: string): never {
  throw new MpcError(
    'ERR_MPC_UNSUPPORTED',
    `${op}: binary tensors have none; use to('arithmetic').${op}(…)`,
  );
}
