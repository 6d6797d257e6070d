/**
 * Strided copies, sums along an axis, packing.
 *
 * Layout     words as in elementwise.ts; shape and strides are i32 arrays, strides count words.
 * Pre        pointers are multiples of 16; sizes ≥ 0; gather, scatter and sumAxis: out overlaps nothing.
 * Post       writes the stated positions and nothing else.
 * Secret     values may be secret; shapes and strides are public.
 * Reference  test/oracle/ring.ts.
 * @module
 */

/** Copies one strided view to `out`; gives the address after it. Recursion depth = rank. */
function gatherFrom(out: usize, a: usize, shape: usize, strides: usize, rank: i32): usize {
  if (rank == 0) {
    store<u64>(out, load<u64>(a));
    return out + 8;
  }
  const size = load<i32>(shape);
  const step = (<usize>load<i32>(strides)) << 3;
  if (rank == 1) {
    if (step == 8) {
      memory.copy(out, a, (<usize>size) << 3);
      return out + ((<usize>size) << 3);
    }
    for (let i = 0; i < size; i++, out += 8, a += step) store<u64>(out, load<u64>(a));
    return out;
  }
  for (let i = 0; i < size; i++, a += step)
    out = gatherFrom(out, a, shape + 4, strides + 4, rank - 1);
  return out;
}

/** The inverse; gives the address after what it read. */
function scatterFrom(out: usize, a: usize, shape: usize, strides: usize, rank: i32): usize {
  if (rank == 0) {
    store<u64>(out, load<u64>(a));
    return a + 8;
  }
  const size = load<i32>(shape);
  const step = (<usize>load<i32>(strides)) << 3;
  if (rank == 1) {
    if (step == 8) {
      memory.copy(out, a, (<usize>size) << 3);
      return a + ((<usize>size) << 3);
    }
    for (let i = 0; i < size; i++, a += 8, out += step) store<u64>(out, load<u64>(a));
    return a;
  }
  for (let i = 0; i < size; i++, out += step)
    a = scatterFrom(out, a, shape + 4, strides + 4, rank - 1);
  return a;
}

/** Contiguous copy of a strided view, row-major. */
export function gatherStrided(out: usize, a: usize, shape: usize, strides: usize, rank: i32): void {
  gatherFrom(out, a, shape, strides, rank);
}

/** Contiguous words to the positions of a strided view. */
export function scatterStrided(
  out: usize,
  a: usize,
  shape: usize,
  strides: usize,
  rank: i32,
): void {
  scatterFrom(out, a, shape, strides, rank);
}

/** a[0] + … + a[n−1]. */
function sumAll(a: usize, n: i32): u64 {
  let sum: u64 = 0;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    let left = i64x2.splat(0);
    let right = i64x2.splat(0);
    for (const quads = n & ~3; i < quads; i += 4, a += 32) {
      left = i64x2.add(left, v128.load(a));
      right = i64x2.add(right, v128.load(a, 16));
    }
    left = i64x2.add(left, right);
    sum = i64x2.extract_lane(left, 0) + i64x2.extract_lane(left, 1);
  }
  for (; i < n; i++, a += 8) sum += load<u64>(a);
  return sum;
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

/** a: [outer, len, inner] → out: [outer, inner], summed over len. */
export function sumAxis(out: usize, a: usize, outer: i32, len: i32, inner: i32): void {
  const row = (<usize>inner) << 3;
  memory.fill(out, 0, row * <usize>outer);
  for (let o = 0; o < outer; o++, out += row) {
    if (inner == 1) {
      store<u64>(out, sumAll(a, len));
      a += (<usize>len) << 3;
    } else {
      for (let l = 0; l < len; l++, a += row) addRow(out, a, inner);
    }
  }
}

/** Bit `bit` of each word, packed. */
export function bitAt(out: usize, a: usize, bit: i32, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const up = 63 - bit; // to the top, where bitmask looks
    for (const eights = n & ~7; i < eights; i += 8, a += 64, out++) {
      const b01 = i64x2.bitmask(i64x2.shl(v128.load(a), up));
      const b23 = i64x2.bitmask(i64x2.shl(v128.load(a, 16), up));
      const b45 = i64x2.bitmask(i64x2.shl(v128.load(a, 32), up));
      const b67 = i64x2.bitmask(i64x2.shl(v128.load(a, 48), up));
      store<u8>(out, b01 | (b23 << 2) | (b45 << 4) | (b67 << 6));
    }
  }
  while (i < n) {
    let byte: u64 = 0;
    for (let b = 0; b < 8 && i < n; b++, i++, a += 8)
      byte |= ((load<u64>(a) >> (<u64>bit)) & 1) << (<u64>b);
    store<u8>(out++, <u8>byte);
  }
}

/** Low `bytes` bytes of each word, back to back. In place it never writes ahead of what it reads. */
export function packLow(out: usize, a: usize, bytes: i32, n: i32): void {
  const step = <usize>bytes;
  const wide = wholeStores(bytes, n);
  let i: i32 = 0;
  for (; i < wide; i++, a += 8, out += step) store<u64>(out, load<u64>(a)); // the surplus is overwritten next
  for (; i < n; i++, a += 8, out += step) {
    let word = load<u64>(a);
    for (let b: usize = 0; b < step; b++, word >>= 8) store<u8>(out + b, <u8>word);
  }
}

/** The inverse, zero-extended; backward, so that it works in place. */
export function unpackLow(out: usize, a: usize, bytes: i32, n: i32): void {
  const step = <usize>bytes;
  const mask = u64.MAX_VALUE >> (<u64>(64 - 8 * bytes));
  const wide = wholeStores(bytes, n);
  let i = n - 1;
  a += <usize>i * step;
  out += (<usize>i) << 3;
  for (; i >= wide; i--, a -= step, out -= 8) {
    let word: u64 = 0;
    for (let b: usize = 0; b < step; b++) word |= (<u64>load<u8>(a + b)) << ((<u64>b) << 3);
    store<u64>(out, word);
  }
  for (; i >= 0; i--, a -= step, out -= 8) store<u64>(out, load<u64>(a) & mask);
}

/** How many first elements may be moved as 8 bytes without leaving n·bytes bytes. */
function wholeStores(bytes: i32, n: i32): i32 {
  return max(0, n - (8 - 1) / bytes);
}
