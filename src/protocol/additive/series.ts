/**
 * Sums of harmonics of a secret angle, in one round.
 *
 * φ = x·turn mod 2^64 is local. c = φ + r is opened, of each share only the high half: the halves add up to the angle in units of
 * 2^−32 turn, short of c by the carries of n low halves, at most n − 1 units. Everything else is local (`waves.ts`).
 *
 * With r uniform a party's masked share is a uniform word, and so is its high half; the low half, which nobody sends, is independent
 * of it. The gate thus evaluates the sums at φ − e, e the sum of n uniform 32-bit numbers in units of 2^−64 turn, whatever φ is.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { keepSpare } from '../../core/spare.ts';
import type { BlockWords, Words } from '../../kernels/memory.ts';
import { encodeScalar } from '../../ring/encoder.ts';
import { inputsOf, type Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import { digestOf } from '../digest.ts';
import { seriesScale, type Harmonics } from '../harmonics.ts';
import { open } from '../open.ts';
import { seriesRequest } from '../provider/kinds/series.ts';
import { segment } from '../provider/provider.ts';
import { contiguousWords, Share } from '../share.ts';
import { chunksOf, chunkSize, joined } from './chunks.ts';
import { describeSums, sumWaves, waveFactors } from './waves.ts';

/** Bytes of an angle. */
const ANGLE_BYTES = 4;

/** Cost of any number of sums of up to `terms` harmonics of n angles. */
export function seriesCost(n: number, terms: number): Cost {
  return { rounds: n === 0 ? 0 : 1, bytes: ANGLE_BYTES * n, dealt: 16 * terms * n };
}

/**
 * Sums of harmonics of t = raw x·turn/2^64 turns, for every word x.
 *
 * Cost    1 round, 4 B an element; dealer 16 B a harmonic, of the longest sum.
 * Error   Σ k·|coefficient|·2π·(n + 1)·2^−32 from the angle, (terms + Σ |coefficient|)·2^−30 at bound 0 from rounding.
 * Leaks   nothing: the halves are one-time padded by r, used here alone.
 */
export function series(
  ctx: Context,
  x: Share,
  turn: bigint,
  sums: readonly Harmonics[],
  nominal: number,
): readonly Share[] {
  const terms = Math.max(1, ...sums.map(({ cos }) => cos.length));
  const text = `series ${terms} ${turn} ${nominal} ${describeSums(ctx.arena, sums)}`;
  const parts = chunksOf(ctx, x, chunkSize(16 * terms)).map((part) =>
    seriesPart(ctx, part, turn, sums, { terms, text, nominal }),
  );
  return sums.map((_, i) => {
    const pieces = parts.map((part) => part[i]);
    return joined(ctx, pieces, x.shape, keepSpare);
  });
}

/** What the parts of one gate have in common. */
interface Common {
  readonly terms: number;
  readonly text: string;
  readonly nominal: number;
}

function seriesPart(
  ctx: Context,
  x: Share,
  turn: bigint,
  sums: readonly Harmonics[],
  { terms, text, nominal }: Common,
): Share[] {
  const n = sizeOf(x.shape);
  const step = ctx.step(`${text} ${showShape(x.shape)}`, inputsOf(x));
  const results = sums.map(({ bound }, i) => ({
    fracBits: seriesScale(bound),
    nominal,
    bound,
    depth: step.depth + (n && 1),
    digest: digestOf(`sum ${i}`, [step.digest]),
  }));
  if (n === 0) return results.map((facts) => Share.fresh(x.shape, facts, new BigUint64Array(0)));
  const material = ctx.session.provider.request(step, seriesRequest(n, terms)).take();
  const masked = then(both(contiguousWords(ctx.arena, x), material), ([words, dealt]) => ({
    dealt,
    angles: maskAngles(ctx, words, turn, segment(dealt, 'r')),
  }));
  const sections = then(masked, ({ angles }) => [{ words: angles, bytes: ANGLE_BYTES }]);
  const opened = open(ctx, step, [{ words: n, bytes: ANGLE_BYTES }], sections);
  const words = then(both(masked, opened), ([{ dealt }, [{ words: angles }]]) => {
    const list = evaluate(ctx, angles, segment(dealt, 'waves'), sums, terms);
    dealt.done();
    keepSpare(angles);
    return list;
  });
  return results.map((facts, i) =>
    Share.fresh(
      x.shape,
      facts,
      then(words, (list) => list[i]),
    ),
  );
}

/** This party's high halves of x·turn + r. */
function maskAngles(ctx: Context, x: Words, turn: bigint, r: BlockWords): Words {
  const n = x.length;
  return ctx.arena.scope((arena) => {
    const at = arena.put(x);
    arena.kernels.mulScalar(at, at, arena.put(BigUint64Array.of(BigInt.asUintN(64, turn))), n);
    arena.kernels.add(at, at, arena.put(r), n);
    arena.kernels.shiftRight(at, at, 32, n);
    return arena.take(at, n);
  });
}

function evaluate(
  ctx: Context,
  angles: Words,
  waves: BlockWords,
  sums: readonly Harmonics[],
  terms: number,
): Words[] {
  const n = angles.length;
  return ctx.arena.scope((arena) => {
    const { kernels } = arena;
    const c = arena.put(angles);
    kernels.shiftLeft(c, c, 32, n);
    const shares = arena.put(waves);
    return sums.map((sum) => {
      const scale = seriesScale(sum.bound);
      const out = sumWaves(arena, c, shares, waveFactors(sum, scale), 2 * terms, n);
      const constant = BigUint64Array.of(encodeScalar(sum.constant, scale));
      if (ctx.rank === 0) kernels.addScalar(out, out, arena.put(constant), n);
      return arena.take(out, n);
    });
  });
}
