/**
 * Elementwise arithmetic. See functions/arithmetic.ts and functions/powers.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface ArithmeticMethods {
  /** this + y. */
  add(y: TensorLike): CrypTensor;
  /** this − y. */
  sub(y: TensorLike): CrypTensor;
  /** y − this. */
  rsub(y: TensorLike): CrypTensor;
  /** −this. */
  neg(): CrypTensor;
  /** this · y, elementwise. */
  mul(y: TensorLike): CrypTensor;
  /** this / y, elementwise; 0 where a secret y is 0. */
  div(y: TensorLike): CrypTensor;
  /** y / this, elementwise; 0 where this is 0. */
  rdiv(y: TensorLike): CrypTensor;
  /** this². */
  square(): CrypTensor;
  /** this^exponent for a whole number. */
  pow(exponent: number): CrypTensor;
  /** Σ c_k·this^k for coefficients from degree 1 up. */
  polynomial(coefficients: TensorLike): CrypTensor;
}

/** What they do. */
export const arithmeticMethods: ArithmeticMethods & ThisType<CrypTensor> = {
  add(y) {
    return mixed(ops.addOp, [this, operand('add', y)]);
  },
  sub(y) {
    return mixed(ops.subOp, [this, operand('sub', y)]);
  },
  rsub(y) {
    return mixed(ops.subOp, [operand('rsub', y), this]);
  },
  neg() {
    return apply(ops.negOp, [this]);
  },
  mul(y) {
    return mixed(ops.mulOp, [this, operand('mul', y)]);
  },
  div(y) {
    return mixed(ops.divOp, [this, operand('div', y)]);
  },
  rdiv(y) {
    return mixed(ops.divOp, [operand('rdiv', y), this]);
  },
  square() {
    return apply(ops.squareOp, [this]);
  },
  pow(exponent) {
    return apply(ops.powOp, [this], exponent);
  },
  polynomial(coefficients) {
    return mixed(ops.polynomialOp, [this, operand('polynomial', coefficients)]);
  },
};
