/**
 * The micro-kernel of the matrix product: a 4×4 tile of Winograd's inner product.
 *
 * Layout     ap: per pair of k, 4 rows × [a0, a1]            (64 bytes)
 *            bp: per pair of k, [b1 of 4 columns][b0 of them] (64 bytes)
 *            tile: 4×4 words, row-major.
 * Pre        ap, bp, tile are multiples of 16; pairs ≥ 0.
 * Post       tile[r][c] = Σ over pairs (a0 + b1)(a1 + b0), nothing else is written.
 * Secret     all values; only `pairs` steers control flow.
 * Reference  Winograd 1968; wasm-findings, matmul: three SIMD rows and one scalar row fill both kinds of multiplier, SIMD rows
 *            first in the loop body. Exported (not only imported), because a single-use function is inlined and then spills.
 * @module
 */

export function matmulTile(tile: usize, ap: usize, bp: usize, pairs: i32): void {
  if (ASC_FEATURE_SIMD) mixedTile(tile, ap, bp, pairs);
  else {
    scalarHalf(tile, ap, bp, pairs);
    scalarHalf(tile + 16, ap, bp + 16, pairs);
  }
}

@inline function mixedTile(tile: usize, ap: usize, bp: usize, pairs: i32): void {
  let s00 = i64x2.splat(0);
  let s01 = i64x2.splat(0);
  let s10 = i64x2.splat(0);
  let s11 = i64x2.splat(0);
  let s20 = i64x2.splat(0);
  let s21 = i64x2.splat(0);
  let t0: u64 = 0;
  let t1: u64 = 0;
  let t2: u64 = 0;
  let t3: u64 = 0;
  for (let p = 0; p < pairs; p++, ap += 64, bp += 64) {
    const u0 = v128.load(bp);
    const u1 = v128.load(bp, 16);
    const v0 = v128.load(bp, 32);
    const v1 = v128.load(bp, 48);
    let x = v128.load_splat<u64>(ap);
    let y = v128.load_splat<u64>(ap, 8);
    s00 = i64x2.add(s00, i64x2.mul(i64x2.add(x, u0), i64x2.add(y, v0)));
    s01 = i64x2.add(s01, i64x2.mul(i64x2.add(x, u1), i64x2.add(y, v1)));
    x = v128.load_splat<u64>(ap, 16);
    y = v128.load_splat<u64>(ap, 24);
    s10 = i64x2.add(s10, i64x2.mul(i64x2.add(x, u0), i64x2.add(y, v0)));
    s11 = i64x2.add(s11, i64x2.mul(i64x2.add(x, u1), i64x2.add(y, v1)));
    x = v128.load_splat<u64>(ap, 32);
    y = v128.load_splat<u64>(ap, 40);
    s20 = i64x2.add(s20, i64x2.mul(i64x2.add(x, u0), i64x2.add(y, v0)));
    s21 = i64x2.add(s21, i64x2.mul(i64x2.add(x, u1), i64x2.add(y, v1)));
    const a0 = load<u64>(ap, 48);
    const a1 = load<u64>(ap, 56);
    t0 += (a0 + load<u64>(bp)) * (a1 + load<u64>(bp, 32));
    t1 += (a0 + load<u64>(bp, 8)) * (a1 + load<u64>(bp, 40));
    t2 += (a0 + load<u64>(bp, 16)) * (a1 + load<u64>(bp, 48));
    t3 += (a0 + load<u64>(bp, 24)) * (a1 + load<u64>(bp, 56));
  }
  v128.store(tile, s00);
  v128.store(tile, s01, 16);
  v128.store(tile, s10, 32);
  v128.store(tile, s11, 48);
  v128.store(tile, s20, 64);
  v128.store(tile, s21, 80);
  store<u64>(tile, t0, 96);
  store<u64>(tile, t1, 104);
  store<u64>(tile, t2, 112);
  store<u64>(tile, t3, 120);
}

/** Two of the four columns: eight accumulators are what the registers hold. */
function scalarHalf(tile: usize, ap: usize, bp: usize, pairs: i32): void {
  let s00: u64 = 0;
  let s01: u64 = 0;
  let s10: u64 = 0;
  let s11: u64 = 0;
  let s20: u64 = 0;
  let s21: u64 = 0;
  let s30: u64 = 0;
  let s31: u64 = 0;
  for (let p = 0; p < pairs; p++, ap += 64, bp += 64) {
    const u0 = load<u64>(bp);
    const u1 = load<u64>(bp, 8);
    const v0 = load<u64>(bp, 32);
    const v1 = load<u64>(bp, 40);
    let x = load<u64>(ap);
    let y = load<u64>(ap, 8);
    s00 += (x + u0) * (y + v0);
    s01 += (x + u1) * (y + v1);
    x = load<u64>(ap, 16);
    y = load<u64>(ap, 24);
    s10 += (x + u0) * (y + v0);
    s11 += (x + u1) * (y + v1);
    x = load<u64>(ap, 32);
    y = load<u64>(ap, 40);
    s20 += (x + u0) * (y + v0);
    s21 += (x + u1) * (y + v1);
    x = load<u64>(ap, 48);
    y = load<u64>(ap, 56);
    s30 += (x + u0) * (y + v0);
    s31 += (x + u1) * (y + v1);
  }
  store<u64>(tile, s00);
  store<u64>(tile, s01, 8);
  store<u64>(tile, s10, 32);
  store<u64>(tile, s11, 40);
  store<u64>(tile, s20, 64);
  store<u64>(tile, s21, 72);
  store<u64>(tile, s30, 96);
  store<u64>(tile, s31, 104);
}
