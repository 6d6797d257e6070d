/**
 * Ring matrix product, out = (accumulate ? out : 0) + a·b mod 2^64.
 *
 * Layout     row-major words; scratch: [packing, matmul-block.ts][Strassen's temporaries, matmul-strassen.ts].
 * Pre        pointers are multiples of 16; scratch has matmulScratch(m, k, n) bytes; out overlaps nothing.
 * Post       writes out and scratch.
 * Secret     all values; only sizes steer control flow.
 * Reference  One column or few rows: matmul-small.ts. Else boxes of at most BOX a side, which bounds the scratch and stays near
 *            the caches; in a box Strassen's levels above the packed product. Shapes and levels: wasm-findings, matmul.
 * @module
 */

import { packedScratch } from './matmul-block';
import { addDot, addRowTimes } from './matmul-small';
import { boxProduct, levelsOf, strassenScratch } from './matmul-strassen';

/** Largest side of a box. */
const BOX: i32 = 1024;
/** Below this many rows packing b does not pay. */
const FEW_ROWS: i32 = 3;

/** Side of the boxes along an axis: equal shares, whole tiles at every level. */
function boxSide(size: i32): i32 {
  const boxes = (size + BOX - 1) / BOX;
  return boxes < 2 ? size : ((size + boxes - 1) / boxes + 31) & ~31;
}

/** Bytes of scratch for these sizes. */
export function matmulScratch(m: i32, k: i32, n: i32): i32 {
  const mBox = boxSide(m);
  const kBox = boxSide(k);
  const nBox = boxSide(n);
  return <i32>(packedScratch(mBox, kBox, nBox) + strassenScratch(mBox, kBox, nBox, levelsOf(mBox, kBox, nBox)));
}

export function matmul(
  out: usize,
  a: usize,
  b: usize,
  m: i32,
  k: i32,
  n: i32,
  accumulate: i32,
  scratch: usize,
): void {
  const few = n == 1 || m <= FEW_ROWS || n < 4;
  if (!accumulate && (few || k == 0)) memory.fill(out, 0, (<usize>m * <usize>n) << 3);
  if (n == 1) {
    for (let i = 0; i < m; i++, out += 8, a += (<usize>k) << 3) addDot(out, a, b, k);
  } else if (few) {
    for (let i = 0; i < m; i++, out += (<usize>n) << 3, a += (<usize>k) << 3)
      addRowTimes(out, a, b, k, n);
  } else {
    boxes(out, a, b, m, k, n, !accumulate, scratch);
  }
}

/** Box by box. */
function boxes(
  out: usize,
  a: usize,
  b: usize,
  m: i32,
  k: i32,
  n: i32,
  fresh: bool,
  scratch: usize,
): void {
  const mBox = boxSide(m);
  const kBox = boxSide(k);
  const nBox = boxSide(n);
  const levels = levelsOf(mBox, kBox, nBox);
  const aStride = (<usize>k) << 3;
  const stride = (<usize>n) << 3;
  for (let m0 = 0; m0 < m; m0 += mBox) {
    for (let n0 = 0; n0 < n; n0 += nBox) {
      const corner = out + <usize>m0 * stride + ((<usize>n0) << 3);
      for (let k0 = 0; k0 < k; k0 += kBox) {
        boxProduct(
          corner,
          stride,
          a + <usize>m0 * aStride + ((<usize>k0) << 3),
          aStride,
          b + <usize>k0 * stride + ((<usize>n0) << 3),
          stride,
          min(mBox, m - m0),
          min(kBox, k - k0),
          min(nBox, n - n0),
          levels,
          fresh && k0 == 0,
          scratch,
          scratch + packedScratch(mBox, kBox, nBox),
        );
      }
    }
  }
}
