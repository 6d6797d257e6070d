/**
 * Square roots and their reciprocals, over the whole range: the root of the reduced z times half the shift as a power of two.
 *
 * With raw x = z·2^(63−K), K even, √x = √z·2^((63 − K − f)/2) and 1/√x = 1/√z·2^((f + K − 63)/2) for f fractional bits; where f is
 * even, the half that is left over goes into the coefficients.
 * @module
 */

import { assert } from '../core/errors.ts';
import type { Context } from '../protocol/context.ts';
import type { Harmonics } from '../protocol/harmonics.ts';
import { rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { mul } from './arithmetic.ts';
import { INVERSE_ROOT, ROOT } from './coefficients.ts';
import { checkMethod } from './crypten/options.ts';
import { newtonRsqrt, newtonSqrt, ROOT_METHODS, type RootOptions } from './crypten/roots.ts';
import type { OpRecord } from './op.ts';
import { scale } from './public.ts';
import { BAND_SHIFTS, POSITIVE, reduceRange, type Piece, type Wanted } from './range.ts';

/** Fractional bits of a root of z: with the largest power of two, 2^31, they leave room. */
const ROOT_BITS = 28;

/** Most fractional bits that the scales of two factors may add up to. */
const MOST_SCALE = 58;

/** The largest shifts of the two levels. */
const [MOST_BAND] = BAND_SHIFTS;
const MOST_OCTAVE = 14;

/** Half of each level's shift as a power of two. */
interface Powers {
  readonly band: Wanted;
  readonly octave: Wanted;
}

const upwards: Wanted = { fracBits: 0, of: (piece) => power(piece, piece.shift) };

/** For 1/√x. */
const INVERSE_POWERS: Powers = { band: upwards, octave: upwards };
/** For √x: downwards from the largest. */
const ROOT_POWERS: Powers = {
  band: { fracBits: 0, of: (piece) => power(piece, MOST_BAND - piece.shift) },
  octave: { fracBits: 0, of: (piece) => power(piece, MOST_OCTAVE - piece.shift) },
};

/**
 * √x, elementwise; 0 where x ≤ 0.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is settled first.
 * Cost    11 rounds, 70.8 B an element of two parties; dealer 572 B.
 * Error   1.1 ulp and 1e-6 of the result, for every x with x < 2^(62 − fractional bits). With a method: as `newtonSqrt`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function sqrt(ctx: Context, x: Share, opts: RootOptions = {}): Share {
  checkMethod('sqrt', opts, ROOT_METHODS);
  if (opts.method === 'NR') return newtonSqrt(ctx, x, opts).root;
  const [range] = rangesOf(ctx, x, [ROOT_POWERS]);
  return coarsened(ctx, rootOf(ctx, range));
}

/**
 * 1/√x, elementwise; 0 where x ≤ 0.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision; a pending x is settled first.
 * Cost    11 rounds, 70.8 B an element of two parties; dealer 574 B.
 * Error   1.1 ulp and 1e-6 of the result, for every x with x < 2^(62 − fractional bits). With a method: as `newtonRsqrt`.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method or option.
 */
export function rsqrt(ctx: Context, x: Share, opts: RootOptions = {}): Share {
  checkMethod('rsqrt', opts, ROOT_METHODS);
  if (opts.method === 'NR') return newtonRsqrt(ctx, x, opts);
  const [range] = rangesOf(ctx, x, [INVERSE_POWERS]);
  return coarsened(ctx, inverseRootOf(ctx, range, 1));
}

/** √x, and for when it is asked for factor/√x, or 1/√x as `rsqrtTimes` has it. */
export interface RootPair {
  readonly root: Share;
  readonly inverse: (ctx: Context, factor: number) => Share;
  readonly fineInverse: (ctx: Context) => Share;
}

/**
 * √x, and 1/√x from the same reduced range.
 *
 * Shape, Scale, Error   as `sqrt` and `rsqrt`.
 * Cost    as `sqrt`; 3 rounds and 28 B an element for the inverse, and what it owes.
 * Leaks   nothing.
 */
export function sqrtWithInverse(ctx: Context, x: Share): RootPair {
  const [forRoot, forInverse] = rangesOf(ctx, x, [ROOT_POWERS, INVERSE_POWERS]);
  return {
    root: coarsened(ctx, rootOf(ctx, forRoot)),
    inverse: (later, factor) => coarsened(later, inverseRootOf(later, forInverse, factor)),
    fineInverse: (later) => fineInverseRootOf(later, forInverse, 1),
  };
}

/**
 * factor/√x for a public factor above 0, elementwise; 0 where x ≤ 0. For products of at most 8 with numbers of the session's precision.
 *
 * Shape   x: any; result: same.
 * Scale   22 significant bits of the root and all of its power of two, or as many as the product has room for; nothing is owed.
 * Cost    as `rsqrt`.
 * Leaks   nothing.
 */
export function rsqrtTimes(ctx: Context, x: Share, factor: number): Share {
  const [range] = rangesOf(ctx, x, [INVERSE_POWERS]);
  return fineInverseRootOf(ctx, range, factor);
}

/**
 * What `rsqrtTimes` gave, for products that may be large: 8 bits finer than the session's precision, once settled.
 *
 * Cost    0 rounds, 0 bytes; owes one truncation. Leaks   nothing.
 */
export function coarser(ctx: Context, factor: Share): Share {
  const bits = Math.min(factor.fracBits, ctx.session.precision + 8);
  return rescaleA(ctx, factor, factor.fracBits, bits);
}

/** The record of `sqrt`: the gradient is dy/(2√x), from what the forward pass knows of 1/√x. */
export const sqrtOp: OpRecord<Share, RootOptions, Pick<RootPair, 'inverse'> | null> = {
  name: 'sqrt',
  forward: (ctx, [x], opts = {}, recorded = true) => {
    checkMethod('sqrt', opts, ROOT_METHODS);
    if (opts.method === 'NR') {
      const { root, inverse } = newtonSqrt(ctx, x, opts);
      return {
        output: root,
        saved: { inverse: (later, factor) => scale(later, 'sqrt', inverse, factor) },
      };
    }
    if (!recorded) return { output: sqrt(ctx, x, opts), saved: null };
    const saved = sqrtWithInverse(ctx, x);
    return { output: saved.root, saved };
  },
  backward: (ctx, saved, dy) => {
    assert(saved !== null, 'a root that was recorded');
    return [mul(ctx, dy, saved.inverse(ctx, 0.5))];
  },
};

/** The record of `rsqrt`: the gradient is −y³·dy/2. */
export const rsqrtOp: OpRecord<Share, RootOptions, Share> = {
  name: 'rsqrt',
  forward: (ctx, [x], opts) => {
    const output = rsqrt(ctx, x, opts);
    return { output, saved: output };
  },
  backward: (ctx, y, dy) => {
    const cube = mul(ctx, mul(ctx, mul(ctx, dy, y), y), y);
    return [scale(ctx, 'rsqrt', cube, -0.5)];
  },
};

/** A reduced x, the powers of its two levels, and its fractional bits. */
interface RootRange {
  readonly z: Share;
  readonly band: Share;
  readonly octave: Share;
  readonly fracBits: number;
}

/** The range of x, once for each kind of powers. */
function rangesOf(ctx: Context, x: Share, powers: readonly Powers[]): readonly RootRange[] {
  const settled = settle(ctx, x);
  const wanted = [powers.map(({ band }) => band), powers.map(({ octave }) => octave)] as const;
  const { z, bands, octaves } = reduceRange(ctx, settled, POSITIVE, ...wanted);
  return bands.map((band, i) => ({ z, band, octave: octaves[i], fracBits: settled.fracBits }));
}

/** √x. */
function rootOf(ctx: Context, { z, band, octave, fracBits }: RootRange): Share {
  const whole = mul(ctx, band, octave);
  const left = fracBits % 2 === 0 ? Math.SQRT2 : 1;
  return scaled(ctx, z, whole, Math.floor(fracBits / 2), times(ROOT, left), ROOT_BITS);
}

/** factor/√x; the root has `most` fractional bits, or what a further factor with `spare` ones leaves. */
function inverseRootOf(
  ctx: Context,
  { z, band, octave, fracBits }: RootRange,
  factor: number,
  most = ROOT_BITS,
  spare = 0,
): Share {
  const whole = mul(ctx, band, octave);
  // Powers of two move the point; what is left of the factor, from 1 to 2, goes into the coefficients.
  let rest = fracBits % 2 === 0 ? Math.SQRT2 * factor : factor;
  let bits = 32 - Math.ceil(fracBits / 2);
  for (; rest >= 2; rest /= 2) bits--;
  for (; rest < 1; rest *= 2) bits++;
  return scaled(
    ctx,
    z,
    whole,
    bits,
    times(INVERSE_ROOT, rest),
    Math.min(most, MOST_SCALE - spare - bits),
  );
}

/** factor/√x with as many bits as a product with the session's precision leaves; nothing is owed. */
function fineInverseRootOf(ctx: Context, range: RootRange, factor: number): Share {
  const y = inverseRootOf(ctx, range, factor, 22, ctx.session.precision);
  return rescaleA(ctx, y, y.fracBits, y.fracBits);
}

/** A whole power of two read with so many fractional bits, times the sum at z. */
function scaled(
  ctx: Context,
  z: Share,
  whole: Share,
  bits: number,
  sum: Harmonics,
  rootBits: number,
): Share {
  const [root] = ctx.gates.series(ctx, z, 1n, [sum], rootBits);
  return mul(ctx, rescaleA(ctx, whole, bits, bits), root);
}

/** The result at the session's precision, once settled. */
function coarsened(ctx: Context, y: Share): Share {
  return rescaleA(ctx, y, y.fracBits, Math.min(ctx.session.precision, y.fracBits));
}

/** A sum times a factor from 1 to 2. */
function times({ constant, cos, sin, bound }: Harmonics, factor: number): Harmonics {
  return {
    constant: factor * constant,
    cos: cos.map((a) => factor * a),
    sin: sin.map((a) => factor * a),
    bound: bound + 1,
  };
}

function power({ sign }: Piece, shift: number): bigint {
  return sign === 0 ? 0n : 1n << BigInt(shift / 2);
}
