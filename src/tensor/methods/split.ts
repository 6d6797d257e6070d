/**
 * Taking a tensor apart along a dim. The parts are views and track gradients each on its own.
 * @module
 */

import { chunkSizes, lengthOf, splitSizes } from '../../functions/index.ts';
import { normalizeDim } from '../../core/shape.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor that give several. */
export interface SplitMethods {
  /** Parts of one size, the last one smaller, or of the sizes listed. */
  split(size: number | readonly number[], dim?: number): CrypTensor[];
  /** As many parts as said, or fewer, all of one size but the last. */
  chunk(chunks: number, dim?: number): CrypTensor[];
  /** The slices at each position of a dim, which vanishes. */
  unbind(dim?: number): CrypTensor[];
}

/** What they do. */
export const splitMethods: SplitMethods & ThisType<CrypTensor> = {
  split(size, dim = 0) {
    return partsOf(this, splitSizes(this.shape, dim, size), dim);
  },
  chunk(chunks, dim = 0) {
    return partsOf(this, chunkSizes(this.shape, dim, chunks), dim);
  },
  unbind(dim = 0) {
    const length = lengthOf('unbind', this.shape, dim);
    const before = Array.from({ length: normalizeDim('unbind', dim, this.dim()) }, () => []);
    return Array.from({ length }, (_, i) => this.index(...before, i));
  },
};

function partsOf(tensor: CrypTensor, sizes: readonly number[], dim: number): CrypTensor[] {
  let start = 0;
  return sizes.map((size) => {
    const from = start;
    start += size;
    return tensor.narrow(dim, from, size);
  });
}
