/**
 * Conversions between arithmetic and binary sharing.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { constantB } from '../../protocol/binary/local.ts';
import { BinaryShare, WORD_BITS } from '../../protocol/binary/share.ts';
import type { Context } from '../../protocol/context.ts';
import { publicShare, refine, rescaleA } from '../../protocol/local/index.ts';
import type { Share } from '../../protocol/share.ts';
import { encodeScalar } from '../../ring/encoder.ts';
import { knownWords, mapWords } from './operand.ts';

/** Options of `toArithmetic`. */
export interface ToArithmeticOptions {
  /** Fractional bits of the result; those of the bits unless said. */
  readonly precision?: number | undefined;
  /** How many low bits to convert; all unless said. */
  readonly bits?: number | undefined;
}

/**
 * The words of an arithmetic tensor as XOR shares.
 *
 * Shape   x: any; result: same.
 * Scale   unchanged; what truncation is owed is made first.
 * Cost    7 rounds, 46 B an element; dealer 46.75 B. Fewer bits under a proven bound; a public constant: nothing.
 * Error   exact.
 * Leaks   nothing.
 */
export function toBinary(ctx: Context, x: Share): BinaryShare {
  const { constant } = x.storage;
  if (constant === undefined) return ctx.gates.binary.fromArithmetic(ctx, x);
  return constantB(ctx, x.shape, encodeScalar(constant, x.nominal), x.nominal);
}

/**
 * The low bits of XOR-shared words as an arithmetic tensor: a signed number if all 64 are taken, else one from 0 up.
 *
 * Shape   x: any; result: same.
 * Scale   the bits', or `precision`: a finer one is exact, a coarser one owes a truncation.
 * Cost    1 round, 1 bit for each bit; dealer 8 B for each bit. Bits that are known to be 0 cost nothing.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless 1 ≤ bits ≤ 64.
 */
export function toArithmetic(
  ctx: Context,
  x: BinaryShare,
  { precision = x.fracBits, bits = WORD_BITS }: ToArithmeticOptions = {},
): Share {
  if (!Number.isInteger(bits) || bits < 1 || bits > WORD_BITS) {
    throw new MpcError('ERR_MPC_RANGE', `to: 1 to 64 bits can be converted, not ${bits}`);
  }
  const known = knownWords(x);
  const sum =
    known === undefined
      ? ctx.gates.binary.toArithmetic(ctx, x, Math.min(bits, x.bits))
      : publicShare(
          ctx,
          mapWords(known, (word) => BigInt.asUintN(bits, word)),
          x.fracBits,
        );
  if (precision === x.fracBits) return sum;
  const fracBits = Math.max(precision, sum.fracBits);
  return rescaleA(ctx, refine(ctx, sum, fracBits), fracBits, precision);
}
