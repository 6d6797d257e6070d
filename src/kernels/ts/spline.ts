/**
 * Compressed cubic spline gate; twin of assembly/spline.ts.
 * @module
 */

import type { SplineKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { addTo, mulAddTo, mulHigh, shrLow, subFrom, type Sum } from './_word.ts';

/** c mod 2^m, 1 ≤ m ≤ 40, as halves. */
const lowHalf = (low: number, m: number): number => (m < 32 ? low & ((1 << m) - 1) : low);
const highHalf = (high: number, m: number): number => (m <= 32 ? 0 : high & ((1 << (m - 32)) - 1));

/** to = a·b; `to` is neither a nor b. */
function product(to: Sum, a: Sum, b: Sum): void {
  to[0] = 0;
  to[1] = 0;
  mulAddTo(to, a[0], a[1], b[0], b[1]);
}

/** The spline kernels over one memory. */
export function spline(memory: LinearMemory): SplineKernels {
  return {
    splineCoefficients(out, onehot, c, table, m, knots, n) {
      const w = memory.i32;
      for (let i = 0; i < n; i++) {
        const low = w[(c >>> 2) + 2 * i];
        const index = shrLow(low, w[(c >>> 2) + 2 * i + 1], m) & (knots - 1);
        for (let p = 0; p < 4; p++) {
          const row = (table >>> 2) + 2 * p * knots;
          let sumLow = 0; // of exact doubles below 2^53, folded once: 256 terms of 32 bits
          let sumHigh = 0;
          for (let j = 0, e = (onehot >>> 2) + 2 * i * knots; j < knots; j++, e += 2) {
            const at = row + 2 * ((index - j) & (knots - 1));
            const [x, y] = [w[e], w[at]];
            sumLow += Math.imul(x, y) >>> 0;
            sumHigh =
              (sumHigh + mulHigh(x, y) + Math.imul(x, w[at + 1]) + Math.imul(w[e + 1], y)) | 0;
          }
          const o = (out >>> 2) + 2 * (p * n + i);
          w[o] = sumLow;
          w[o + 1] = sumHigh + Math.floor(sumLow / 2 ** 32);
        }
      }
    },

    splineCombine(out, k, o, c, rl, brl, m, n) {
      const w = memory.i32;
      const word = (base: number, row: number, i: number): number =>
        (base >>> 2) + 2 * (row * n + i);
      const fresh = (): Sum => new Int32Array(2);
      const [c1, c2, c3, term, sum, scaled] = [
        fresh(),
        fresh(),
        fresh(),
        fresh(),
        fresh(),
        fresh(),
      ];
      const one = Int32Array.of(1, 0);
      const powers = [one, c1, c2, c3];
      // (q, p, binom(q, p)) in the order of brl's rows, after (q, 0).
      const terms = [
        [1, 1, 1],
        [2, 1, 2],
        [2, 2, 1],
        [3, 1, 3],
        [3, 2, 3],
        [3, 3, 1],
      ];
      for (let i = 0; i < n; i++) {
        const at = word(c, 0, i);
        c1[0] = lowHalf(w[at], m);
        c1[1] = highHalf(w[at + 1], m);
        product(c2, c1, c1);
        product(c3, c2, c1);
        sum[0] = w[word(k, 0, i)];
        sum[1] = w[word(k, 0, i) + 1];
        for (let q = 1; q <= 3; q++) {
          const x = word(k, q, i);
          mulAddTo(sum, w[x], w[x + 1], powers[q][0], powers[q][1]);
        }
        for (let row = 0; row < 6; row++) {
          const [q, p, binomial] = terms[row];
          const [x, y, b] = [word(o, q - 1, i), word(rl, p - 1, i), word(brl, row, i)];
          term[0] = w[b];
          term[1] = w[b + 1];
          mulAddTo(term, w[x], w[x + 1], w[y], w[y + 1]);
          product(scaled, term, powers[q - p]);
          for (let times = 0; times < binomial; times++) {
            if (p & 1) subFrom(sum, scaled[0], scaled[1]);
            else addTo(sum, scaled[0], scaled[1]);
          }
        }
        w[word(out, 0, i)] = sum[0];
        w[word(out, 0, i) + 1] = sum[1];
      }
    },

    splineDeal(onehot, rl, brl, r, beta, m, knots, n) {
      const w = memory.i32;
      const fresh = (): Sum => new Int32Array(2);
      const [r1, r2, r3, masked, b] = [fresh(), fresh(), fresh(), fresh(), fresh()];
      const powers = [r1, r2, r3];
      const put = (base: number, row: number, i: number, value: Sum): void => {
        const at = (base >>> 2) + 2 * (row * n + i);
        w[at] = value[0];
        w[at + 1] = value[1];
      };
      for (let i = 0; i < n; i++) {
        const low = w[(r >>> 2) + 2 * i];
        const high = w[(r >>> 2) + 2 * i + 1];
        const index = shrLow(low, high, m) & (knots - 1);
        for (let j = 0, at = (onehot >>> 2) + 2 * i * knots; j < knots; j++, at += 2) {
          w[at] = ((index ^ j) - 1) >>> 31; // 1 where equal: index ^ j is small and not negative
          w[at + 1] = 0;
        }
        r1[0] = lowHalf(low, m);
        r1[1] = highHalf(high, m);
        product(r2, r1, r1);
        product(r3, r2, r1);
        for (let p = 0; p < 3; p++) put(rl, p, i, powers[p]);
        for (let q = 1, row = 0; q <= 3; q++) {
          const at = (beta >>> 2) + 2 * ((q - 1) * n + i);
          b[0] = w[at];
          b[1] = w[at + 1];
          for (let p = 0; p < q; p++, row++) {
            product(masked, b, powers[p]);
            put(brl, row, i, masked);
          }
        }
      }
    },
  };
}
