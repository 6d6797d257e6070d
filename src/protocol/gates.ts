/**
 * The gates: the steps that need the other parties, one set per sharing scheme.
 *
 * Linear steps (`local.ts`) are the same for every scheme and need no gate. `additive/` is the protocol; `plain/` computes
 * the same functions on one party's words without secrecy and is the executable specification (design §7).
 * All calls are synchronous: shapes, scales and tags are fixed when a gate is called, words arrive later.
 * @module
 */

import type { Later } from '../core/later.ts';
import type { Shape } from '../core/shape.ts';
import type { Words } from '../kernels/memory.ts';
import type { BinaryGates } from './binary/gates.ts';
import type { Context } from './context.ts';
import type { Curve, Harmonics } from './harmonics.ts';
import type { MatrixDims } from './local/index.ts';
import type { Distribution } from './random.ts';
import type { Share, Storage } from './share.ts';
import type { Steps } from './steps.ts';

/** Truncated ReLU and the bit that chose. */
export interface Rectified {
  /** max(x, 0), truncated. */
  readonly value: Share;
  /** [x > 0] with 0 fractional bits. */
  readonly positive: Share;
}

/** A matrix product of operands that are not matrices themselves, and the shape of its result. */
export interface MatrixShape extends MatrixDims {
  readonly shape: Shape;
}

/** One sharing scheme. */
export interface Gates {
  readonly name: 'additive' | 'plain';
  /** The gates on XOR-shared bits. */
  readonly binary: BinaryGates;
  /** Shares words that party `src` knows; `words` is null elsewhere. */
  input(
    ctx: Context,
    src: number,
    shape: Shape,
    fracBits: number,
    words: Later<Words> | null,
  ): Share;
  /** Opens the words to the parties in `to`; the others get null. */
  reveal(ctx: Context, x: Share, to: readonly number[]): Later<Words | null>;
  /** A secret random tensor: no party knows its values. */
  random(ctx: Context, shape: Shape, distribution: Distribution): Share;
  /** x·y elementwise with broadcasting; result scale is the sum of the scales. */
  mul(ctx: Context, x: Share, y: Share): Share;
  /** [..,m,k]·[..,k,n]; batch dims already equal. With `as`, operands are read in row-major order as matrices of those dims. */
  matmul(ctx: Context, x: Share, y: Share, as?: MatrixShape): Share;
  /** Drops `bits` fractional bits of a whole storage: floor(x/2^bits) + {0,1}; needs |raw| < 2^62. */
  truncate(ctx: Context, x: Storage, bits: number): Storage;
  /** [x < 0] with 0 fractional bits. */
  negative(ctx: Context, x: Share): Share;
  /** Truncates by `bits` ≥ 0 and applies ReLU in one gate. */
  rectify(ctx: Context, x: Share, bits: number): Rectified;
  /** Exact piecewise-linear functions of the raw words, one share for each output; |x − τ| < 2^63 for every threshold. */
  steps(ctx: Context, x: Share, steps: Steps): readonly Share[];
  /**
   * Sums of harmonics of t = raw x·turn/2^64 turns, for every word x; result i has `seriesScale(sums[i].bound)` fractional bits and
   * owes a truncation down to `nominal`.
   */
  series(
    ctx: Context,
    x: Share,
    turn: bigint,
    sums: readonly Harmonics[],
    nominal: number,
  ): readonly Share[];
  /** A curve with its tails, `fracBits` fractional bits; those of x too where a tail has a slope. */
  curve(ctx: Context, x: Share, curve: Curve, fracBits: number): Share;
  /** 2^x for low ≤ x < high, 0 below, 2^high above (the ends to 1/32), with `fracBits` fractional bits; −32 < low < 0 < high ≤ 28. */
  powerOfTwo(ctx: Context, x: Share, low: number, high: number, fracBits: number): Share;
  /** [x = 0] with 0 fractional bits. */
  zero(ctx: Context, x: Share): Share;
}
