/**
 * Losses. See functions/loss.ts, entropy.ts, distance-loss.ts and class-loss.ts.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { showShape } from '../../core/shape.ts';
import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import { Tensor } from '../plain.ts';
import { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface LossMethods {
  /**
   * Cross-entropy of softmax(these logits) along dim 1 against target distributions, such as one-hot rows, or against class numbers,
   * secret or public, of this shape without the classes.
   */
  crossEntropy(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Negative log likelihood of these log probabilities; targets as for `crossEntropy`. */
  nllLoss(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Binary cross-entropy of these probabilities against a target. */
  binaryCrossEntropy(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Binary cross-entropy of these logits against a target. */
  binaryCrossEntropyWithLogits(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Mean squared error against a target. */
  mseLoss(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Mean absolute error against a target. */
  l1Loss(target: TensorLike, options?: ops.LossOptions): CrypTensor;
  /** Squared error over 2·beta up to beta, absolute error − beta/2 beyond. */
  smoothL1Loss(target: TensorLike, options?: ops.SmoothL1Options): CrypTensor;
  /** Half the squared error up to delta, delta·(absolute error − delta/2) beyond. */
  huberLoss(target: TensorLike, options?: ops.HuberOptions): CrypTensor;
  /** max(margin − this·target, 0) for targets of ±1. */
  hingeLoss(target: TensorLike, options?: ops.HingeOptions): CrypTensor;
  /** This where the target is 1, max(margin − this, 0) where it is −1. */
  hingeEmbeddingLoss(target: TensorLike, options?: ops.HingeOptions): CrypTensor;
  /** RAPPOR's loss of these logits against randomised labels, which are right with probability `alpha`. */
  rapporLoss(target: TensorLike, options: ops.RapporOptions): CrypTensor;
  /** 1 at the position that each element names, as a new last dim. */
  oneHot(numClasses: number): CrypTensor;
}

/** What they do. */
export const lossMethods: LossMethods & ThisType<CrypTensor> = {
  crossEntropy(target, options = {}) {
    return mixed(ops.crossEntropyOp, [this, distribution('crossEntropy', this, target)], options);
  },
  nllLoss(target, options = {}) {
    return mixed(ops.nllLossOp, [this, distribution('nllLoss', this, target)], options);
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
  l1Loss(target, options = {}) {
    return mixed(ops.l1LossOp, [this, operand('l1Loss', target)], options);
  },
  smoothL1Loss(target, options = {}) {
    return mixed(ops.smoothL1LossOp, [this, operand('smoothL1Loss', target)], options);
  },
  huberLoss(target, options = {}) {
    return mixed(ops.huberLossOp, [this, operand('huberLoss', target)], options);
  },
  hingeLoss(target, options = {}) {
    return mixed(ops.hingeLossOp, [this, operand('hingeLoss', target)], options);
  },
  hingeEmbeddingLoss(target, options = {}) {
    return mixed(ops.hingeEmbeddingLossOp, [this, operand('hingeEmbeddingLoss', target)], options);
  },
  rapporLoss(target, options) {
    return mixed(ops.rapporLossOp, [this, operand('rapporLoss', target)], options);
  },
  oneHot(numClasses) {
    return apply(ops.oneHotOp, [this], numClasses);
  },
};

/**
 * A target as distributions over the classes, which are dim 1 (dim 0 of a vector): class numbers become one-hot.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a target of neither shape, ERR_MPC_RANGE for a public number that is no class.
 */
function distribution(op: string, x: CrypTensor, target: TensorLike): CrypTensor | ops.Plain {
  const y = operand(op, target);
  const axis = Math.min(1, x.dim() - 1);
  const without = x.shape.filter((_, i) => i !== axis);
  if (x.dim() === 0 || y.shape.length !== without.length) return y;
  if (y.shape.some((size, i) => size !== without[i])) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: class numbers for ${showShape(x.shape)} have shape ${showShape(without)}, got ${showShape(y.shape)}`,
    );
  }
  const classes = x.shape[axis];
  // The classes stand last; they belong to dim 1.
  const order = [...without.keys()];
  order.splice(axis, 0, without.length);
  if (y instanceof CrypTensor) return y.oneHot(classes).permute(order);
  return permuted(ops.plainOneHot(op, y, classes), axis);
}

/** Plain values with their last dim moved to `axis`. */
function permuted({ shape, data }: ops.Plain, axis: number): ops.Plain {
  const classes = shape[shape.length - 1];
  const inner = shape.slice(axis, -1).reduce((a, b) => a * b, 1);
  const moved = new Tensor(
    [...shape.slice(0, axis), classes, ...shape.slice(axis, -1)],
    new Float64Array(data.length),
  );
  data.forEach((value, i) => {
    const place = Math.floor(i / classes);
    const [before, after] = [Math.floor(place / inner), place % inner];
    moved.data[(before * classes + (i % classes)) * inner + after] = value;
  });
  return moved;
}
