/**
 * Results of a program over real sharings, as raw words.
 * @module
 */

import assert from 'node:assert/strict';
import type { Words } from '../../src/kernels/memory.ts';
import type { Context } from '../../src/protocol/context.ts';
import type { Share } from '../../src/protocol/share.ts';
import { simulateSeats } from '../../src/seats.ts';
import { raw, shuffled } from '../support/seats.ts';

/** Every result's raw words, after checking that all parties got the same. */
export async function run(
  n: number,
  program: (ctx: Context) => readonly Share[],
  options = shuffled,
): Promise<Words[]> {
  const { results } = await simulateSeats(
    n,
    ({ context }) => Promise.all(program(context).map((share) => raw(context, share))),
    options,
  );
  for (const result of results) assert.deepEqual(result, results[0]);
  return results[0];
}

/** Signed words as real numbers. */
export function reals(words: Words, fracBits: number): number[] {
  return Array.from(words, (word) => Number(BigInt.asIntN(64, word)) / 2 ** fracBits);
}

/** Both sides of every power of two, and the ends of the ring. */
export const EDGES: readonly bigint[] = [
  0n,
  ...Array.from({ length: 64 }, (_, i) => 2n ** BigInt(i)).flatMap((p) => [
    p,
    -p,
    p - 1n,
    p + 1n,
    1n - p,
    -1n - p,
  ]),
];
