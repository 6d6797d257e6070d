/**
 * Fixed point: doubles to words and back; twin of assembly/fixed.ts.
 *
 * Both directions split at 2^32 instead of branching on the size of a value: x·2^f = high·2^32 + low with high = floor, so
 * low < 2^32 is rounded by adding and subtracting 2^52 (ties to even, and high·2^32 is even), and the carry of low = 2^32 goes up.
 * @module
 */

import type { FixedKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';

const TWO_32 = 2 ** 32;
const TWO_52 = 2 ** 52;
const TWO_63 = 2 ** 63;

/** The fixed-point kernels over one memory. */
export function fixed(memory: LinearMemory): FixedKernels {
  return {
    encode(out, a, fracBits, n) {
      const { i32, f64 } = memory;
      const [o, p] = [out >>> 2, a >>> 3];
      const scale = 2 ** fracBits;
      let bad = 0;
      for (let i = 0; i < n; i++) {
        const x = f64[p + i] * scale; // exact, or infinite
        const high = Math.floor(x / TWO_32);
        const low = x - high * TWO_32 + TWO_52 - TWO_52;
        bad |= +!(x >= -TWO_63) | +!(x < TWO_63); // NaN fails both
        i32[o + 2 * i] = low;
        i32[o + 2 * i + 1] = high + Math.floor(low / TWO_32);
      }
      return bad;
    },

    decode(out, a, fracBits, n) {
      const { i32, f64 } = memory;
      const [o, p] = [out >>> 3, a >>> 2];
      const scale = 2 ** -fracBits;
      for (let i = 0; i < n; i++) {
        const low = i32[p + 2 * i] >>> 0;
        // Both terms are exact: the sum rounds once; the power of two is exact.
        f64[o + i] = (i32[p + 2 * i + 1] * TWO_32 + low) * scale;
      }
    },
  };
}
