/**
 * `ModuleBuffer`: a tensor that belongs to a module's state and is not trained, such as running statistics.
 * @module
 */

import type { Tensor } from '../tensor/index.ts';
import { StoredTensor } from './stored.ts';

/** One buffer; `encrypt` shares it with the parameters. */
export class ModuleBuffer extends StoredTensor {
  override readonly requiresGrad = false;

  /** A buffer of known values. */
  static of(value: Tensor): ModuleBuffer {
    return new ModuleBuffer(value.shape, () => value);
  }
}
