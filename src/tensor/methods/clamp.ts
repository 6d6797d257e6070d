/**
 * Activations of a few pieces. See functions/clamp.ts and functions/elu.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface ClampMethods {
  /** This between two public bounds, of which one may be null. */
  clamp(min?: number | null, max?: number | null): CrypTensor;
  /** This between −1 and 1, or other public bounds. */
  hardtanh(minVal?: number, maxVal?: number): CrypTensor;
  /** This between 0 and 6. */
  relu6(): CrypTensor;
  /** This above 0, `negativeSlope` times this below. */
  leakyRelu(negativeSlope?: number): CrypTensor;
  /** This above 0, `alpha`·(e^this − 1) below. */
  elu(alpha?: number): CrypTensor;
}

/** What they do. */
export const clampMethods: ClampMethods & ThisType<CrypTensor> = {
  clamp(min, max) {
    return apply(ops.clampOp, [this], { min: min ?? undefined, max: max ?? undefined });
  },
  hardtanh(minVal, maxVal) {
    return apply(ops.hardtanhOp, [this], { minVal, maxVal });
  },
  relu6() {
    return apply(ops.relu6Op, [this]);
  },
  leakyRelu(negativeSlope) {
    return apply(ops.leakyReluOp, [this], { negativeSlope });
  },
  elu(alpha) {
    return apply(ops.eluOp, [this], { alpha });
  },
};
