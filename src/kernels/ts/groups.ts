/**
 * A comparison's second level in groups of three blocks; twin of assembly/groups.ts, where the layout is drawn.
 * @module
 */

import type { GroupKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { parity } from './_word.ts';
import { blockOf } from './compare.ts';

const FIELD_MASK = 0x7fff;
const BLOCKS = 9;
const BLOCK_BITS = 17;
const GROUP_BITS = 5;
const MASKS = 64;

/** Field g of the word (high, low). */
function fieldAt(low: number, high: number, g: number): number {
  if (g === 0) return low & FIELD_MASK;
  if (g === 1) return (low >>> 15) & FIELD_MASK;
  if (g === 2) return ((low >>> 30) | (high << 2)) & FIELD_MASK;
  return (high >>> 13) & FIELD_MASK;
}

/** The field of the low three bits of γ and π. */
function fieldOf(gammas: number, pis: number): number {
  const [ga, gb] = [gammas & 1, (gammas >> 1) & 1];
  const [pa, pb, pc] = [pis & 1, (pis >> 1) & 1, (pis >> 2) & 1];
  const both = pb & pc;
  const low = (gammas & 7) | ((pis & 7) << 3) | 64 | ((pc & gb) << 7) | (both << 8);
  const high = ((pc & ga) << 9) | ((pb & ga) << 10) | ((both & ga) << 11);
  return low | high | ((pa & pb) << 12) | ((pa & pc) << 13) | ((pa & both) << 14);
}

/** Bits that enter `less` and `equal` under six opened bits. */
function masksOf(opened: number): [less: number, equal: number] {
  const [ua, ub, uc] = [opened & 1, (opened >> 1) & 1, (opened >> 2) & 1];
  const [va, vb, vc] = [(opened >> 3) & 1, (opened >> 4) & 1, opened >> 5];
  const less =
    (vc & vb) |
    (vc << 1) |
    4 |
    ((vc & ua) << 4) |
    ((ub ^ (vb & ua)) << 5) |
    ((uc ^ (vc & ub) ^ (vc & vb & ua)) << 6) |
    0x880 |
    (ua << 8) |
    (vb << 9) |
    (vc << 10);
  const equal =
    ((vb & vc) << 3) |
    ((va & vc) << 4) |
    ((va & vb) << 5) |
    ((va & vb & vc) << 6) |
    (va << 8) |
    (vc << 12) |
    (vb << 13) |
    0x4000;
  return [less, equal];
}

/** Writes a bit stream, `width` bits at a time. */
function streamTo(
  u8: Uint8Array,
  out: number,
): { put(bits: number, width: number): void; end(): void } {
  let [acc, filled, to] = [0, 0, out];
  return {
    put(bits, width) {
      acc |= bits << filled;
      for (filled += width; filled >= 8; filled -= 8) {
        u8[to++] = acc;
        acc >>>= 8;
      }
    },
    end() {
      if (filled > 0) u8[to] = acc;
    },
  };
}

/** `width` ≤ 17 bits of a stream from bit `at` on. */
function bitsAt(u8: Uint8Array, stream: number, at: number, width: number): number {
  const from = stream + Math.floor(at / 8);
  const bytes = u8[from] | (u8[from + 1] << 8) | (u8[from + 2] << 16);
  return (bytes >>> (at & 7)) & ((1 << width) - 1);
}

/** The kernels over one memory. */
export function groups(memory: LinearMemory): GroupKernels {
  return {
    groupMasksBytes: () => 8 * MASKS,

    groupMasks(out) {
      for (let opened = 0; opened < MASKS; opened++) {
        memory.i32.set(masksOf(opened), (out >>> 2) + 2 * opened);
      }
    },

    groupBlocks(out, c, mono, words, tables, n) {
      const { i32: w, u8 } = memory;
      const stream = streamTo(u8, out);
      for (let i = 0; i < n; i++) {
        const [low, high] = [w[(words >>> 2) + 2 * i], w[(words >>> 2) + 2 * i + 1]];
        const fields = [0, 1, 2].map((g) => fieldAt(low, high, g));
        let bits = 0;
        for (let j = 0; j < BLOCKS; j++) {
          const at = (mono >>> 2) + 4 * (BLOCKS * i + j);
          const mask =
            (tables >>> 2) + 8 * blockOf(w[(c >>> 2) + 2 * i], w[(c >>> 2) + 2 * i + 1], j);
          let [equal, less] = [0, 0];
          for (let h = 0; h < 4; h++) {
            equal ^= w[at + h] & w[mask + h];
            less ^= w[at + h] & w[mask + 4 + h];
          }
          const field = fields[Math.floor(j / 3)] >> (j % 3);
          bits |= (parity(less) ^ (field & 1)) << j;
          if (j > 0) bits |= (parity(equal) ^ ((field >> 3) & 1)) << (8 + j);
        }
        stream.put(bits, BLOCK_BITS);
      }
      stream.end();
    },

    groupJoin(out, uv, words, masks, n) {
      const { i32: w, u8 } = memory;
      const stream = streamTo(u8, out);
      for (let i = 0; i < n; i++) {
        const opened = bitsAt(u8, uv, BLOCK_BITS * i, BLOCK_BITS);
        const [low, high] = [w[(words >>> 2) + 2 * i], w[(words >>> 2) + 2 * i + 1]];
        const own = fieldAt(low, high, 3);
        let bits = (own & 7) ^ (((own >> 4) & 3) << 3);
        for (let g = 0; g < 3; g++) {
          const index = ((opened >> (3 * g)) & 7) | (((opened >> (8 + 3 * g)) & 7) << 3);
          const field = fieldAt(low, high, g);
          const at = (masks >>> 2) + 2 * index;
          bits ^= parity(field & w[at]) << g;
          if (g > 0) bits ^= parity(field & w[at + 1]) << (2 + g);
        }
        stream.put(bits, GROUP_BITS);
      }
      stream.end();
    },

    groupCarry(out, opened, words, masks, n) {
      const { i32: w, u8 } = memory;
      u8.fill(0, out, out + Math.ceil(n / 8));
      for (let i = 0; i < n; i++) {
        const five = bitsAt(u8, opened, GROUP_BITS * i, GROUP_BITS);
        const own = fieldAt(0, w[(words >>> 2) + 2 * i + 1], 3);
        const mask = w[(masks >>> 2) + 2 * ((five & 7) | ((five >> 3) << 4))];
        u8[out + (i >>> 3)] |= (parity(own & mask) ^ ((own >> 12) & 1)) << (i & 7);
      }
    },

    groupDeal(words, r, coins, n) {
      const w = memory.i32;
      for (let i = 0; i < n; i++) {
        const [low, high] = [w[(coins >>> 2) + 2 * i], w[(coins >>> 2) + 2 * i + 1]];
        const pis = (low >>> 15) & 0x1fe;
        const [f0, f1, f2] = [0, 3, 6].map((at) => fieldOf(low >> at, pis >> at));
        const sigma = (w[(r >>> 2) + 2 * i + 1] >>> 31) ^ (high & 1);
        const top = (fieldOf(high >>> 1, (high >>> 4) & 6) & 0xfff) | (sigma << 12);
        w[(words >>> 2) + 2 * i] = f0 | (f1 << 15) | (f2 << 30);
        w[(words >>> 2) + 2 * i + 1] = (f2 >>> 2) | (top << 13);
      }
    },
  };
}
