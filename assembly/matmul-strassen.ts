/**
 * Strassen's recursion (Winograd's form: 7 products, 15 additions) above the packed product.
 *
 * Layout     rows `stride` bytes apart; temporaries, for each level: x [m/2, k/2], y [k/2, n/2], z [m/2, n/2], contiguous.
 * Pre        as product in matmul-block.ts; temporaries have strassenScratch(m, k, n, levels) bytes.
 * Post       writes out[m, n], scratch and temporaries.
 * Secret     all values; only sizes steer control flow.
 * Reference  Strassen 1969, Winograd's form. Exact in any ring. Sizes that 2^levels tiles do not divide are peeled once, at the top.
 * @module
 */

import { product } from './matmul-block';

/** A side below twice this is not halved. Halving 64 rows gains 9 % with SIMD and nothing without (bench kernels). */
const LEAF: i32 = ASC_FEATURE_SIMD ? 32 : 64;
const MOST_LEVELS: i32 = 4;

/** How often a box is halved. */
export function levelsOf(m: i32, k: i32, n: i32): i32 {
  const least = min(m, min(k, n));
  let levels: i32 = 0;
  while (levels < MOST_LEVELS && least >= (LEAF << (levels + 1))) levels++;
  return levels;
}

/** Bytes of the temporaries. */
export function strassenScratch(m: i32, k: i32, n: i32, levels: i32): usize {
  let bytes: usize = 0;
  for (let level = 0; level < levels; level++) {
    m >>= 1;
    k >>= 1;
    n >>= 1;
    bytes += temporaries(m, k, n);
  }
  return bytes;
}

/** Bytes of x, y, z of one level, each a whole number of cache lines and one more. */
function temporaries(m: i32, k: i32, n: i32): usize {
  return blockBytes(m, k) + blockBytes(k, n) + blockBytes(m, n);
}

function blockBytes(rows: i32, columns: i32): usize {
  return (((<usize>rows * <usize>columns) << 3) + 127) & ~63;
}

/** out = (fresh ? 0 : out) + a·b: the part that `levels` divide by recursion, the rest in three strips. */
export function boxProduct(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  m: i32,
  k: i32,
  n: i32,
  levels: i32,
  fresh: bool,
  scratch: usize,
  temporary: usize,
): void {
  const whole = -(4 << levels);
  const me = levels > 0 ? m & whole : m;
  const ke = levels > 0 ? k & whole : k;
  const ne = levels > 0 ? n & whole : n;
  recurse(out, outStride, a, aStride, b, bStride, me, ke, ne, levels, fresh, scratch, temporary);
  const aRight = a + ((<usize>ke) << 3);
  const bDown = b + <usize>ke * bStride;
  if (ke < k) product(out, outStride, aRight, aStride, bDown, bStride, me, k - ke, ne, false, scratch);
  const right = (<usize>ne) << 3;
  if (ne < n) product(out + right, outStride, a, aStride, b + right, bStride, me, k, n - ne, fresh, scratch);
  const down = <usize>me;
  if (me < m) {
    product(out + down * outStride, outStride, a + down * aStride, aStride, b, bStride, m - me, k, n, fresh, scratch);
  }
}

/**
 * One level: with quadrants 11 12 / 21 22,
 *   S1 = A21 + A22   S2 = S1 − A11    S3 = A11 − A21   S4 = A12 − S2
 *   T1 = B12 − B11   T2 = B22 − T1    T3 = B22 − B12   T4 = T2 − B21
 *   U  = A11·B11 + S2·T2              V  = U + S3·T3
 *   C11 += A11·B11 + A12·B21          C12 += U + S1·T1 + S4·B22
 *   C21 += V − A22·T4                 C22 += V + S1·T1
 */
function recurse(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  m: i32,
  k: i32,
  n: i32,
  levels: i32,
  fresh: bool,
  scratch: usize,
  x: usize,
): void {
  if (levels == 0) {
    product(out, outStride, a, aStride, b, bStride, m, k, n, fresh, scratch);
    return;
  }
  m >>= 1;
  k >>= 1;
  n >>= 1;
  const y = x + blockBytes(m, k);
  const z = y + blockBytes(k, n);
  const next = z + blockBytes(m, n);
  const kRow = (<usize>k) << 3;
  const nRow = (<usize>n) << 3;
  const a12 = a + kRow;
  const a21 = a + <usize>m * aStride;
  const a22 = a21 + kRow;
  const b12 = b + nRow;
  const b21 = b + <usize>k * bStride;
  const b22 = b21 + nRow;
  const c12 = out + nRow;
  const c21 = out + <usize>m * outStride;
  const c22 = c21 + nRow;
  const level = levels - 1;

  sums(x, kRow, a21, aStride, a22, aStride, m, k); // S1
  differences(y, nRow, b12, bStride, b, bStride, k, n); // T1
  recurse(z, nRow, x, kRow, y, nRow, m, k, n, level, true, scratch, next);
  spread(c12, c22, outStride, z, nRow, m, n, fresh);
  recurse(z, nRow, a, aStride, b, bStride, m, k, n, level, true, scratch, next);
  put(out, outStride, z, nRow, m, n, fresh);
  recurse(out, outStride, a12, aStride, b21, bStride, m, k, n, level, false, scratch, next);
  differences(x, kRow, x, kRow, a, aStride, m, k); // S2
  differences(y, nRow, b22, bStride, y, nRow, k, n); // T2
  recurse(z, nRow, x, kRow, y, nRow, m, k, n, level, false, scratch, next); // U
  put(c12, outStride, z, nRow, m, n, false);
  differences(x, kRow, a12, aStride, x, kRow, m, k); // S4
  recurse(c12, outStride, x, kRow, b22, bStride, m, k, n, level, false, scratch, next);
  differences(y, nRow, b21, bStride, y, nRow, k, n); // −T4
  recurse(c21, outStride, a22, aStride, y, nRow, m, k, n, level, fresh, scratch, next);
  differences(x, kRow, a, aStride, a21, aStride, m, k); // S3
  differences(y, nRow, b22, bStride, b12, bStride, k, n); // T3
  recurse(z, nRow, x, kRow, y, nRow, m, k, n, level, false, scratch, next); // V
  spread(c21, c22, outStride, z, nRow, m, n, false);
}

/** out = x + y */
function sums(
  out: usize, outStride: usize, x: usize, xStride: usize, y: usize, yStride: usize, rows: i32, columns: i32,
): void {
  const bytes = (<usize>columns) << 3; // a multiple of 32
  for (; rows > 0; rows--, out += outStride, x += xStride, y += yStride) {
    for (let at: usize = 0; at < bytes; at += 32) {
      if (ASC_FEATURE_SIMD) {
        v128.store(out + at, i64x2.add(v128.load(x + at), v128.load(y + at)));
        v128.store(out + at, i64x2.add(v128.load(x + at, 16), v128.load(y + at, 16)), 16);
      } else {
        store<u64>(out + at, load<u64>(x + at) + load<u64>(y + at));
        store<u64>(out + at, load<u64>(x + at, 8) + load<u64>(y + at, 8), 8);
        store<u64>(out + at, load<u64>(x + at, 16) + load<u64>(y + at, 16), 16);
        store<u64>(out + at, load<u64>(x + at, 24) + load<u64>(y + at, 24), 24);
      }
    }
  }
}

/** out = x − y */
function differences(
  out: usize, outStride: usize, x: usize, xStride: usize, y: usize, yStride: usize, rows: i32, columns: i32,
): void {
  const bytes = (<usize>columns) << 3; // a multiple of 32
  for (; rows > 0; rows--, out += outStride, x += xStride, y += yStride) {
    for (let at: usize = 0; at < bytes; at += 32) {
      if (ASC_FEATURE_SIMD) {
        v128.store(out + at, i64x2.sub(v128.load(x + at), v128.load(y + at)));
        v128.store(out + at, i64x2.sub(v128.load(x + at, 16), v128.load(y + at, 16)), 16);
      } else {
        store<u64>(out + at, load<u64>(x + at) - load<u64>(y + at));
        store<u64>(out + at, load<u64>(x + at, 8) - load<u64>(y + at, 8), 8);
        store<u64>(out + at, load<u64>(x + at, 16) - load<u64>(y + at, 16), 16);
        store<u64>(out + at, load<u64>(x + at, 24) - load<u64>(y + at, 24), 24);
      }
    }
  }
}

/** out (=, +=) x */
function put(out: usize, stride: usize, x: usize, xStride: usize, rows: i32, columns: i32, fresh: bool): void {
  if (!fresh) {
    sums(out, stride, out, stride, x, xStride, rows, columns);
    return;
  }
  for (; rows > 0; rows--, out += stride, x += xStride) memory.copy(out, x, (<usize>columns) << 3);
}

/** Both out and other (=, +=) x */
function spread(
  out: usize, other: usize, stride: usize, x: usize, xStride: usize, rows: i32, columns: i32, fresh: bool,
): void {
  put(out, stride, x, xStride, rows, columns, fresh);
  put(other, stride, x, xStride, rows, columns, fresh);
}
