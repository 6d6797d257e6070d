/** Every table of harmonics against its function in float64, on a grid of its interval and at the ends of the tails. */
import assert from 'node:assert/strict';
import * as tables from '../../src/functions/coefficients.ts';
import * as curves from '../../src/functions/curves.ts';
import type { Curve, Harmonics } from '../../src/protocol/harmonics.ts';
import { erf, gaussian, normalCdf, sigmoid, softplus } from '../oracle/functions.ts';

function sumAt({ constant, cos, sin }: Harmonics, turns: number): number {
  return cos.reduce((sum, a, i) => {
    const angle = 2 * Math.PI * (i + 1) * turns;
    return sum + a * Math.cos(angle) + sin[i] * Math.sin(angle);
  }, constant);
}

function curveAt(curve: Curve, x: number): number {
  const tail = x < curve.low ? curve.below : x >= curve.high ? curve.above : undefined;
  if (tail !== undefined) return tail.slope * x + tail.offset;
  return sumAt(curve.inside, x / 2 ** curve.periodLog2) + (curve.halfSlope * x) / 2;
}

const density = (x: number): number => gaussian(x / Math.SQRT2) / Math.sqrt(8);
const siluSlope = (x: number): number => sigmoid(x) * (1 + x * sigmoid(-x));

/** Curve, function, the largest error that its comment states. */
const CURVES: readonly (readonly [Curve, (x: number) => number, number])[] = [
  [curves.sigmoidCurve, sigmoid, 2.0e-5],
  [curves.tanhCurve, Math.tanh, 2.5e-5],
  [curves.erfCurve, erf, 2.3e-5],
  [curves.erfSlopeCurve, gaussian, 1.8e-5],
  [curves.geluCurve, (x) => x * normalCdf(x), 1.6e-5],
  [curves.geluSlopeCurve, (x) => normalCdf(x) + x * density(x), 2.3e-5],
  [curves.siluCurve, (x) => x * sigmoid(x), 3.2e-5],
  [curves.siluSlopeCurve, siluSlope, 3.9e-5],
  [curves.softplusCurve, softplus, 2.2e-5],
];

/** Sum on [1/4, 1), function, largest error relative to `unit`. */
const SUMS: readonly (readonly [string, Harmonics, (z: number) => number, number, boolean])[] = [
  ['RECIPROCAL', tables.RECIPROCAL, (z) => 1 / z, 1.4e-6, true],
  ['ROOT', tables.ROOT, Math.sqrt, 2.4e-8, true],
  ['INVERSE_ROOT', tables.INVERSE_ROOT, (z) => 1 / Math.sqrt(z), 2.7e-7, true],
  ['LOGARITHM', tables.LOGARITHM, Math.log, 1.7e-7, false],
];

describe('functions: coefficients', () => {
  for (const [curve, f, most] of CURVES) {
    it(`${curve.name}: within ${most} everywhere, and its bound holds`, () => {
      let [error, largest] = [0, 0];
      for (let x = -2 * curve.high; x <= 2 * curve.high; x += 2 ** -9) {
        error = Math.max(error, Math.abs(curveAt(curve, x) - f(x)));
        if (Math.abs(x) > curve.high) continue;
        largest = Math.max(largest, Math.abs(sumAt(curve.inside, x / 2 ** curve.periodLog2)));
      }
      assert.ok(error <= most, `measured ${error}`);
      assert.ok(error > most / 1.5, `the comment may say ${error}`);
      assert.ok(largest < 2 ** curve.inside.bound, `|sum| reaches ${largest}`);
    });
  }

  for (const [name, sum, f, most, relative] of SUMS) {
    it(`${name}: within ${most} on [0.249, 1.002], and its bound holds`, () => {
      let [error, largest] = [0, 0];
      for (let z = 0.249; z <= 1.002; z += 2 ** -13) {
        const y = sumAt(sum, z / 2);
        error = Math.max(error, Math.abs(y - f(z)) / (relative ? f(z) : 1));
        largest = Math.max(largest, Math.abs(y));
      }
      assert.ok(error <= most, `measured ${error}`);
      assert.ok(error > most / 1.5, `the comment may say ${error}`);
      assert.ok(largest < 2 ** sum.bound, `|sum| reaches ${largest}`);
    });
  }
});
