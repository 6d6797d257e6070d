/**
 * Products with few rows or one column: no packing.
 *
 * Layout     row-major words; b has n words a row.
 * Pre        sizes ≥ 0; pointers are multiples of 8.
 * Post       adds to out[0..n) (addRowTimes) or out[0] (addDot) and writes nothing else.
 * Secret     all values; only sizes steer control flow.
 * Reference  32-bit limbs: lo·lo by extmul into 64-bit lanes, both cross terms by i32x4.mul into one 32-bit vector that is added
 *            to the upper halves at the end (wasm-findings: 3.6 against 1.0 for the packed form at one row).
 * @module
 */

/** out[0..n) += a[0..k)·b[k, n]. */
export function addRowTimes(out: usize, a: usize, b: usize, k: i32, n: i32): void {
  const stride = <usize>n << 3;
  let j: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const eights = n & ~7; j < eights; j += 8, out += 64, b += 64) eightColumns(out, a, b, k, stride);
  }
  for (; j < n; j++, out += 8, b += 8) {
    let sum: u64 = load<u64>(out);
    let from = b;
    for (let l = 0; l < k; l++, from += stride) sum += load<u64>(a + (<usize>l << 3)) * load<u64>(from);
    store<u64>(out, sum);
  }
}

@inline function lows(x: v128, y: v128): v128 {
  return v128.shuffle<u32>(x, y, 0, 2, 4, 6);
}
@inline function highs(x: v128, y: v128): v128 {
  return v128.shuffle<u32>(x, y, 1, 3, 5, 7);
}

function eightColumns(out: usize, a: usize, b: usize, k: i32, stride: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  let cross0 = i32x4.splat(0);
  let cross1 = i32x4.splat(0);
  for (let l = 0; l < k; l++, a += 8, b += stride) {
    const x = v128.load_splat<u32>(a);
    const y = v128.load_splat<u32>(a, 4);
    let low = lows(v128.load(b), v128.load(b, 16));
    let high = highs(v128.load(b), v128.load(b, 16));
    s0 = i64x2.add(s0, i64x2.extmul_low_i32x4_u(low, x));
    s1 = i64x2.add(s1, i64x2.extmul_high_i32x4_u(low, x));
    cross0 = i32x4.add(cross0, i32x4.add(i32x4.mul(low, y), i32x4.mul(high, x)));
    low = lows(v128.load(b, 32), v128.load(b, 48));
    high = highs(v128.load(b, 32), v128.load(b, 48));
    s2 = i64x2.add(s2, i64x2.extmul_low_i32x4_u(low, x));
    s3 = i64x2.add(s3, i64x2.extmul_high_i32x4_u(low, x));
    cross1 = i32x4.add(cross1, i32x4.add(i32x4.mul(low, y), i32x4.mul(high, x)));
  }
  v128.store(out, i64x2.add(s0, i64x2.shl(i64x2.extend_low_i32x4_u(cross0), 32)));
  v128.store(out, i64x2.add(s1, i64x2.shl(i64x2.extend_high_i32x4_u(cross0), 32)), 16);
  v128.store(out, i64x2.add(s2, i64x2.shl(i64x2.extend_low_i32x4_u(cross1), 32)), 32);
  v128.store(out, i64x2.add(s3, i64x2.shl(i64x2.extend_high_i32x4_u(cross1), 32)), 48);
}

/** out[0] += Σ a[l]·b[l]. */
export function addDot(out: usize, a: usize, b: usize, k: i32): void {
  let sum: u64 = load<u64>(out);
  let l: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    let s0 = i64x2.splat(0);
    let s1 = i64x2.splat(0);
    let cross = i32x4.splat(0);
    for (const quads = k & ~3; l < quads; l += 4, a += 32, b += 32) {
      const aLow = lows(v128.load(a), v128.load(a, 16));
      const aHigh = highs(v128.load(a), v128.load(a, 16));
      const bLow = lows(v128.load(b), v128.load(b, 16));
      const bHigh = highs(v128.load(b), v128.load(b, 16));
      s0 = i64x2.add(s0, i64x2.extmul_low_i32x4_u(aLow, bLow));
      s1 = i64x2.add(s1, i64x2.extmul_high_i32x4_u(aLow, bLow));
      cross = i32x4.add(cross, i32x4.add(i32x4.mul(aLow, bHigh), i32x4.mul(aHigh, bLow)));
    }
    s0 = i64x2.add(s0, s1);
    const crosses = i64x2.add(i64x2.extend_low_i32x4_u(cross), i64x2.extend_high_i32x4_u(cross));
    s0 = i64x2.add(s0, i64x2.shl(crosses, 32));
    sum += i64x2.extract_lane(s0, 0) + i64x2.extract_lane(s0, 1);
  }
  for (; l < k; l++, a += 8, b += 8) sum += load<u64>(a) * load<u64>(b);
  store<u64>(out, sum);
}
