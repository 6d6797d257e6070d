/**
 * Rows picked and added by a list of positions, and running sums; twin of assembly/rows.ts. Works on positions, never on values.
 * @module
 */

import type { Ptr, RowKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { carry } from './_word.ts';

/** The row kernels over one memory. */
export function rows(memory: LinearMemory): RowKernels {
  /** Adds `width` words at half-word `p` to those at `o`. */
  const addRow = (o: number, p: number, width: number): void => {
    const w = memory.i32;
    for (const end = o + 2 * width; o < end; o += 2, p += 2) {
      const low = w[o];
      const sum = (low + w[p]) | 0;
      w[o + 1] = (w[o + 1] + w[p + 1] + carry(low, w[p], sum)) | 0;
      w[o] = sum;
    }
  };
  const listed = (at: Ptr, n: number): Int32Array => memory.i32.subarray(at >>> 2, (at >>> 2) + n);
  return {
    gatherRows(out, a, rows, width, n) {
      const w = memory.i32;
      let o = out >>> 2;
      for (const row of listed(rows, n)) {
        const p = (a >>> 2) + 2 * width * row;
        for (let i = 0; i < 2 * width; i++) w[o++] = w[p + i];
      }
    },

    addRows(out, a, rows, width, n) {
      let p = a >>> 2;
      for (const row of listed(rows, n)) {
        addRow((out >>> 2) + 2 * width * row, p, width);
        p += 2 * width;
      }
    },

    runningSums(out, a, outer, len, inner) {
      const w = memory.i32;
      w.copyWithin(out >>> 2, a >>> 2, (a >>> 2) + 2 * outer * len * inner);
      for (let o = 0; o < outer; o++) {
        for (let l = 1; l < len; l++) {
          const at = (out >>> 2) + 2 * inner * (o * len + l);
          addRow(at, at - 2 * inner, inner);
        }
      }
    },
  };
}
