/**
 * Strided copies, packing, sums along an axis; twin of assembly/movement.ts. Works on positions, never on values.
 * @module
 */

import type { MovementKernels, Ptr } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { carry } from './_word.ts';

/** Calls `row(start, contiguous)` with word positions of each innermost row of a strided view, in row-major order. */
function eachRow(
  memory: LinearMemory,
  shape: Ptr,
  strides: Ptr,
  rank: number,
  row: (strided: number, flat: number) => void,
): void {
  const sizes = Array.from(memory.i32.subarray(shape >>> 2, (shape >>> 2) + rank));
  const steps = Array.from(memory.i32.subarray(strides >>> 2, (strides >>> 2) + rank));
  if (sizes.includes(0)) return;
  const length = sizes[rank - 1];
  const counters = sizes.map(() => 0);
  for (let strided = 0, flat = 0; ;) {
    row(strided, flat);
    flat += length;
    let d = rank - 2;
    for (; d >= 0; d--) {
      strided += steps[d];
      if (++counters[d] < sizes[d]) break;
      strided -= steps[d] * sizes[d];
      counters[d] = 0;
    }
    if (d < 0) return;
  }
}

/** The movement kernels over one memory. */
export function movement(memory: LinearMemory): MovementKernels {
  return {
    gatherStrided(out, a, shape, strides, rank) {
      const w = memory.i32;
      const [o, p] = [out >>> 2, a >>> 2];
      if (rank === 0) {
        w[o] = w[p];
        w[o + 1] = w[p + 1];
        return;
      }
      const length = w[(shape >>> 2) + rank - 1];
      const step = w[(strides >>> 2) + rank - 1];
      eachRow(memory, shape, strides, rank, (strided, flat) => {
        for (let i = 0, from = p + 2 * strided, to = o + 2 * flat; i < length; i++) {
          w[to] = w[from];
          w[to + 1] = w[from + 1];
          from += 2 * step;
          to += 2;
        }
      });
    },

    scatterStrided(out, a, shape, strides, rank) {
      const w = memory.i32;
      const [o, p] = [out >>> 2, a >>> 2];
      if (rank === 0) {
        w[o] = w[p];
        w[o + 1] = w[p + 1];
        return;
      }
      const length = w[(shape >>> 2) + rank - 1];
      const step = w[(strides >>> 2) + rank - 1];
      eachRow(memory, shape, strides, rank, (strided, flat) => {
        for (let i = 0, from = p + 2 * flat, to = o + 2 * strided; i < length; i++) {
          w[to] = w[from];
          w[to + 1] = w[from + 1];
          from += 2;
          to += 2 * step;
        }
      });
    },

    sumAxis(out, a, outer, len, inner) {
      const w = memory.i32;
      const row = 2 * inner;
      for (let r = 0; r < outer; r++) {
        const o = (out >>> 2) + r * row;
        const p = (a >>> 2) + r * len * row;
        for (let i = 0; i < row; i += 2) {
          let low = 0;
          let high = 0;
          for (let l = 0, at = p + i; l < len; l++, at += row) {
            const x = w[at];
            const next = (low + x) | 0;
            high = (high + w[at + 1] + carry(low, x, next)) | 0;
            low = next;
          }
          w[o + i] = low;
          w[o + i + 1] = high;
        }
      }
    },

    bitAt(out, a, bit, n) {
      const { i32: w, u8 } = memory;
      const p = (a >>> 2) + (bit >>> 5);
      for (let i = 0; i < n; i += 8) {
        let byte = 0;
        for (let b = 0; b < 8 && i + b < n; b++)
          byte |= ((w[p + 2 * (i + b)] >>> (bit & 31)) & 1) << b;
        u8[out + (i >>> 3)] = byte;
      }
    },

    packLow(out, a, bytes, n) {
      const { u8 } = memory;
      // Forward is safe in place: byte i·bytes is never ahead of byte i·8.
      for (let i = 0, to = out, from = a; i < n; i++, from += 8) {
        for (let b = 0; b < bytes; b++) u8[to++] = u8[from + b];
      }
    },

    unpackLow(out, a, bytes, n) {
      const { u8 } = memory;
      // Backward is safe in place, for the same reason.
      for (let i = n - 1; i >= 0; i--) {
        const to = out + 8 * i;
        const from = a + bytes * i;
        for (let b = 7; b >= bytes; b--) u8[to + b] = 0;
        for (let b = bytes - 1; b >= 0; b--) u8[to + b] = u8[from + b];
      }
    },
  };
}
