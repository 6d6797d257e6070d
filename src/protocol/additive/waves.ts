/**
 * Harmonics of a masked angle: public factors times dealt shares of cos(k·r) and sin(k·r) (`protocol/harmonics.ts`).
 *
 * cos k(c − r) = cos kc·cos kr + sin kc·sin kr, and likewise for sin: for public c the sum is linear in the shares. The factors
 * multiply shares, so every party must have the same bits: the kernel computes them by IEEE additions and multiplications alone.
 * @module
 */

import { assert } from '../../core/errors.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena } from '../../kernels/memory.ts';
import type { Harmonics } from '../harmonics.ts';
import { describePublic } from '../local/words.ts';

/** Fractional bits of the dealt cosines and sines. */
export const WAVE_SCALE = 30;

/** The coefficients A_1, B_1, A_2, … times 2^(fracBits − 30), so that sums have `fracBits` fractional bits. */
export function waveFactors({ cos, sin }: Harmonics, fracBits: number): Float64Array<ArrayBuffer> {
  assert(cos.length === sin.length, 'a sum has as many cosines as sines');
  const factors = Float64Array.from(
    cos.flatMap((a, k) => [a, sin[k]]),
    (coefficient) => coefficient * 2 ** (fracBits - WAVE_SCALE),
  );
  assert(
    factors.every((factor) => Math.abs(factor) < 2 ** 49),
    'coefficients fit the bound of their sum',
  );
  return factors;
}

/** Sums as they stand in a step's description: parties with other coefficients fail at the next message. */
export function describeSums(arena: Arena, sums: readonly Harmonics[]): string {
  return sums
    .map(({ constant, cos, sin, bound }) => {
      const words = new BigUint64Array(Float64Array.of(constant, ...cos, ...sin).buffer);
      return describePublic(arena, { shape: [words.length], words, fracBits: bound });
    })
    .join();
}

/** Shares of the n sums without their constant; angles in the top halves of the words, `row` words of waves an element. */
export function sumWaves(
  arena: Arena,
  angles: Ptr,
  waves: Ptr,
  factors: Float64Array<ArrayBuffer>,
  row: number,
  n: number,
): Ptr {
  const out = arena.words(n);
  const at = arena.put(factors);
  arena.kernels.harmonicsSum(out, angles, waves, at, factors.length / 2, row, n);
  return out;
}
