/**
 * Ring matrix product by exact partial products in doubles; twin of assembly/matmul.ts.
 *
 * Write a = x + 2^32·u with x a signed 32-bit number, x = x0 + 2^16·x1 with |x0|, |x1| ≤ 2^15, and b = y + 2^32·v alike:
 *   a·b = x0·y + 2^16·x1·y + 2^32·(x·v + u·y)   mod 2^64.
 * The first two are doubles of at most 2^46, so 128 of them add up exactly; the third is needed mod 2^32 only: Math.imul. Four
 * multiplications a step instead of the six of three 22-bit limbs. Measured alternatives: wasm-findings, matmul.
 *
 * Layout of the panels, per step of k:  a, 2 rows:  f64 [x0 x1 x0' x1'], i32 [x u x' u'];  b, 2 columns: f64 [y y'], i32 [y v y' v'].
 * @module
 */

import type { MatmulKernels, Ptr } from '../contract.ts';
import type { LinearMemory } from './_linear.ts';
import { mulHigh } from './_word.ts';

/** Steps of k in one exact sum: 128·2^46 = 2^53. */
const DEPTH = 128;
/** Rows and columns of one packed block: both sets of panels stay in the second-level cache. */
const ROWS = 128;
const COLUMNS = 256;

type Doubles = Float64Array<ArrayBuffer>;
type Halves = Int32Array<ArrayBuffer>;

/** One block of steps, packed: views on the scratch memory. */
interface Panels {
  readonly aF: Doubles;
  readonly aI: Halves;
  readonly bF: Doubles;
  readonly bI: Halves;
}

/** Bytes of the four panels for even m, n. */
function sizes(m: number, n: number): [number, number, number, number] {
  return [m * DEPTH * 16, m * DEPTH * 8, n * DEPTH * 8, n * DEPTH * 8];
}

const even = (x: number): number => x + (x & 1);

function panelsAt(buffer: ArrayBuffer, scratch: Ptr, m: number, n: number): Panels {
  const [s0, s1, s2, s3] = sizes(m, n);
  return {
    aF: new Float64Array(buffer, scratch, s0 / 8),
    aI: new Int32Array(buffer, scratch + s0, s1 / 4),
    bF: new Float64Array(buffer, scratch + s0 + s1, s2 / 8),
    bI: new Int32Array(buffer, scratch + s0 + s1 + s2, s3 / 4),
  };
}

/** Packs a[0..m, k0..k0+depth); a missing odd row becomes zeros. */
function packA(
  w: Halves,
  a: Ptr,
  p: Panels,
  m: number,
  k: number,
  k0: number,
  depth: number,
): void {
  for (let i = 0; i < even(m); i++) {
    let to = (i >>> 1) * depth * 4 + (i & 1) * 2;
    let from = (a >>> 2) + 2 * (i * k + k0);
    for (let s = 0; s < depth; s++, to += 4, from += 2) {
      const x = i < m ? w[from] : 0;
      const x0 = (x << 16) >> 16;
      p.aF[to] = x0;
      p.aF[to + 1] = (x - x0) / 65536;
      p.aI[to] = x;
      p.aI[to + 1] = i < m ? w[from + 1] + (x >>> 31) : 0;
    }
  }
}

/** Packs b[k0..k0+depth, n0..n0+width) alike. */
function packB(
  w: Halves,
  b: Ptr,
  p: Panels,
  n: number,
  k0: number,
  depth: number,
  n0: number,
  width: number,
): void {
  for (let s = 0; s < depth; s++) {
    const from = (b >>> 2) + 2 * ((k0 + s) * n + n0);
    for (let j = 0; j < even(width); j++) {
      const to = ((j >>> 1) * depth + s) * 2 + (j & 1);
      const y = j < width ? w[from + 2 * j] : 0;
      p.bF[to] = y;
      p.bI[2 * to] = y;
      p.bI[2 * to + 1] = j < width ? w[from + 2 * j + 1] + (y >>> 31) : 0;
    }
  }
}

/** w[at] += s0 + 2^16·s1 + 2^32·top */
function fold(w: Halves, at: number, s0: number, s1: number, top: number): void {
  // Low halves as doubles: at most 3·2^32, so the carry is the floor.
  const low = (w[at] >>> 0) + ((s0 | 0) >>> 0) + (((s1 | 0) << 16) >>> 0);
  const high = Math.floor(s0 / 2 ** 32) + Math.floor(s1 / 2 ** 16) + Math.floor(low / 2 ** 32);
  w[at] = low;
  w[at + 1] = w[at + 1] + top + high;
}

/** Adds the product of row pair `fa` and column pair `fb` (panel positions) to a 2×2 tile of out. */
function tile(
  w: Halves,
  p: Panels,
  fa: number,
  fb: number,
  depth: number,
  at: number,
  row: number,
  right: boolean,
): void {
  const { aF, aI, bF, bI } = p;
  let [s00, s01, s10, s11, t00, t01, t10, t11] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [h00, h01, h10, h11] = [0, 0, 0, 0];
  for (let s = 0; s < depth; s++) {
    const y = bF[fb];
    const z = bF[fb + 1];
    const x0 = aF[fa];
    const x1 = aF[fa + 1];
    const r0 = aF[fa + 2];
    const r1 = aF[fa + 3];
    s00 += x0 * y;
    s01 += x0 * z;
    t00 += x1 * y;
    t01 += x1 * z;
    s10 += r0 * y;
    s11 += r0 * z;
    t10 += r1 * y;
    t11 += r1 * z;
    const yi = bI[2 * fb];
    const yv = bI[2 * fb + 1];
    const zi = bI[2 * fb + 2];
    const zv = bI[2 * fb + 3];
    const x = aI[fa];
    const u = aI[fa + 1];
    h00 = (h00 + Math.imul(x, yv) + Math.imul(u, yi)) | 0;
    h01 = (h01 + Math.imul(x, zv) + Math.imul(u, zi)) | 0;
    const r = aI[fa + 2];
    const q = aI[fa + 3];
    h10 = (h10 + Math.imul(r, yv) + Math.imul(q, yi)) | 0;
    h11 = (h11 + Math.imul(r, zv) + Math.imul(q, zi)) | 0;
    fa += 4;
    fb += 2;
  }
  fold(w, at, s00, t00, h00);
  if (right) fold(w, at + 2, s01, t01, h01);
  if (row > 0) {
    fold(w, at + row, s10, t10, h10);
    if (right) fold(w, at + row + 2, s11, t11, h11);
  }
}

/** All tiles of one packed block of `height` × `width` at word position `at` of out, n words a row. */
function tiles(
  w: Halves,
  p: Panels,
  at: number,
  height: number,
  width: number,
  depth: number,
  n: number,
): void {
  for (let i = 0; i < height; i += 2) {
    const row = i + 1 < height ? 2 * n : 0; // 0: there is no second row
    for (let j = 0; j < width; j += 2) {
      tile(w, p, 2 * i * depth, j * depth, depth, at + 2 * (i * n + j), row, j + 1 < width);
    }
  }
}

/** w[at] += Σ a[l·aStep]·b[l·bStep], positions in halves: for one row or one column, where packing does not pay. */
function dot(
  w: Halves,
  at: number,
  a: number,
  aStep: number,
  b: number,
  bStep: number,
  k: number,
): void {
  let low = 0; // sums of numbers below 2^32: exact doubles
  let high = 0;
  for (let l = 0; l < k; l++, a += aStep, b += bStep) {
    const x = w[a];
    const y = w[b];
    low += Math.imul(x, y) >>> 0;
    high = (high + mulHigh(x, y) + Math.imul(x, w[b + 1]) + Math.imul(w[a + 1], y)) | 0;
  }
  low += w[at] >>> 0;
  w[at] = low;
  w[at + 1] = w[at + 1] + high + Math.floor(low / 2 ** 32);
}

/** The matrix product over one memory. */
export function matmul(memory: LinearMemory): MatmulKernels {
  return {
    matmulScratch: (m, _k, n) =>
      sizes(even(Math.min(m, ROWS)), even(Math.min(n, COLUMNS))).reduce(
        (sum, bytes) => sum + bytes,
        0,
      ),

    matmul(out, a, b, m, k, n, accumulate, scratch) {
      const w = memory.i32;
      if (!accumulate) w.fill(0, out >>> 2, (out >>> 2) + 2 * m * n);
      if (m === 1 || n === 1) {
        for (let e = 0; e < m * n; e++) {
          const [row, column] = n === 1 ? [e, 0] : [0, e];
          dot(w, (out >>> 2) + 2 * e, (a >>> 2) + 2 * row * k, 2, (b >>> 2) + 2 * column, 2 * n, k);
        }
        return;
      }
      const [rows, columns] = [Math.min(m, ROWS), Math.min(n, COLUMNS)];
      const panels = panelsAt(memory.buffer, scratch, even(rows), even(columns));
      for (let k0 = 0; k0 < k; k0 += DEPTH) {
        const depth = Math.min(DEPTH, k - k0);
        for (let n0 = 0; n0 < n; n0 += columns) {
          const width = Math.min(columns, n - n0);
          packB(w, b, panels, n, k0, depth, n0, width);
          for (let m0 = 0; m0 < m; m0 += rows) {
            const height = Math.min(rows, m - m0);
            packA(w, a + 8 * m0 * k, panels, height, k, k0, depth);
            tiles(w, panels, (out >>> 2) + 2 * (m0 * n + n0), height, width, depth, n);
          }
        }
      }
    },
  };
}
