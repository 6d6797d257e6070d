/**
 * Layers without parameters: each calls the tensor's method of the same name.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';
import { Module } from './module.ts';

/** max(x, 0); see `relu` in functions/activations.ts. */
export class ReLU extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return x.relu();
  }
}

/** 1/(1 + e^−x); see `sigmoid` in functions/smooth.ts. */
export class Sigmoid extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return x.sigmoid();
  }
}

/** Dims `startDim` to `endDim` merged; all but the batch dim unless said. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(x: CrypTensor): CrypTensor {
    return x.flatten(this.startDim, this.endDim);
  }
}
