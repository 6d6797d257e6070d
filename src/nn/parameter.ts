/**
 * `Parameter`: a trainable tensor of a module.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import type { Tensor } from '../tensor/index.ts';
import { StoredTensor } from './stored.ts';

/** One parameter. */
export class Parameter extends StoredTensor {
  override readonly requiresGrad: boolean;

  /** `draw` makes the initial values; it runs at the owner only, when they are first needed. */
  constructor(shape: Shape, draw: () => Tensor, requiresGrad = true) {
    super(shape, draw);
    this.requiresGrad = requiresGrad;
  }

  /** A parameter of known values. */
  static of(value: Tensor, requiresGrad = true): Parameter {
    return new Parameter(value.shape, () => value, requiresGrad);
  }
}
