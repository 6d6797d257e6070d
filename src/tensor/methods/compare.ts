/**
 * Comparisons and what is made of them. See functions/compare.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface CompareMethods {
  /** [this < y] as a secret 0/1. */
  lt(y: TensorLike): CrypTensor;
  /** [this ≤ y]. */
  le(y: TensorLike): CrypTensor;
  /** [this > y]. */
  gt(y: TensorLike): CrypTensor;
  /** [this ≥ y]. */
  ge(y: TensorLike): CrypTensor;
  /** This where the condition is 1, y where it is 0. */
  where(condition: TensorLike, y: TensorLike): CrypTensor;
  /** The sign; +1 at 0. */
  sign(): CrypTensor;
  /** The absolute value. */
  abs(): CrypTensor;
}

/** What they do. */
export const compareMethods: CompareMethods & ThisType<CrypTensor> = {
  lt(y) {
    return mixed(ops.ltOp, [this, operand('lt', y)]);
  },
  le(y) {
    return mixed(ops.leOp, [this, operand('le', y)]);
  },
  gt(y) {
    return mixed(ops.gtOp, [this, operand('gt', y)]);
  },
  ge(y) {
    return mixed(ops.geOp, [this, operand('ge', y)]);
  },
  where(condition, y) {
    return mixed(ops.whereOp, [operand('where', condition), this, operand('where', y)]);
  },
  sign() {
    return apply(ops.signOp, [this]);
  },
  abs() {
    return apply(ops.absOp, [this]);
  },
};
