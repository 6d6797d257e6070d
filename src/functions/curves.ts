/**
 * The curves behind the smooth functions and their slopes: intervals, tails, and how an input is brought to the gate.
 *
 * The intervals end where the tails are about as near to the function as the harmonics are.
 * @module
 */

import type { Context } from '../protocol/context.ts';
import type { Curve, Harmonics, Tail } from '../protocol/harmonics.ts';
import { refine } from '../protocol/local/index.ts';
import { settle, settledIfMade, settleTo } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import {
  ERF,
  ERF_SLOPE,
  GELU,
  GELU_SLOPE,
  SIGMOID,
  SILU,
  SILU_SLOPE,
  SOFTPLUS,
  TANH,
} from './coefficients.ts';

/** Most fractional bits of a product that a curve takes before it is truncated: the interval's ends must fit the ring. */
const MOST_BITS = 48;

/** Fewest fractional bits of an input: the ends of the intervals are multiples of 1/8. */
const FEWEST_BITS = 3;

/** How near to an interval's end its tail may be taken, as a power of two: where the tail is still good enough. */
const QUARTER = -2;
const SIXTEENTH = -4;

/** 1/(1 + e^−x), off by at most 2.2e-5. */
export const sigmoidCurve: Curve = bounded('sigmoid', SIGMOID, 11, 5, 0, 1, QUARTER);
/** tanh, off by at most 3.4e-5. */
export const tanhCurve: Curve = bounded('tanh', TANH, 5.75, 4, -1, 1, QUARTER);
/** erf, off by at most 3.3e-5. */
export const erfCurve: Curve = bounded('erf', ERF, 3, 3, -1, 1, SIXTEENTH);
/** The slope of erf, 2/√π·e^(−x²), off by at most 2.0e-5. */
export const erfSlopeCurve: Curve = bounded('erf slope', ERF_SLOPE, 3.375, 3, 0, 0, SIXTEENTH);
/** x·Φ(x), off by at most 2.1e-5. */
export const geluCurve: Curve = rising('gelu', GELU, 4.5, 4, SIXTEENTH);
/** The slope of x·Φ(x), off by at most 3.1e-5. */
export const geluSlopeCurve: Curve = bounded('gelu slope', GELU_SLOPE, 4.75, 4, 0, 1, SIXTEENTH);
/** x·sigmoid(x), off by at most 3.8e-5. */
export const siluCurve: Curve = rising('silu', SILU, 13, 5, QUARTER);
/** The slope of x·sigmoid(x), off by at most 3.9e-5. */
export const siluSlopeCurve: Curve = bounded('silu slope', SILU_SLOPE, 13, 5, 0, 1, QUARTER);
/** log(1 + e^x), off by at most 2.8e-5. */
export const softplusCurve: Curve = rising('softplus', SOFTPLUS, 10.75, 5, QUARTER);

/**
 * A curve of x at the session's precision. Where no tail rises, a product is taken as it is, without the round that its truncation costs.
 *
 * Shape   x: any; result: same.
 * Cost    3 rounds, and a settling where a tail rises.
 * Leaks   nothing.
 */
export function curveOf(ctx: Context, x: Share, curve: Curve): Share {
  const { precision } = ctx.session;
  const rises = curve.below.slope !== 0 || curve.above.slope !== 0;
  return ctx.gates.curve(ctx, rises ? exactly(ctx, x, precision) : roomy(ctx, x), curve, precision);
}

/** x with exactly so many fractional bits. */
function exactly(ctx: Context, x: Share, fracBits: number): Share {
  return refine(ctx, settleTo(ctx, settle(ctx, x), fracBits), fracBits);
}

/** x with as many fractional bits as it has, where the curve's interval can be told in them. */
function roomy(ctx: Context, x: Share): Share {
  const from = settledIfMade(ctx, x);
  const fitting = from.fracBits > MOST_BITS ? settle(ctx, from) : from;
  return refine(ctx, fitting, Math.max(fitting.fracBits, FEWEST_BITS));
}

/** Constants beyond ±half. */
function bounded(
  name: string,
  inside: Harmonics,
  half: number,
  periodLog2: number,
  below: number,
  above: number,
  slackLog2: number,
): Curve {
  const tail = (offset: number): Tail => ({ slope: 0, offset });
  const ends = { low: -half, high: half, below: tail(below), above: tail(above) };
  return { name, periodLog2, inside, halfSlope: 0, slackLog2, ...ends };
}

/** x/2 and an even part; 0 and x beyond ±half. */
function rising(
  name: string,
  inside: Harmonics,
  half: number,
  periodLog2: number,
  slackLog2: number,
): Curve {
  const tail = (slope: number): Tail => ({ slope, offset: 0 });
  const ends = { low: -half, high: half, below: tail(0), above: tail(1) };
  return { name, periodLog2, inside, halfSlope: 1, slackLog2, ...ends };
}
