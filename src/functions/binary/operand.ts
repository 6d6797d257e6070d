/**
 * Operands of operations on bits: secret, or public words that every party knows.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { sizeOf } from '../../core/shape.ts';
import type { BinaryOperand } from '../../protocol/binary/gates.ts';
import { refineB, widthOf, xorBP } from '../../protocol/binary/local.ts';
import { BinaryShare } from '../../protocol/binary/share.ts';
import type { Context } from '../../protocol/context.ts';
import type { PublicWords } from '../../protocol/local/index.ts';

/** Public words of an operand that hides nothing; undefined for a secret. */
export function knownWords(x: BinaryOperand): PublicWords | undefined {
  if (!(x instanceof BinaryShare)) return x;
  const { constant, shape, fracBits } = x;
  if (constant === undefined) return undefined;
  return { shape, words: new BigUint64Array(sizeOf(shape)).fill(constant), fracBits };
}

/**
 * The operands of a symmetric operation, a share first; what hides nothing comes second, as words.
 *
 * @throws {TypeError} when both are public values.
 */
export function shareFirst(
  op: string,
  x: BinaryOperand,
  y: BinaryOperand,
): readonly [BinaryShare, BinaryOperand] {
  if (x instanceof BinaryShare && x.constant === undefined) return [x, knownWords(y) ?? y];
  if (y instanceof BinaryShare) return [y, knownWords(x) ?? x];
  if (x instanceof BinaryShare) return [x, y];
  throw new TypeError(`${op}: expected a secret operand, got two public ones`);
}

/**
 * The operands at the finer scale of the two, in their order.
 *
 * @throws {MpcError} ERR_MPC_RANGE for a public value that does not fit then.
 */
export function atOneScale(
  ctx: Context,
  x: BinaryOperand,
  y: BinaryOperand,
): readonly [BinaryOperand, BinaryOperand] {
  const finest = Math.max(x.fracBits, y.fracBits);
  return [refined(ctx, x, finest), refined(ctx, y, finest)];
}

/** Bits that an operand's words may have. */
export function bitsOf(x: BinaryOperand): number {
  return x instanceof BinaryShare ? x.bits : widthOf(x);
}

/** x ⊕ a public word. */
export function flipped(ctx: Context, x: BinaryOperand, word: bigint): BinaryOperand {
  if (x instanceof BinaryShare) return xorBP(ctx, x, wordOf(word));
  return mapWords(x, (own) => own ^ word);
}

/** One public word. */
export function wordOf(word: bigint): PublicWords {
  return { shape: [], words: BigUint64Array.of(word), fracBits: 0 };
}

/** Public words with every word changed. */
export function mapWords(p: PublicWords, body: (word: bigint) => bigint): PublicWords {
  return { ...p, words: p.words.map((word) => BigInt.asUintN(64, body(word))) };
}

function signed(word: bigint): bigint {
  return BigInt.asIntN(64, word);
}

function refined(ctx: Context, x: BinaryOperand, fracBits: number): BinaryOperand {
  if (x instanceof BinaryShare) return refineB(ctx, x, fracBits);
  const by = BigInt(fracBits - x.fracBits);
  if (by === 0n) return x;
  const finer = x.words.map((word) => BigInt.asUintN(64, word << by));
  const at = finer.findIndex((word, i) => signed(word) >> by !== signed(x.words[i]));
  if (at < 0) return { ...x, words: finer, fracBits };
  throw new MpcError(
    'ERR_MPC_RANGE',
    `the public value at flat position ${at} does not fit 64 bits with ${fracBits} fractional bits`,
  );
}
