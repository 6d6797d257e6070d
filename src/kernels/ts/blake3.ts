/**
 * BLAKE3 keyed XOF of the empty message; twin of assembly/blake3.ts.
 *
 * The one block is all zero and so is every message word: a round needs no message schedule, all seven are the same. That and
 * seeking to any counter are why @noble/hashes (its XOF starts at block 0) is the reference here and not the implementation;
 * tests compare the two.
 * @module
 */

import type { PrgKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';

// First four words of the BLAKE3 IV, and the flags CHUNK_START | CHUNK_END | ROOT | KEYED_HASH (BLAKE3 paper, 2.1 and 2.2).
const IV0 = 0x6a09e667;
const IV1 = 0xbb67ae85 | 0;
const IV2 = 0x3c6ef372;
const IV3 = 0xa54ff53a | 0;
const FLAGS = 1 | 2 | 8 | 16;
const ROUNDS = 7;

/** One compression of the zero block: key at w[k..k+8), counter (t0, t1), 16 output words at w[o..). */
function block(w: Int32Array, o: number, k: number, t0: number, t1: number): void {
  const k0 = w[k],
    k1 = w[k + 1],
    k2 = w[k + 2],
    k3 = w[k + 3];
  const k4 = w[k + 4],
    k5 = w[k + 5],
    k6 = w[k + 6],
    k7 = w[k + 7];
  let a0 = k0,
    a1 = k1,
    a2 = k2,
    a3 = k3,
    b0 = k4,
    b1 = k5,
    b2 = k6,
    b3 = k7;
  let c0 = IV0,
    c1 = IV1,
    c2 = IV2,
    c3 = IV3,
    d0 = t0,
    d1 = t1,
    d2 = 0,
    d3 = FLAGS;
  for (let round = 0; round < ROUNDS; round++) {
    // Columns (a0 b0 c0 d0) … (a3 b3 c3 d3), then diagonals (a0 b1 c2 d3) …: rotations by 16, 12, 8, 7.
    a0 = (a0 + b0) | 0;
    d0 ^= a0;
    d0 = (d0 << 16) | (d0 >>> 16);
    c0 = (c0 + d0) | 0;
    b0 ^= c0;
    b0 = (b0 << 20) | (b0 >>> 12);
    a1 = (a1 + b1) | 0;
    d1 ^= a1;
    d1 = (d1 << 16) | (d1 >>> 16);
    c1 = (c1 + d1) | 0;
    b1 ^= c1;
    b1 = (b1 << 20) | (b1 >>> 12);
    a2 = (a2 + b2) | 0;
    d2 ^= a2;
    d2 = (d2 << 16) | (d2 >>> 16);
    c2 = (c2 + d2) | 0;
    b2 ^= c2;
    b2 = (b2 << 20) | (b2 >>> 12);
    a3 = (a3 + b3) | 0;
    d3 ^= a3;
    d3 = (d3 << 16) | (d3 >>> 16);
    c3 = (c3 + d3) | 0;
    b3 ^= c3;
    b3 = (b3 << 20) | (b3 >>> 12);
    a0 = (a0 + b0) | 0;
    d0 ^= a0;
    d0 = (d0 << 24) | (d0 >>> 8);
    c0 = (c0 + d0) | 0;
    b0 ^= c0;
    b0 = (b0 << 25) | (b0 >>> 7);
    a1 = (a1 + b1) | 0;
    d1 ^= a1;
    d1 = (d1 << 24) | (d1 >>> 8);
    c1 = (c1 + d1) | 0;
    b1 ^= c1;
    b1 = (b1 << 25) | (b1 >>> 7);
    a2 = (a2 + b2) | 0;
    d2 ^= a2;
    d2 = (d2 << 24) | (d2 >>> 8);
    c2 = (c2 + d2) | 0;
    b2 ^= c2;
    b2 = (b2 << 25) | (b2 >>> 7);
    a3 = (a3 + b3) | 0;
    d3 ^= a3;
    d3 = (d3 << 24) | (d3 >>> 8);
    c3 = (c3 + d3) | 0;
    b3 ^= c3;
    b3 = (b3 << 25) | (b3 >>> 7);
    a0 = (a0 + b1) | 0;
    d3 ^= a0;
    d3 = (d3 << 16) | (d3 >>> 16);
    c2 = (c2 + d3) | 0;
    b1 ^= c2;
    b1 = (b1 << 20) | (b1 >>> 12);
    a1 = (a1 + b2) | 0;
    d0 ^= a1;
    d0 = (d0 << 16) | (d0 >>> 16);
    c3 = (c3 + d0) | 0;
    b2 ^= c3;
    b2 = (b2 << 20) | (b2 >>> 12);
    a2 = (a2 + b3) | 0;
    d1 ^= a2;
    d1 = (d1 << 16) | (d1 >>> 16);
    c0 = (c0 + d1) | 0;
    b3 ^= c0;
    b3 = (b3 << 20) | (b3 >>> 12);
    a3 = (a3 + b0) | 0;
    d2 ^= a3;
    d2 = (d2 << 16) | (d2 >>> 16);
    c1 = (c1 + d2) | 0;
    b0 ^= c1;
    b0 = (b0 << 20) | (b0 >>> 12);
    a0 = (a0 + b1) | 0;
    d3 ^= a0;
    d3 = (d3 << 24) | (d3 >>> 8);
    c2 = (c2 + d3) | 0;
    b1 ^= c2;
    b1 = (b1 << 25) | (b1 >>> 7);
    a1 = (a1 + b2) | 0;
    d0 ^= a1;
    d0 = (d0 << 24) | (d0 >>> 8);
    c3 = (c3 + d0) | 0;
    b2 ^= c3;
    b2 = (b2 << 25) | (b2 >>> 7);
    a2 = (a2 + b3) | 0;
    d1 ^= a2;
    d1 = (d1 << 24) | (d1 >>> 8);
    c0 = (c0 + d1) | 0;
    b3 ^= c0;
    b3 = (b3 << 25) | (b3 >>> 7);
    a3 = (a3 + b0) | 0;
    d2 ^= a3;
    d2 = (d2 << 24) | (d2 >>> 8);
    c1 = (c1 + d2) | 0;
    b0 ^= c1;
    b0 = (b0 << 25) | (b0 >>> 7);
  }
  w[o] = a0 ^ c0;
  w[o + 1] = a1 ^ c1;
  w[o + 2] = a2 ^ c2;
  w[o + 3] = a3 ^ c3;
  w[o + 4] = b0 ^ d0;
  w[o + 5] = b1 ^ d1;
  w[o + 6] = b2 ^ d2;
  w[o + 7] = b3 ^ d3;
  w[o + 8] = c0 ^ k0;
  w[o + 9] = c1 ^ k1;
  w[o + 10] = c2 ^ k2;
  w[o + 11] = c3 ^ k3;
  w[o + 12] = d0 ^ k4;
  w[o + 13] = d1 ^ k5;
  w[o + 14] = d2 ^ k6;
  w[o + 15] = d3 ^ k7;
}

/** The PRG kernel over one memory. */
export function blake3(memory: LinearMemory): PrgKernels {
  return {
    blake3Xof(out, key, counterLow, counterHigh, blocks) {
      const w = memory.i32;
      let low = counterLow | 0;
      let high = counterHigh | 0;
      for (let i = 0; i < blocks; i++) {
        block(w, (out >>> 2) + 16 * i, key >>> 2, low, high);
        low = (low + 1) | 0;
        high = (high + +(low === 0)) | 0;
      }
    },
  };
}
