/**
 * The packed matrix product below Strassen's levels: blocks of panels, tiles, corrections.
 *
 * Layout     rows `stride` bytes apart; scratch: [row corrections][column corrections][tile][a panels: MC × KC][b panels: KC × NC].
 * Pre        scratch has packedScratch(m, k, n) bytes for these or larger sizes; out overlaps nothing; k ≥ 1.
 * Post       writes out[m, n] and scratch.
 * Secret     all values; only sizes steer control flow.
 * Reference  Over pairs of k: a0·b0 + a1·b1 = (a0 + b1)(a1 + b0) − a0·a1 − b0·b1 (Winograd 1968): half the multiplications; both
 *            corrections are sums over a row or a column, made while packing. Blocking: wasm-findings, matmul.
 * @module
 */

import { packColumns, packRows, PAIR_BYTES } from './matmul-pack';
import { matmulTile } from './matmul-tile';

const KC: i32 = 256;
const MC: i32 = 64;
const NC: i32 = 512;
const TILE_BYTES: usize = 128;
/** Panels start an odd number of cache lines after a multiple of 4 KiB: streams 1 MB apart would alias. */
const SKEW: usize = 64;

/** Bytes of scratch of `product` for these or smaller sizes. */
export function packedScratch(m: i32, k: i32, n: i32): usize {
  const depth = <usize>((min(k, KC) + 1) & ~1);
  const rows = <usize>((min(m, MC) + 3) & ~3);
  const columns = <usize>((min(n, NC) + 3) & ~3);
  return ((rows + columns) << 3) + TILE_BYTES + 2 * SKEW + ((depth * (rows + columns)) << 3);
}

/** out = (fresh ? 0 : out) + a·b; row strides in bytes. */
export function product(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  m: i32,
  k: i32,
  n: i32,
  fresh: bool,
  scratch: usize,
): void {
  const rowSums = scratch;
  const columnSums = rowSums + ((<usize>((min(m, MC) + 3) & ~3)) << 3);
  const tile = columnSums + ((<usize>((min(n, NC) + 3) & ~3)) << 3);
  const aPanels = tile + TILE_BYTES + SKEW;
  for (let k0 = 0; k0 < k; k0 += KC) {
    const depth = min(KC, k - k0);
    const bPanels =
      aPanels + <usize>((min(m, MC) + 3) >> 2) * <usize>((depth + 1) >> 1) * PAIR_BYTES + SKEW;
    for (let n0 = 0; n0 < n; n0 += NC) {
      const columns = min(NC, n - n0);
      packColumns(
        bPanels,
        columnSums,
        b + <usize>k0 * bStride + ((<usize>n0) << 3),
        bStride,
        depth,
        columns,
      );
      for (let m0 = 0; m0 < m; m0 += MC) {
        const rows = min(MC, m - m0);
        packRows(
          aPanels,
          rowSums,
          a + <usize>m0 * aStride + ((<usize>k0) << 3),
          aStride,
          rows,
          depth,
        );
        const corner = out + <usize>m0 * outStride + ((<usize>n0) << 3);
        block(
          corner,
          outStride,
          aPanels,
          bPanels,
          rowSums,
          columnSums,
          tile,
          rows,
          (depth + 1) >> 1,
          columns,
          fresh && k0 == 0,
        );
      }
    }
  }
}

/** All tiles of one packed block; a panel of b stays in the first-level cache for a sweep over the rows. */
function block(
  out: usize,
  stride: usize,
  aPanels: usize,
  bPanels: usize,
  rowSums: usize,
  columnSums: usize,
  tile: usize,
  rows: i32,
  pairs: i32,
  columns: i32,
  fresh: bool,
): void {
  const panelBytes = <usize>pairs * PAIR_BYTES;
  for (let j = 0; j < columns; j += 4, bPanels += panelBytes) {
    let ap = aPanels;
    for (let i = 0; i < rows; i += 4, ap += panelBytes) {
      matmulTile(tile, ap, bPanels, pairs);
      const at = out + <usize>i * stride + ((<usize>j) << 3);
      addTile(
        at,
        stride,
        tile,
        rowSums + ((<usize>i) << 3),
        columnSums + ((<usize>j) << 3),
        min(4, rows - i),
        min(4, columns - j),
        fresh,
      );
    }
  }
}

/** out[r][c] (=, +=) tile[r][c] − rowSums[r] − columnSums[c]. */
function addTile(
  out: usize,
  stride: usize,
  tile: usize,
  rowSums: usize,
  columnSums: usize,
  rows: i32,
  columns: i32,
  fresh: bool,
): void {
  for (let r = 0; r < rows; r++, out += stride, tile += 32, rowSums += 8) {
    if (ASC_FEATURE_SIMD && columns == 4) {
      const row = v128.load_splat<u64>(rowSums);
      const left = i64x2.sub(v128.load(tile), i64x2.add(row, v128.load(columnSums)));
      const right = i64x2.sub(v128.load(tile, 16), i64x2.add(row, v128.load(columnSums, 16)));
      if (fresh) {
        v128.store(out, left);
        v128.store(out, right, 16);
      } else {
        v128.store(out, i64x2.add(v128.load(out), left));
        v128.store(out, i64x2.add(v128.load(out, 16), right), 16);
      }
      continue;
    }
    for (let c = 0; c < columns; c++) {
      const at = (<usize>c) << 3;
      const sum = load<u64>(tile + at) - load<u64>(rowSums) - load<u64>(columnSums + at);
      store<u64>(out + at, fresh ? sum : load<u64>(out + at) + sum);
    }
  }
}
