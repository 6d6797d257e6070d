/**
 * Sizes of the parts that a dim is taken apart into.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, showShape, type Shape } from '../core/shape.ts';

/**
 * Sizes of the parts when dim `dim` is split into parts of one size, the last one smaller, or into parts of the sizes listed.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for sizes that are none or do not add up.
 */
export function splitSizes(
  shape: Shape,
  dim: number,
  sizes: number | readonly number[],
): readonly number[] {
  const total = lengthOf('split', shape, dim);
  if (typeof sizes === 'number') {
    if (isCount(sizes) && (sizes > 0 || total === 0)) return parts(total, sizes);
  } else if (sizes.every(isCount) && sizes.reduce((sum, size) => sum + size, 0) === total) {
    return sizes;
  }
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `split: ${typeof sizes === 'number' ? `size ${sizes}` : `sizes ${showShape(sizes)}`} cannot split ` +
      `dim ${dim} of ${showShape(shape)}; one size above 0, or sizes that add up to ${total}`,
  );
}

/**
 * Sizes of the parts when dim `dim` is cut into `chunks` parts, or fewer, all of one size but the last.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a number of chunks below 1.
 */
export function chunkSizes(shape: Shape, dim: number, chunks: number): readonly number[] {
  const total = lengthOf('chunk', shape, dim);
  if (!isCount(chunks) || chunks === 0) {
    throw new MpcError('ERR_MPC_SHAPE', `chunk: expected at least 1 chunk, got ${chunks}`);
  }
  return total === 0 ? Array<number>(chunks).fill(0) : parts(total, Math.ceil(total / chunks));
}

function parts(total: number, size: number): readonly number[] {
  const count = Math.max(1, Math.ceil(total / Math.max(size, 1)));
  return Array.from({ length: count }, (_, i) => Math.min(size, total - i * size));
}

/**
 * The size of a dim.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a dim outside the tensor; a 0-d tensor has none.
 */
export function lengthOf(op: string, shape: Shape, dim: number): number {
  if (shape.length > 0) return shape[normalizeDim(op, dim, shape.length)];
  throw new MpcError('ERR_MPC_SHAPE', `${op}: a 0-d tensor has no dim to take apart`);
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 0;
}
