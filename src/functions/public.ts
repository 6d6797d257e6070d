/**
 * Sums and products of a secret with public operands, and the scales that keep their precision.
 *
 * A public factor v is encoded with as many fractional bits as it needs: 0 when it is an integer, the exact number when that is
 * small, else so many that the largest value keeps `precision` significant bits (a mean over 1000 rows is no worse than a
 * mean over 10). Public addends take the scale of the secret they meet; a 0/1 tensor meets a fraction at the session's scale.
 *
 * Cost    0 rounds, 0 bytes; a factor that is not an integer owes one truncation.
 * Leaks   nothing.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { broadcastShapes, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import {
  addAP,
  constantA,
  mulAP,
  negA,
  rescaleA,
  scaleA,
  type PublicWords,
} from '../protocol/local/index.ts';
import { settle, settledIfMade } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { encode, MAX_FRAC_BITS } from '../ring/encoder.ts';
import { expandView } from '../ring/view.ts';
import type { Plain } from './op.ts';

/** Most fractional bits a gradient may hold beyond the session's precision. */
const FINE_BITS = 8;

/** Fractional bits that a truncation can still take off in one step. */
const MOST_PENDING = 60;

/** Integer factors from this size on settle the secret first, so that the product does not run out of ring. */
const LARGE_FACTOR = 256;

/**
 * A public number as a tensor: every party knows it, and products with it stay local.
 *
 * Scale   0 when the value is an integer, else up to 8 bits beyond the session's precision.
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE when the value does not fit.
 */
export function constant(ctx: Context, op: string, shape: Shape, value: number): Share {
  const { precision } = ctx.session;
  const { bits } = survey(ctx, op, plainScalar(value), precision);
  return constantA(ctx, shape, value, Math.min(bits, precision + FINE_BITS));
}

/** A 0-d public operand. */
export function plainScalar(value: number): Plain {
  return { shape: [], data: Float64Array.of(value) };
}

/** The public operand that a constant share is; undefined for a secret. */
export function plainOf(x: Share): Plain | undefined {
  const { constant: value } = x.storage;
  if (value === undefined) return undefined;
  return { shape: x.shape, data: new Float64Array(sizeOf(x.shape)).fill(value) };
}

/**
 * x + p with broadcasting.
 *
 * Scale   p is rounded to x's nominal scale; where x is unscaled (0/1), fractions bring the session's precision.
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE when a value is NaN or does not fit; ERR_MPC_SHAPE when shapes do not broadcast.
 */
export function addPublic(ctx: Context, op: string, x: Share, p: Plain): Share {
  broadcastShapes(op, x.shape, p.shape);
  const unscaled = x.nominal === 0 && !p.data.every((value) => Number.isInteger(value));
  const fracBits = unscaled ? ctx.session.precision : x.nominal;
  return addAP(ctx, x, {
    shape: p.shape,
    words: encode(ctx.arena, p.data, fracBits, op),
    fracBits,
  });
}

/**
 * x·p elementwise with broadcasting.
 *
 * Scale   unchanged for integers; else pending until settled.
 * Cost    0 rounds, 0 bytes; a factor that is not an integer owes one truncation. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE when a value is NaN or does not fit; ERR_MPC_SHAPE when shapes do not broadcast.
 */
export function mulPublic(ctx: Context, op: string, x: Share, p: Plain): Share {
  const shape = broadcastShapes(op, x.shape, p.shape);
  if (p.data.length === 1) return spread(scale(ctx, op, x, p.data[0]), shape);
  const factor = encodeFactor(ctx, op, x, p);
  return mulAP(ctx, roomy(ctx, x, factor, p), factor);
}

/**
 * x·v for one public number: by an integer product, by moving the binary point (v = ±2^−k), or as any other factor.
 *
 * Cost    0 rounds, 0 bytes; see `mulPublic` for what is owed. Leaks   nothing.
 */
export function scale(ctx: Context, op: string, x: Share, v: number): Share {
  const { constant: known } = x.storage;
  if (known !== undefined) return constant(ctx, op, x.shape, known * v);
  if (v === 1) return x;
  if (v === 0) return constant(ctx, op, x.shape, 0);
  if (v === -1) return negA(ctx, x);
  const p = plainScalar(v);
  if (Number.isInteger(v)) {
    const factor = encodeFactor(ctx, op, x, p);
    return scaleA(ctx, roomy(ctx, x, factor, p), BigInt.asIntN(64, factor.words[0]));
  }
  const shift = -Math.log2(Math.abs(v));
  if (x.nominal > 0 && Number.isInteger(shift) && shift <= MAX_FRAC_BITS) {
    const from = x.fracBits + shift > MOST_PENDING ? settle(ctx, x) : settledIfMade(ctx, x);
    const moved = rescaleA(ctx, from, from.fracBits + shift, x.nominal);
    return v < 0 ? negA(ctx, moved) : moved;
  }
  return mulAP(ctx, x, encodeFactor(ctx, op, x, p));
}

/**
 * x·v for a small v, keeping up to 8 more fractional bits: what a mean does to gradients must not cost their precision.
 *
 * Scale   nominal scale rises by min(8, ceil(−log2 |v|)) bits, never beyond 24 in all.
 * Cost    0 rounds, 0 bytes; nothing is owed when v is a power of two within those bits. Leaks   nothing.
 */
export function scaleFinely(ctx: Context, op: string, x: Share, v: number): Share {
  const y = scale(ctx, op, x, v);
  if (y.storage.constant !== undefined || v === 0) return y;
  const finest = Math.max(y.nominal, ctx.session.precision, 24);
  const room = Math.min(FINE_BITS, Math.max(0, Math.ceil(-Math.log2(Math.abs(v)))));
  const nominal = Math.min(y.nominal + room, finest, y.fracBits);
  return nominal === y.nominal ? y : rescaleA(ctx, y, y.fracBits, nominal);
}

/** A public factor as ring words of the scale described in the module comment. */
export function encodeFactor(ctx: Context, op: string, x: Share, p: Plain): PublicWords {
  const { precision } = ctx.session;
  const { bits } = survey(ctx, op, p, x.nominal);
  // An unscaled secret times a fraction becomes a tensor of the session's precision, exactly.
  const fracBits = bits > 0 && x.nominal === 0 ? Math.max(bits, precision) : bits;
  return { shape: p.shape, words: encode(ctx.arena, p.data, fracBits, op), fracBits };
}

/** Fewest fractional bits that hold the values exactly, or as many as keep `precision` significant bits. */
function survey(ctx: Context, op: string, p: Plain, target: number): { bits: number } {
  let max = 0;
  for (const value of p.data) max = Math.max(max, Math.abs(value));
  // Throws with the position when a value is not a number or is too large for the secret's own scale.
  if (!(max < 2 ** (63 - target))) encode(ctx.arena, p.data, target, op);
  if (max === 0) return { bits: 0 };
  const { precision } = ctx.session;
  const most = Math.min(MAX_FRAC_BITS, precision + Math.max(0, Math.ceil(-Math.log2(max))));
  let bits = 0;
  for (const value of p.data) {
    while (bits < most && !Number.isInteger(value * 2 ** bits)) bits++;
  }
  return { bits };
}

/** x, settled first where a large integer factor needs the room. */
function roomy(ctx: Context, x: Share, factor: PublicWords, p: Plain): Share {
  if (factor.fracBits > 0) return x;
  return p.data.some((value) => Math.abs(value) >= LARGE_FACTOR) ? settle(ctx, x) : x;
}

function spread(x: Share, shape: Shape): Share {
  return x.view(expandView(x, shape));
}

/**
 * Two scales must leave room for the product's integer part.
 *
 * @throws {MpcError} ERR_MPC_SCALE otherwise.
 */
export function checkScales(op: string, x: Share, y: Share): void {
  if (x.nominal + y.nominal <= 58) return;
  throw new MpcError(
    'ERR_MPC_SCALE',
    `${op}: a product of ${x.nominal} and ${y.nominal} fractional bits leaves no room before the point; ` +
      'create the tensors with a lower precision',
  );
}
