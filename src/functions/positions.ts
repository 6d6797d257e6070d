/**
 * Public positions: checked, and turned into numbers of words or rows. Nothing here touches a secret.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { contiguousStrides, normalizeDim, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Plain } from './op.ts';

/** Positions along something of a known size, in a shape of their own. */
export interface Positions {
  readonly shape: Shape;
  readonly at: Int32Array<ArrayBuffer>;
}

/**
 * Checked positions below `size`; `what` says in an error what they are positions of.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for anything but whole numbers from 0 (with `wrap`: from −size) to size − 1.
 */
export function positions(
  op: string,
  index: Plain,
  size: number,
  what: string,
  wrap = false,
): Positions {
  const at = new Int32Array(index.data.length);
  index.data.forEach((entry, i) => {
    const found = wrap && entry < 0 ? entry + size : entry;
    if (!Number.isInteger(found) || found < 0 || found >= size) {
      const range = size === 0 ? 'which has none' : `use ${wrap ? -size : 0} to ${size - 1}`;
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: index ${entry} at flat position ${i} is no position of ${what}; ${range}`,
      );
    }
    at[i] = found;
  });
  return { shape: index.shape, at };
}

/**
 * Positions along one dim, a list of them.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim or position.
 */
export function dimPositions(
  op: string,
  shape: Shape,
  dim: number,
  index: Plain,
  wrap = false,
): { axis: number; size: number; found: Positions } {
  const axis = normalizeDim(op, dim, shape.length);
  const size = shape.length === 0 ? 1 : shape[axis];
  const what = `dim ${dim} of ${showShape(shape)}`;
  return { axis, size, found: positions(op, index, size, what, wrap) };
}

/**
 * What `gather` and `scatter` address: for each entry of the index the word of a contiguous tensor of `shape` that has the
 * entry as its position along `dim` and the entry's own position along the other dims.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when the index has another number of dims, is larger than the tensor along another dim, or
 * holds a bad position.
 */
export function gridPositions(op: string, shape: Shape, dim: number, index: Plain): Positions {
  const axis = normalizeDim(op, dim, shape.length);
  if (index.data.length === 0) return { shape: index.shape, at: new Int32Array(0) };
  const [own, grid] = [shape, index.shape].map((sizes) => (sizes.length === 0 ? [1] : sizes));
  const fits = own.length === grid.length && grid.every((size, i) => i === axis || size <= own[i]);
  if (!fits) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: an index of shape ${showShape(index.shape)} does not fit ${showShape(shape)}: it needs as many dims, ` +
        `and no dim but ${axis} may be larger`,
    );
  }
  const what = `dim ${dim} of ${showShape(shape)}`;
  const { at } = positions(op, index, own[axis], what);
  const strides = contiguousStrides(own);
  const steps = contiguousStrides(grid);
  at.forEach((entry, i) => {
    let word = entry * strides[axis];
    grid.forEach((size, d) => {
      if (d !== axis) word += (Math.floor(i / steps[d]) % size) * strides[d];
    });
    at[i] = word;
  });
  return { shape: index.shape, at };
}

/** For each word of a tensor of `shape`: its own number, or `size + i` where entry i of `at` writes it; the last one stays. */
export function writtenOver(shape: Shape, at: Int32Array): Int32Array<ArrayBuffer> {
  const size = sizeOf(shape);
  const from = Int32Array.from({ length: size }, (_, word) => word);
  at.forEach((word, i) => (from[word] = size + i));
  return from;
}
