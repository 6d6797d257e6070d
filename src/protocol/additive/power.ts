/**
 * Powers of two on an interval, 0 below and constant above (`interval.ts`).
 *
 * With c = x + r public, 2^x = 2^(c − r): the integer part of r, mod 2^span, is cut into groups of G = 2^group integers, and
 * 2^−(r mod G) is dealt at the place of r's group among words that are else 0. For place j, 2^(c − G·j) is public once its exponent is
 * brought into [low, low + 2^span), where it is right for the one place that counts: x + (r mod G) is in [low, high + G).
 * Larger groups are fewer words, but their smallest power is 2^−G and needs the bits for it.
 * @module
 */

import { exp2 } from '../../core/elementary.ts';
import { MpcError } from '../../core/errors.ts';
import { encodeScalar } from '../../ring/encoder.ts';
import type { Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import { powerRequest, type PowerLayout } from '../provider/kinds/power.ts';
import { segment } from '../provider/provider.ts';
import type { Share } from '../share.ts';
import { intervalCost, onInterval, type Interval } from './interval.ts';

/** What the gate's sizes depend on. */
type Facts = Pick<Share, 'bound' | 'fracBits'>;

/** How far from its ends the interval may be left. */
const SLACK_LOG2 = -5;
const SLACK: number = 2 ** SLACK_LOG2;

/** Fractional bits of an input: its fraction must fit a double with room for products. */
const MOST_INPUT_BITS = 48;

/** Bits below a group's smallest power: its relative error is 2^−15. */
const GROUP_BITS = 14;

/** Bits of a dealt power that rounding to the nearest integer takes. */
const MOST_PART_BITS = 46;

/** Cost of powers of n words. */
export function powerCost(n: number, x: Facts, low: number, high: number, fracBits: number): Cost {
  return intervalCost(n, x, intervalOf(x, low, high, fracBits));
}

/**
 * 2^x for low ≤ x < high, 0 below, 2^high from there on; within 1/32 above low also 0, within 1/32 above high also 2^x. x has at most
 * 48 fractional bits, the result `fracBits`.
 *
 * Cost    3 rounds, 8 + 2.25 B, then 8.25 B: 18.5 B an element; dealer 130 B and 8 B a group: 4 groups for high ≤ 14, 32 for 28 (x at 33
 *         fractional bits, the result at 16, low near −16).
 * Error   relative 2^−15 and half an ulp from the sum, + 1 ulp, at 16 fractional bits or fewer; more bits are right to 2^(high − 46).
 *         |x − low|, |x − high| < 2^63 raw less 1/32.
 * Leaks   nothing: c, u, v, S + q and the bits are one-time padded by r, γ, π, q and ρ, fresh for each threshold (C7).
 *
 * @throws {MpcError} ERR_MPC_SCALE when x has more than 48 fractional bits, or the result no room for 2^high.
 */
export function powerOfTwo(
  ctx: Context,
  x: Share,
  low: number,
  high: number,
  fracBits: number,
): Share {
  return onInterval(ctx, x, intervalOf(x, low, high, fracBits));
}

function intervalOf({ fracBits: f }: Facts, low: number, high: number, fracBits: number): Interval {
  const first = Math.floor(low);
  const last = Math.ceil(high);
  // 2^(high + SLACK)·2^scale stays below the 2^62 that a truncation takes.
  const scale = 61 - last;
  if (f > MOST_INPUT_BITS || fracBits > scale) {
    const why = `an input with ${f} fractional bits, a result below 2^${last} with ${fracBits}`;
    throw new MpcError('ERR_MPC_SCALE', `2^x: ${why}`);
  }
  const factorScale = Math.max(scale - MOST_PART_BITS, Math.min(fracBits + 1, scale - 16));
  const layout = layoutFor(f, first, last + 1, scale - factorScale);
  const { group, span } = layout;
  return {
    text: `2^x ${f} ${fracBits} [${low}, ${high})`,
    low: BigInt(Math.ceil(low * 2 ** f)),
    // S is right for a slack beyond `high`, too, so that below it nothing is doubtful.
    high: BigInt(Math.ceil((high + SLACK) * 2 ** f)),
    slack: Math.max(0, f + SLACK_LOG2),
    scale,
    fracBits,
    bound: last + 1,
    below: { slope: 0n, offset: 0n },
    above: { slope: 0n, offset: encodeScalar(exp2(high), fracBits) },
    bits: f + span,
    words: 2 ** (span - group),
    request: (size) => powerRequest(size, layout),
    inside(arena, dealt, c) {
      const n = c.length;
      const out = arena.words(n);
      const parts = arena.put(segment(dealt, 'parts'));
      arena.kernels.powerSum(out, arena.put(c), parts, f, group, span, first, factorScale, n);
      return out;
    },
  };
}

/** The layout with the fewest words, of those with the smallest groups. */
function layoutFor(fracBits: number, first: number, last: number, scale: number): PowerLayout {
  const layouts = [0, 1, 2, 3, 4, 5]
    .filter((group) => 2 ** group <= scale - GROUP_BITS)
    .map((group) => {
      let span = group;
      while (2 ** span < last + 2 ** group - first) span++;
      return { fracBits, group, span, scale };
    });
  const words = ({ group, span }: PowerLayout): number => 2 ** (span - group);
  return layouts.reduce((best, layout) => (words(layout) < words(best) ? layout : best));
}
