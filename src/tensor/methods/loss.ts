/**
 * Losses. See functions/loss.ts and functions/entropy.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface LossMethods {
  /** Cross-entropy of softmax(these logits) along dim 1 against target distributions, such as one-hot rows. */
  crossEntropy(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Binary cross-entropy of these probabilities against a target. */
  binaryCrossEntropy(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Binary cross-entropy of these logits against a target. */
  binaryCrossEntropyWithLogits(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Mean squared error against a target. */
  mseLoss(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** RAPPOR's loss of these logits against randomised labels, which are right with probability `alpha`. */
  rapporLoss(target: TensorLike, options: ops.RapporOptions): CrypTensor;
}

/** What they do. */
export const lossMethods: LossMethods & ThisType<CrypTensor> = {
  crossEntropy(target, options = {}) {
    return mixed(ops.crossEntropyOp, [this, operand('crossEntropy', target)], options);
  },
  binaryCrossEntropy(target, options = {}) {
    return mixed(ops.binaryCrossEntropyOp, [this, operand('binaryCrossEntropy', target)], options);
  },
  binaryCrossEntropyWithLogits(target, options = {}) {
    const y = operand('binaryCrossEntropyWithLogits', target);
    return mixed(ops.binaryCrossEntropyWithLogitsOp, [this, y], options);
  },
  mseLoss(target, options = {}) {
    return mixed(ops.mseLossOp, [this, operand('mseLoss', target)], options);
  },
  rapporLoss(target, options) {
    return mixed(ops.rapporLossOp, [this, operand('rapporLoss', target)], options);
  },
};
