/**
 * Exact truncation: EGK20 on opened words, and the two-party form on shares.
 *
 * Layout     words as in elementwise.ts; bit strings packed, bit i at (byte i >> 3, bit i & 7).
 * Pre        pointers are multiples of 16; 0 ≤ m ≤ 61 (1 ≤ m for Split and Join); out equals an input or overlaps none.
 * Post       writes the stated outputs and nothing else; padding bits are 0.
 * Secret     shares, own bits and dealt values; c, t, d0, d1 are public. Nothing but m, party, n steers control flow.
 * Reference  security-requirements H5 (EGK20/DEK20), H6; test/oracle/ring.ts.
 *            With s = 1 − 2·bit and mask = −bit:  s·x = (x ^ mask) − mask.
 * @module
 */

const LOW_63: u64 = 0x7fffffffffffffff;

// @ts-ignore: decorator
@inline function bitOf(bits: usize, i: i32): u64 {
  return (<u64>load<u8>(bits + (<usize>i >> 3)) >> (<u64>i & 7)) & 1;
}

/** (1 − 2·bit)·x */
// @ts-ignore: decorator
@inline function signedBy(x: u64, bit: u64): u64 {
  return (x ^ (0 - bit)) + bit;
}

/** A = (c' >> m) + c63·2^(63−m) − 2^(62−m), c' = c mod 2^63. */
// @ts-ignore: decorator
@inline function publicPart(c: u64, m: u64): u64 {
  return ((c & LOW_63) >> m) + ((c >> 63) << (63 - m)) - ((<u64>1) << (62 - m));
}

/** X = x + [party 0] 2^62; party 0: floor(X/2^m) − 2^(62−m), party 1: ceil(X/2^m); bits = 1 − msb(X). */
export function truncateSplit(out: usize, bits: usize, x: usize, m: i32, party: i32, n: i32): void {
  const by = <u64>m;
  const offset: u64 = party == 0 ? (<u64>1) << 62 : 0;
  const back: u64 = party == 0 ? (<u64>1) << (62 - by) : 0;
  const up: u64 = party == 0 ? 0 : 1;
  for (let i = 0; i < n; ) {
    let byte: u64 = 0;
    for (let b = 0; b < 8 && i < n; b++, i++) {
      const at = <usize>i << 3;
      const shifted = load<u64>(x + at) + offset;
      const lost = shifted << (64 - by);
      const any = (lost | (0 - lost)) >> 63; // 1 unless all bits shifted out are 0
      store<u64>(out + at, (shifted >> by) - back + (any & up));
      byte |= (~shifted >> 63) << (<u64>b);
    }
    store<u8>(bits++, <u8>byte);
  }
}

/** out = y + (share of p0·p1 − [party 0] 1)·2^(64−m), p_j = d_j ⊕ a_j. */
export function truncateJoin(
  out: usize, y: usize, ab: usize, own: usize, d0: usize, d1: usize, m: i32, party: i32, n: i32,
): void {
  const up = <u64>(64 - m);
  const first: u64 = party == 0 ? 1 : 0;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const e0 = bitOf(d0, i);
    const e1 = bitOf(d1, i);
    const a = bitOf(own, i);
    const mine = first * (e0 * e1 + signedBy(e1 & a, e0) - 1) + (1 - first) * signedBy(e0 & a, e1);
    const product = mine + signedBy(load<u64>(ab + at), e0 ^ e1);
    store<u64>(out + at, load<u64>(y + at) + (product << up));
  }
}

/** out = −rc + s·2^(63−m)·r63 + [party 0] A, s = 1 − 2·c63. */
export function truncateOpened(out: usize, c: usize, rc: usize, r63: usize, m: i32, party: i32, n: i32): void {
  const by = <u64>m;
  const first: u64 = party == 0 ? u64.MAX_VALUE : 0;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const keep = i64x2.splat(first);
    const low = i64x2.splat(LOW_63);
    const back = i64x2.splat(((<u64>1) << (62 - by)) & first);
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = <usize>i << 3;
      const x = v128.load(c + at);
      const mask = i64x2.shr_s(x, 63);
      const lifted = i64x2.shl(v128.load(r63 + at), 63 - m);
      const turned = i64x2.sub(v128.xor(lifted, mask), mask);
      const top = i64x2.shl(i64x2.shr_u(x, 63), 63 - m);
      const known = v128.and(i64x2.add(i64x2.shr_u(v128.and(x, low), m), top), keep);
      const sum = i64x2.add(i64x2.sub(known, back), turned);
      v128.store(out + at, i64x2.sub(sum, v128.load(rc + at)));
    }
  }
  for (; i < n; i++) {
    const at = <usize>i << 3;
    const x = load<u64>(c + at);
    const turned = signedBy(load<u64>(r63 + at) << (63 - by), x >> 63);
    store<u64>(out + at, (publicPart(x, by) & first) + turned - load<u64>(rc + at));
  }
}

/** out = t·y + (1−2t)·ρy, ρy = A·rho − rhoRc + s·2^(63−m)·rhoR63. */
export function selectOpened(
  out: usize, y: usize, c: usize, t: usize, rho: usize, rhoRc: usize, rhoR63: usize, m: i32, n: i32,
): void {
  const by = <u64>m;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const x = load<u64>(c + at);
    const bit = bitOf(t, i);
    const turned = signedBy(load<u64>(rhoR63 + at) << (63 - by), x >> 63);
    const rhoY = publicPart(x, by) * load<u64>(rho + at) - load<u64>(rhoRc + at) + turned;
    store<u64>(out + at, (load<u64>(y + at) & (0 - bit)) + signedBy(rhoY, bit));
  }
}

/** out = (1−2t)·rho + [party 0] t. */
export function bitOpened(out: usize, t: usize, rho: usize, party: i32, n: i32): void {
  const first: u64 = party == 0 ? 1 : 0;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const bit = bitOf(t, i);
    store<u64>(out + at, signedBy(load<u64>(rho + at), bit) + (bit & first));
  }
}

/** rc = (r mod 2^63) >> m, r63 = r >>> 63. */
export function truncateDeal(rc: usize, r63: usize, r: usize, m: i32, n: i32): void {
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const x = load<u64>(r + at);
    store<u64>(rc + at, (x & LOW_63) >> (<u64>m));
    store<u64>(r63 + at, x >> 63);
  }
}
