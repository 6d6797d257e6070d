/**
 * Elementwise arithmetic on Z/2^64 in 32-bit halves; twin of assembly/elementwise.ts.
 * @module
 */

import type { ElementwiseKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import {
  addTo,
  borrow,
  carry,
  mulAddTo,
  mulHigh,
  shlHigh,
  shlLow,
  shrHigh,
  shrLow,
} from './_word.ts';

/** The elementwise kernels over one memory. */
export function elementwise(memory: LinearMemory): ElementwiseKernels {
  return {
    add(out, a, b, n) {
      const w = memory.i32;
      const [o, p, q] = [out >>> 2, a >>> 2, b >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const x = w[p + i];
        const y = w[q + i];
        const low = (x + y) | 0;
        const high = w[p + i + 1] + w[q + i + 1] + carry(x, y, low);
        w[o + i] = low;
        w[o + i + 1] = high;
      }
    },

    sub(out, a, b, n) {
      const w = memory.i32;
      const [o, p, q] = [out >>> 2, a >>> 2, b >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const x = w[p + i];
        const y = w[q + i];
        const low = (x - y) | 0;
        const high = w[p + i + 1] - w[q + i + 1] - borrow(x, y, low);
        w[o + i] = low;
        w[o + i + 1] = high;
      }
    },

    mul(out, a, b, n) {
      const w = memory.i32;
      const [o, p, q] = [out >>> 2, a >>> 2, b >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const x = w[p + i];
        const y = w[q + i];
        const cross = Math.imul(x, w[q + i + 1]) + Math.imul(w[p + i + 1], y);
        w[o + i + 1] = mulHigh(x, y) + cross;
        w[o + i] = Math.imul(x, y);
      }
    },

    neg(out, a, n) {
      const w = memory.i32;
      const [o, p] = [out >>> 2, a >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const x = w[p + i];
        const low = -x | 0;
        w[o + i + 1] = -w[p + i + 1] - borrow(0, x, low);
        w[o + i] = low;
      }
    },

    addScalar(out, a, s, n) {
      const w = memory.i32;
      const [o, p, q] = [out >>> 2, a >>> 2, s >>> 2];
      const [y, yHigh] = [w[q], w[q + 1]];
      for (let i = 0; i < 2 * n; i += 2) {
        const x = w[p + i];
        const low = (x + y) | 0;
        w[o + i + 1] = w[p + i + 1] + yHigh + carry(x, y, low);
        w[o + i] = low;
      }
    },

    mulScalar(out, a, s, n) {
      const w = memory.i32;
      const [o, p, q] = [out >>> 2, a >>> 2, s >>> 2];
      const [y, yHigh] = [w[q], w[q + 1]];
      for (let i = 0; i < 2 * n; i += 2) {
        const x = w[p + i];
        const cross = Math.imul(x, yHigh) + Math.imul(w[p + i + 1], y);
        w[o + i + 1] = mulHigh(x, y) + cross;
        w[o + i] = Math.imul(x, y);
      }
    },

    shiftLeft(out, a, bits, n) {
      const w = memory.i32;
      const [o, p] = [out >>> 2, a >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const x = w[p + i];
        w[o + i + 1] = shlHigh(x, w[p + i + 1], bits);
        w[o + i] = shlLow(x, bits);
      }
    },

    shiftRight(out, a, bits, n) {
      const w = memory.i32;
      const [o, p] = [out >>> 2, a >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const high = w[p + i + 1];
        w[o + i] = shrLow(w[p + i], high, bits);
        w[o + i + 1] = shrHigh(high, bits);
      }
    },

    xor(out, a, b, n) {
      const w = memory.i32;
      const [o, p, q] = [out >>> 2, a >>> 2, b >>> 2];
      for (let i = 0; i < 2 * n; i++) w[o + i] = w[p + i] ^ w[q + i];
    },

    and(out, a, b, n) {
      const w = memory.i32;
      const [o, p, q] = [out >>> 2, a >>> 2, b >>> 2];
      for (let i = 0; i < 2 * n; i++) w[o + i] = w[p + i] & w[q + i];
    },

    beaver(out, c, a, dy, dx, y, n) {
      const w = memory.i32;
      const [o, pc, pa, pdy, pdx, py] = [out, c, a, dy, dx, y].map((p) => p >>> 2);
      const sum = new Int32Array(2);
      for (let i = 0; i < 2 * n; i += 2) {
        sum[0] = 0;
        sum[1] = 0;
        addTo(sum, w[pc + i], w[pc + i + 1]);
        mulAddTo(sum, w[pa + i], w[pa + i + 1], w[pdy + i], w[pdy + i + 1]);
        mulAddTo(sum, w[pdx + i], w[pdx + i + 1], w[py + i], w[py + i + 1]);
        w[o + i] = sum[0];
        w[o + i + 1] = sum[1];
      }
    },
  };
}
