/**
 * Losses as modules; see functions/loss.ts.
 * @module
 */

import type { CrypTensor, LossOptions, TensorLike } from '../tensor/index.ts';

/** A loss between an output and a target, which may be public. */
export abstract class Loss {
  readonly options: LossOptions;

  constructor(options: LossOptions = {}) {
    this.options = options;
  }

  abstract forward(input: CrypTensor, target: TensorLike): CrypTensor;
}

/** Binary cross-entropy of sigmoid(input), from the logits. */
export class BCEWithLogitsLoss extends Loss {
  override forward(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.binaryCrossEntropyWithLogits(target, this.options);
  }
}

/** Mean squared error. */
export class MSELoss extends Loss {
  override forward(input: CrypTensor, target: TensorLike): CrypTensor {
    return input.mseLoss(target, this.options);
  }
}
