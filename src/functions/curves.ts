/**
 * The curves behind the smooth functions and their slopes: intervals, tails, and how an input is brought to the gate.
 *
 * The intervals end where the tails are as near to the function as the harmonics are.
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

/** 1/(1 + e^−x), off by at most 2.0e-5. */
export const sigmoidCurve: Curve = bounded('sigmoid', SIGMOID, 11, 5, 0, 1);
/** tanh, off by at most 2.5e-5. */
export const tanhCurve: Curve = bounded('tanh', TANH, 5.75, 4, -1, 1);
/** erf, off by at most 2.3e-5. */
export const erfCurve: Curve = bounded('erf', ERF, 3, 3, -1, 1);
/** The slope of erf, 2/√π·e^(−x²), off by at most 1.7e-5. */
export const erfSlopeCurve: Curve = bounded('erf slope', ERF_SLOPE, 3.375, 3, 0, 0);
/** x·Φ(x), off by at most 1.6e-5. */
export const geluCurve: Curve = rising('gelu', GELU, 4.5, 4);
/** The slope of x·Φ(x), off by at most 2.3e-5. */
export const geluSlopeCurve: Curve = bounded('gelu slope', GELU_SLOPE, 4.75, 4, 0, 1);
/** x·sigmoid(x), off by at most 3.2e-5. */
export const siluCurve: Curve = rising('silu', SILU, 13, 5);
/** The slope of x·sigmoid(x), off by at most 3.9e-5. */
export const siluSlopeCurve: Curve = bounded('silu slope', SILU_SLOPE, 13, 5, 0, 1);
/** log(1 + e^x), off by at most 2.2e-5. */
export const softplusCurve: Curve = rising('softplus', SOFTPLUS, 10.75, 5);

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
): Curve {
  const tail = (offset: number): Tail => ({ slope: 0, offset });
  const ends = { low: -half, high: half, below: tail(below), above: tail(above) };
  return { name, periodLog2, inside, halfSlope: 0, ...ends };
}

/** x/2 and an even part; 0 and x beyond ±half. */
function rising(name: string, inside: Harmonics, half: number, periodLog2: number): Curve {
  const tail = (slope: number): Tail => ({ slope, offset: 0 });
  const ends = { low: -half, high: half, below: tail(0), above: tail(1) };
  return { name, periodLog2, inside, halfSlope: 1, ...ends };
}
