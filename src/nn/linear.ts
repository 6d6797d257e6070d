/**
 * The fully connected layer.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor } from '../tensor/index.ts';
import { uniform } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/**
 * y = x·Wᵀ + b, with W: [out, in] and b: [out].
 *
 * Both start uniform in ±1/√in, as PyTorch's. Shape   x: [.., in]; result: [.., out].
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  /** @throws {MpcError} ERR_MPC_SHAPE unless both sizes are whole numbers from 1 up. */
  constructor(
    inFeatures: number,
    outFeatures: number,
    { bias = true }: { readonly bias?: boolean } = {},
  ) {
    super();
    for (const size of [inFeatures, outFeatures]) {
      if (!Number.isInteger(size) || size < 1) {
        throw new MpcError(
          'ERR_MPC_SHAPE',
          `Linear: sizes must be whole numbers from 1 up, got ${size}`,
        );
      }
    }
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const bound = 1 / Math.sqrt(inFeatures);
    const parameter = (shape: readonly number[]): Parameter =>
      new Parameter(shape, () => uniform(shape, -bound, bound));
    this.weight = parameter([outFeatures, inFeatures]);
    this.bias = bias ? parameter([outFeatures]) : null;
  }

  override forward(x: CrypTensor): CrypTensor {
    const y = x.matmul(this.weight.tensor.t());
    return this.bias === null ? y : y.add(this.bias.tensor);
  }
}
