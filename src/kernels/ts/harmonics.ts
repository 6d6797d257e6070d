/**
 * Sums of harmonics; twin of assembly/harmonics.ts, operation for operation: the factors must be the same bits everywhere.
 * @module
 */

import type { HarmonicsKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { mulAddTo } from './_word.ts';

/** 2π/2^35: an eighth of a unit of angle. */
const UNIT = 6.283185307179586 / 34359738368;
const SCALE = 2 ** 30;
const THREE_51 = 3 * 2 ** 51;
const TWO_32 = 2 ** 32;

/** cos and sin of an angle in units of 2^−32 turn. */
function circle(point: Float64Array, angle: number): void {
  const x = angle * UNIT;
  const q = x * x;
  const sineTop = 2.7557319223985893e-6 - q * (2.505210838544172e-8 - q * 1.6059043836821613e-10);
  const cosineTop = 2.48015873015873e-5 - q * (2.755731922398589e-7 - q * 2.08767569878681e-9);
  let s =
    x *
    (1 +
      q *
        (-0.16666666666666666 +
          q * (0.008333333333333333 + q * (-1.984126984126984e-4 + q * sineTop))));
  let c = 1 + q * (-0.5 + q * (0.041666666666666664 + q * (-1.388888888888889e-3 + q * cosineTop)));
  for (let doubling = 0; doubling < 3; doubling++) {
    const product = c * s;
    c = c * c - s * s;
    s = product + product;
  }
  point[0] = c;
  point[1] = s;
}

/** The kernels of harmonics over one memory. */
export function harmonics(memory: LinearMemory): HarmonicsKernels {
  return {
    harmonicsDeal(waves, angles, terms, n) {
      const w = memory.i32;
      const point = new Float64Array(2);
      let at = waves >>> 2;
      for (let i = 0; i < n; i++) {
        circle(point, w[(angles >>> 2) + 2 * i + 1]);
        const [c, s] = point;
        let [re, im] = [c, s];
        for (let k = 0; k < terms; k++, at += 4) {
          const cos = re * SCALE + THREE_51 - THREE_51; // at most 2^30: one half holds it
          const sin = im * SCALE + THREE_51 - THREE_51;
          w[at] = cos;
          w[at + 1] = cos >> 31;
          w[at + 2] = sin;
          w[at + 3] = sin >> 31;
          const next = re * c - im * s;
          im = re * s + im * c;
          re = next;
        }
      }
    },

    harmonicsSum(out, angles, waves, factors, terms, row, n) {
      const { i32: w, f64 } = memory;
      const point = new Float64Array(2);
      const sum = new Int32Array(2);
      for (let i = 0; i < n; i++) {
        circle(point, w[(angles >>> 2) + 2 * i + 1]);
        const [c, s] = point;
        let [re, im] = [c, s];
        sum[0] = 0;
        sum[1] = 0;
        let at = (waves >>> 2) + 2 * row * i;
        for (let k = 0; k < terms; k++, at += 4) {
          const a = f64[(factors >>> 3) + 2 * k];
          const b = f64[(factors >>> 3) + 2 * k + 1];
          const cos = a * re + b * im + THREE_51 - THREE_51;
          const sin = a * im - b * re + THREE_51 - THREE_51;
          mulAddTo(sum, cos | 0, Math.floor(cos / TWO_32), w[at], w[at + 1]);
          mulAddTo(sum, sin | 0, Math.floor(sin / TWO_32), w[at + 2], w[at + 3]);
          const next = re * c - im * s;
          im = re * s + im * c;
          re = next;
        }
        w[(out >>> 2) + 2 * i] = sum[0];
        w[(out >>> 2) + 2 * i + 1] = sum[1];
      }
    },
  };
}
