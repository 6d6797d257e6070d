/**
 * Powers of two of a masked number; twin of assembly/powers.ts, operation for operation.
 * @module
 */

import type { PowerKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { addTo, mulAddTo, shlHigh, shlLow, shrLow } from './_word.ts';

const THREE_51 = 3 * 2 ** 51;
const TWO_32 = 2 ** 32;

/** 2^u for |u| ≤ 1. */
function powerSeries(u: number): number {
  let sum = 4.4455382718708116e-10 + u * 2.5678435993488206e-11;
  sum = 7.054911620801123e-9 + u * sum;
  sum = 1.01780860092397e-7 + u * sum;
  sum = 1.321548679014431e-6 + u * sum;
  sum = 1.5252733804059841e-5 + u * sum;
  sum = 1.540353039338161e-4 + u * sum;
  sum = 1.3333558146428443e-3 + u * sum;
  sum = 9.618129107628477e-3 + u * sum;
  sum = 0.05550410866482158 + u * sum;
  sum = 0.24022650695910072 + u * sum;
  sum = 0.6931471805599453 + u * sum;
  return 1 + u * sum;
}

/** The low `bits` ≤ 52 bits of a word as a fraction. */
function fraction(low: number, high: number, bits: number): number {
  const top = bits <= 32 ? 0 : high & (2 ** (bits - 32) - 1);
  const rest = bits === 0 ? 0 : bits < 32 ? low & ((1 << bits) - 1) : low >>> 0;
  return (top * TWO_32 + rest) * 2 ** -bits;
}

/** The kernels of powers over one memory. */
export function powers(memory: LinearMemory): PowerKernels {
  return {
    powerDeal(parts, r, fracBits, group, span, scale, n) {
      const w = memory.i32;
      const count = 1 << (span - group);
      let at = parts >>> 2;
      for (let i = 0; i < n; i++) {
        const low = w[(r >>> 2) + 2 * i];
        const high = w[(r >>> 2) + 2 * i + 1];
        const integer = shrLow(low, high, fracBits) & ((1 << span) - 1);
        let value = powerSeries(-fraction(low, high, fracBits)) * 2 ** scale;
        for (let e = 0; e < group; e++) value *= 1 - ((integer >>> e) & 1) * (1 - 2 ** -(1 << e));
        const whole = value + THREE_51 - THREE_51;
        const [wholeLow, wholeHigh] = [whole | 0, Math.floor(whole / TWO_32)];
        const index = integer >>> group;
        for (let j = 0; j < count; j++, at += 2) {
          const here = ((index ^ j) - 1) >> 31; // index ^ j is small and not negative
          w[at] = wholeLow & here;
          w[at + 1] = wholeHigh & here;
        }
      }
    },

    powerSum(out, c, parts, fracBits, group, span, low, scale, n) {
      const w = memory.i32;
      const count = 1 << (span - group);
      const step = 1 << group;
      const rise = 2 ** step;
      const [sum, whole] = [new Int32Array(2), new Int32Array(2)];
      for (let i = 0; i < n; i++) {
        const wordLow = w[(c >>> 2) + 2 * i];
        const wordHigh = w[(c >>> 2) + 2 * i + 1];
        const m =
          powerSeries(fraction(wordLow, wordHigh, fracBits)) * 2 ** 30 + THREE_51 - THREE_51;
        const integer = (shrLow(wordLow, wordHigh, fracBits) - low) & ((1 << span) - 1);
        const row = (parts >>> 2) + 2 * count * i;
        const first = integer >>> group;
        let shift = (integer & (step - 1)) + low + scale - 30;
        sum[0] = sum[1] = whole[0] = whole[1] = 0;
        let t = 0;
        for (let scaled = m * 2 ** shift; t < count && shift < 0; t++, shift += step) {
          const at = row + 2 * ((first - t) & (count - 1));
          mulAddTo(sum, Math.floor(scaled + 0.5), 0, w[at], w[at + 1]);
          scaled *= rise;
        }
        for (let k = count - 1; k >= t; k--) {
          const at = row + 2 * ((first - k) & (count - 1));
          const high = shlHigh(whole[0], whole[1], step);
          whole[0] = shlLow(whole[0], step);
          whole[1] = high;
          addTo(whole, w[at], w[at + 1]);
        }
        if (t < count) mulAddTo(sum, shlLow(m, shift), shlHigh(m, 0, shift), whole[0], whole[1]);
        w[(out >>> 2) + 2 * i] = sum[0];
        w[(out >>> 2) + 2 * i + 1] = sum[1];
      }
    },
  };
}
