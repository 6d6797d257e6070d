/**
 * Range reduction: a word x becomes z·2^63 by a secret power of four, exactly, with 1/4 ≤ z < 1 up to a thousandth of 1/4.
 *
 * The first level finds the band of 16 octaves that |x| lies in and shifts it to the top one; the second finds the two octaves
 * within it. Each is one `steps` gate: a shift by a secret amount is linear between thresholds. What a function makes of the
 * shift (a power of two, a multiple of log 2) comes out of the same gates as further outputs, a factor or an addend for each level.
 * Where a proven bound leaves 16 octaves or fewer the second level alone is enough, and for two octaves nothing is to decide.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import { constantA, rescaleA, scaleA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import type { LinearPiece, StepOutput } from '../protocol/steps.ts';

/** Octaves of a band, and of what is left in the end. */
const BAND = 16;
const STEP = 2;

/** Words that are this much below an edge, relative to the smallest, may be shifted as those above it: within what a proven end allows. */
const SLACK_LOG2 = -10;

/** Where the reduced words end: below 2^63. */
const TOP = 63;

/** Bands from the lowest to the highest, by their shifts. */
export const BAND_SHIFTS: readonly number[] = [48, 32, 16, 0];

/** Which words are reduced. */
export interface Range {
  /** 2^low ≤ |x| < 2^high in raw words; a proven end may be overstepped by two thousandths. */
  readonly low: number;
  readonly high: number;
  /** Whether x may be negative. */
  readonly signed: boolean;
}

/** Words of either sign, and words above 0. */
export const EITHER_SIGN: Range = { low: 0, high: TOP, signed: true };
export const POSITIVE: Range = { low: 0, high: TOP, signed: false };

/** What a level finds: its shift, and the sign of x; sign 0 stands for words that are none of `Range`, shifted as 2^low would be. */
export interface Piece {
  readonly shift: number;
  readonly sign: -1 | 0 | 1;
}

/** A number that a function wants of each piece of a level. */
export interface Wanted {
  /** Fractional bits of the words. */
  readonly fracBits: number;
  /** Raw words. */
  readonly of: (piece: Piece) => bigint;
}

/** z·2^63 = |x|·2^(base + shifts of the levels), and what was wanted of the shifts. */
export interface Reduced {
  /** 63 fractional bits. */
  readonly z: Share;
  /** Even and public; 0 where there are two levels. */
  readonly base: number;
  /** Of the first level; empty where the range needs none. */
  readonly bands: readonly Share[];
  /** Of the second. */
  readonly octaves: readonly Share[];
}

/**
 * Reduces settled words.
 *
 * Shape   x: any; every result: same.
 * Cost    a `steps` gate of 7 or (signed) 8 thresholds, and one of 7; fewer by a proven range.
 * Error   z and its shifts agree exactly for |raw x| < 2^63 − 2^47; an x just below an edge may be shifted as those above it.
 * Leaks   nothing.
 */
export function reduceRange(
  ctx: Context,
  x: Share,
  range: Range,
  bands: readonly Wanted[],
  octaves: readonly Wanted[],
): Reduced {
  const { low, high } = range;
  if (high - low > BAND) {
    const outer = shifted(ctx, x, { ...range, high: TOP }, BAND, 0, bands);
    const inner: Range = { low: TOP - BAND, high: TOP, signed: false };
    const { y, told } = shifted(ctx, outer.y, inner, STEP, 0, octaves);
    return { z: y, base: 0, bands: outer.told, octaves: told };
  }
  // Even, so that its root is whole.
  const base = 2 * Math.floor((TOP - high) / 2);
  const { y, told } = shifted(ctx, x, { ...range, high: TOP - base }, STEP, base, octaves);
  return { z: y, base, bands: [], octaves: told };
}

interface Shifted {
  /** |x| in the top octaves. */
  readonly y: Share;
  readonly told: readonly Share[];
}

/** |x| shifted by `base` and by 0 or more into the top `step` octaves below 2^63, and what was wanted of the latter shifts. */
function shifted(
  ctx: Context,
  x: Share,
  { low, high, signed }: Range,
  step: number,
  base: number,
  wanted: readonly Wanted[],
): Shifted {
  const count = Math.ceil((high - low) / step);
  const shifts = Array.from({ length: count }, (_, i) => step * (count - 1 - i));
  const edges = shifts.slice(1).map((shift) => 1n << BigInt(high - shift - step));
  const thresholds = [...edges];
  const pieces = shifts.map((shift): Piece => ({ shift, sign: 1 }));
  if (low === 0) {
    thresholds.unshift(1n);
    pieces.unshift({ shift: shifts[0], sign: 0 });
  }
  if (signed) {
    thresholds.unshift(...edges.map((edge) => 1n - edge).reverse(), 0n);
    pieces.unshift(...shifts.map((shift): Piece => ({ shift, sign: -1 })).reverse());
  }
  if (thresholds.length === 0) {
    const y = rescaleA(ctx, scaleA(ctx, x, 1n << BigInt(base)), TOP, TOP);
    const told = wanted.map(({ fracBits, of }) =>
      constantA(ctx, x.shape, Number(of(pieces[0])) / 2 ** fracBits, fracBits),
    );
    return { y, told };
  }
  const moved = pieces.map(({ shift, sign }): LinearPiece => {
    const slope = BigInt(sign) << BigInt(base + shift);
    return { slope, offset: sign === 0 ? 1n << BigInt(low + base + shift) : 0n };
  });
  const outputs: StepOutput[] = [
    { fracBits: TOP, pieces: moved },
    ...wanted.map(({ fracBits, of }) => ({
      fracBits,
      pieces: pieces.map((piece) => ({ slope: 0n, offset: of(piece) })),
    })),
  ];
  const name = `range ${low} ${high} ${signed}`;
  const slack = low === 0 || signed ? 0 : low + SLACK_LOG2;
  const [y, ...told] = ctx.gates.steps(ctx, x, { name, thresholds, outputs, slack });
  return { y, told };
}
