/**
 * Exact truncation on opened words and on two-party shares; twin of assembly/truncate.ts.
 * @module
 */

import type { TruncateKernels } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { addTo, mulAddTo, shlHigh, shlLow, shrHigh, shrLow, subFrom, type Sum } from './_word.ts';

const HALF = 0x40000000; // the high half of 2^62
const MASK_31 = 0x7fffffff;

/** sum += A = (c' >> m) + c63·2^(63−m) − 2^(62−m), c' = c mod 2^63. Public. */
function addPublic(sum: Sum, cLow: number, cHigh: number, m: number): void {
  const high = cHigh & MASK_31;
  const top = cHigh >>> 31;
  addTo(sum, shrLow(cLow, high, m), shrHigh(high, m));
  addTo(sum, shlLow(top, 63 - m), shlHigh(top, 0, 63 - m));
  subFrom(sum, shlLow(1, 62 - m), shlHigh(1, 0, 62 - m));
}

/** sum += (1 − 2·sign)·2^by·(high, low), sign a bit. */
function addSigned(sum: Sum, low: number, high: number, by: number, sign: number): void {
  const flip = -sign; // ~x + 1 = −x
  const l = shlLow(low, by);
  const h = shlHigh(low, high, by);
  addTo(sum, l ^ flip, h ^ flip);
  addTo(sum, sign, 0);
}

/** The truncation kernels over one memory. */
export function truncate(memory: LinearMemory): TruncateKernels {
  const bit = (at: number, i: number): number => (memory.u8[at + (i >>> 3)] >>> (i & 7)) & 1;

  return {
    truncateSplit(out, bits, x, m, party, n) {
      const { i32: w, u8 } = memory;
      const [o, p] = [out >>> 2, x >>> 2];
      const sum = new Int32Array(2);
      u8.fill(0, bits, bits + Math.ceil(n / 8));
      for (let i = 0; i < n; i++) {
        const low = w[p + 2 * i];
        const high = (w[p + 2 * i + 1] + (party === 0 ? HALF : 0)) | 0;
        sum[0] = shrLow(low, high, m);
        sum[1] = shrHigh(high, m);
        if (party === 0) {
          subFrom(sum, shlLow(1, 62 - m), shlHigh(1, 0, 62 - m));
        } else {
          // The bits shifted out, as a word; ceil adds 1 unless all are 0.
          const lost = shlLow(low, 64 - m) | shlHigh(low, high, 64 - m);
          addTo(sum, (lost | -lost) >>> 31, 0);
        }
        w[o + 2 * i] = sum[0];
        w[o + 2 * i + 1] = sum[1];
        u8[bits + (i >>> 3)] |= (~high >>> 31) << (i & 7);
      }
    },

    truncateJoin(out, y, ab, own, d0, d1, m, party, n) {
      const w = memory.i32;
      const [o, py, pab] = [out >>> 2, y >>> 2, ab >>> 2];
      const [share, sum] = [new Int32Array(2), new Int32Array(2)];
      for (let i = 0; i < n; i++) {
        const [e0, e1, a] = [bit(d0, i), bit(d1, i), bit(own, i)];
        const local = party === 0 ? e0 * e1 + e1 * (1 - 2 * e0) * a - 1 : e0 * (1 - 2 * e1) * a;
        share[0] = local;
        share[1] = local >> 31;
        addSigned(share, w[pab + 2 * i], w[pab + 2 * i + 1], 0, e0 ^ e1);
        sum[0] = w[py + 2 * i];
        sum[1] = w[py + 2 * i + 1];
        addTo(sum, shlLow(share[0], 64 - m), shlHigh(share[0], share[1], 64 - m));
        w[o + 2 * i] = sum[0];
        w[o + 2 * i + 1] = sum[1];
      }
    },

    truncateOpened(out, c, rc, r63, m, party, n) {
      const w = memory.i32;
      const [o, pc, prc, pr63] = [out >>> 2, c >>> 2, rc >>> 2, r63 >>> 2];
      const sum = new Int32Array(2);
      for (let i = 0; i < 2 * n; i += 2) {
        sum[0] = 0;
        sum[1] = 0;
        subFrom(sum, w[prc + i], w[prc + i + 1]);
        addSigned(sum, w[pr63 + i], w[pr63 + i + 1], 63 - m, w[pc + i + 1] >>> 31);
        if (party === 0) addPublic(sum, w[pc + i], w[pc + i + 1], m);
        w[o + i] = sum[0];
        w[o + i + 1] = sum[1];
      }
    },

    selectOpened(out, y, c, t, rho, rhoRc, rhoR63, m, n) {
      const w = memory.i32;
      const [o, py, pc, prho, prc, pr63] = [out, y, c, rho, rhoRc, rhoR63].map((p) => p >>> 2);
      const [known, product, sum] = [new Int32Array(2), new Int32Array(2), new Int32Array(2)];
      for (let i = 0; i < n; i++) {
        const j = 2 * i;
        known[0] = known[1] = product[0] = product[1] = sum[0] = sum[1] = 0;
        addPublic(known, w[pc + j], w[pc + j + 1], m);
        mulAddTo(product, known[0], known[1], w[prho + j], w[prho + j + 1]);
        subFrom(product, w[prc + j], w[prc + j + 1]);
        addSigned(product, w[pr63 + j], w[pr63 + j + 1], 63 - m, w[pc + j + 1] >>> 31);
        const bitT = bit(t, i);
        addTo(sum, w[py + j] & -bitT, w[py + j + 1] & -bitT);
        addSigned(sum, product[0], product[1], 0, bitT);
        w[o + j] = sum[0];
        w[o + j + 1] = sum[1];
      }
    },

    bitOpened(out, t, rho, party, n) {
      const w = memory.i32;
      const [o, p] = [out >>> 2, rho >>> 2];
      const sum = new Int32Array(2);
      for (let i = 0; i < n; i++) {
        const bitT = bit(t, i);
        sum[0] = party === 0 ? bitT : 0;
        sum[1] = 0;
        addSigned(sum, w[p + 2 * i], w[p + 2 * i + 1], 0, bitT);
        w[o + 2 * i] = sum[0];
        w[o + 2 * i + 1] = sum[1];
      }
    },

    truncateDeal(rc, r63, r, m, n) {
      const w = memory.i32;
      const [oc, o63, p] = [rc >>> 2, r63 >>> 2, r >>> 2];
      for (let i = 0; i < 2 * n; i += 2) {
        const low = w[p + i];
        const high = w[p + i + 1];
        w[oc + i] = shrLow(low, high & MASK_31, m);
        w[oc + i + 1] = shrHigh(high & MASK_31, m);
        w[o63 + i] = high >>> 31;
        w[o63 + i + 1] = 0;
      }
    },
  };
}
