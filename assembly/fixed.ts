/**
 * Fixed point: doubles to words and back.
 *
 * Layout     f64 and u64, element i at ptr + (i << 3).
 * Pre        pointers are multiples of 16; 0 ≤ fracBits ≤ 1000; out equals a or does not overlap it.
 * Post       writes out[0..n) and nothing else.
 * Secret     values may be secret: also the range check is arithmetic, its result is the only thing that leaves.
 * Reference  test/oracle/ring.ts. Both directions split a number as high·2^32 + low, with high = floor, so that each half is a
 *            small integer in a double and can be moved in and out of its mantissa by adding a magic number:
 *              low + 2^52         has low in its lowest bits, rounded to nearest even (high·2^32 is even: ties are right)
 *              high + 3·2^51      has high in its lowest 51 bits, two's complement
 *            A low that rounds up to 2^32 carries into high by itself, because the halves are joined by an addition.
 * @module
 */

const TWO_M32: f64 = 2.3283064365386963e-10;
const TWO_32: f64 = 4294967296.0;
const TWO_52: f64 = 4503599627370496.0;
const TWO_63: f64 = 9223372036854775808.0;
const THREE_51: f64 = 6755399441055744.0;
/** The bits of 2^52 and of 2^84 + 2^63 as doubles, and the sum 2^84 + 2^63 + 2^52. */
const BITS_52: u64 = 0x4330000000000000;
const BITS_84_63: u64 = 0x4530000080000000;
const TWO_84_63_52: f64 = 19342822341709703277445120.0;

/** 2^e as a double, |e| ≤ 1000. */
function power(e: i32): f64 {
  return reinterpret<f64>((<u64>(1023 + e)) << 52);
}

/** out[i] = round(a[i]·2^fracBits), ties to even; gives 1 if any does not fit. */
export function encode(out: usize, a: usize, fracBits: i32, n: i32): i32 {
  const scale = power(fracBits);
  let good: i32 = 1;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    let fits = i64x2.splat(-1);
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      const x = f64x2.mul(v128.load(a + at), f64x2.splat(scale));
      const high = f64x2.floor(f64x2.mul(x, f64x2.splat(TWO_M32)));
      const low = f64x2.sub(x, f64x2.mul(high, f64x2.splat(TWO_32)));
      const inside = v128.and(f64x2.ge(x, f64x2.splat(-TWO_63)), f64x2.lt(x, f64x2.splat(TWO_63)));
      fits = v128.and(fits, inside); // NaN compares false
      const top = i64x2.shl(f64x2.add(high, f64x2.splat(THREE_51)), 32); // the magic bits leave at the top
      const bottom = v128.xor(f64x2.add(low, f64x2.splat(TWO_52)), i64x2.splat(BITS_52));
      v128.store(out + at, i64x2.add(top, bottom));
    }
    good = i32(i64x2.all_true(fits));
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    const x = load<f64>(a + at) * scale;
    good &= i32(x >= -TWO_63) & i32(x < TWO_63);
    store<i64>(out + at, <i64>nearest<f64>(x)); // saturating, so it cannot trap
  }
  return 1 - good;
}

/** out[i] = f64(i64 a[i])·2^−fracBits: one rounding, the power of two is exact. */
export function decode(out: usize, a: usize, fracBits: i32, n: i32): void {
  const scale = power(-fracBits);
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      const x = v128.load(a + at);
      // 2^84 + 2^63 + high·2^32 and 2^52 + low; the subtraction is exact, the addition rounds.
      const high = v128.xor(i64x2.shr_u(x, 32), i64x2.splat(BITS_84_63));
      const low = v128.or(v128.and(x, i64x2.splat(0xffffffff)), i64x2.splat(BITS_52));
      const sum = f64x2.add(f64x2.sub(high, f64x2.splat(TWO_84_63_52)), low);
      v128.store(out + at, f64x2.mul(sum, f64x2.splat(scale)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<f64>(out + at, <f64>load<i64>(a + at) * scale);
  }
}
