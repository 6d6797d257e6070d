/**
 * Gates on XOR-shared bits, one set per scheme; steps without communication are in `local.ts`.
 * @module
 */

import type { Later } from '../../core/later.ts';
import type { Shape } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import type { Context } from '../context.ts';
import type { PublicWords } from '../local/index.ts';
import type { Share } from '../share.ts';
import type { BinaryShare } from './share.ts';

/** A second operand that may be public: its words then count as they are. */
export type BinaryOperand = BinaryShare | PublicWords;

/** The gates of one scheme; all broadcast. */
export interface BinaryGates {
  /** Shares words that party `src` knows; `words` is null elsewhere. */
  input(
    ctx: Context,
    src: number,
    shape: Shape,
    fracBits: number,
    words: Later<Words> | null,
  ): BinaryShare;
  /** Opens the words to the parties in `to`; the others get null. */
  reveal(ctx: Context, x: BinaryShare, to: readonly number[]): Later<Words | null>;
  /** x AND y, bit by bit. */
  and(ctx: Context, x: BinaryShare, y: BinaryShare): BinaryShare;
  /** y where the bit, the only one of its share, is 1; else 0. */
  pick(ctx: Context, bit: BinaryShare, y: BinaryShare): BinaryShare;
  /** [the low `bits` bits of x are all 1], one bit. */
  every(ctx: Context, x: BinaryShare, bits: number): BinaryShare;
  /** x + y mod 2^bits. */
  add(ctx: Context, x: BinaryShare, y: BinaryOperand, bits: number): BinaryShare;
  /** [x mod 2^bits + y mod 2^bits ≥ 2^bits], one bit. */
  carry(ctx: Context, x: BinaryShare, y: BinaryOperand, bits: number): BinaryShare;
  /** The words of an additive share, bit by bit, at its nominal scale; x keeps its own. */
  fromArithmetic(ctx: Context, x: Share): BinaryShare;
  /** The low `bits` bits as an additive share of the same scale, all of it if 64: then the sign counts. */
  toArithmetic(ctx: Context, x: BinaryShare, bits: number): Share;
}
