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

/** Monomial coefficients of the cubic through f at the 4 Chebyshev nodes of [−h, h]. */
function fitCubic(f: (t: number) => number, h: number): number[] {
  const nodes = [0, 1, 2, 3].map((i) => Math.cos(((2 * i + 1) * Math.PI) / 8));
  const y = nodes.map((u) => f(u * h));
  const chebyshev = [0, 1, 2, 3].map((k) => {
    const scale = k === 0 ? 1 / 4 : 1 / 2;
    return scale * nodes.reduce((sum, u, i) => sum + y[i] * Math.cos(k * Math.acos(u)), 0);
  });
  const [c0, c1, c2, c3] = chebyshev;
  return [c0 - c2, (c1 - 3 * c3) / h, (2 * c2) / h ** 2, (4 * c3) / h ** 3];
}

function toWord(value: number, scale: number): bigint {
  const scaled = value * 2 ** scale;
  return BigInt.asUintN(64, BigInt(Math.round(scaled)));
}
