/**
 * Secret permutations that sort: by the rank of every element, or by a network of comparators.
 *
 * Ranks come from all pairs at once: seven rounds, but n² comparisons and n² products. The network is Batcher's merge exchange: all
 * comparators of a layer stand in one gate, ⌈log2 n⌉·(⌈log2 n⌉ + 1)/2 layers of three rounds. Both tell where elements came from,
 * and send a gradient back there. Elements stand along the first dim, [n, …rows], and come out largest first.
 * @module
 */

import { sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import { addRowsA, pickA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { difference, excess } from './difference.ts';
import { cat, narrow, unsqueeze } from './movement.ts';
import type { Operand } from './op.ts';
import { constant } from './public.ts';
import { sum } from './reduce.ts';
import { MOST_PAIRS, oneList, wins } from './tournament.ts';

/** A permutation that was found, of which the first k places are wanted. */
export interface Permutation {
  /** The elements in order: [k, …rows]. */
  readonly sorted: Share;
  /** Where the first k places' elements came from, as positions: [k, …rows]. */
  readonly order: (ctx: Context) => Share;
  /** Elements of the first k places back where they came from, 0 elsewhere: [n, …rows]. */
  readonly back: (ctx: Context, v: Share) => Share;
}

/**
 * The permutation that sorts x, largest first; ranks where they are few, else the network.
 *
 * Shape   x: [n, …rows], settled; k ≤ n.
 * Cost    ranks: 7 rounds, 10.25 B a pair, then 9.25 B (up to 16 elements) for each element and place. Network: 3 rounds a layer,
 *         10.25 B a comparator. `order` and `back`: ranks nothing and 1 round, network 1 round a layer and 16 B a comparator.
 * Error   exact while differences are below 2^(63 − fractional bits). Equal elements keep their order by ranks, not by the network.
 * Leaks   nothing.
 */
export function sorting(ctx: Context, x: Share, k: number): Permutation {
  return ranked(x.shape) ? byRank(ctx, x, k) : byNetwork(ctx, x, k);
}

/** Whether elements of this shape are sorted by their ranks; two at most are sorted faster by one comparator. */
function ranked([n, ...rows]: Shape): boolean {
  return n > 2 && ((n * (n - 1)) / 2) * sizeOf(rows) <= MOST_PAIRS;
}

/** Whether `sorting` leaves equal elements of this shape in their order. */
export function keepsOrder(shape: Shape): boolean {
  return shape[0] <= 2 || ranked(shape);
}

function byRank(ctx: Context, x: Share, k: number): Permutation {
  const [n, ...rows] = x.shape;
  const ones = rows.map(() => 1);
  const ranks = countDown(k, n - 1);
  const won = unsqueeze(wins(ctx, x), 0);
  const off = sub(ctx, won, { shape: [k, 1, ...ones], data: ranks });
  // here[place, i] = 1 where element i belongs to that place.
  const here = ctx.gates.zero(ctx, boundedA(off, boundOf(n - 1)));
  const carry = (later: Context, v: Operand): Share => sum(later, mul(later, here, v), { dim: 1 });
  return {
    sorted: boundedA(carry(ctx, unsqueeze(x, 0)), x.bound),
    order: (later) => {
      const positions = countDown(n, n - 1).reverse();
      return boundedA(carry(later, { shape: [1, n, ...ones], data: positions }), boundOf(n - 1));
    },
    back: (later, v) => sum(later, mul(later, here, unsqueeze(v, 1)), { dim: 0 }),
  };
}

/** `count` numbers from `first` down. */
function countDown(count: number, first: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => first - i);
}

/** Comparators that touch no element twice: the larger of each pair goes to `high`. */
interface Layer {
  readonly high: Int32Array<ArrayBuffer>;
  readonly low: Int32Array<ArrayBuffer>;
}

/** The permutation that a network of comparators makes; see `sorting`. Cost    as there. Leaks   nothing. */
export function byNetwork(ctx: Context, x: Share, k: number): Permutation {
  const [n] = x.shape;
  let sorted = x;
  const swaps = mergeExchange(n, k).map((layer) => {
    const { value, positive } = excess(ctx, gap(ctx, sorted, layer));
    sorted = boundedA(exchanged(ctx, sorted, layer, value), x.bound);
    return { layer, positive };
  });
  const swapped = (later: Context, v: Share, list: typeof swaps): Share =>
    list.reduce((moved, { layer, positive }) => {
      const change = mul(later, gap(later, moved, layer), positive);
      return exchanged(later, moved, layer, change);
    }, v);
  return {
    sorted: narrow(sorted, 0, 0, k),
    order: (later) => {
      const positions = constant(later, 'sort', x.shape, 0);
      const numbers = {
        shape: [n, ...x.shape.slice(1).map(() => 1)],
        data: countDown(n, n - 1).reverse(),
      };
      const moved = swapped(later, add(later, positions, numbers), swaps);
      return boundedA(narrow(moved, 0, 0, k), boundOf(n - 1));
    },
    back: (later, v) => swapped(later, filled(later, v, n), [...swaps].reverse()),
  };
}

/** What stands at `low` less what stands at `high`. */
function gap(ctx: Context, x: Share, { high, low }: Layer): Share {
  const rows = x.shape.slice(1);
  const width = sizeOf(rows);
  const [a, b] = [high, low].map((at) => pickA(ctx, x, { rows: at, width }, [at.length, ...rows]));
  return difference(ctx, 'sort', b, a);
}

/** x with `change` moved from `low` to `high`. */
function exchanged(ctx: Context, x: Share, { high, low }: Layer, change: Share): Share {
  const width = sizeOf(x.shape.slice(1));
  const both = cat(ctx, [change, neg(ctx, change)], 0);
  return add(ctx, x, addRowsA(ctx, both, { rows: oneList(high, low), width }, x.shape));
}

/** v with zeros after it, n elements in all. */
function filled(ctx: Context, v: Share, n: number): Share {
  const rows = Int32Array.from({ length: v.shape[0] }, (_, i) => i);
  const rest = v.shape.slice(1);
  return addRowsA(ctx, v, { rows, width: sizeOf(rest) }, [n, ...rest]);
}

/** Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2 M), less what the first k places do not depend on. */
export function mergeExchange(n: number, k: number): readonly Layer[] {
  const layers: [number, number][][] = [];
  for (let p = 1; p < n; p *= 2) {
    for (let d = p; d >= 1; d /= 2) {
      const pairs: [number, number][] = [];
      for (let start = d % p; start + d < n; start += 2 * d) {
        for (let i = start; i < Math.min(start + d, n - d); i++) {
          if (Math.floor(i / (2 * p)) === Math.floor((i + d) / (2 * p))) pairs.push([i, i + d]);
        }
      }
      layers.push(pairs);
    }
  }
  const wanted = new Set(Array.from({ length: k }, (_, i) => i));
  const kept = layers.reverse().map((pairs) => {
    const useful = pairs.filter((pair) => pair.some((wire) => wanted.has(wire)));
    useful.flat().forEach((wire) => wanted.add(wire));
    const [high, low] = [0, 1].map((side) => Int32Array.from(useful, (pair) => pair[side]));
    return { high, low };
  });
  return kept.reverse().filter(({ high }) => high.length > 0);
}
