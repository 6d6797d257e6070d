/**
 * Sums of harmonics: shares of cos and sin of a secret angle times public factors.
 *
 * Layout     an angle is the top half of a word, signed, in units of 2^−32 turn; waves, per element: cos, sin of 1, 2, … times the
 *            angle, one word each; factors: pairs of doubles A_k, B_k.
 * Pre        pointers are multiples of 16 (rows of waves: of 8); 1 ≤ terms ≤ row / 2; |A_k| + |B_k| < 2^50; outputs overlap nothing.
 * Post       writes the stated outputs and nothing else.
 * Secret     waves; the angles that are dealt. Public: the angles and factors of the sum. No value steers anything.
 * Reference  src/protocol/harmonics.ts. The same bits in every engine: IEEE additions and multiplications in one order, without
 *            contraction. An eighth of the angle lies in ±π/8, where short series do; three squarings of the complex number
 *            undo the division, so there are no octants to choose from. Adding 3·2^51 rounds to the nearest integer and leaves it
 *            in the lowest 51 bits.
 * @module
 */

/** 2π/2^35: an eighth of a unit. */
const UNIT: f64 = 6.283185307179586 / 34359738368.0;
const SCALE: f64 = 1073741824.0;
const THREE_51: f64 = 6755399441055744.0;
const BITS_51: u64 = 0x4338000000000000;

/** sin x / x by powers of q = x². */
@inline function sineSeries(q: f64): f64 {
  const high = 2.7557319223985893e-6 - q * (2.505210838544172e-8 - q * 1.6059043836821613e-10);
  return 1.0 + q * (-0.16666666666666666 + q * (0.008333333333333333 + q * (-1.984126984126984e-4 + q * high)));
}

/** cos x by powers of q = x². */
@inline function cosineSeries(q: f64): f64 {
  const high = 2.48015873015873e-5 - q * (2.755731922398589e-7 - q * 2.08767569878681e-9);
  return 1.0 + q * (-0.5 + q * (0.041666666666666664 + q * (-1.388888888888889e-3 + q * high)));
}

/** The nearest integer to x, |x| < 2^50. */
@inline function rounded(x: f64): u64 {
  return reinterpret<u64>(x + THREE_51) - BITS_51;
}

function sineSeriesTwo(q: v128): v128 {
  let sum = f64x2.sub(f64x2.splat(2.505210838544172e-8), f64x2.mul(q, f64x2.splat(1.6059043836821613e-10)));
  sum = f64x2.sub(f64x2.splat(2.7557319223985893e-6), f64x2.mul(q, sum));
  sum = f64x2.add(f64x2.splat(-1.984126984126984e-4), f64x2.mul(q, sum));
  sum = f64x2.add(f64x2.splat(0.008333333333333333), f64x2.mul(q, sum));
  sum = f64x2.add(f64x2.splat(-0.16666666666666666), f64x2.mul(q, sum));
  return f64x2.add(f64x2.splat(1.0), f64x2.mul(q, sum));
}

function cosineSeriesTwo(q: v128): v128 {
  let sum = f64x2.sub(f64x2.splat(2.755731922398589e-7), f64x2.mul(q, f64x2.splat(2.08767569878681e-9)));
  sum = f64x2.sub(f64x2.splat(2.48015873015873e-5), f64x2.mul(q, sum));
  sum = f64x2.add(f64x2.splat(-1.388888888888889e-3), f64x2.mul(q, sum));
  sum = f64x2.add(f64x2.splat(0.041666666666666664), f64x2.mul(q, sum));
  sum = f64x2.add(f64x2.splat(-0.5), f64x2.mul(q, sum));
  return f64x2.add(f64x2.splat(1.0), f64x2.mul(q, sum));
}

/** An eighth of the angles of two words. */
@inline function eighths(words: usize): v128 {
  const x = v128.load(words);
  return f64x2.mul(f64x2.convert_low_i32x4_s(v128.shuffle<u32>(x, x, 1, 3, 1, 3)), f64x2.splat(UNIT));
}

@inline function roundedTwo(x: v128): v128 {
  return i64x2.sub(f64x2.add(x, f64x2.splat(THREE_51)), i64x2.splat(BITS_51));
}

/** waves[i][2k−2] = round(2^30·cos(k·angle_i)), waves[i][2k−1] = round(2^30·sin(k·angle_i)), k = 1..terms. */
export function harmonicsDeal(waves: usize, angles: usize, terms: i32, n: i32): void {
  const row = (<usize>terms) << 4;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    const scale = f64x2.splat(SCALE);
    for (const pairs = n & ~1; i < pairs; i += 2, angles += 16, waves += row) {
      const x = eighths(angles);
      const q = f64x2.mul(x, x);
      let c = cosineSeriesTwo(q);
      let s = f64x2.mul(x, sineSeriesTwo(q));
      for (let doubling = 0; doubling < 3; doubling++) {
        const product = f64x2.mul(c, s);
        c = f64x2.sub(f64x2.mul(c, c), f64x2.mul(s, s));
        s = f64x2.add(product, product);
      }
      let re = c;
      let im = s;
      for (let k = 0; k < terms; k++, waves += 16) {
        const cos = roundedTwo(f64x2.mul(re, scale));
        const sin = roundedTwo(f64x2.mul(im, scale));
        v128.store(waves, v128.shuffle<u64>(cos, sin, 0, 2));
        v128.store(waves + row, v128.shuffle<u64>(cos, sin, 1, 3));
        const next = f64x2.sub(f64x2.mul(re, c), f64x2.mul(im, s));
        im = f64x2.add(f64x2.mul(re, s), f64x2.mul(im, c));
        re = next;
      }
    }
  }
  for (; i < n; i++, angles += 8) {
    const x = <f64>load<i32>(angles, 4) * UNIT;
    const q = x * x;
    let c = cosineSeries(q);
    let s = x * sineSeries(q);
    for (let doubling = 0; doubling < 3; doubling++) {
      const product = c * s;
      c = c * c - s * s;
      s = product + product;
    }
    let re = c;
    let im = s;
    for (let k = 0; k < terms; k++, waves += 16) {
      store<u64>(waves, rounded(re * SCALE));
      store<u64>(waves, rounded(im * SCALE), 8);
      const next = re * c - im * s;
      im = re * s + im * c;
      re = next;
    }
  }
}

/** out = Σ_k round(A_k·cos(k·angle) + B_k·sin(k·angle))·cos_k + round(A_k·sin(k·angle) − B_k·cos(k·angle))·sin_k. */
export function harmonicsSum(
  out: usize, angles: usize, waves: usize, factors: usize, terms: i32, row: i32, n: i32,
): void {
  const stride = (<usize>row) << 3;
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2, angles += 16, out += 16, waves += stride << 1) {
      const x = eighths(angles);
      const q = f64x2.mul(x, x);
      let c = cosineSeriesTwo(q);
      let s = f64x2.mul(x, sineSeriesTwo(q));
      for (let doubling = 0; doubling < 3; doubling++) {
        const product = f64x2.mul(c, s);
        c = f64x2.sub(f64x2.mul(c, c), f64x2.mul(s, s));
        s = f64x2.add(product, product);
      }
      let re = c;
      let im = s;
      let first: u64 = 0;
      let second: u64 = 0;
      let at = waves;
      let factor = factors;
      for (let k = 0; k < terms; k++, at += 16, factor += 16) {
        const a = f64x2.splat(load<f64>(factor));
        const b = f64x2.splat(load<f64>(factor, 8));
        const cos = roundedTwo(f64x2.add(f64x2.mul(a, re), f64x2.mul(b, im)));
        const sin = roundedTwo(f64x2.sub(f64x2.mul(a, im), f64x2.mul(b, re)));
        first += i64x2.extract_lane(cos, 0) * load<u64>(at) + i64x2.extract_lane(sin, 0) * load<u64>(at, 8);
        const other = at + stride;
        second += i64x2.extract_lane(cos, 1) * load<u64>(other) + i64x2.extract_lane(sin, 1) * load<u64>(other, 8);
        const next = f64x2.sub(f64x2.mul(re, c), f64x2.mul(im, s));
        im = f64x2.add(f64x2.mul(re, s), f64x2.mul(im, c));
        re = next;
      }
      store<u64>(out, first);
      store<u64>(out, second, 8);
    }
  }
  for (; i < n; i++, angles += 8, out += 8, waves += stride) {
    const x = <f64>load<i32>(angles, 4) * UNIT;
    const q = x * x;
    let c = cosineSeries(q);
    let s = x * sineSeries(q);
    for (let doubling = 0; doubling < 3; doubling++) {
      const product = c * s;
      c = c * c - s * s;
      s = product + product;
    }
    let re = c;
    let im = s;
    let sum: u64 = 0;
    let at = waves;
    let factor = factors;
    for (let k = 0; k < terms; k++, at += 16, factor += 16) {
      const a = load<f64>(factor);
      const b = load<f64>(factor, 8);
      sum += rounded(a * re + b * im) * load<u64>(at) + rounded(a * im - b * re) * load<u64>(at, 8);
      const next = re * c - im * s;
      im = re * s + im * c;
      re = next;
    }
    store<u64>(out, sum);
  }
}
