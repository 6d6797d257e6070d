/**
 * Elementwise arithmetic on Z/2^64.
 *
 * Layout     contiguous little-endian u64; element i at ptr + (i << 3).
 * Pre        pointers are multiples of 16; n ≥ 0; out equals an input or overlaps none.
 * Post       writes out[0..n) and nothing else.
 * Secret     values may be secret: only n, `bits` and the pointers steer control flow.
 * Reference  test/oracle/ring.ts; i64x2.mul is exact mod 2^64.
 * @module
 */

/** out[i] = a[i] + b[i]. */
export function add(out: usize, a: usize, b: usize, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.add(v128.load(a + at), v128.load(b + at)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) + load<u64>(b + at));
  }
}

/** out[i] = a[i] − b[i]. */
export function sub(out: usize, a: usize, b: usize, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.sub(v128.load(a + at), v128.load(b + at)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) - load<u64>(b + at));
  }
}

/** out[i] = a[i] · b[i]. */
export function mul(out: usize, a: usize, b: usize, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.mul(v128.load(a + at), v128.load(b + at)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) * load<u64>(b + at));
  }
}

/** out[i] = a[i] ^ b[i]. */
export function xor(out: usize, a: usize, b: usize, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, v128.xor(v128.load(a + at), v128.load(b + at)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) ^ load<u64>(b + at));
  }
}

/** out[i] = a[i] & b[i]. */
export function and(out: usize, a: usize, b: usize, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, v128.and(v128.load(a + at), v128.load(b + at)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) & load<u64>(b + at));
  }
}

/** out[i] = −a[i]. */
export function neg(out: usize, a: usize, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.neg(v128.load(a + at)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, 0 - load<u64>(a + at));
  }
}

/** out[i] = a[i] + s[0]. */
export function addScalar(out: usize, a: usize, s: usize, n: i32): void {
  const word = load<u64>(s);
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const both = i64x2.splat(word);
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.add(v128.load(a + at), both));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) + word);
  }
}

/** out[i] = a[i] · s[0]. */
export function mulScalar(out: usize, a: usize, s: usize, n: i32): void {
  const word = load<u64>(s);
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const both = i64x2.splat(word);
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.mul(v128.load(a + at), both));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) * word);
  }
}

/** out[i] = a[i] << bits. */
export function shiftLeft(out: usize, a: usize, bits: i32, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.shl(v128.load(a + at), bits));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) << (<u64>bits));
  }
}

/** out[i] = a[i] >>> bits. */
export function shiftRight(out: usize, a: usize, bits: i32, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.shr_u(v128.load(a + at), bits));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<u64>(out + at, load<u64>(a + at) >> (<u64>bits));
  }
}

/** out[i] = c[i] + a[i] · dy[i] + dx[i] · y[i]. */
export function beaver(
  out: usize,
  c: usize,
  a: usize,
  dy: usize,
  dx: usize,
  y: usize,
  n: i32,
): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      const left = i64x2.mul(v128.load(a + at), v128.load(dy + at));
      const right = i64x2.mul(v128.load(dx + at), v128.load(y + at));
      v128.store(out + at, i64x2.add(v128.load(c + at), i64x2.add(left, right)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    const left = load<u64>(a + at) * load<u64>(dy + at);
    const right = load<u64>(dx + at) * load<u64>(y + at);
    store<u64>(out + at, load<u64>(c + at) + left + right);
  }
}
