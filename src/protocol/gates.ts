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
import type { Context } from './context.ts';
import type { Curve } from './curve.ts';
import type { MatrixDims } from './local/index.ts';
import type { Share, Storage } from './share.ts';

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
  /** A bounded function of one variable, as `curve` tabulates it. */
  spline(ctx: Context, x: Share, curve: Curve): Share;
}
