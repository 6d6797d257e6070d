/**
 * Functions that are approximated. See functions/: smooth, rectifiers, exponential, logarithm, reciprocal, roots, trigonometric.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface ApproximationMethods {
  /** e^this. */
  exp(): CrypTensor;
  /** The natural logarithm. */
  log(): CrypTensor;
  /** 1/this; 0 where this is 0. */
  reciprocal(): CrypTensor;
  /** this^exponent for this > 0 and any exponent; a public whole number as `pow`. */
  posPow(exponent: TensorLike): CrypTensor;
  /** √this; 0 where this is negative. */
  sqrt(): CrypTensor;
  /** 1/√this; 0 where this is not above 0. */
  rsqrt(): CrypTensor;
  /** sin(this), in radians. */
  sin(): CrypTensor;
  /** cos(this), in radians. */
  cos(): CrypTensor;
  /** 1/(1 + e^−this). */
  sigmoid(): CrypTensor;
  /** tanh(this). */
  tanh(): CrypTensor;
  /** erf(this). */
  erf(): CrypTensor;
  /** this·Φ(this), Φ the normal distribution function. */
  gelu(): CrypTensor;
  /** this·sigmoid(this). */
  silu(): CrypTensor;
  /** log(1 + e^this). */
  softplus(): CrypTensor;
}

/** What they do. */
export const approximationMethods: ApproximationMethods & ThisType<CrypTensor> = {
  exp() {
    return apply(ops.expOp, [this]);
  },
  log() {
    return apply(ops.logOp, [this]);
  },
  reciprocal() {
    return apply(ops.reciprocalOp, [this]);
  },
  posPow(exponent) {
    return mixed(ops.posPowOp, [this, operand('posPow', exponent)]);
  },
  sqrt() {
    return apply(ops.sqrtOp, [this]);
  },
  rsqrt() {
    return apply(ops.rsqrtOp, [this]);
  },
  sin() {
    return apply(ops.sinOp, [this]);
  },
  cos() {
    return apply(ops.cosOp, [this]);
  },
  sigmoid() {
    return apply(ops.sigmoidOp, [this]);
  },
  tanh() {
    return apply(ops.tanhOp, [this]);
  },
  erf() {
    return apply(ops.erfOp, [this]);
  },
  gelu() {
    return apply(ops.geluOp, [this]);
  },
  silu() {
    return apply(ops.siluOp, [this]);
  },
  softplus() {
    return apply(ops.softplusOp, [this]);
  },
};

/** Methods that return two tensors. */
export interface PairMethods {
  /** cos(this) and sin(this) for the price of one. */
  cossin(): readonly [cos: CrypTensor, sin: CrypTensor];
}

/** What they do. */
export const pairMethods: PairMethods & ThisType<CrypTensor> = {
  cossin() {
    const both = apply(ops.cossinOp, [this]);
    return [both.index(0), both.index(1)];
  },
};
