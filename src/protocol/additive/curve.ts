/**
 * Curves: sums of harmonics and a linear term on an interval, linear tails beyond (`interval.ts`).
 *
 * c·turn − r·turn is the angle of x on the period, so the opening that decides the thresholds serves the harmonics, too (`waves.ts`).
 * Beyond the interval the sum goes on with its period and is not selected.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import type { Curve, Tail } from '../harmonics.ts';
import { encodeScalar } from '../../ring/encoder.ts';
import { curveRequest } from '../provider/kinds/curve.ts';
import { segment } from '../provider/provider.ts';
import type { Share } from '../share.ts';
import { intervalCost, onInterval, type Interval } from './interval.ts';
import { addMultiple, addPublicWord } from './selected.ts';
import { describeSums, sumWaves, waveFactors } from './waves.ts';

/** What a curve's sizes depend on. */
type Facts = Pick<Share, 'bound' | 'fracBits'>;

/** Cost of a curve on n words. */
export function curveCost(n: number, x: Facts, curve: Curve, fracBits: number): Cost {
  return intervalCost(n, x, intervalOf(x, curve, fracBits, ''));
}

/**
 * A curve with its tails, at `fracBits` fractional bits; x has as many where a tail has a slope, else any number.
 *
 * Cost    3 rounds, 8 + 3.25 B, then 8.25 B: 19.5 B an element; dealer 16 B a harmonic and 204 B, and 8 B for each bit that selects
 *         a multiple of x: about 430 B. With a slack of a quarter at 16 fractional bits; under a bound on x fewer.
 * Error   the fit's (stated beside its coefficients), that of `series`, + 1 ulp, for |x| ≤ 2^63 − the ends and the slack, raw.
 * Leaks   nothing: c, u, v, S + q and the bits are one-time padded by r, γ, π, q and ρ, fresh for each threshold (C7).
 *
 * @throws {MpcError} ERR_MPC_SCALE when a tail or the period does not fit the scales.
 */
export function curve(ctx: Context, x: Share, spec: Curve, fracBits: number): Share {
  return onInterval(ctx, x, intervalOf(x, spec, fracBits, describe(ctx, spec, x.fracBits)));
}

/** Everything but the shape that the result depends on. */
function describe({ arena }: Context, spec: Curve, fracBits: number): string {
  const { name, low, high, slackLog2, periodLog2, halfSlope, inside, below, above } = spec;
  const tails = [below, above].map(({ slope, offset }) => `${slope}x+${offset}`).join();
  const sum = describeSums(arena, [inside]);
  return `${name} ${fracBits} [${low}, ${high}) ${slackLog2} ${periodLog2} ${halfSlope} ${tails} ${sum}`;
}

function intervalOf(x: Facts, spec: Curve, fracBits: number, text: string): Interval {
  const { low, high, slackLog2, periodLog2, inside, halfSlope, below, above } = spec;
  const f = x.fracBits;
  const sloped = below.slope !== 0 || above.slope !== 0;
  if (sloped && f !== fracBits) {
    const why = `the input has ${f} fractional bits, a result with sloped tails ${fracBits}`;
    throw new MpcError('ERR_MPC_SCALE', `${spec.name}: ${why}`);
  }
  const bits = f + periodLog2;
  const size = log2Above(2 ** inside.bound + (Math.abs(halfSlope) / 2) * furthest(spec));
  // One guard bit below the 2^62 that a truncation takes.
  const scale = 60 - size;
  if (bits < 1 || bits > 64 || scale - f < 1 || scale < fracBits) {
    throw new MpcError(
      'ERR_MPC_SCALE',
      `${spec.name}: no room for an input with ${f} fractional bits and a result with ${fracBits}`,
    );
  }
  const factors = waveFactors(inside, scale);
  const terms = factors.length / 2;
  return {
    text: `${text} ${fracBits}`,
    // A raw word is below a real number where it is below the next whole one.
    low: BigInt(Math.ceil(low * 2 ** f)),
    high: BigInt(Math.ceil(high * 2 ** f)),
    slack: Math.max(0, f + slackLog2),
    scale,
    fracBits,
    bound: boundOf(x, spec, size),
    below: piece(below, fracBits),
    above: piece(above, fracBits),
    bits,
    words: 2 * terms,
    request: (wanted) => curveRequest(wanted, terms, 64 - bits),
    inside(arena, dealt, c, own, rank) {
      const n = c.length;
      const angles = arena.put(c);
      arena.kernels.shiftLeft(angles, angles, 64 - bits, n);
      const waves = arena.put(segment(dealt, 'waves'));
      const sum = sumWaves(arena, angles, waves, factors, 2 * terms, n);
      addPublicWord(arena, sum, encodeScalar(inside.constant, scale), rank, n);
      addMultiple(arena, sum, arena.put(own), BigInt(halfSlope) << BigInt(scale - f - 1), n);
      return sum;
    },
  };
}

/** The smallest b with size ≤ 2^b, by comparisons alone: the same in every engine. */
function log2Above(size: number): number {
  let bits = -32;
  while (2 ** bits < size) bits++;
  return bits;
}

function furthest({ low, high }: Curve): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

function piece({ slope, offset }: Tail, fracBits: number): { slope: bigint; offset: bigint } {
  return { slope: BigInt(slope), offset: encodeScalar(offset, fracBits) };
}

/** The result's bound: the interval's, and the tails' where x has one or they are constant. */
function boundOf({ bound }: Facts, { below, above }: Curve, inside: number): number | undefined {
  const tails = [below, above].map(({ slope, offset }) =>
    slope === 0
      ? Math.abs(offset)
      : bound === undefined
        ? Infinity
        : Math.abs(slope) * 2 ** bound + Math.abs(offset),
  );
  const most = Math.max(...tails);
  return Number.isFinite(most) ? log2Above(Math.max(most, 2 ** inside)) : undefined;
}
