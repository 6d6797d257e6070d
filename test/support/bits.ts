/**
 * XOR-shared bits for tests: inputs, narrow words, openings, ring extremes.
 * @module
 */

import type { Shape } from '../../src/core/shape.ts';
import type { Words } from '../../src/kernels/memory.ts';
import { andBP } from '../../src/protocol/binary/local.ts';
import type { BinaryShare } from '../../src/protocol/binary/share.ts';
import type { Context } from '../../src/protocol/context.ts';
import { everyone, randomWords, wordsOf } from './seats.ts';

/** Words at which carries, signs and comparisons go wrong first. */
const EXTREMES: readonly bigint[] = [
  0n,
  1n,
  2n,
  -1n,
  -2n,
  2n ** 63n - 1n,
  2n ** 63n - 2n,
  -(2n ** 63n),
  1n - 2n ** 63n,
  2n ** 32n,
  -(2n ** 32n),
  0x5555_5555_5555_5555n,
  0xaaaa_aaaa_aaaa_aaaan,
];

/** Every pair of extremes, then n random pairs. */
export function wordPairs(n: number, label: string): [Words, Words] {
  const first = wordsOf(EXTREMES.flatMap((x) => EXTREMES.map(() => x)));
  const second = wordsOf(EXTREMES.flatMap(() => EXTREMES));
  return [
    BigUint64Array.from([...first, ...randomWords(n, `${label} first`)]),
    BigUint64Array.from([...second, ...randomWords(n, `${label} second`)]),
  ];
}

/** Words that party `src` inputs as bits. */
export function bits(
  ctx: Context,
  src: number,
  shape: Shape,
  words: Words,
  fracBits = 0,
): BinaryShare {
  const rank = src % ctx.world;
  return ctx.gates.binary.input(ctx, rank, shape, fracBits, ctx.rank === rank ? words : null);
}

/** The low `width` bits of words, as a share that says it has no others. */
export function narrowed(ctx: Context, src: number, words: Words, width: number): BinaryShare {
  const p = { shape: [], words: wordsOf([2n ** BigInt(width) - 1n]), fracBits: 0 };
  return andBP(ctx, bits(ctx, src, [words.length], words), p);
}

/** Opens the words to everybody. */
export async function opened(ctx: Context, x: BinaryShare): Promise<Words> {
  const words = await ctx.deliver(ctx.gates.binary.reveal(ctx, x, everyone(ctx)), x.depth + 1);
  if (words === null) throw new Error('test: nothing was revealed');
  return words;
}
