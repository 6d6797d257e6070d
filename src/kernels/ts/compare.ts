/**
 * Masked comparison by monomial tables; twin of assembly/compare.ts, where the bit layout is drawn.
 *
 * Two recursions on bit strings build everything. With z a set of L positions:
 *   supersets   M(0) = 1,  M(L+1) = M(L)·[L ∉ z] | M(L) << 2^L     bit S is set ⇔ z ⊆ S
 *   subsets     Q(0) = 1,  Q(L+1) = Q(L) | M(L)·[L ∈ z] << 2^L     bit S is set ⇔ S ⊆ z
 * @module
 */

import { compareWideWords, type CompareKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { parity } from './_word.ts';

const ENTRIES = 128;
/** One entry: 16 bytes of the equality mask, then 16 bytes of the less-than mask. */
const ENTRY_BYTES = 32;
const MAX_WIDE = 24;

/** The 7 bits from bit 7·j on of the word (high, low). */
export function blockOf(low: number, high: number, j: number): number {
  const at = 7 * j;
  if (at < 32) return ((low >>> at) | ((high << 1) << (31 - at))) & 127;
  return (high >>> (at - 32)) & 127;
}

/** Bit `at` of the word (high, low). */
function bitOf(low: number, high: number, at: number): number {
  return (at < 32 ? low >>> at : high >>> (at - 32)) & 1;
}

/** Writes the subset table of a 7-bit set as 4 halves. */
function subsets7(w: Int32Array, at: number, set: number): void {
  let q = 1;
  for (let bit = 0; bit < 5; bit++) q |= (q & -((set >>> bit) & 1)) << (1 << bit);
  const five = -((set >>> 5) & 1);
  const six = -((set >>> 6) & 1);
  w[at] = q;
  w[at + 1] = q & five;
  w[at + 2] = q & six;
  w[at + 3] = q & five & six;
}

/** ORs the low `bits` (a power of two) bits of `source` into the bit string `target` at position `at`, a multiple of `bits`. */
function place(target: Int32Array, at: number, source: Int32Array, bits: number): void {
  if (bits < 32) {
    target[at >>> 5] |= source[0] << (at & 31);
    return;
  }
  for (let i = 0; i < bits >>> 5; i++) target[(at >>> 5) + i] ^= source[i];
}

/** Turns a table of 2^level bits into one of 2^(level+1): low half kept under `keep`, high half = table under `lift` (masks). */
function extend(table: Int32Array, level: number, keep: number, lift: number): void {
  if (level < 5) {
    const q = table[0];
    table[0] = (q & keep) | ((q & lift) << (1 << level));
    return;
  }
  const halves = 1 << (level - 5);
  for (let i = 0; i < halves; i++) {
    const q = table[i];
    table[halves + i] = q & lift;
    table[i] = q & keep;
  }
}

/** The comparison kernels over one memory. */
export function compare(memory: LinearMemory): CompareKernels {
  return {
    compareTablesBytes: () => ENTRIES * ENTRY_BYTES,

    compareTables(out) {
      const w = memory.i32;
      for (let c = 0; c < ENTRIES; c++) {
        const at = (out + c * ENTRY_BYTES) >>> 2;
        w.fill(0, at, at + 8);
        for (let t = 0; t < 128; t++) {
          const equal = +((t & c) === c);
          const lowest = 31 - Math.clz32(t & -t); // −1 for the empty set
          const above = c >>> (lowest + 1);
          const less = +(
            t !== 0 &&
            ((c >>> lowest) & 1) === 0 &&
            (above & ~(t >>> (lowest + 1))) === 0
          );
          w[at + (t >>> 5)] |= equal << (t & 31);
          w[at + 4 + (t >>> 5)] |= less << (t & 31);
        }
      }
    },

    compareBlocks(out, c, mono, wide, blocks, tables, n) {
      const { i32: w, u8 } = memory;
      const width = 2 * blocks - 1;
      const stride = 2 * compareWideWords(blocks);
      const end = 3 << (blocks - 1);
      const bytes = Math.ceil((n * width) / 8);
      let [acc, filled, to] = [0, 0, out];
      for (let i = 0; i < n; i++) {
        const low = w[(c >>> 2) + 2 * i];
        const high = w[(c >>> 2) + 2 * i + 1];
        const wideAt = (wide >>> 2) + stride * i;
        let u = 0;
        let v = 0;
        for (let j = 0; j < blocks; j++) {
          const at = (mono >>> 2) + 4 * (blocks * i + j);
          const mask = (tables >>> 2) + 8 * blockOf(low, high, j);
          const [m0, m1, m2, m3] = [w[at], w[at + 1], w[at + 2], w[at + 3]];
          const equal =
            (m0 & w[mask]) ^ (m1 & w[mask + 1]) ^ (m2 & w[mask + 2]) ^ (m3 & w[mask + 3]);
          const less =
            (m0 & w[mask + 4]) ^ (m1 & w[mask + 5]) ^ (m2 & w[mask + 6]) ^ (m3 & w[mask + 7]);
          const gammaAt = end - (1 << (blocks - j));
          const gamma = w[wideAt + (gammaAt >>> 5)] >>> (gammaAt & 31);
          u |= (parity(less) ^ (gamma & 1)) << j;
          if (j > 0) {
            const piAt = 1 << (blocks - 1 - j);
            const pi = w[wideAt + (piAt >>> 5)] >>> (piAt & 31);
            v |= (parity(equal) ^ (pi & 1)) << (j - 1);
          }
        }
        // At most 7 bits wait, so 7 + 17 fit.
        acc |= (u | (v << blocks)) << filled;
        filled += width;
        for (; filled >= 8; filled -= 8) {
          u8[to++] = acc;
          acc >>>= 8;
        }
      }
      if (to < out + bytes) u8[to] = acc;
    },

    compareCarry(out, uv, wide, blocks, n) {
      const { i32: w, u8 } = memory;
      const width = 2 * blocks - 1;
      const stride = 2 * compareWideWords(blocks);
      const end = 3 << (blocks - 1);
      const [table, mask] = [new Int32Array(8), new Int32Array(MAX_WIDE)];
      u8.fill(0, out, out + Math.ceil(n / 8));
      for (let i = 0; i < n; i++) {
        const bitAt = i * width;
        const at = uv + Math.floor(bitAt / 8);
        const uvBits =
          ((u8[at] | (u8[at + 1] << 8) | (u8[at + 2] << 16)) >>> (bitAt & 7)) & ((1 << width) - 1);
        mask.fill(0);
        table.fill(0);
        table[0] = 1;
        for (let level = 0; level < blocks; level++) {
          const j = blocks - 1 - level;
          place(mask, end - (2 << level), table, 1 << level);
          if ((uvBits >>> j) & 1) {
            for (let h = 0; h < Math.max(1, (1 << level) >>> 5); h++) mask[h] ^= table[h];
          }
          // v_j sits after the u bits, v_1 first; position `level` of S is block j.
          if (j > 0) extend(table, level, -((uvBits >>> (blocks + j - 1)) & 1), -1);
        }
        mask[(end - 1) >>> 5] ^= 1 << ((end - 1) & 31);
        const wideAt = (wide >>> 2) + stride * i;
        let x = 0;
        for (let h = 0; h < stride; h++) x ^= mask[h] & w[wideAt + h];
        u8[out + (i >>> 3)] |= parity(x) << (i & 7);
      }
    },

    compareDealMono(mono, r, blocks, n) {
      const w = memory.i32;
      for (let i = 0; i < n; i++) {
        const low = w[(r >>> 2) + 2 * i];
        const high = w[(r >>> 2) + 2 * i + 1];
        for (let j = 0; j < blocks; j++) {
          subsets7(w, (mono >>> 2) + 4 * (blocks * i + j), blockOf(low, high, j));
        }
      }
    },

    compareDealWide(wide, r, coins, blocks, n) {
      const w = memory.i32;
      const stride = 2 * compareWideWords(blocks);
      const end = 3 << (blocks - 1);
      const [table, masked, text] = [
        new Int32Array(8),
        new Int32Array(8),
        new Int32Array(MAX_WIDE),
      ];
      for (let i = 0; i < n; i++) {
        const secret = w[(coins >>> 2) + 2 * i];
        const rho = w[(coins >>> 2) + 2 * i + 1] & 1;
        text.fill(0);
        table.fill(0);
        table[0] = 1;
        for (let level = 0; level < blocks; level++) {
          const j = blocks - 1 - level;
          const gamma = -((secret >>> j) & 1);
          for (let h = 0; h < 8; h++) masked[h] = table[h] & gamma;
          place(text, end - (2 << level), masked, 1 << level);
          if (j > 0) extend(table, level, -1, -((secret >>> (15 + j)) & 1));
        }
        place(text, 0, table, 1 << (blocks - 1));
        const sign = bitOf(w[(r >>> 2) + 2 * i], w[(r >>> 2) + 2 * i + 1], 7 * blocks);
        text[(end - 1) >>> 5] ^= (sign ^ rho) << ((end - 1) & 31);
        w.set(text.subarray(0, stride), (wide >>> 2) + stride * i);
      }
    },
  };
}
