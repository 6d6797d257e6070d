/**
 * 64-bit words as pairs of 32-bit halves: carries, products, shifts.
 *
 * Halves are int32 (not uint32) so that the engine keeps them in integer registers. Everything is straight-line code in the
 * values; only shift distances, which are public, are compared. Engines give no promise of constant time for JavaScript: this
 * is the best that can be written (SECURITY.md).
 * @module
 */

/** Carry out of sum = (a + b) | 0. */
export function carry(a: number, b: number, sum: number): number {
  return ((a & b) | ((a | b) & ~sum)) >>> 31;
}

/** Borrow out of diff = (a − b) | 0. */
export function borrow(a: number, b: number, diff: number): number {
  return ((~a & b) | ((~a | b) & diff)) >>> 31;
}

/** High half of the unsigned product a·b; the low half is Math.imul(a, b). */
export function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = Math.imul(a0, b0) >>> 16;
  const mid = (Math.imul(a1, b0) + low) | 0; // < 2^32, so nothing is lost
  const mid2 = (Math.imul(a0, b1) + (mid & 0xffff)) | 0;
  return (Math.imul(a1, b1) + (mid >>> 16) + (mid2 >>> 16)) | 0;
}

/** Low half of (hi, lo) << by, 0 ≤ by ≤ 63. */
export function shlLow(lo: number, by: number): number {
  return by < 32 ? lo << by : 0;
}

/** High half of (hi, lo) << by, 0 ≤ by ≤ 63. */
export function shlHigh(lo: number, hi: number, by: number): number {
  return by < 32 ? (hi << by) | ((lo >>> 1) >>> (31 - by)) : lo << (by - 32);
}

/** Low half of (hi, lo) >>> by, 0 ≤ by ≤ 63. */
export function shrLow(lo: number, hi: number, by: number): number {
  return by < 32 ? (lo >>> by) | ((hi << 1) << (31 - by)) : hi >>> (by - 32);
}

/** High half of (hi, lo) >>> by, 0 ≤ by ≤ 63. */
export function shrHigh(hi: number, by: number): number {
  return by < 32 ? hi >>> by : 0;
}

/** Parity of a 32-bit pattern. */
export function parity(x: number): number {
  x ^= x >>> 16;
  x ^= x >>> 8;
  x ^= x >>> 4;
  return (0x6996 >>> (x & 15)) & 1;
}

/** An accumulator: [low half, high half]. */
export type Sum = Int32Array<ArrayBuffer>;

/** sum += (hi, lo) */
export function addTo(sum: Sum, lo: number, hi: number): void {
  const low = sum[0];
  const next = (low + lo) | 0;
  sum[1] = sum[1] + hi + carry(low, lo, next);
  sum[0] = next;
}

/** sum −= (hi, lo) */
export function subFrom(sum: Sum, lo: number, hi: number): void {
  const low = sum[0];
  const next = (low - lo) | 0;
  sum[1] = sum[1] - hi - borrow(low, lo, next);
  sum[0] = next;
}

/** sum += a·b */
export function mulAddTo(sum: Sum, aLo: number, aHi: number, bLo: number, bHi: number): void {
  const hi = mulHigh(aLo, bLo) + Math.imul(aLo, bHi) + Math.imul(aHi, bLo);
  addTo(sum, Math.imul(aLo, bLo), hi | 0);
}
