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

/** Σ_j e[j]·t[p·knots + from − j] for count values of j: adds to the four coefficients at `sum`, one per n words. */
function addRun(out: usize, row: usize, e: usize, t: usize, stride: usize, count: i32): void {
  let s0: u64 = 0;
  let s1: u64 = 0;
  let s2: u64 = 0;
  let s3: u64 = 0;
  const t1 = stride;
  const t2 = stride + t1;
  const t3 = stride + t2;
  for (let j = 0; j < count; j++, e += 8, t -= 8) {
    const x = load<u64>(e);
    s0 += x * load<u64>(t);
    s1 += x * load<u64>(t + t1);
    s2 += x * load<u64>(t + t2);
    s3 += x * load<u64>(t + t3);
  }
  store<u64>(out, load<u64>(out) + s0);
  store<u64>(out + row, load<u64>(out + row) + s1);
  store<u64>(out + 2 * row, load<u64>(out + 2 * row) + s2);
  store<u64>(out + 3 * row, load<u64>(out + 3 * row) + s3);
}

/** out[p·n + i] = Σ_j onehot[i·N + j]·table[p·N + ((c_i − j) mod N)]. */
export function splineCoefficients(
  out: usize, onehot: usize, c: usize, table: usize, m: i32, knots: i32, n: i32,
): void {
  const row = <usize>n << 3;
  const stride = <usize>knots << 3;
  memory.fill(out, 0, row << 2);
  for (let i = 0; i < n; i++, out += 8, c += 8, onehot += stride) {
    const index = <i32>(load<u64>(c) >> (<u64>m)) & (knots - 1);
    const first = <usize>(index + 1) << 3;
    addRun(out, row, onehot, table + first - 8, stride, index + 1); // j = 0..index
    addRun(out, row, onehot + first, table + stride - 8, stride, knots - 1 - index); // wrapped
  }
}

/** out = K_0 + Σ_q K_q·(c_l − r_l)^q, powers expanded, K_q·r_l^p = o_q·r_l^p + β_q·r_l^p. */
export function splineCombine(
  out: usize, k: usize, o: usize, c: usize, rl: usize, brl: usize, m: i32, n: i32,
): void {
  const row = <usize>n << 3;
  for (let i = 0; i < n; i++, out += 8, k += 8, o += 8, c += 8, rl += 8, brl += 8) {
    const x = lowBits(load<u64>(c), m);
    const x2 = x * x;
    const o1 = load<u64>(o);
    const o2 = load<u64>(o + row);
    const o3 = load<u64>(o + 2 * row);
    const r1 = load<u64>(rl);
    const r2 = load<u64>(rl + row);
    const r3 = load<u64>(rl + 2 * row);
    const k11 = o1 * r1 + load<u64>(brl);
    const k21 = o2 * r1 + load<u64>(brl + row);
    const k22 = o2 * r2 + load<u64>(brl + 2 * row);
    const k31 = o3 * r1 + load<u64>(brl + 3 * row);
    const k32 = o3 * r2 + load<u64>(brl + 4 * row);
    const k33 = o3 * r3 + load<u64>(brl + 5 * row);
    const linear = load<u64>(k) + load<u64>(k + row) * x - k11;
    const square = load<u64>(k + 2 * row) * x2 - 2 * x * k21 + k22;
    const cube = load<u64>(k + 3 * row) * (x2 * x) - 3 * x2 * k31 + 3 * x * k32 - k33;
    store<u64>(out, linear + square + cube);
  }
}

/** onehot of r_i = (r >> m) mod N; rl = r_l, r_l², r_l³; brl = β_q·r_l^p for (1,1), (2,1), (2,2), (3,1), (3,2), (3,3). */
export function splineDeal(
  onehot: usize, rl: usize, brl: usize, r: usize, beta: usize, m: i32, knots: i32, n: i32,
): void {
  const row = <usize>n << 3;
  for (let i = 0; i < n; i++, r += 8, rl += 8, brl += 8, beta += 8) {
    const word = load<u64>(r);
    const index = (word >> (<u64>m)) & <u64>(knots - 1);
    for (let j = 0; j < knots; j++, onehot += 8) {
      store<u64>(onehot, ((index ^ <u64>j) - 1) >> 63); // 1 where equal
    }
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
