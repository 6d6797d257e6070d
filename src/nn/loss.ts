/**
 * Losses as modules; see functions/loss.ts, entropy.ts, distance-loss.ts and class-loss.ts. Targets may be secret or public.
 * @module
 */

import type {
  CrypTensor,
  HingeOptions,
  HuberOptions,
  LossOptions,
  RapporOptions,
  SmoothL1Options,
  TensorLike,
} from '../tensor/index.ts';
import { secretInput } from './argument.ts';
import { Module } from './module.ts';

/** A loss between an output and a target, which may be public. */
export abstract class Loss<Options extends LossOptions = LossOptions> extends Module {
  readonly options: Options;

  constructor(options: Options) {
    super();
    this.options = options;
  }

  override forward(input: CrypTensor, target: TensorLike): CrypTensor {
    return this.between(secretInput(this, input), target);
  }

  /** The tensor's method. */
  protected abstract between(input: CrypTensor, target: TensorLike): CrypTensor;
}

/** What losses without options of their own have. */
abstract class PlainLoss extends Loss {
  constructor(options: LossOptions = {}) {
    super(options);
  }
}

/** Mean squared error. */
export class MSELoss extends PlainLoss {
  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.mseLoss(target, this.options);
  }
}

/** Mean absolute error. */
export class L1Loss extends PlainLoss {
  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.l1Loss(target, this.options);
  }
}

/** Squared error up to `beta`, absolute beyond. */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  constructor(options: SmoothL1Options = {}) {
    super(options);
  }

  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.smoothL1Loss(target, this.options);
  }
}

/** Squared error up to `delta`, `delta` times the absolute beyond. */
export class HuberLoss extends Loss<HuberOptions> {
  constructor(options: HuberOptions = {}) {
    super(options);
  }

  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.huberLoss(target, this.options);
  }
}

/** Binary cross-entropy of probabilities. */
export class BCELoss extends PlainLoss {
  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.binaryCrossEntropy(target, this.options);
  }
}

/** Binary cross-entropy of sigmoid(input), from the logits. */
export class BCEWithLogitsLoss extends PlainLoss {
  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.binaryCrossEntropyWithLogits(target, this.options);
  }
}

/** Cross-entropy of softmax(input) along dim 1, from the logits; targets are distributions or class numbers. */
export class CrossEntropyLoss extends PlainLoss {
  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.crossEntropy(target, this.options);
  }
}

/** Negative log likelihood, from log probabilities along dim 1; targets are distributions or class numbers. */
export class NLLLoss extends PlainLoss {
  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.nllLoss(target, this.options);
  }
}

/** max(margin − input·target, 0) for targets of ±1. */
export class HingeLoss extends Loss<HingeOptions> {
  constructor(options: HingeOptions = {}) {
    super(options);
  }

  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.hingeLoss(target, this.options);
  }
}

/** The input where the target is 1, max(margin − input, 0) where it is −1. */
export class HingeEmbeddingLoss extends Loss<HingeOptions> {
  constructor(options: HingeOptions = {}) {
    super(options);
  }

  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.hingeEmbeddingLoss(target, this.options);
  }
}

/** RAPPOR's loss: from logits, against labels that were reported as they are with probability `alpha`. */
export class RAPPORLoss extends Loss<RapporOptions> {
  constructor(alpha: number, options: LossOptions = {}) {
    super({ ...options, alpha });
  }

  protected override between(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.rapporLoss(target, this.options);
  }
}

/** Cosine of the angle between vectors along a dim. */
export class CosineSimilarity extends Module {
  readonly dim: number;

  constructor(dim = 1) {
    super();
    this.dim = dim;
  }

  override forward(x: CrypTensor, y: TensorLike): CrypTensor {
    return secretInput(this, x).cosineSimilarity(y, this.dim);
  }
}
