/**
 * The fully connected layer.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';
import { checkSizes, secretInput } from './argument.ts';
import { uniform } from './draw.ts';
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
    checkSizes('Linear', { inFeatures, outFeatures });
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const bound = 1 / Math.sqrt(inFeatures);
    const parameter = (shape: readonly number[]): Parameter =>
      new Parameter(shape, () => uniform(shape, -bound, bound));
    this.weight = parameter([outFeatures, inFeatures]);
    this.bias = bias ? parameter([outFeatures]) : null;
  }

  override forward(x: CrypTensor): CrypTensor {
    return this.map(secretInput(this, x), this.weight.tensor, this.bias?.tensor ?? null);
  }

  /** What the layer does, with other weights of the same shapes. */
  map(x: CrypTensor, weight: CrypTensor, bias: CrypTensor | null): CrypTensor {
    const y = x.matmul(weight.t());
    return bias === null ? y : y.add(bias);
  }
}
