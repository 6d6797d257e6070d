/**
 * Slow twins of the kernels: BigInt and definitions, no cleverness.
 *
 * Words are BigInts in [0, 2^64). A bit string is a BigInt with bit i at position i.
 * @module
 */

export const MOD: bigint = 1n << 64n;

/** x mod 2^64. */
export const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
/** The signed number that a word stands for. */
export const signed = (x: bigint): bigint => BigInt.asIntN(64, x);
/** Bit i of a bit string. */
export const bitOf = (x: bigint, i: number): number => Number((x >> BigInt(i)) & 1n);
/** 0 → 1, 1 → −1. */
const sign = (bit: number): bigint => (bit === 0 ? 1n : -1n);
const big = BigInt;

export function matmul(a: bigint[], b: bigint[], m: number, k: number, n: number): bigint[] {
  const out: bigint[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let l = 0; l < k; l++) sum += a[i * k + l] * b[l * n + j];
      out.push(wrap(sum));
    }
  }
  return out;
}

/** Word offsets of a strided view in row-major order. */
export function positions(shape: number[], strides: number[]): number[] {
  let at = [0];
  shape.forEach((size, d) => {
    at = at.flatMap((base) => Array.from({ length: size }, (_, i) => base + i * strides[d]));
  });
  return at;
}

export function sumAxis(a: bigint[], outer: number, len: number, inner: number): bigint[] {
  return Array.from({ length: outer * inner }, (_, e) => {
    const [o, i] = [Math.floor(e / inner), e % inner];
    let sum = 0n;
    for (let l = 0; l < len; l++) sum += a[(o * len + l) * inner + i];
    return wrap(sum);
  });
}

/** Row i is row rows[i] of a. */
export function gatherRows(a: bigint[], rows: number[], width: number): bigint[] {
  return rows.flatMap((row) => a.slice(row * width, (row + 1) * width));
}

/** out with row i of a added to row rows[i], for every i. */
export function addRows(out: bigint[], a: bigint[], rows: number[], width: number): bigint[] {
  const sum = [...out];
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) sum[row * width + j] += a[i * width + j];
  });
  return sum.map(wrap);
}

export function runningSums(a: bigint[], outer: number, len: number, inner: number): bigint[] {
  const sums = [...a];
  for (let at = 0; at < outer * len * inner; at++) {
    if (Math.floor(at / inner) % len > 0) sums[at] = wrap(sums[at] + sums[at - inner]);
  }
  return sums;
}

/** x·2^bits rounded to nearest, ties to even, as an unbounded integer; undefined for NaN and infinities. */
export function encode(x: number, bits: number): bigint | undefined {
  if (!Number.isFinite(x)) return undefined;
  const [mantissa, exponent] = fraction(x);
  const shift = exponent + bits;
  if (shift >= 0) return mantissa << big(shift);
  const down = big(-shift);
  const floor = mantissa >> down;
  const twice = (mantissa - (floor << down)) * 2n;
  const unit = 1n << down;
  return twice > unit || (twice === unit && (floor & 1n) === 1n) ? floor + 1n : floor;
}

/** x = mantissa·2^exponent exactly. */
function fraction(x: number): [bigint, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const field = Number((word >> 52n) & 0x7ffn);
  const digits = word & ((1n << 52n) - 1n);
  const mantissa = field === 0 ? digits : digits | (1n << 52n);
  return [x < 0 ? -mantissa : mantissa, Math.max(field, 1) - 1075];
}

/** f64 nearest to the signed word, then an exact power of two: Number() of a BigInt rounds once, ties to even. */
export const decode = (x: bigint, bits: number): number => Number(signed(x)) * 2 ** -bits;

export function truncateSplit(x: bigint, m: number, party: number): [bigint, number] {
  const big2m = 1n << big(m);
  const shifted = party === 0 ? wrap(x + (1n << 62n)) : x;
  const half = party === 0 ? shifted / big2m - (1n << big(62 - m)) : (shifted + big2m - 1n) / big2m;
  return [wrap(half), 1 - bitOf(shifted, 63)];
}

export function truncateJoin(
  y: bigint,
  ab: bigint,
  own: number,
  d0: number,
  d1: number,
  m: number,
  party: number,
): bigint {
  const local =
    party === 0 ? big(d0 * d1) + big(d1) * sign(d0) * big(own) - 1n : big(d0) * sign(d1) * big(own);
  const product = local + sign(d0) * sign(d1) * ab;
  return wrap(y + product * (1n << big(64 - m)));
}

/** A = (c' >> m) + c63·2^(63−m) − 2^(62−m) and s = 1 − 2·c63. */
function opened(c: bigint, m: number): [bigint, bigint] {
  const top = bitOf(c, 63);
  const low = c % (1n << 63n);
  const a = (low >> big(m)) + big(top) * (1n << big(63 - m)) - (1n << big(62 - m));
  return [a, sign(top)];
}

export function truncateOpened(
  c: bigint,
  rc: bigint,
  r63: bigint,
  m: number,
  party: number,
): bigint {
  const [a, s] = opened(c, m);
  return wrap(-rc + s * (1n << big(63 - m)) * r63 + (party === 0 ? a : 0n));
}

export function selectOpened(
  y: bigint,
  c: bigint,
  t: number,
  rho: bigint,
  rhoRc: bigint,
  rhoR63: bigint,
  m: number,
): bigint {
  const [a, s] = opened(c, m);
  const rhoY = a * rho - rhoRc + s * (1n << big(63 - m)) * rhoR63;
  return wrap(big(t) * y + sign(t) * rhoY);
}

export const bitOpened = (t: number, rho: bigint, party: number): bigint =>
  wrap(sign(t) * rho + (party === 0 ? big(t) : 0n));

/** Block j of a word. */
export const blockOf = (x: bigint, j: number): number => Number((x >> big(7 * j)) & 127n);

/** The monomial table of one 7-bit block: bit S = Π of the bits in S. */
export function monomials(block: number): bigint {
  let table = 0n;
  for (let s = 0; s < 128; s++) if ((block & s) === s) table |= 1n << big(s);
  return table;
}

/** Where γ_j·Π_S starts in level 2. */
export const gammaAt = (blocks: number, j: number): number => {
  let at = 1 << (blocks - 1);
  for (let i = 0; i < j; i++) at += 1 << (blocks - 1 - i);
  return at;
};

/** Block k ↔ position of S. */
const positionOf = (blocks: number, k: number): number => blocks - 1 - k;

/** Level 2 for a sign bit and coins, by definition. */
export function wideTable(blocks: number, signBit: number, coins: bigint): bigint {
  const gamma = (j: number): number => bitOf(coins, j);
  const pi = (k: number): number => bitOf(coins, 15 + k);
  let table = 0n;
  const put = (at: number, bit: number): void => void (table |= big(bit) << big(at));
  const productOver = (set: number): number => {
    let product = 1;
    for (let k = 1; k < blocks; k++) if ((set >> positionOf(blocks, k)) & 1) product &= pi(k);
    return product;
  };
  for (let s = 0; s < 1 << (blocks - 1); s++) put(s, productOver(s));
  for (let j = 0; j < blocks; j++) {
    for (let s = 0; s < 1 << (blocks - 1 - j); s++)
      put(gammaAt(blocks, j) + s, gamma(j) & productOver(s));
  }
  put(gammaAt(blocks, blocks), signBit ^ bitOf(coins, 32));
  return table;
}

/** [u_0.., v_1..] of one element from shares of the tables. */
export function compareBlocks(c: bigint, mono: bigint[], wide: bigint, blocks: number): number[] {
  const u: number[] = [];
  const v: number[] = [];
  for (let j = 0; j < blocks; j++) {
    const cj = blockOf(c, j);
    let equal = 0;
    let less = 0;
    for (let t = 0; t < 128; t++) if ((t & cj) === cj) equal ^= bitOf(mono[j], t);
    for (let i = 0; i < 7; i++) {
      if ((cj >> i) & 1) continue;
      const above = cj & (127 << (i + 1));
      for (let z = 0; z < 128; z++) {
        // z runs over sets of zero bits of c above i.
        if ((z & (cj | ((2 << i) - 1))) === 0) less ^= bitOf(mono[j], above | (1 << i) | z);
      }
    }
    u.push(less ^ bitOf(wide, gammaAt(blocks, j)));
    if (j > 0) v.push(equal ^ bitOf(wide, 1 << positionOf(blocks, j)));
  }
  return [...u, ...v];
}

/** σ ⊕ borrow of one element from the opened bits and a share of level 2. */
export function compareCarry(uv: number[], wide: bigint, blocks: number): number {
  let out = bitOf(wide, gammaAt(blocks, blocks));
  for (let j = 0; j < blocks; j++) {
    for (let s = 0; s < 1 << (blocks - 1 - j); s++) {
      let known = 1;
      for (let k = j + 1; k < blocks; k++)
        if (!((s >> positionOf(blocks, k)) & 1)) known &= uv[blocks + k - 1];
      out ^= known & ((uv[j] & bitOf(wide, s)) ^ bitOf(wide, gammaAt(blocks, j) + s));
    }
  }
  return out;
}
