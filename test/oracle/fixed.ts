/**
 * Slow twins of fixed point, the local truncation that cryptensor does not use, and checks of many words at once.
 *
 * Many words are handled as pairs of 32-bit halves: [low, high] of word i at 2i and 2i + 1.
 * @module
 */

import { randomFillSync } from 'node:crypto';
import type { Words } from '../../src/kernels/memory.ts';

/** The halves of words, sharing their memory. */
export const halves = (words: Words): Int32Array =>
  new Int32Array(words.buffer, words.byteOffset, 2 * words.length);

/** `n` fresh random words. */
export const freshWords = (n: number): Words => randomFillSync(new BigUint64Array(n)) as Words;

/** Words of either sign whose magnitudes have 0 to `maxBits` bits, every length equally likely. */
export function logUniform(n: number, maxBits: number): Words {
  const words = freshWords(n);
  const choice = randomFillSync(new Uint32Array(n));
  const half = halves(words);
  for (let i = 0; i < n; i++) {
    const bits = (choice[i] >>> 1) % (maxBits + 1);
    let low = half[2 * i];
    let high = half[2 * i + 1];
    if (bits <= 32) {
      low = bits === 0 ? 0 : high >>> (32 - bits);
      high = 0;
    } else {
      low = bits === 64 ? low : (low >>> (64 - bits)) | (high << (bits - 32));
      high >>>= 64 - bits;
    }
    if (choice[i] & 1) {
      low = -low | 0;
      high = ~high + (low === 0 ? 1 : 0);
    }
    half[2 * i] = low;
    half[2 * i + 1] = high;
  }
  return words;
}

/** What a batch of truncations gave, next to what the definition says. */
export interface TruncationCount {
  readonly total: number;
  /** Results that are neither floor(x/2^m) nor one more. */
  readonly wrong: number;
  /** Results that are one more than the floor. */
  readonly up: number;
  /** How many of those are expected, and the variance of their number. */
  readonly expectedUp: number;
  readonly variance: number;
}

/** Compares y with floor(x/2^m) + {0, 1}, word by word, without BigInt. */
export function countTruncations(x: Words, y: Words, m: number): TruncationCount {
  const [from, to] = [halves(x), halves(y)];
  let wrong = 0;
  let up = 0;
  let expectedUp = 0;
  let variance = 0;
  for (let i = 0; i < from.length; i += 2) {
    const low = from[i];
    const high = from[i + 1];
    const floorLow = m < 32 ? (low >>> m) | (m === 0 ? 0 : high << (32 - m)) : high >> (m - 32);
    const floorHigh = m < 32 ? high >> m : high >> 31;
    const low1 = (to[i] - floorLow) | 0;
    const borrow = to[i] >>> 0 < floorLow >>> 0 ? 1 : 0;
    const high1 = (to[i + 1] - floorHigh - borrow) | 0;
    if (high1 !== 0 || low1 >>> 0 > 1) wrong++;
    else up += low1;
    const rest =
      m <= 32
        ? (m === 32 ? low >>> 0 : low & (2 ** m - 1)) / 2 ** m
        : ((high & (2 ** (m - 32) - 1)) * 2 ** 32 + (low >>> 0)) / 2 ** m;
    expectedUp += rest;
    variance += rest * (1 - rest);
  }
  return { total: x.length, wrong, up, expectedUp, variance };
}

/**
 * Local truncation of two shares (SecureML, S&P 2017): y_0 = floor(x_0/2^m), y_1 = −floor(−x_1/2^m), opened.
 *
 * Fails by 2^(64−m) ulp where the shares wrap, that is with probability |x|/2^64.
 */
export function truncateLocally(x: Words, m: number): Words {
  const first = freshWords(x.length);
  const shift = BigInt(m);
  return first.map((share, i) => {
    const other = BigInt.asUintN(64, x[i] - share);
    const y0 = share >> shift;
    const y1 = -(BigInt.asUintN(64, -other) >> shift);
    return BigInt.asUintN(64, y0 + y1);
  });
}
