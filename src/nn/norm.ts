/**
 * Normalisation within each sample: over the last dims, over groups of channels, over each channel. See functions/layer-norm.ts.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../core/shape.ts';
import { type CrypTensor, Tensor } from '../tensor/index.ts';
import { checkSizes, secretInput } from './argument.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of the layers. */
export interface NormOptions {
  /** What keeps the variance away from 0; 1e-5 unless said. */
  readonly eps?: number;
  /** Whether there are a weight and a bias. */
  readonly affine?: boolean;
}

/** Options of `LayerNorm`, with PyTorch's name for the weight and the bias. */
export interface LayerNormOptions {
  /** 1e-5 unless said. */
  readonly eps?: number;
  /** false: no weight and no bias. */
  readonly elementwiseAffine?: boolean;
}

/** Mean 0 and variance 1 over the last dims, times a weight and plus a bias of their shape. */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  /** @throws {MpcError} ERR_MPC_SHAPE unless all sizes are whole numbers from 1 up. */
  constructor(
    normalizedShape: number | Shape,
    { eps = 1e-5, elementwiseAffine = true }: LayerNormOptions = {},
  ) {
    super();
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    for (const size of shape) checkSizes('LayerNorm', { 'a size': size });
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? full(shape, 1) : null;
    this.bias = elementwiseAffine ? full(shape, 0) : null;
  }

  override forward(x: CrypTensor): CrypTensor {
    const { normalizedShape, eps } = this;
    return secretInput(this, x).layerNorm(normalizedShape, {
      weight: this.weight?.tensor,
      bias: this.bias?.tensor,
      eps,
    });
  }
}

/** Mean 0 and variance 1 over each of `numGroups` groups of channels of each sample, then a weight and a bias for each channel. */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  /** @throws {MpcError} ERR_MPC_SHAPE unless the groups divide the channels. */
  constructor(
    numGroups: number,
    numChannels: number,
    { eps = 1e-5, affine = true }: NormOptions = {},
  ) {
    super();
    const { name } = new.target;
    checkSizes(name, { numGroups, numChannels });
    if (numChannels % numGroups !== 0) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${name}: ${numGroups} groups do not divide ${numChannels} channels`,
      );
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.weight = affine ? full([numChannels], 1) : null;
    this.bias = affine ? full([numChannels], 0) : null;
  }

  /** @throws {MpcError} ERR_MPC_SHAPE unless x is [N,C,…]. */
  override forward(x: CrypTensor): CrypTensor {
    const input = secretInput(this, x);
    const { numGroups, numChannels, eps, weight, bias } = this;
    const [batch, channels, ...rest] = input.shape;
    if (channels !== numChannels) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${this.constructor.name}: expected [N,${numChannels},…], got ${showShape(input.shape)}`,
      );
    }
    const size = (channels / numGroups) * sizeOf(rest);
    const groups = input.reshape(batch, numGroups, size).layerNorm([size], { eps });
    const normalized = groups.reshape(input.shape);
    return weight === null ? normalized : normalized.channelAffine(weight.tensor, bias?.tensor);
  }
}

/** Mean 0 and variance 1 over each channel of each sample; without weight and bias unless `affine`. No running statistics. */
abstract class InstanceNorm extends GroupNorm {
  constructor(numFeatures: number, { eps = 1e-5, affine = false }: NormOptions) {
    super(numFeatures, numFeatures, { eps, affine });
  }
}

/** Instance normalisation of [N,C,L]. */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, options: NormOptions = {}) {
    super(numFeatures, options);
  }
}

/** Instance normalisation of images [N,C,H,W]. */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, options: NormOptions = {}) {
    super(numFeatures, options);
  }
}

function full(shape: Shape, value: number): Parameter {
  return new Parameter(shape, () => new Tensor(shape, new Float64Array(sizeOf(shape)).fill(value)));
}
