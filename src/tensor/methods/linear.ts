/**
 * Products of matrices and vectors. See functions/linear.ts and functions/vectors.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface LinearMethods {
  /** The matrix product this · y. */
  matmul(y: TensorLike): CrypTensor;
  /** The matrix product y · this. */
  rmatmul(y: TensorLike): CrypTensor;
  /** The inner product of two vectors, each product times its weight if there are weights. */
  dot(y: TensorLike, weights?: TensorLike): CrypTensor;
  /** The outer product of two vectors. */
  ger(y: TensorLike): CrypTensor;
}

/** What they do. */
export const linearMethods: LinearMethods & ThisType<CrypTensor> = {
  matmul(y) {
    return mixed(ops.matmulOp, [this, operand('matmul', y)]);
  },
  rmatmul(y) {
    return mixed(ops.matmulOp, [operand('rmatmul', y), this]);
  },
  dot(y, weights) {
    const scaling = weights === undefined ? [] : [operand('dot', weights)];
    return mixed(ops.dotOp, [this, operand('dot', y), ...scaling]);
  },
  ger(y) {
    return mixed(ops.gerOp, [this, operand('ger', y)]);
  },
};
