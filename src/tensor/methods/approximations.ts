/**
 * Functions that are approximated. See functions/: smooth, rectifiers, exponential, logarithm, reciprocal, roots, trigonometric.
 * Options name one of CrypTen's methods (functions/crypten); without any, a function is right wherever its result fits.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface ApproximationMethods {
  /** e^this. */
  exp(options?: ops.ExpOptions): CrypTensor;
  /** The natural logarithm. */
  log(options?: ops.LogOptions): CrypTensor;
  /** 1/this; 0 where this is 0. */
  reciprocal(options?: ops.ReciprocalOptions): CrypTensor;
  /** this^exponent for this > 0 and any exponent; a public whole number as `pow`. */
  posPow(exponent: TensorLike): CrypTensor;
  /** √this; 0 where this is negative. */
  sqrt(options?: ops.RootOptions): CrypTensor;
  /** 1/√this; 0 where this is not above 0. */
  rsqrt(options?: ops.RootOptions): CrypTensor;
  /** sin(this), in radians. */
  sin(options?: ops.TrigOptions): CrypTensor;
  /** cos(this), in radians. */
  cos(options?: ops.TrigOptions): CrypTensor;
  /** 1/(1 + e^−this). */
  sigmoid(options?: ops.SigmoidOptions): CrypTensor;
  /** tanh(this). */
  tanh(options?: ops.SigmoidOptions): CrypTensor;
  /** erf(this). */
  erf(options?: ops.ErfOptions): CrypTensor;
  /** this·Φ(this), Φ the normal distribution function. */
  gelu(): CrypTensor;
  /** this·sigmoid(this). */
  silu(): CrypTensor;
  /** log(1 + e^this). */
  softplus(): CrypTensor;
}

/** What they do. */
export const approximationMethods: ApproximationMethods & ThisType<CrypTensor> = {
  exp(options = {}) {
    return apply(ops.expOp, [this], options);
  },
  log(options = {}) {
    return apply(ops.logOp, [this], options);
  },
  reciprocal(options = {}) {
    return apply(ops.reciprocalOp, [this], options);
  },
  posPow(exponent) {
    return mixed(ops.posPowOp, [this, operand('posPow', exponent)]);
  },
  sqrt(options = {}) {
    return apply(ops.sqrtOp, [this], options);
  },
  rsqrt(options = {}) {
    return apply(ops.rsqrtOp, [this], options);
  },
  sin(options = {}) {
    return apply(ops.sinOp, [this], options);
  },
  cos(options = {}) {
    return apply(ops.cosOp, [this], options);
  },
  sigmoid(options = {}) {
    return apply(ops.sigmoidOp, [this], options);
  },
  tanh(options = {}) {
    return apply(ops.tanhOp, [this], options);
  },
  erf(options = {}) {
    return apply(ops.erfOp, [this], options);
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
  cossin(options?: ops.TrigOptions): readonly [cos: CrypTensor, sin: CrypTensor];
}

/** What they do. */
export const pairMethods: PairMethods & ThisType<CrypTensor> = {
  cossin(options = {}) {
    const both = apply(ops.cossinOp, [this], options);
    return [both.index(0), both.index(1)];
  },
};
