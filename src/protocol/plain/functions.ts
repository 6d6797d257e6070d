/**
 * The plain scheme's functions of one variable: steps, sums of harmonics, curves, powers of two, zero tests, in float64.
 * @module
 */

import { then } from '../../core/later.ts';
import { showShape } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import { encodeScalar } from '../../ring/encoder.ts';
import { inputsOf, type Context } from '../context.ts';
import { digestOf } from '../digest.ts';
import { seriesScale, type Curve, type Harmonics, type Tail } from '../harmonics.ts';
import { contiguousWords, Share } from '../share.ts';
import type { Steps } from '../steps.ts';

/** Piecewise-linear functions, piece by piece. */
export function steps(ctx: Context, x: Share, { name, thresholds, outputs }: Steps): Share[] {
  return outputs.map(({ fracBits, bound, pieces }, i) =>
    map(ctx, `${name} ${i}`, x, { fracBits, nominal: fracBits, bound }, (raw) => {
      const above = thresholds.filter((threshold) => raw >= threshold).length;
      const { slope, offset } = pieces[above];
      return slope * raw + offset;
    }),
  );
}

/** Sums of harmonics, by the engine's cosines. */
export function series(
  ctx: Context,
  x: Share,
  turn: bigint,
  sums: readonly Harmonics[],
  nominal: number,
): Share[] {
  return sums.map((sum, i) => {
    const fracBits = seriesScale(sum.bound);
    return map(ctx, `series ${i}`, x, { fracBits, nominal, bound: sum.bound }, (raw) => {
      const t = Number(BigInt.asIntN(64, raw * turn)) / 2 ** 64;
      return encodeScalar(harmonic(sum, t), fracBits);
    });
  });
}

/** The sum and linear term on the interval, tails beyond. */
export function curve(ctx: Context, x: Share, spec: Curve, fracBits: number): Share {
  return map(ctx, spec.name, x, { fracBits, nominal: fracBits }, (raw) => {
    const value = Number(raw) / 2 ** x.fracBits;
    const tail = ({ slope, offset }: Tail): bigint =>
      BigInt(slope) * raw + encodeScalar(offset, fracBits);
    if (value < spec.low) return tail(spec.below);
    if (value >= spec.high) return tail(spec.above);
    const inside = harmonic(spec.inside, value / 2 ** spec.periodLog2);
    return encodeScalar(inside + (spec.halfSlope * value) / 2, fracBits);
  });
}

/** 2^x clipped above, 0 below. */
export function powerOfTwo(
  ctx: Context,
  x: Share,
  low: number,
  high: number,
  fracBits: number,
): Share {
  const facts = { fracBits, nominal: fracBits, bound: Math.ceil(high) + 1 };
  return map(ctx, `2^x ${low} ${high}`, x, facts, (raw) => {
    const value = Number(raw) / 2 ** x.fracBits;
    return value < low ? 0n : encodeScalar(2 ** Math.min(value, high), fracBits);
  });
}

/** [x = 0]. */
export function zero(ctx: Context, x: Share): Share {
  return map(ctx, 'zero', x, { fracBits: 0, nominal: 0, bound: 1 }, (raw) =>
    raw === 0n ? 1n : 0n,
  );
}

function harmonic({ constant, cos, sin }: Harmonics, t: number): number {
  return cos.reduce((sum, a, i) => {
    const angle = 2 * Math.PI * (i + 1) * t;
    return sum + a * Math.cos(angle) + sin[i] * Math.sin(angle);
  }, constant);
}

interface Scale {
  readonly fracBits: number;
  readonly nominal: number;
  readonly bound?: number | undefined;
}

/** A share of x's shape whose words `body` computes from the signed raw words. */
function map(
  ctx: Context,
  text: string,
  x: Share,
  scale: Scale,
  body: (raw: bigint) => bigint,
): Share {
  const step = ctx.step(`${text} ${showShape(x.shape)}`, inputsOf(x));
  const words = then(contiguousWords(ctx.arena, x), (own): Words =>
    own.map((word) => BigInt.asUintN(64, body(BigInt.asIntN(64, word)))),
  );
  const digest = digestOf(text, [step.digest]);
  return Share.fresh(x.shape, { ...scale, depth: x.depth, digest }, words);
}
