/**
 * Fixed point: reals as integers of Z/2^64 with `fracBits` fractional bits, two's complement.
 *
 * Public arithmetic only; truncation of shares is a protocol (`protocol/`).
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Ptr } from '../kernels/contract.ts';
import { newWords, type Arena, type Words } from '../kernels/memory.ts';
import { bytesOf, inTiles, type Tile } from '../kernels/tiles.ts';

/** Most fractional bits a tensor may have. */
export const MAX_FRAC_BITS = 40;

/**
 * Reals to ring words, rounded to nearest, ties to even.
 *
 * @throws {MpcError} ERR_MPC_RANGE naming the position of the first NaN or value outside ±2^(63 − fracBits); the value stays unsaid.
 */
export function encode(arena: Arena, values: Float64Array, fracBits: number, what: string): Words {
  if (values.length === 0) return newWords(0);
  return arena.scope(() => {
    const from = arena.put(values);
    const out = arena.words(values.length);
    if (arena.kernels.encode(out, from, fracBits, values.length) !== 0) {
      const limit = 2 ** (63 - fracBits);
      const at = values.findIndex((v) => !(v * 2 ** fracBits >= -(2 ** 63) && v < limit));
      const why = Number.isNaN(values[at]) ? 'is not a number' : 'is out of range';
      throw new MpcError(
        'ERR_MPC_RANGE',
        `${what}: the value at flat position ${at} ${why}: ` +
          `with ${fracBits} fractional bits values must be within ±2^${63 - fracBits}`,
      );
    }
    return arena.take(out, values.length);
  });
}

/** Ring words to reals; each result is the exact value rounded once to a double. */
export function decode(arena: Arena, words: Words, fracBits: number): Float64Array<ArrayBuffer> {
  if (words.length === 0) return new Float64Array(0);
  const body = ({ at: [at], n }: Tile): readonly Ptr[] => {
    arena.kernels.decode(at, at, fracBits, n);
    return [at];
  };
  const [out] = inTiles(arena, words.length, [[bytesOf(words), 64]], [64], body);
  return new Float64Array(out.buffer);
}

/**
 * One real as one ring word, rounded to nearest, ties to even; for public scalars.
 *
 * @throws {MpcError} ERR_MPC_RANGE for NaN or a value outside ±2^(63 − fracBits).
 */
export function encodeScalar(value: number, fracBits: number): bigint {
  const scaled = value * 2 ** fracBits;
  if (!(scaled >= -(2 ** 63) && scaled < 2 ** 63)) {
    const why = Number.isNaN(value) ? 'is not a number' : 'is out of range';
    throw new MpcError(
      'ERR_MPC_RANGE',
      `a public number ${why}: with ${fracBits} fractional bits it must be within ±2^${63 - fracBits}`,
    );
  }
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return BigInt.asUintN(64, BigInt(floor + (up ? 1 : 0)));
}
