/**
 * Test for zero by one-hot tables; twin of assembly/zero.ts, where the layout is drawn.
 * @module
 */

import { zeroTableWords, type ZeroKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { shrLow } from './_word.ts';

/** 1 at bit `index` of 32. */
function onehot(index: number): number {
  let x = 1;
  for (let e = 0; e < 5; e++) {
    const mask = -((index >>> e) & 1);
    x = (x & ~mask) | ((x << (1 << e)) & mask);
  }
  return x;
}

/** Bits packed behind each other. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #at: number;
  #waiting = 0;
  #filled = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  put(bits: number, count: number): void {
    this.#waiting |= bits << this.#filled;
    for (this.#filled += count; this.#filled >= 8; this.#filled -= 8, this.#waiting >>>= 8) {
      this.#bytes[this.#at++] = this.#waiting;
    }
  }

  end(): void {
    if (this.#filled > 0) this.#bytes[this.#at] = this.#waiting;
  }
}

/** The kernels of the test for zero over one memory. */
export function zero(memory: LinearMemory): ZeroKernels {
  return {
    zeroDeal(tables, ones, r, coins, blocks, n) {
      const w = memory.i32;
      const stride = 2 * zeroTableWords(blocks);
      const head = (blocks + 2) & ~1;
      const count = blocks > 6 ? 4 : 2;
      let to = ones >>> 2;
      for (let i = 0; i < n; i++) {
        const row = (tables >>> 2) + stride * i;
        const coin = w[(coins >>> 2) + 2 * i];
        const pi = coin & ((1 << blocks) - 1);
        const second = (coin >>> 16) & (count - 1);
        const low = w[(r >>> 2) + 2 * i];
        const high = w[(r >>> 2) + 2 * i + 1];
        w[row + head - 1] = 0;
        for (let j = 0; j < blocks; j++) w[row + j] = onehot(shrLow(low, high, 5 * j) & 31);
        w[row + blocks] = pi | (second << 16);
        // A one-hot word of the low 6 bits, and of the other 7: the top bits choose the half.
        const halves = [onehot(pi & 31), onehot((pi >>> 6) & 31)];
        for (let h = 0; h < stride - head; h++) {
          const place = h < 2 ? (pi >>> 5) & 1 : pi >>> 11;
          const here = (((h < 2 ? h : h - 2) ^ place) - 1) >> 31;
          w[row + head + h] = halves[h < 2 ? 0 : 1] & here;
        }
        for (let k = 0; k < count; k++, to += 2) {
          w[to] = ((second ^ k) - 1) >>> 31;
          w[to + 1] = 0;
        }
      }
    },

    zeroBlocks(out, c, tables, blocks, n) {
      const { i32: w, u8 } = memory;
      const stride = 2 * zeroTableWords(blocks);
      const stream = new BitWriter(u8, out);
      for (let i = 0; i < n; i++) {
        const row = (tables >>> 2) + stride * i;
        const low = w[(c >>> 2) + 2 * i];
        const high = w[(c >>> 2) + 2 * i + 1];
        let v = w[row + blocks] & ((1 << blocks) - 1);
        for (let j = 0; j < blocks; j++) {
          v ^= ((w[row + j] >>> (shrLow(low, high, 5 * j) & 31)) & 1) << j;
        }
        stream.put(v, blocks);
      }
      stream.end();
    },

    zeroJoin(out, v, tables, blocks, n) {
      const { i32: w, u8 } = memory;
      const stride = 2 * zeroTableWords(blocks);
      const head = (blocks + 2) & ~1;
      const width = blocks > 6 ? 2 : 1;
      const stream = new BitWriter(u8, out);
      for (let i = 0, bit = 0; i < n; i++, bit += blocks) {
        const at = v + (bit >>> 3);
        const opened = (u8[at] | (u8[at + 1] << 8) | (u8[at + 2] << 16)) >>> (bit & 7);
        const index = ~opened & ((1 << blocks) - 1);
        const row = (tables >>> 2) + stride * i;
        const hot = row + head;
        let known = w[row + blocks] >>> 16;
        known ^= (w[hot + ((index >>> 5) & 1)] >>> (index & 31)) & 1;
        if (width === 2) {
          known ^= ((w[hot + 2 + (index >>> 11)] >>> ((index >>> 6) & 31)) & 1) << 1;
        }
        stream.put(known & ((1 << width) - 1), width);
      }
      stream.end();
    },

    zeroSelect(out, w, ones, blocks, n) {
      const { i32, u8 } = memory;
      const width = blocks > 6 ? 2 : 1;
      for (let i = 0; i < n; i++) {
        const bit = i * width;
        const index = ~(u8[w + (bit >>> 3)] >>> (bit & 7)) & ((1 << width) - 1);
        const from = (ones >>> 2) + 2 * ((i << width) + index);
        i32[(out >>> 2) + 2 * i] = i32[from];
        i32[(out >>> 2) + 2 * i + 1] = i32[from + 1];
      }
    },
  };
}
