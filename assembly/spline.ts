/**
 * Compressed cubic spline gate: coefficients from a shared one-hot index, then the cubic.
 *
 * Layout     words as in elementwise.ts; "rows" are n words each, one after the other; onehot is [n, knots].
 * Pre        knots is a power of two ≤ 256; 1 ≤ m ≤ 40; outputs overlap nothing (splineCombine: or equal an input row 0).
 * Post       writes the stated outputs and nothing else.
 * Secret     onehot, k, rl, brl, r, beta. Public: c, o, table; c_i indexes the table.
 * Reference  security-requirements A1; test/oracle/ring.ts.
 * @module
 */

// @ts-ignore: decorator
@inline function lowBits(x: u64, m: i32): u64 {
  return x & (((<u64>1) << (<u64>m)) - 1);
}

// @ts-ignore: decorator
@inline function lows(x: v128, y: v128): v128 {
  return v128.shuffle<u32>(x, y, 0, 2, 4, 6);
}
// @ts-ignore: decorator
@inline function highs(x: v128, y: v128): v128 {
  return v128.shuffle<u32>(x, y, 1, 3, 5, 7);
}

/** The words whose limb products were added to low (lo·lo) and cross (lo·hi + hi·lo), as one sum. */
function joined(low: v128, cross: v128): u64 {
  const crosses = i64x2.add(i64x2.extend_low_i32x4_u(cross), i64x2.extend_high_i32x4_u(cross));
  const sum = i64x2.add(low, i64x2.shl(crosses, 32));
  return i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
}

/** Σ_j e[j]·t_p[from − j] for count values of j, t = the address of t_0[from]: adds to the four coefficients of one element. */
function addRun(out: usize, row: usize, e: usize, t: usize, stride: usize, count: i32): void {
  let s0: u64 = 0;
  let s1: u64 = 0;
  let s2: u64 = 0;
  let s3: u64 = 0;
  if (ASC_FEATURE_SIMD) {
    // Two rows in 32-bit limbs on the vector unit, two on the scalar multiplier: they run side by side.
    let low0 = i64x2.splat(0);
    let low1 = i64x2.splat(0);
    let cross0 = i32x4.splat(0);
    let cross1 = i32x4.splat(0);
    for (t -= 24; count >= 4; count -= 4, e += 32, t -= 32) {
      const e01 = v128.load(e);
      const e23 = v128.load(e, 16);
      const xLow = v128.shuffle<u32>(e23, e01, 2, 0, 6, 4);
      const xHigh = v128.shuffle<u32>(e23, e01, 3, 1, 7, 5);
      let yLow = lows(v128.load(t), v128.load(t, 16));
      let yHigh = highs(v128.load(t), v128.load(t, 16));
      low0 = i64x2.add(low0, i64x2.extmul_low_i32x4_u(xLow, yLow));
      low0 = i64x2.add(low0, i64x2.extmul_high_i32x4_u(xLow, yLow));
      cross0 = i32x4.add(cross0, i32x4.add(i32x4.mul(xLow, yHigh), i32x4.mul(xHigh, yLow)));
      let at = t + stride;
      yLow = lows(v128.load(at), v128.load(at, 16));
      yHigh = highs(v128.load(at), v128.load(at, 16));
      low1 = i64x2.add(low1, i64x2.extmul_low_i32x4_u(xLow, yLow));
      low1 = i64x2.add(low1, i64x2.extmul_high_i32x4_u(xLow, yLow));
      cross1 = i32x4.add(cross1, i32x4.add(i32x4.mul(xLow, yHigh), i32x4.mul(xHigh, yLow)));
      at += stride;
      const x0 = load<u64>(e);
      const x1 = load<u64>(e, 8);
      const x2 = load<u64>(e, 16);
      const x3 = load<u64>(e, 24);
      s2 += x0 * load<u64>(at, 24) + x1 * load<u64>(at, 16) + x2 * load<u64>(at, 8) + x3 * load<u64>(at);
      at += stride;
      s3 += x0 * load<u64>(at, 24) + x1 * load<u64>(at, 16) + x2 * load<u64>(at, 8) + x3 * load<u64>(at);
    }
    t += 24;
    s0 = joined(low0, cross0);
    s1 = joined(low1, cross1);
  }
  for (; count > 0; count--, e += 8, t -= 8) {
    const x = load<u64>(e);
    const t2 = t + 2 * stride;
    s0 += x * load<u64>(t);
    s1 += x * load<u64>(t + stride);
    s2 += x * load<u64>(t2);
    s3 += x * load<u64>(t2 + stride);
  }
  store<u64>(out, load<u64>(out) + s0);
  store<u64>(out + row, load<u64>(out + row) + s1);
  out += 2 * row;
  store<u64>(out, load<u64>(out) + s2);
  store<u64>(out + row, load<u64>(out + row) + s3);
}

/** out[p·n + i] = Σ_j onehot[i·N + j]·table[p·N + ((c_i − j) mod N)]. */
export function splineCoefficients(
  out: usize, onehot: usize, c: usize, table: usize, m: i32, knots: i32, n: i32,
): void {
  const row = (<usize>n) << 3;
  const stride = (<usize>knots) << 3;
  memory.fill(out, 0, row << 2);
  for (let i = 0; i < n; i++, out += 8, c += 8, onehot += stride) {
    const index = <i32>(load<u64>(c) >> (<u64>m)) & (knots - 1);
    const first = (<usize>(index + 1)) << 3;
    addRun(out, row, onehot, table + first - 8, stride, index + 1); // j = 0..index
    addRun(out, row, onehot + first, table + stride - 8, stride, knots - 1 - index); // wrapped
  }
}

/** out = K_0 + Σ_q K_q·(c_l − r_l)^q, powers expanded, K_q·r_l^p = o_q·r_l^p + β_q·r_l^p; by powers of c_l. */
export function splineCombine(
  out: usize, k: usize, o: usize, c: usize, rl: usize, brl: usize, m: i32, n: i32,
): void {
  const row = (<usize>n) << 3;
  for (let i = 0; i < n; i++, out += 8, k += 8, o += 8, c += 8, rl += 8, brl += 8) {
    const x = lowBits(load<u64>(c), m);
    const o2 = load<u64>(o + row);
    const o3 = load<u64>(o + 2 * row);
    const r1 = load<u64>(rl);
    const r2 = load<u64>(rl + row);
    const k11 = load<u64>(o) * r1 + load<u64>(brl);
    const k21 = o2 * r1 + load<u64>(brl + row);
    const k22 = o2 * r2 + load<u64>(brl + 2 * row);
    const k31 = o3 * r1 + load<u64>(brl + 3 * row);
    const k32 = o3 * r2 + load<u64>(brl + 4 * row);
    const k33 = o3 * load<u64>(rl + 2 * row) + load<u64>(brl + 5 * row);
    let sum = load<u64>(k + 3 * row) * x + load<u64>(k + 2 * row) - (k31 + (k31 << 1));
    sum = sum * x + load<u64>(k + row) - (k21 << 1) + (k32 + (k32 << 1));
    store<u64>(out, sum * x + load<u64>(k) - k11 + k22 - k33);
  }
}

/** 1 at position `index`, 0 at the others; gives the end of the row. */
function onehotRow(to: usize, index: u64, knots: i32): usize {
  let j: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const wanted = i64x2.splat(index);
    const two = i64x2.splat(2);
    let at = i64x2(0, 1);
    for (const pairs = knots & ~1; j < pairs; j += 2, to += 16, at = i64x2.add(at, two)) {
      v128.store(to, i64x2.shr_u(i64x2.eq(at, wanted), 63));
    }
  }
  for (; j < knots; j++, to += 8) store<u64>(to, ((index ^ <u64>j) - 1) >> 63); // 1 where equal
  return to;
}

/** onehot of r_i = (r >> m) mod N; rl = r_l, r_l², r_l³; brl = β_q·r_l^p for (1,1), (2,1), (2,2), (3,1), (3,2), (3,3). */
export function splineDeal(
  onehot: usize, rl: usize, brl: usize, r: usize, beta: usize, m: i32, knots: i32, n: i32,
): void {
  const row = <usize>n << 3;
  for (let i = 0; i < n; i++, r += 8, rl += 8, brl += 8, beta += 8) {
    const word = load<u64>(r);
    const index = (word >> (<u64>m)) & <u64>(knots - 1);
    onehot = onehotRow(onehot, index, knots);
    const r1 = lowBits(word, m);
    const r2 = r1 * r1;
    const r3 = r2 * r1;
    store<u64>(rl, r1);
    store<u64>(rl + row, r2);
    store<u64>(rl + 2 * row, r3);
    const b2 = load<u64>(beta + row);
    const b3 = load<u64>(beta + 2 * row);
    store<u64>(brl, load<u64>(beta) * r1);
    store<u64>(brl + row, b2 * r1);
    store<u64>(brl + 2 * row, b2 * r2);
    store<u64>(brl + 3 * row, b3 * r1);
    store<u64>(brl + 4 * row, b3 * r2);
    store<u64>(brl + 5 * row, b3 * r3);
  }
}
