/**
 * Fixed point: doubles to words and back.
 *
 * Layout     f64 and u64, element i at ptr + (i << 3).
 * Pre        pointers are multiples of 16; 0 ≤ fracBits ≤ 1000; out equals a or does not overlap it.
 * Post       writes out[0..n) and nothing else.
 * Secret     values may be secret: also the range check is arithmetic, its result is the only thing that leaves.
 * Reference  test/oracle/ring.ts. A number is split as high·2^32 + low and each half is moved in or out of
 *            the mantissa of a double by adding a magic number:
 *              encode   high = x·2^−32 to the nearest integer, |low| ≤ 2^31; both + 3·2^51 have them in their lowest 51 bits, two's
 *                       complement, and low is rounded to nearest even on the way (high·2^32 is even: ties are right)
 *              decode   high signed, in 2^84 + 2^63; low unsigned, in 2^52
 * @module
 */

const TWO_M32: f64 = 2.3283064365386963e-10;
const TWO_32: f64 = 4294967296.0;
const TWO_63: f64 = 9223372036854775808.0;
const THREE_51: f64 = 6755399441055744.0;
/** The bits of 3·2^51, of 2^52 and of 2^84 + 2^63 as doubles, and the sum 2^84 + 2^63 + 2^52. */
const BITS_51: u64 = 0x4338000000000000;
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
    // Eight a step: the constants are loaded once for all of them, not once for each.
    const by = f64x2.splat(scale);
    let fits = i64x2.splat(-1);
    for (const eights = n & ~7; i < eights; i += 8, a += 64, out += 64) {
      fits = v128.and(fits, encodeTwo(out, a, by));
      fits = v128.and(fits, encodeTwo(out + 16, a + 16, by));
      fits = v128.and(fits, encodeTwo(out + 32, a + 32, by));
      fits = v128.and(fits, encodeTwo(out + 48, a + 48, by));
    }
    good = i32(i64x2.all_true(fits));
  }
  for (; i < n; i++, a += 8, out += 8) {
    const x = load<f64>(a) * scale;
    good &= i32(x >= -TWO_63) & i32(x < TWO_63);
    store<i64>(out, <i64>nearest<f64>(x)); // saturating, so it cannot trap
  }
  return 1 - good;
}

/** Two words; all ones where they fit. */
@inline function encodeTwo(out: usize, a: usize, scale: v128): v128 {
  const x = f64x2.mul(v128.load(a), scale);
  const top = f64x2.add(f64x2.mul(x, f64x2.splat(TWO_M32)), f64x2.splat(THREE_51));
  const high = f64x2.sub(top, f64x2.splat(THREE_51));
  const low = f64x2.sub(x, f64x2.mul(high, f64x2.splat(TWO_32)));
  const bottom = i64x2.sub(f64x2.add(low, f64x2.splat(THREE_51)), i64x2.splat(BITS_51));
  v128.store(out, i64x2.add(i64x2.shl(top, 32), bottom)); // the magic bits of top leave at the top
  return v128.and(f64x2.ge(x, f64x2.splat(-TWO_63)), f64x2.lt(x, f64x2.splat(TWO_63))); // NaN compares false
}

/** out[i] = f64(i64 a[i])·2^−fracBits: one rounding, the power of two is exact. */
export function decode(out: usize, a: usize, fracBits: i32, n: i32): void {
  const scale = power(-fracBits);
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const by = f64x2.splat(scale);
    for (const eights = n & ~7; i < eights; i += 8, a += 64, out += 64) {
      decodeTwo(out, a, by);
      decodeTwo(out + 16, a + 16, by);
      decodeTwo(out + 32, a + 32, by);
      decodeTwo(out + 48, a + 48, by);
    }
  }
  for (; i < n; i++, a += 8, out += 8) store<f64>(out, <f64>load<i64>(a) * scale);
}

@inline function decodeTwo(out: usize, a: usize, scale: v128): void {
  const x = v128.load(a);
  // 2^84 + 2^63 + high·2^32 and 2^52 + low; the subtraction is exact, the addition rounds.
  const high = v128.xor(i64x2.shr_u(x, 32), i64x2.splat(BITS_84_63));
  const low = v128.or(v128.and(x, i64x2.splat(0xffffffff)), i64x2.splat(BITS_52));
  const sum = f64x2.add(f64x2.sub(high, f64x2.splat(TWO_84_63_52)), low);
  v128.store(out, f64x2.mul(sum, scale));
}
