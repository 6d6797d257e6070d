/**
 * Dims turned round: pools and searches work along the first dim.
 * @module
 */

import type { Share } from '../protocol/share.ts';
import { permute } from './movement.ts';

/**
 * The last dim first.
 *
 * Shape   [a,…,z]; result: [z,a,…]. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function lastFirst(x: Share): Share {
  return turned(x, -1);
}

/**
 * The first dim last.
 *
 * Shape   [a,b,…]; result: [b,…,a]. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function firstLast(x: Share): Share {
  return turned(x, 1);
}

/**
 * The last `dims` dims before the others.
 *
 * Shape   [N,C,H,W]; result: [H,W,N,C]. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function imageFirst(x: Share, dims: number): Share {
  return turned(x, -dims);
}

/**
 * The first `dims` dims after the others.
 *
 * Shape   [H,W,N,C]; result: [N,C,H,W]. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function imageLast(x: Share, dims: number): Share {
  return turned(x, dims);
}

/**
 * One dim first, the others in their order.
 *
 * Shape   [a,n,b]; result for axis 1: [n,a,b]. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function dimFirst(x: Share, axis: number): Share {
  return permute(x, firstOrder(x, axis));
}

/**
 * The first dim at `axis`; undoes `dimFirst`.
 *
 * Shape   [n,a,b]; result for axis 1: [a,n,b]. Cost    0 rounds, 0 bytes, no copy. Leaks   nothing.
 */
export function firstTo(x: Share, axis: number): Share {
  const order = firstOrder(x, axis);
  return permute(
    x,
    order.map((_, i) => order.indexOf(i)),
  );
}

function firstOrder({ shape }: Share, axis: number): number[] {
  return [axis, ...shape.keys()].filter((dim, i) => i === 0 || dim !== axis);
}

/** Dims read from `start` on, then those before. */
function turned(x: Share, start: number): Share {
  const axes = [...x.shape.keys()];
  return permute(x, [...axes.slice(start), ...axes.slice(0, start)]);
}
