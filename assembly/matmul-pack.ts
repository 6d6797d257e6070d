/**
 * Packing for the matrix product: panels of 4 rows or 4 columns in pairs of k, and the corrections of Winograd's identity.
 *
 * Layout     panels as in matmul-tile.ts, one after the other; corrections: one word per row (Σ a0·a1) and per column (Σ b0·b1).
 * Pre        source rows are `stride` bytes apart; targets are multiples of 16 and overlap nothing.
 * Post       writes whole panels: missing rows, columns and an odd last k count as 0.
 * Secret     all values; only sizes steer control flow.
 * Reference  matmul.ts.
 * @module
 */

/** Bytes of one pair of k in a panel. */
export const PAIR_BYTES: usize = 64;

/** Rows 0..rows of a, k of them long. */
export function packRows(
  panel: usize,
  corrections: usize,
  a: usize,
  stride: usize,
  rows: i32,
  k: i32,
): void {
  const pairs = (k + 1) >> 1;
  const panelBytes = <usize>pairs * PAIR_BYTES;
  const all = (rows + 3) & ~3;
  for (let r = 0; r < all; r++, corrections += 8) {
    let to = panel + <usize>(r >> 2) * panelBytes + ((<usize>(r & 3)) << 4);
    if (r < rows) {
      store<u64>(corrections, packRow(to, a + <usize>r * stride, k));
      continue;
    }
    store<u64>(corrections, 0);
    for (let p = 0; p < pairs; p++, to += PAIR_BYTES) {
      store<u64>(to, 0);
      store<u64>(to, 0, 8);
    }
  }
}

/** One row; gives Σ a0·a1. */
function packRow(to: usize, from: usize, k: i32): u64 {
  let sum: u64 = 0;
  let p = k >> 1;
  for (; p > 0; p--, from += 16, to += PAIR_BYTES) {
    const a0 = load<u64>(from);
    const a1 = load<u64>(from, 8);
    store<u64>(to, a0);
    store<u64>(to, a1, 8);
    sum += a0 * a1;
  }
  if (k & 1) {
    store<u64>(to, load<u64>(from));
    store<u64>(to, 0, 8);
  }
  return sum;
}

/** Columns 0..columns of b, k rows. */
export function packColumns(
  panel: usize,
  corrections: usize,
  b: usize,
  stride: usize,
  k: i32,
  columns: i32,
): void {
  const pairs = (k + 1) >> 1;
  for (
    let c = 0;
    c < columns;
    c += 4, b += 32, corrections += 32, panel += <usize>pairs * PAIR_BYTES
  ) {
    if (c + 4 <= columns) packFour(panel, corrections, b, stride, k);
    else packFew(panel, corrections, b, stride, k, columns - c);
  }
}

/** Four whole columns. */
function packFour(to: usize, corrections: usize, b: usize, stride: usize, k: i32): void {
  if (!ASC_FEATURE_SIMD) {
    packFew(to, corrections, b, stride, k, 4);
    return;
  }
  let left = i64x2.splat(0);
  let right = i64x2.splat(0);
  for (let p = k >> 1; p > 0; p--, b += 2 * stride, to += PAIR_BYTES) {
    const v0 = v128.load(b);
    const v1 = v128.load(b, 16);
    const u0 = v128.load(b + stride);
    const u1 = v128.load(b + stride, 16);
    v128.store(to, u0);
    v128.store(to, u1, 16);
    v128.store(to, v0, 32);
    v128.store(to, v1, 48);
    left = i64x2.add(left, i64x2.mul(u0, v0));
    right = i64x2.add(right, i64x2.mul(u1, v1));
  }
  if (k & 1) {
    v128.store(to, i64x2.splat(0));
    v128.store(to, i64x2.splat(0), 16);
    v128.store(to, v128.load(b), 32);
    v128.store(to, v128.load(b, 16), 48);
  }
  v128.store(corrections, left);
  v128.store(corrections, right, 16);
}

/** Fewer than four columns, or no SIMD. */
function packFew(
  panel: usize,
  corrections: usize,
  b: usize,
  stride: usize,
  k: i32,
  columns: i32,
): void {
  for (let c = 0; c < 4; c++, corrections += 8, panel += 8, b += 8) {
    let sum: u64 = 0;
    let to = panel;
    let from = b;
    for (let l = 0; l < k; l += 2, to += PAIR_BYTES, from += 2 * stride) {
      const b0 = c < columns ? load<u64>(from) : 0;
      const b1 = c < columns && l + 1 < k ? load<u64>(from + stride) : 0;
      store<u64>(to, b1);
      store<u64>(to, b0, 32);
      sum += b0 * b1;
    }
    store<u64>(corrections, sum);
  }
}
