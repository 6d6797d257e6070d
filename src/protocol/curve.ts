/**
 * Curves: bounded functions of one variable, tabulated for the spline gate (security-requirements A1, H2).
 *
 * A curve on [−L, L) has N = 2L/h knots x_j = j·h (j ≥ N/2 stands for j − N). At each knot a cubic is fitted on [x_j − h, x_j + h],
 * so that an index off by one is harmless. Coefficient p of x_j is kept at scale s − f·p, s = 60, for inputs with f fractional bits.
 * @module
 */

import { MpcError } from '../core/errors.ts';

/** A tabulated function. */
export interface Curve {
  readonly name: string;
  /** Knots, a power of two; the domain is [−N/2·h, (N/2 − 1)·h). */
  readonly knots: number;
  /** log2 of the step h in units of 1. */
  readonly stepLog2: number;
  /** Constant results below the domain and from its upper end on, in units of 1. */
  readonly below: number;
  readonly above: number;
  /** Made of `core/elementary.ts`: tables must be the same at every party, in every engine. */
  readonly f: (x: number) => number;
}

/** Fractional bits of the spline's sum; |f| < 2 keeps it below 2^61. */
export const CURVE_SCALE = 60;

/** Most fractional bits of a curve's input: the cubic's third coefficient keeps 12 bits below the point (A1, H2). */
export const CURVE_INPUT_BITS = 16;

/**
 * Refuses a scale that the tables have no room for.
 *
 * @throws {MpcError} ERR_MPC_SCALE.
 */
export function checkCurveScale(curve: Curve, fracBits: number): void {
  const step = fracBits + curve.stepLog2;
  if (fracBits > CURVE_INPUT_BITS || step < 1) {
    throw new MpcError(
      'ERR_MPC_SCALE',
      `${curve.name}: the input has ${fracBits} fractional bits, a curve takes ${1 - curve.stepLog2} to ${CURVE_INPUT_BITS}`,
    );
  }
}

const tables = new WeakMap<Curve, Map<number, BigUint64Array<ArrayBuffer>>>();

/** Coefficient table [4, N] for inputs with `fracBits` fractional bits; made once per curve and scale. */
export function curveTable(curve: Curve, fracBits: number): BigUint64Array<ArrayBuffer> {
  const byScale = tables.get(curve) ?? new Map<number, BigUint64Array<ArrayBuffer>>();
  tables.set(curve, byScale);
  let table = byScale.get(fracBits);
  if (table === undefined) {
    table = tabulate(curve, fracBits);
    byScale.set(fracBits, table);
  }
  return table;
}

function tabulate(curve: Curve, fracBits: number): BigUint64Array<ArrayBuffer> {
  const { knots, stepLog2, f } = curve;
  const h = 2 ** stepLog2;
  const table = new BigUint64Array(4 * knots);
  for (let j = 0; j < knots; j++) {
    const x = (j < knots / 2 ? j : j - knots) * h;
    const cubic = fitCubic((t) => f(x + t), h);
    cubic.forEach((coefficient, p) => {
      table[p * knots + j] = toWord(coefficient, CURVE_SCALE - fracBits * p);
    });
  }
  return table;
}

/** The 4 Chebyshev nodes cos((2i + 1)π/8); square roots are exact in every engine, cosines are not. */
const OUTER = Math.sqrt(2 + Math.sqrt(2)) / 2;
const INNER = Math.sqrt(2 - Math.sqrt(2)) / 2;
const NODES = [OUTER, INNER, -INNER, -OUTER];

/** Monomial coefficients of the cubic through f at the Chebyshev nodes of [−h, h]. */
function fitCubic(f: (t: number) => number, h: number): number[] {
  const y = NODES.map((u) => f(u * h));
  const sum = (weight: (u: number) => number): number =>
    NODES.reduce((total, u, i) => total + y[i] * weight(u), 0);
  const c0 = sum(() => 1) / 4;
  const c1 = sum((u) => u) / 2;
  const c2 = sum((u) => 2 * u * u - 1) / 2;
  const c3 = sum((u) => (4 * u * u - 3) * u) / 2;
  return [c0 - c2, (c1 - 3 * c3) / h, (2 * c2) / (h * h), (4 * c3) / (h * h * h)];
}

function toWord(value: number, scale: number): bigint {
  const scaled = value * 2 ** scale;
  return BigInt.asUintN(64, BigInt(Math.round(scaled)));
}
