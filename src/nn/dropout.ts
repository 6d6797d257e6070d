/**
 * Dropout: in training, elements or whole channels become 0 with probability p and the others grow by 1/(1 − p). The mask is secret.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';
import { checkProbability, secretInput } from './argument.ts';
import { Module } from './module.ts';

/** Dropout of elements; see functions/sampling.ts. */
export class Dropout extends Module {
  readonly p: number;

  /** @throws {MpcError} ERR_MPC_RANGE unless p lies on [0, 1]; so for the others. */
  constructor(p = 0.5) {
    super();
    checkProbability('Dropout', p);
    this.p = p;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).dropout(this.p, { training: this.training });
  }
}

/** Dropout of whole channels, the second dim, whatever follows them; see functions/sampling.ts. */
export class DropoutNd extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    checkProbability(new.target.name, p);
    this.p = p;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).featureDropout(this.p, { training: this.training });
  }
}

/** Dropout of the channels of images [N,C,H,W]. */
export class Dropout2d extends DropoutNd {}

/** Dropout of the channels of volumes [N,C,D,H,W]. */
export class Dropout3d extends DropoutNd {}
