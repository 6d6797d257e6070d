/**
 * Methods that draw secret randomness.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed } from '../apply.ts';
import { ValuesAndIndices } from '../found.ts';
import type { CrypTensor } from '../tensor.ts';

/** Random methods of a tensor. */
export interface SamplingMethods {
  /** 1 with the probability that each element is, else 0. See functions/sampling.ts for all of these. */
  bernoulli(): CrypTensor;
  /** Elements set to 0 with probability p, the others times 1/(1 − p); the mask is secret. */
  dropout(p?: number, options?: { readonly training?: boolean }): CrypTensor;
  /** Dropout of whole channels. */
  featureDropout(p?: number, options?: { readonly training?: boolean }): CrypTensor;
  /** A one-hot along a dim, or over all elements, whose position is drawn by these weights. */
  weightedIndex(dim?: number): CrypTensor;
}

/** What they do. */
export const samplingMethods: SamplingMethods & ThisType<CrypTensor> = {
  bernoulli() {
    return mixed(ops.bernoulliOp, [this]);
  },
  dropout(p, options = {}) {
    return apply(ops.dropoutOp, [this], { p, ...options });
  },
  featureDropout(p, options = {}) {
    return apply(ops.featureDropoutOp, [this], { p, ...options });
  },
  weightedIndex(dim) {
    if (dim !== undefined) return apply(ops.weightedIndexOp, [this], dim);
    return apply(ops.weightedIndexOp, [this.flatten()], 0).reshape(this.shape);
  },
};

/** Random methods that give a pair. */
export interface SampleMethods {
  /** An element along a dim, or of all, drawn by these weights, and the one-hot that chose it. */
  weightedSample(dim?: number): ValuesAndIndices;
}

/** What they do. */
export const sampleMethods: SampleMethods & ThisType<CrypTensor> = {
  weightedSample(dim) {
    const oneHot = this.weightedIndex(dim);
    return new ValuesAndIndices(this.mul(oneHot).sum(dim), () => oneHot);
  },
};
