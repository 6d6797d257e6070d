/**
 * Rows picked and added by a list of positions, and running sums.
 *
 * Layout     a row is `width` consecutive words; `rows` is an array of i32, each the number of a row.
 * Pre        pointers are multiples of 16; sizes ≥ 0; every entry of `rows` is a row of the side it addresses; out overlaps nothing.
 * Post       writes the stated rows and nothing else.
 * Secret     words may be secret; `rows` and sizes are public: they steer addresses.
 * Reference  test/oracle/ring.ts.
 * @module
 */

/** Row i of out is row rows[i] of a. */
export function gatherRows(out: usize, a: usize, rows: usize, width: i32, n: i32): void {
  const size = (<usize>width) << 3;
  if (width == 1) {
    for (let i = 0; i < n; i++, out += 8, rows += 4) {
      store<u64>(out, load<u64>(a + ((<usize>load<i32>(rows)) << 3)));
    }
    return;
  }
  for (let i = 0; i < n; i++, out += size, rows += 4) {
    memory.copy(out, a + <usize>load<i32>(rows) * size, size);
  }
}

/** Row rows[i] of out += row i of a, for every i. */
export function addRows(out: usize, a: usize, rows: usize, width: i32, n: i32): void {
  const size = (<usize>width) << 3;
  for (let i = 0; i < n; i++, a += size, rows += 4) {
    addRow(out + <usize>load<i32>(rows) * size, a, width);
  }
}

/** out[o, l, i] = a[o, 0, i] + … + a[o, l, i]. */
export function runningSums(out: usize, a: usize, outer: i32, len: i32, inner: i32): void {
  const size = (<usize>inner) << 3;
  memory.copy(out, a, <usize>outer * <usize>len * size);
  for (let o = 0; o < outer; o++, out += size) {
    for (let l = 1; l < len; l++, out += size) addRow(out + size, out, inner);
  }
}

/** out[i] += a[i]. */
function addRow(out: usize, a: usize, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2, out += 16, a += 16) {
      v128.store(out, i64x2.add(v128.load(out), v128.load(a)));
    }
  }
  for (; i < n; i++, out += 8, a += 8) store<u64>(out, load<u64>(out) + load<u64>(a));
}
