/**
 * XOR-shared bits in 32-bit halves; twin of assembly/binary.ts.
 * @module
 */

import type { BinaryKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';

/** The kernels of XOR-shared bits over one memory. */
export function binary(memory: LinearMemory): BinaryKernels {
  return {
    shiftRightSigned(out, a, bits, n) {
      const w = memory.i32;
      const [o, p] = [out >>> 2, a >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const high = w[p + i + 1];
        w[o + i] =
          bits < 32 ? (w[p + i] >>> bits) | ((high << 1) << (31 - bits)) : high >> (bits - 32);
        w[o + i + 1] = high >> Math.min(bits, 31);
      }
    },

    bitTranspose(out, a, bits, n, scratch) {
      const w = memory.i32;
      const [o, p, s] = [out >>> 2, a >>> 2, scratch >>> 2];
      const plane = 2 * Math.ceil(n / 64);
      for (let done = 0; done < n; done += 64) {
        const halves = 2 * Math.min(n - done, 64);
        w.copyWithin(s, p + 2 * done, p + 2 * done + halves);
        w.fill(0, s + halves, s + 128);
        transposeBlock(w, s);
        for (let j = 0; j < bits; j++) {
          const to = o + j * plane + done / 32;
          w[to] = w[s + 2 * j];
          w[to + 1] = w[s + 2 * j + 1];
        }
      }
    },

    bitUntranspose(out, a, bits, n, scratch) {
      const w = memory.i32;
      const [o, p, s] = [out >>> 2, a >>> 2, scratch >>> 2];
      const plane = 2 * Math.ceil(n / 64);
      for (let done = 0; done < n; done += 64) {
        for (let j = 0; j < bits; j++) {
          const from = p + j * plane + done / 32;
          w[s + 2 * j] = w[from];
          w[s + 2 * j + 1] = w[from + 1];
        }
        w.fill(0, s + 2 * bits, s + 128);
        transposeBlock(w, s);
        w.copyWithin(o + 2 * done, s, s + 2 * Math.min(n - done, 64));
      }
    },

    layerMask(out, state, wires, mask, count, width) {
      const w = memory.i32;
      const [o, s, t, m] = [out >>> 2, state >>> 2, wires >>> 2, mask >>> 2];
      const plane = 2 * width;
      for (let i = 0; i < count; i++) {
        const from = s + w[t + i] * plane;
        const at = i * plane;
        for (let e = 0; e < plane; e++) w[o + at + e] = w[from + e] ^ w[m + at + e];
      }
    },

    layerAnd(state, opened, mask, c, gates, count, party, width) {
      const w = memory.i32;
      const [s, d, a, pc, g] = [state, opened, mask, c, gates].map((at) => at >>> 2);
      const plane = 2 * width;
      const first = party === 0 ? -1 : 0;
      for (let i = 0; i < count; i++) {
        const u = w[g + 4 * i] * plane;
        const v = w[g + 4 * i + 1] * plane;
        const to = s + w[g + 4 * i + 2] * plane;
        const keep = -w[g + 4 * i + 3];
        const from = pc + i * plane;
        for (let e = 0; e < plane; e++) {
          const dv = w[d + v + e];
          const left = w[a + u + e] & dv;
          const right = w[d + u + e] & (w[a + v + e] ^ (dv & first));
          w[to + e] = (w[to + e] & keep) ^ w[from + e] ^ left ^ right;
        }
      }
    },

    layerDeal(c, mask, gates, count, width) {
      const w = memory.i32;
      const [o, a, g] = [c >>> 2, mask >>> 2, gates >>> 2];
      const plane = 2 * width;
      for (let i = 0; i < count; i++) {
        const u = a + w[g + 4 * i] * plane;
        const v = a + w[g + 4 * i + 1] * plane;
        for (let e = 0; e < plane; e++) w[o + i * plane + e] = w[u + e] & w[v + e];
      }
    },
  };
}

/** Transposes 64 words in place; each half-word's stages are those of a 32×32 block but the first, which swaps halves. */
function transposeBlock(w: Int32Array, at: number): void {
  for (let k = at; k < at + 64; k += 2) {
    const high = w[k + 1];
    w[k + 1] = w[k + 64];
    w[k + 64] = high;
  }
  let mask = 0x0000ffff;
  for (let j = 16; j > 0;) {
    const far = 2 * j;
    for (let top = at; top < at + 128; top += 2 * far) {
      for (let k = top; k < top + far; k++) {
        const t = ((w[k] >>> j) ^ w[k + far]) & mask;
        w[k + far] ^= t;
        w[k] ^= t << j;
      }
    }
    j >>= 1;
    mask ^= mask << j;
  }
}
