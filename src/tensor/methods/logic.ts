/**
 * Equality, logic, the larger and the smaller of two. See functions/logic.ts and functions/maximum.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface LogicMethods {
  /** [this = y] as a secret 0/1. */
  eq(y: TensorLike): CrypTensor;
  /** [this ≠ y]. */
  ne(y: TensorLike): CrypTensor;
  /** 1 − this, for a 0/1 tensor. */
  logicalNot(): CrypTensor;
  /** this ∧ y, for 0/1 tensors. */
  logicalAnd(y: TensorLike): CrypTensor;
  /** this ∨ y, for 0/1 tensors. */
  logicalOr(y: TensorLike): CrypTensor;
  /** this ⊕ y, for 0/1 tensors. */
  logicalXor(y: TensorLike): CrypTensor;
  /** The larger of this and y, elementwise. */
  maximum(y: TensorLike): CrypTensor;
  /** The smaller of this and y, elementwise. */
  minimum(y: TensorLike): CrypTensor;
}

/** What they do. */
export const logicMethods: LogicMethods & ThisType<CrypTensor> = {
  eq(y) {
    return mixed(ops.eqOp, [this, operand('eq', y)]);
  },
  ne(y) {
    return mixed(ops.neOp, [this, operand('ne', y)]);
  },
  logicalNot() {
    return apply(ops.logicalNotOp, [this]);
  },
  logicalAnd(y) {
    return mixed(ops.logicalAndOp, [this, operand('logicalAnd', y)]);
  },
  logicalOr(y) {
    return mixed(ops.logicalOrOp, [this, operand('logicalOr', y)]);
  },
  logicalXor(y) {
    return mixed(ops.logicalXorOp, [this, operand('logicalXor', y)]);
  },
  maximum(y) {
    return mixed(ops.maximumOp, [this, operand('maximum', y)]);
  },
  minimum(y) {
    return mixed(ops.minimumOp, [this, operand('minimum', y)]);
  },
};
