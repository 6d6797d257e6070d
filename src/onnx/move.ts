/**
 * Movement of public and secret values alike: one name for the methods that both have.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import { CrypTensor } from '../tensor/index.ts';
import { Fixed, joined, type Value } from './fixed.ts';

/** Positions in row-major order, and the shape of what they pick. */
export interface Places {
  readonly shape: Shape;
  readonly data: Float64Array<ArrayBuffer>;
}

/** Movement by name. */
export const move = {
  /** Another shape of the same size. */
  reshape: (x: Value, shape: Shape): Value =>
    x instanceof Fixed ? x.reshape(shape) : x.reshape(shape),
  /** Dims in another order. */
  permute: (x: Value, dims: readonly number[]): Value =>
    x instanceof Fixed ? x.permute(dims) : x.permute(dims),
  /** Dims of size 1 repeated, and new leading ones. */
  expand: (x: Value, shape: Shape): Value =>
    x instanceof Fixed ? x.expand(shape) : x.expand(shape),
  /** `length` positions of a dim from `start`. */
  narrow: (x: Value, dim: number, start: number, length: number): Value =>
    x instanceof Fixed ? x.narrow(dim, start, length) : x.narrow(dim, start, length),
  /** The positions of a dim that an index lists. */
  indexSelect: (x: Value, dim: number, index: readonly number[]): Value =>
    x instanceof Fixed ? x.indexSelect(dim, index) : x.indexSelect(dim, Float64Array.from(index)),
  /** Repeated along its dims. */
  repeat: (x: Value, counts: readonly number[]): Value =>
    x instanceof Fixed ? x.repeat(counts) : x.repeat(counts),
  /** Elements by their positions. */
  take: (x: Value, places: Places): Value => (x instanceof Fixed ? x.take(places) : x.take(places)),
  /** Joined along a dim; the shape is the result's. */
  cat: (parts: readonly Value[], dim: number, shape: Shape): Value => {
    const secret = parts.find((part) => part instanceof CrypTensor);
    if (secret !== undefined) return secret.party.cat(parts, dim);
    return joined(parts as readonly Fixed[], dim, shape);
  },
} as const;
