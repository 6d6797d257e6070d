/**
 * Powers of two of a masked number: 2^(c − r) from public c and a shared one-hot of r, its integers in groups.
 *
 * Layout     a number mod 2^span has fracBits bits below the point; its integer part is 2^group·index + rest. parts, per element:
 *            2^(span − group) words, 2^−(rest + fraction) of r at its index, 0 elsewhere, `scale` bits below the point.
 * Pre        pointers are multiples of 16 (parts: of 8); fracBits ≤ 48, fracBits + span ≤ 64, 0 ≤ group ≤ span, group ≤ 5,
 *            1 ≤ scale ≤ 46; outputs overlap nothing.
 * Post       writes the stated outputs and nothing else.
 * Secret     parts; r. Public: c, whose powers are shifted by public distances.
 * Reference  src/protocol/additive/power.ts. The same bits in every engine: IEEE additions and multiplications in one order.
 * @module
 */

const THREE_51: f64 = 6755399441055744.0;
const BITS_51: u64 = 0x4338000000000000;

/** 2^u for |u| ≤ 1, relative error below 2^−38. */
function powerSeries(u: f64): f64 {
  let sum = 4.4455382718708116e-10 + u * 2.5678435993488206e-11;
  sum = 7.054911620801123e-9 + u * sum;
  sum = 1.01780860092397e-7 + u * sum;
  sum = 1.321548679014431e-6 + u * sum;
  sum = 1.5252733804059841e-5 + u * sum;
  sum = 1.540353039338161e-4 + u * sum;
  sum = 1.3333558146428443e-3 + u * sum;
  sum = 9.618129107628477e-3 + u * sum;
  sum = 0.05550410866482158 + u * sum;
  sum = 0.24022650695910072 + u * sum;
  sum = 0.6931471805599453 + u * sum;
  return 1.0 + u * sum;
}

/** 2^e as a double, |e| ≤ 1000. */
@inline function power(e: i32): f64 {
  return reinterpret<f64>((<u64>(1023 + e)) << 52);
}

@inline function lowBits(x: u64, bits: i32): u64 {
  return x & (((<u64>1) << (<u64>bits)) - 1);
}

/** The bits below the point, in [0, 1). */
@inline function fraction(word: u64, fracBits: i32): f64 {
  return <f64>(<i64>lowBits(word, fracBits)) * power(-fracBits);
}

/** The nearest integer to x, |x| < 2^50. */
@inline function rounded(x: f64): u64 {
  return reinterpret<u64>(x + THREE_51) - BITS_51;
}

/** parts[i][j] = round(2^(scale − rest − fraction)) of r_i where j is its index, else 0. */
export function powerDeal(parts: usize, r: usize, fracBits: i32, group: i32, span: i32, scale: i32, n: i32): void {
  const count = 1 << (span - group);
  for (let i = 0; i < n; i++, r += 8) {
    const word = load<u64>(r);
    const integer = lowBits(word >> (<u64>fracBits), span);
    let value = powerSeries(-fraction(word, fracBits)) * power(scale);
    for (let e = 0; e < group; e++) {
      // 1 or 2^−2^e: both are exact, so is the product.
      value *= 1.0 - <f64>(<i64>((integer >> (<u64>e)) & 1)) * (1.0 - power(-(1 << e)));
    }
    const whole = rounded(value);
    const index = integer >> (<u64>group);
    for (let j = 0; j < count; j++, parts += 8) {
      store<u64>(parts, whole & (0 - (((index ^ <u64>j) - 1) >> 63))); // index ^ j is small and not negative
    }
  }
}

/**
 * out = Σ_j round(2^scale·2^y_j)·parts_j, y_j = c − 2^group·j brought into [low, low + 2^span).
 *
 * From the index of c downwards y_j rises by 2^group: first factors that are rounded, then whole multiples of m, by Horner's rule.
 */
export function powerSum(
  out: usize, c: usize, parts: usize, fracBits: i32, group: i32, span: i32, low: i32, scale: i32, n: i32,
): void {
  const count = 1 << (span - group);
  const step = 1 << group;
  for (let i = 0; i < n; i++, c += 8, out += 8, parts += (<usize>count) << 3) {
    const word = load<u64>(c);
    const m = rounded(powerSeries(fraction(word, fracBits)) * 1073741824.0);
    const integer = <i32>lowBits((word >> (<u64>fracBits)) - <u64>(<i64>low), span);
    const first = integer >> group;
    let shift = (integer & (step - 1)) + low + scale - 30;
    let sum: u64 = 0;
    let t: i32 = 0;
    for (; t < count && shift < 0; t++, shift += step) {
      // 2^31 at most: shifted by more than 32 it is 0.
      const down = <u64>min(-shift, 40);
      sum += ((m + ((<u64>1) << (down - 1))) >> down) * load<u64>(parts + ((<usize>((first - t) & (count - 1))) << 3));
    }
    let whole: u64 = 0;
    for (let k = count - 1; k >= t; k--) {
      whole = (whole << (<u64>step)) + load<u64>(parts + ((<usize>((first - k) & (count - 1))) << 3));
    }
    store<u64>(out, sum + ((whole * m) << (<u64>shift)));
  }
}
