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

@inline function bitOf(bits: usize, i: i32): u64 {
  return (<u64>load<u8>(bits + (<usize>i >> 3)) >> (<u64>i & 7)) & 1;
}

/** (1 − 2·bit)·x */
@inline function signedBy(x: u64, bit: u64): u64 {
  return (x ^ (0 - bit)) + bit;
}

/** A = (c' >> m) + c63·2^(63−m) − 2^(62−m), c' = c mod 2^63. */
@inline function publicPart(c: u64, m: u64): u64 {
  return ((c & LOW_63) >> m) + ((c >> 63) << (63 - m)) - ((<u64>1) << (62 - m));
}

/** Lanes 0 and 1: all ones where bit `at`, `at` + 1 of the byte in every lane is set. */
@inline function pairMasks(bytes: v128, at: i32): v128 {
  const wanted = i64x2.shl(i64x2(1, 2), at);
  return i64x2.eq(v128.and(bytes, wanted), wanted);
}

/** The byte with bits i..i+7. */
@inline function byteAt(bits: usize, i: i32): v128 {
  return i64x2.splat(<u64>load<u8>(bits + ((<usize>i) >> 3)));
}

/** (1 − 2·bit)·x, mask = −bit */
@inline function turnedBy(x: v128, mask: v128): v128 {
  return i64x2.sub(v128.xor(x, mask), mask);
}

/** X = x + [party 0] 2^62; party 0: floor(X/2^m) − 2^(62−m), party 1: ceil(X/2^m); bits = 1 − msb(X). */
export function truncateSplit(out: usize, bits: usize, x: usize, m: i32, party: i32, n: i32): void {
  const by = <u64>m;
  const offset: u64 = party == 0 ? (<u64>1) << 62 : 0;
  const back: u64 = party == 0 ? (<u64>1) << (62 - by) : 0;
  const up: u64 = party == 0 ? 0 : 1;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const eights = n & ~7; i < eights; i += 8, out += 64, x += 64) {
      let byte = splitTwo(out, x, m, offset, back, up);
      byte |= splitTwo(out + 16, x + 16, m, offset, back, up) << 2;
      byte |= splitTwo(out + 32, x + 32, m, offset, back, up) << 4;
      byte |= splitTwo(out + 48, x + 48, m, offset, back, up) << 6;
      store<u8>(bits++, <u8>~byte);
    }
  }
  while (i < n) {
    let byte: u64 = 0;
    for (let b = 0; b < 8 && i < n; b++, i++, out += 8, x += 8) {
      const shifted = load<u64>(x) + offset;
      const lost = shifted << (64 - by);
      const any = (lost | (0 - lost)) >> 63; // 1 unless all bits shifted out are 0
      store<u64>(out, (shifted >> by) - back + (any & up));
      byte |= (~shifted >> 63) << (<u64>b);
    }
    store<u8>(bits++, <u8>byte);
  }
}

/** Two words; gives their msb(X). */
@inline function splitTwo(out: usize, x: usize, m: i32, offset: u64, back: u64, up: u64): i32 {
  const shifted = i64x2.add(v128.load(x), i64x2.splat(offset));
  const whole = i64x2.sub(i64x2.shr_u(shifted, m), i64x2.splat(back - up));
  const exact = i64x2.eq(i64x2.shl(shifted, 64 - m), i64x2.splat(0)); // −1 where nothing was shifted out
  v128.store(out, i64x2.sub(whole, v128.and(exact, i64x2.splat(up))));
  return i64x2.bitmask(shifted);
}

/** out = y + (share of p0·p1 − [party 0] 1)·2^(64−m), p_j = d_j ⊕ a_j. */
export function truncateJoin(
  out: usize, y: usize, ab: usize, own: usize, d0: usize, d1: usize, m: i32, party: i32, n: i32,
): void {
  const up = <u64>(64 - m);
  const first: u64 = party == 0 ? 1 : 0;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const left = 64 - m;
    // The sign is the opened bit of this party, the factor the other's; party 0 adds e0·e1 − 1 = ~(mask of e0·e1).
    const sign = party == 0 ? d0 : d1;
    const factor = party == 0 ? d1 : d0;
    const keep = i64x2.splat(0 - first);
    for (const eights = n & ~7; i < eights; i += 8) {
      const signs = byteAt(sign, i);
      const factors = byteAt(factor, i);
      const own8 = byteAt(own, i);
      const at = (<usize>i) << 3;
      joinTwo(out + at, y + at, ab + at, signs, factors, own8, 0, keep, left);
      joinTwo(out + at + 16, y + at + 16, ab + at + 16, signs, factors, own8, 2, keep, left);
      joinTwo(out + at + 32, y + at + 32, ab + at + 32, signs, factors, own8, 4, keep, left);
      joinTwo(out + at + 48, y + at + 48, ab + at + 48, signs, factors, own8, 6, keep, left);
    }
  }
  for (; i < n; i++) {
    const at = <usize>i << 3;
    const e0 = bitOf(d0, i);
    const e1 = bitOf(d1, i);
    const a = bitOf(own, i);
    const mine = first * (e0 * e1 + signedBy(e1 & a, e0) - 1) + (1 - first) * signedBy(e0 & a, e1);
    const product = mine + signedBy(load<u64>(ab + at), e0 ^ e1);
    store<u64>(out + at, load<u64>(y + at) + (product << up));
  }
}

@inline function joinTwo(
  out: usize, y: usize, ab: usize, signs: v128, factors: v128, own: v128, b: i32, keep: v128, left: i32,
): void {
  const s = pairMasks(signs, b);
  const f = pairMasks(factors, b);
  const mine = turnedBy(i64x2.neg(v128.and(f, pairMasks(own, b))), s);
  const known = v128.andnot(keep, v128.and(s, f));
  const product = i64x2.add(i64x2.add(mine, known), turnedBy(v128.load(ab), v128.xor(s, f)));
  v128.store(out, i64x2.add(v128.load(y), i64x2.shl(product, left)));
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
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const back = i64x2.splat((<u64>1) << (62 - by));
    for (const eights = n & ~7; i < eights; i += 8) {
      const bits = byteAt(t, i);
      const at = (<usize>i) << 3;
      selectTwo(out, y, c, rho, rhoRc, rhoR63, at, pairMasks(bits, 0), back, m);
      selectTwo(out, y, c, rho, rhoRc, rhoR63, at + 16, pairMasks(bits, 2), back, m);
      selectTwo(out, y, c, rho, rhoRc, rhoR63, at + 32, pairMasks(bits, 4), back, m);
      selectTwo(out, y, c, rho, rhoRc, rhoR63, at + 48, pairMasks(bits, 6), back, m);
    }
  }
  for (; i < n; i++) {
    const at = <usize>i << 3;
    const x = load<u64>(c + at);
    const bit = bitOf(t, i);
    const turned = signedBy(load<u64>(rhoR63 + at) << (63 - by), x >> 63);
    const rhoY = publicPart(x, by) * load<u64>(rho + at) - load<u64>(rhoRc + at) + turned;
    store<u64>(out + at, (load<u64>(y + at) & (0 - bit)) + signedBy(rhoY, bit));
  }
}

@inline function selectTwo(
  out: usize, y: usize, c: usize, rho: usize, rhoRc: usize, rhoR63: usize, at: usize, mask: v128, back: v128, m: i32,
): void {
  const x = v128.load(c + at);
  const top = i64x2.shl(i64x2.shr_u(x, 63), 63 - m);
  const a = i64x2.sub(i64x2.add(i64x2.shr_u(v128.and(x, i64x2.splat(LOW_63)), m), top), back);
  const turned = turnedBy(i64x2.shl(v128.load(rhoR63 + at), 63 - m), i64x2.shr_s(x, 63));
  const rhoY = i64x2.sub(i64x2.mul(a, v128.load(rho + at)), v128.load(rhoRc + at));
  const kept = v128.and(v128.load(y + at), mask);
  v128.store(out + at, i64x2.add(kept, turnedBy(i64x2.add(rhoY, turned), mask)));
}

/** out = (1−2t)·rho + [party 0] t. */
export function bitOpened(out: usize, t: usize, rho: usize, party: i32, n: i32): void {
  const first: u64 = party == 0 ? 1 : 0;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const one = i64x2.splat(first);
    for (const eights = n & ~7; i < eights; i += 8) {
      const bits = byteAt(t, i);
      const at = (<usize>i) << 3;
      openTwo(out + at, rho + at, pairMasks(bits, 0), one);
      openTwo(out + at + 16, rho + at + 16, pairMasks(bits, 2), one);
      openTwo(out + at + 32, rho + at + 32, pairMasks(bits, 4), one);
      openTwo(out + at + 48, rho + at + 48, pairMasks(bits, 6), one);
    }
  }
  for (; i < n; i++) {
    const at = <usize>i << 3;
    const bit = bitOf(t, i);
    store<u64>(out + at, signedBy(load<u64>(rho + at), bit) + (bit & first));
  }
}

@inline function openTwo(out: usize, rho: usize, mask: v128, one: v128): void {
  v128.store(out, i64x2.add(turnedBy(v128.load(rho), mask), v128.and(mask, one)));
}

/** rc = (r mod 2^63) >> m, r63 = r >>> 63. */
export function truncateDeal(rc: usize, r63: usize, r: usize, m: i32, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const low = i64x2.splat(LOW_63);
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = <usize>i << 3;
      const x = v128.load(r + at);
      v128.store(rc + at, i64x2.shr_u(v128.and(x, low), m));
      v128.store(r63 + at, i64x2.shr_u(x, 63));
    }
  }
  for (; i < n; i++) {
    const at = <usize>i << 3;
    const x = load<u64>(r + at);
    store<u64>(rc + at, (x & LOW_63) >> (<u64>m));
    store<u64>(r63 + at, x >> 63);
  }
}
