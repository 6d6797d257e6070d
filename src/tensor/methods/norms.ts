/**
 * Lengths and angles of vectors. See functions/norm.ts and functions/similarity.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';
import type { KeepDim } from './reduce.ts';

/** Methods of a tensor. */
export interface NormMethods {
  /** Norm of order p, of all elements or along dims: a number from 1 up, `fro` (2, unless said otherwise) or `inf`. */
  norm(p?: number | 'fro' | 'inf', dim?: number | readonly number[], options?: KeepDim): CrypTensor;
  /** Cosine of the angle between vectors along a dim, 1 unless said. */
  cosineSimilarity(y: TensorLike, dim?: number): CrypTensor;
}

/** What they do. */
export const normMethods: NormMethods & ThisType<CrypTensor> = {
  norm(p = 'fro', dim, options = {}) {
    return apply(ops.normOp, [this], { p, dim, ...options });
  },
  cosineSimilarity(y, dim = 1) {
    return mixed(ops.cosineSimilarityOp, [this, operand('cosineSimilarity', y)], dim);
  },
};
