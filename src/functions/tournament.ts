/**
 * Tournaments: the maximum of n secrets in each of many rows at once, and who it was.
 *
 * Contestants stand along the first dim: [n, …rows]. A level of halving compares neighbours in one gate; a level of every pair compares
 * all with all in one gate and finds by a zero test the one who beat n − 1 others. Of equal contestants the first wins, so exactly
 * one does. `award` sends something back down to the winners: a gradient, or 1 for a one-hot.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import { addRowsA, pickA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, sub } from './arithmetic.ts';
import { difference, excess } from './difference.ts';
import { logicalNot } from './logic.ts';
import { cat, index, narrow, reshape, stack, transpose, unsqueeze } from './movement.ts';
import { plainScalar } from './public.ts';
import { sum } from './reduce.ts';

/** How a maximum is found: CrypTen's methods by their names. Values are the same; rounds and bytes differ. */
export type MaxMethod = 'pairwise' | 'logReduction' | 'doubleLogReduction' | 'acceleratedCascade';

/** A tournament that was played. */
export interface Tournament {
  /** The winners' values, [...rows]; computed when asked for where that takes a product. */
  readonly best: () => Share;
  /** `prize` [...rows] in the winners' places, 0 elsewhere: [n, …rows]. */
  readonly award: (ctx: Context, prize: Share) => Share;
}

/** Most comparisons for which all pairs are compared at once: about 40 kB and 1 MB of material, against 3 rounds for each halving. */
export const MOST_PAIRS = 4096;

/**
 * Plays for the maximum along the first dim. Without a method: halving until all pairs are at most `MOST_PAIRS` comparisons.
 *
 * Shape   x: [n, …rows], n ≥ 1, settled.
 * Cost    a level of halving: 3 rounds, 10.25 B for two neighbours. A level of every pair: 3 rounds, 10.25 B a pair; a zero test, 3 rounds,
 *         1.25 B a contestant up to 16 of them; for the values a product, 1 round, 16 B a contestant. `award`: 1 round, 16 B a match.
 * Error   exact while differences are below 2^(63 − fractional bits). Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an unknown method.
 */
export function play(ctx: Context, x: Share, method?: MaxMethod): Tournament {
  const [n] = x.shape;
  switch (method) {
    case undefined:
      return n >= FEWEST_AT_ONCE && pairsOf(x.shape) <= MOST_PAIRS
        ? everyPair(ctx, x)
        : halved(ctx, x, (rest) => play(ctx, rest));
    case 'pairwise':
      return everyPair(ctx, x);
    case 'logReduction':
      return halvings(ctx, x, logarithm(n), everyPair);
    case 'doubleLogReduction':
      return byRoots(ctx, x);
    case 'acceleratedCascade':
      return halvings(ctx, x, n < 5 ? 0 : n < E_TO_E_TO_E ? 1 : 2, byRoots);
    default:
      throw new MpcError(
        'ERR_MPC_UNSUPPORTED',
        `max: there is no method "${String(method)}"; use pairwise, logReduction, doubleLogReduction or acceleratedCascade`,
      );
  }
}

/** Fewer contestants than this take as many rounds by halving. */
const FEWEST_AT_ONCE = 5;

/** The least n with trunc(ln ln ln n) = 1. */
const E_TO_E_TO_E = 3_814_280;

/**
 * For each contestant, how many of the others it beats: larger ones beat smaller ones, earlier ones beat equal ones.
 *
 * Shape   x: [n, …rows]; result: same, a permutation of 0 … n − 1 in every row.
 * Scale   0.
 * Cost    one sign gate on n(n − 1)/2 differences: 3 rounds, 8 B + 18 bits each. Leaks   nothing.
 */
export function wins(ctx: Context, x: Share): Share {
  const { shape } = x;
  const [n, ...rows] = shape;
  const width = sizeOf(rows);
  const [low, high] = pairs(n);
  const of = (at: Int32Array<ArrayBuffer>): Share =>
    pickA(ctx, x, { rows: at, width }, [at.length, ...rows]);
  const ahead = ctx.gates.negative(ctx, difference(ctx, 'max', of(low), of(high)));
  const behind = logicalNot(ctx, ahead);
  const points = cat(ctx, [behind, ahead], 0);
  return boundedA(
    addRowsA(ctx, points, { rows: oneList(low, high), width }, shape),
    boundOf(n - 1),
  );
}

/** The winners of all pairs at once. */
function everyPair(ctx: Context, x: Share): Tournament {
  const [n] = x.shape;
  if (n < 3) return halved(ctx, x, (rest) => everyPair(ctx, rest));
  const short = sub(ctx, wins(ctx, x), plainScalar(n - 1));
  const first = ctx.gates.zero(ctx, boundedA(short, boundOf(n - 1)));
  return {
    best: () => boundedA(sum(ctx, mul(ctx, first, x), { dim: 0 }), x.bound),
    award: (later, prize) => mul(later, first, prize),
  };
}

/** Neighbours compared, the winners left to `next`; an odd one goes on without a match. */
function halved(ctx: Context, x: Share, next: (rest: Share) => Tournament): Tournament {
  const [n, ...rows] = x.shape;
  if (n === 1) {
    return { best: () => index(x, [0]), award: (_, prize) => unsqueeze(prize, 0) };
  }
  const even = n - (n % 2);
  const [early, late] = [index(x, [[0, even, 2]]), index(x, [[1, even, 2]])];
  const { value, positive } = excess(ctx, difference(ctx, 'max', late, early));
  const winners = withRest(ctx, add(ctx, early, value), x, even);
  const { best, award } = next(boundedA(winners, x.bound));
  return {
    best,
    award: (later, prize) => {
      const parts = award(later, prize);
      const matches = narrow(parts, 0, 0, even / 2);
      const toLate = mul(later, matches, positive);
      const toBoth = stack(later, [sub(later, matches, toLate), toLate], 1);
      return withRest(later, reshape(later, toBoth, [even, ...rows]), parts, even / 2);
    },
  };
}

/** So many levels of halving, then `last`. */
function halvings(
  ctx: Context,
  x: Share,
  levels: number,
  last: (ctx: Context, x: Share) => Tournament,
): Tournament {
  if (levels === 0) return last(ctx, x);
  return halved(ctx, x, (rest) => halvings(ctx, rest, levels - 1, last));
}

/** Groups of √n play among themselves in the same way, then their winners and the rest, every pair. */
function byRoots(ctx: Context, x: Share): Tournament {
  const [n, ...rows] = x.shape;
  if (n === 1) return halved(ctx, x, byRoots.bind(null, ctx));
  const size = Math.floor(Math.sqrt(n));
  const count = Math.floor(n / size);
  const grouped = reshape(ctx, narrow(x, 0, 0, count * size), [count, size, ...rows]);
  const groups = byRoots(ctx, transpose(grouped, 0, 1));
  const last = everyPair(ctx, withRest(ctx, groups.best(), x, count * size));
  return {
    best: last.best,
    award: (later, prize) => {
      const parts = last.award(later, prize);
      const inside = transpose(groups.award(later, narrow(parts, 0, 0, count)), 0, 1);
      const whole = reshape(later, inside, [count * size, ...rows]);
      return withRest(later, whole, parts, count);
    },
  };
}

/** A list with what `from` has from position `start` on after it. */
function withRest(ctx: Context, list: Share, from: Share, start: number): Share {
  const left = from.shape[0] - start;
  return left === 0
    ? list
    : boundedA(cat(ctx, [list, narrow(from, 0, start, left)], 0), from.bound);
}

/** Two lists of rows as one. */
export function oneList(a: Int32Array, b: Int32Array): Int32Array<ArrayBuffer> {
  const list = new Int32Array(a.length + b.length);
  list.set(a);
  list.set(b, a.length);
  return list;
}

/** All pairs i < j: the first of each, and the second. */
function pairs(n: number): readonly [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>] {
  const [low, high] = [0, 0].map(() => new Int32Array((n * (n - 1)) / 2));
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, at++) {
      low[at] = i;
      high[at] = j;
    }
  }
  return [low, high];
}

function pairsOf([n, ...rows]: Shape): number {
  return ((n * (n - 1)) / 2) * sizeOf(rows);
}

/** floor(ln n). */
function logarithm(n: number): number {
  let log = 0;
  for (let power = Math.E; power <= n; power *= Math.E) log++;
  return log;
}
